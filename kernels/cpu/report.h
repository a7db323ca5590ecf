/* What the CPU backend says of a plan: by which kernels, why, and in what memory. */
#ifndef DSS_CPU_REPORT_H
#define DSS_CPU_REPORT_H

#include "layout.h"

/* Method and reasons of a layout under the named instruction set, which takes so many
 * resamples together. */
void dss_cpu_describe(const dss_cpu_layout *layout, const char *instructions, size_t lanes,
                      dss_backend_report *report);

/* What dss_cpu_layout_make has allocated. */
uint64_t dss_cpu_layout_bytes(const dss_cpu_layout *layout);

#endif

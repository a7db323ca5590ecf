/* The sparse kernel's work for 512 resamples. */
#ifndef DSS_CPU_SPARSE_LANES_H
#define DSS_CPU_SPARSE_LANES_H

#include "lanes.h"
#include "sparse.h"

/* From the labels of n_lanes resamples, in blocks of 64, to their values: question q's columns of
 * out [n_lanes][dss_kernel_columns]. */
void dss_cpu_sparse_values(const dss_cpu_layout *layout, size_t q, dss_cpu_scratch *scratch,
                           unsigned n_lanes, double *out);

#endif

/* The profiles of a block of resamples, as labels: who carries which cell of each base. */
#ifndef DSS_CPU_PROFILES_H
#define DSS_CPU_PROFILES_H

#include "lanes.h"

/* What the shuffle needs, into the layout, whose bases are made. false: out of memory. */
bool dss_cpu_plan_profiles(dss_cpu_layout *layout);

/* Resamples first .. first + n_lanes - 1 (or the observed arrangement, first = DSS_RESAMPLE_NONE)
 * into scratch->words and scratch->labels. Further lanes repeat the last one. */
void dss_cpu_profiles(const dss_cpu_layout *layout, const dss_cpu_kernels *kernels, uint64_t first,
                      unsigned n_lanes, dss_cpu_scratch *scratch);

#endif

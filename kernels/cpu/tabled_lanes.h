/* tabled_lanes.c, compiled for one instruction set: DSS_TABLED names it. */
#ifndef DSS_CPU_TABLED_LANES_H
#define DSS_CPU_TABLED_LANES_H

#include "lanes.h"

/* Adds a question's tabled items to the sums of one block of resamples. */
void DSS_TABLED(const dss_cpu_layout *layout, const dss_cpu_question *q, dss_cpu_scratch *s);

#endif

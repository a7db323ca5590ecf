/* For how many tiles the narrow kernel holds sums: decided once, with the layout. */
#ifndef DSS_CPU_HELD_H
#define DSS_CPU_HELD_H

#include "layout.h"

/* Fills a question's held_pairs; its narrow items are made. false: out of memory. */
bool dss_cpu_hold_pairs(const dss_cpu_layout *layout, dss_cpu_question *q);

#endif

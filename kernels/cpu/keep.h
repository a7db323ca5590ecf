/* What the narrow kernel keeps, and for how long: decided once, with the layout. */
#ifndef DSS_CPU_KEEP_H
#define DSS_CPU_KEEP_H

#include "layout.h"

/* Fills base b's place and n_places; its rows are made. false: out of memory. */
bool dss_cpu_place_rows(dss_cpu_layout *layout, size_t b);

/* Fills a question's held_pairs; its narrow items are made. false: out of memory. */
bool dss_cpu_hold_pairs(const dss_cpu_layout *layout, dss_cpu_question *q);

#endif

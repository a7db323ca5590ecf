/* In which order the narrow kernel visits the groups of a base, so that the rows that it adds are
 * still in the nearest cache; and where the sums of rows are put. Decided once, with the layout. */
#ifndef DSS_CPU_VISITS_H
#define DSS_CPU_VISITS_H

#include "layout.h"

/* Fills base b's visits, place and n_places; its rows are made. false: out of memory. */
bool dss_cpu_plan_visits(dss_cpu_layout *layout, size_t b);

#endif

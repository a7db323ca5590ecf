/* Which sums a question's groups need, and where a thread keeps them. */
#ifndef DSS_CPU_SLOTS_H
#define DSS_CPU_SLOTS_H

#include "layout.h"

dss_cpu_slots dss_cpu_slots_of(const dss_tables *tables, const dss_sums_choice *choice);

#endif

/* How a study's groups rate, by the definitions of `gai` and `severity`, without tests. */
#ifndef DSS_SIMULATE_CHECK_MEASURE_H
#define DSS_SIMULATE_CHECK_MEASURE_H

#include "dissensus/pool.h"
#include "dissensus/severity.h"
#include "host/core/context.h"

/* What is asked of both studies. */
typedef struct dss_measure_asked {
  const char **questions, **axes;
  size_t n_questions, n_axes;
  unsigned threads;
} dss_measure_asked;

typedef struct dss_measured {
  dss_results *results;
  dss_evaluation *means; /* NULL: every question is nominal */
} dss_measured;

/* Free it in any case. */
DSS_MUST_USE dss_status dss_measure_groups(dss_context *context, const dss_study *study,
                                           const dss_measure_asked *asked, dss_measured *measured);
void dss_measured_free(const dss_measured *measured);

/* Whether a group has too few raters to be measured. */
bool dss_measured_is_small(const dss_measured *measured);

/* Of a group, but its shares; raters 0: there is no such group. */
dss_pool_values dss_measured_values(const dss_measured *measured, const char *question,
                                    const char *axis, const char *group);

#endif

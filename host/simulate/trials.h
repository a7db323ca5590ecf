/* Many simulated studies, each tested for one group's GAI. */
#ifndef DSS_SIMULATE_TRIALS_H
#define DSS_SIMULATE_TRIALS_H

#include "dissensus/power.h"

/* One point's. Studies are made by `make` of `what`, which several threads call at once, each with
 * a context of its own. */
typedef struct dss_trials {
  const dss_power_test *test;
  uint64_t seed;
  dss_status (*make)(dss_context *context, const void *what, uint64_t seed, dss_study **study);
  const void *what;
  const char *axis, *group; /* "gender,age" and "Woman * GenZ" of the studies */
  uint32_t group_raters;
  uint64_t *why;        /* [DSS_N_REASONS]: to which studies without a GAI are added, by why */
  uint64_t done, total; /* studies of other points, for progress */
} dss_trials;

/* Runs test->studies of them and fills studies, found, undefined, power, low, high and mean_gai of
 * the point. Study s has the same seed at every point. */
DSS_MUST_USE dss_status dss_trials_run(dss_context *context, const dss_trials *trials,
                                       dss_power_point *point);

#endif

/* The handle behind power.h, and what its two makers share. */
#ifndef DSS_SIMULATE_POWER_H
#define DSS_SIMULATE_POWER_H

#include "dissensus/power.h"
#include "dissensus/results.h"
#include "host/core/context.h"

/* X(key) of provenance. */
#define DSS_POWER_KEYS(X)                                                                          \
  X(created_by)                                                                                    \
  X(created_at) X(command) X(input_sha256) X(seed) X(question) X(items) X(agreement) X(leniency)

typedef enum dss_power_key {
#define DSS_X(key) DSS_POWER_KEY_##key,
  DSS_POWER_KEYS(DSS_X)
#undef DSS_X
      DSS_N_POWER_KEYS
} dss_power_key;

struct dss_power {
  bool of_study;
  dss_power_test test;
  char *keys[DSS_N_POWER_KEYS];
  char **names; /* of groups, [n_names] */
  size_t n_names, names_room;
  dss_power_point *points; /* a group's, by ratings an item, raters and GAI */
  size_t n_points, points_room;
  dss_power_need *needs;
  size_t n_needs, needs_room;
  uint64_t why[DSS_N_REASONS]; /* studies without a GAI, of all points */
};

/* Checks the test. DSS_ERR_USAGE, DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_power_new(dss_context *context, const dss_power_test *test,
                                      dss_power **power);
DSS_PRINTF(4, 5)
DSS_MUST_USE dss_status dss_power_set_key(dss_context *context, dss_power *power, dss_power_key key,
                                          const char *format, ...);
/* A copy that the handle owns. */
DSS_MUST_USE dss_status dss_power_keep_name(dss_context *context, dss_power *power,
                                            const char *name, const char **kept);
DSS_MUST_USE dss_status dss_power_add_point(dss_context *context, dss_power *power,
                                            const dss_power_point *point);
DSS_MUST_USE dss_status dss_power_add_need(dss_context *context, dss_power *power,
                                           const dss_power_need *need);
/* The points from `first` on by ratings an item, raters and GAI. */
void dss_power_sort_points(dss_power *power, size_t first);
/* A point's place along the line. */
double dss_power_point_place(const dss_power_point *point, dss_power_along along);
/* DSS_ERR_DATA: no simulated study of any point has a GAI, and why; points that were not run yet
 * have none. */
DSS_MUST_USE dss_status dss_power_check_defined(dss_context *context, const dss_power *power);
/* Ascending numbers without doubles, 1 among them, into *sorted, which the caller frees.
 * DSS_ERR_USAGE: a GAI that is not positive or finite. */
DSS_MUST_USE dss_status dss_power_sort_gai(dss_context *context, const double *gai, size_t n,
                                           double **sorted, size_t *n_sorted);

#endif

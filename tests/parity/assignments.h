/* Tiny studies of which every assignment of profiles has a number, and counts of these: for tests
 * of whether all are equally likely. */
#ifndef DSS_TESTS_ASSIGNMENTS_H
#define DSS_TESTS_ASSIGNMENTS_H

#include "designs.h"
#include "host/engine/plan.h"

/* --- assignments as numbers ------------------------------------------------------------------ */

/* Number of the order of 0 .. n-1 in `at`: 0 .. n!-1. */
static inline size_t order_number(const uint32_t *at, size_t n) {
  size_t number = 0;
  for (size_t i = 0; i < n; i++) {
    size_t smaller = 0;
    for (size_t k = i + 1; k < n; k++)
      smaller += at[k] < at[i];
    number = number * (n - i) + smaller;
  }
  return number;
}

/* Number of the pair a < b. */
static inline size_t pair_number(size_t a, size_t b) {
  return a < b ? b * (b - 1) / 2 + a : a * (a - 1) / 2 + b;
}

/* --- studies --------------------------------------------------------------------------------- */

/* Five raters alone (scheme free); or with three of another site, two of an unknown one, and one
 * who has a site of his own. They stand mixed. */
enum { FEW = 5, ALL = 11, SECOND = 3, UNKNOWN = 2, MOST_RESAMPLES = 72000 };
static const uint32_t first_site[FEW] = {1, 3, 4, 8, 10}, second_site[SECOND] = {0, 5, 9},
                      no_site[UNKNOWN] = {2, 7};

/* Axes by which values tell the order of the first site's profiles apart: neighbours are a group.
 * The last is a pair of the second site's. */
enum { AXES = 5, UNITS = 8, LEVELS = 9 };

typedef struct tiny {
  bool alone;
  uint32_t n_raters;
  uint32_t first[FEW], second[SECOND], unknown[UNKNOWN];
} tiny;

static inline tiny tiny_of(dss_scheme scheme) {
  tiny t = {.alone = scheme == DSS_SCHEME_FREE, .n_raters = ALL};
  memcpy(t.first, first_site, sizeof t.first);
  memcpy(t.second, second_site, sizeof t.second);
  memcpy(t.unknown, no_site, sizeof t.unknown);
  if (!t.alone) return t;
  t.n_raters = FEW;
  for (uint32_t i = 0; i < FEW; i++)
    t.first[i] = i;
  return t;
}

static inline void add_axis(dss_context *context, dss_study *study, const tiny *t, size_t axis,
                            uint32_t one, uint32_t other) {
  static const char *const letters[AXES] = {"a", "b", "c", "d", "e"};
  int32_t codes[ALL];
  for (uint32_t r = 0; r < t->n_raters; r++)
    codes[r] = r != one && r != other;
  dss_attribute attribute = {letters[axis], 2, numbered(), codes, false};
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
}

static inline void add_site(dss_context *context, dss_study *study, const tiny *t) {
  int32_t codes[ALL];
  for (uint32_t r = 0; r < t->n_raters; r++)
    codes[r] = t->alone ? 0 : 2;
  for (size_t i = 0; i < FEW; i++)
    codes[t->first[i]] = 0;
  for (size_t i = 0; !t->alone && i < SECOND; i++)
    codes[t->second[i]] = 1;
  for (size_t i = 0; !t->alone && i < UNKNOWN; i++)
    codes[t->unknown[i]] = -1;
  dss_attribute attribute = {"site", 3, numbered(), codes, false};
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
}

/* Everyone rates every unit, so that each pair of raters has an alpha of its own. pair: who is in
 * the first group of axis "a"; NULL: neighbours, see above. */
static inline dss_study *tiny_study(dss_context *context, const tiny *t, const uint32_t *pair) {
  independent_random random = {20};
  dss_study *study;
  double values[LEVELS];
  uint32_t rater[ALL * UNITS], item[ALL * UNITS], n = 0;
  uint8_t code[ALL * UNITS];
  cr_assert_eq(dss_study_new(context, t->n_raters, numbered(), UNITS, numbered(), &study), DSS_OK);
  add_site(context, study, t);
  if (pair) add_axis(context, study, t, 0, pair[0], pair[1]);
  for (size_t i = 0; !pair && i + 1 < FEW; i++)
    add_axis(context, study, t, i, t->first[i], t->first[i + 1]);
  if (!pair && !t->alone) add_axis(context, study, t, AXES - 1, t->second[0], t->second[1]);
  for (uint32_t k = 0; k < LEVELS; k++)
    values[k] = k * k + 1;
  for (uint32_t u = 0; u < UNITS; u++)
    for (uint32_t r = 0; r < t->n_raters; r++, n++) {
      rater[n] = r;
      item[n] = u;
      code[n] = (uint8_t)random_under(&random, LEVELS);
    }
  cr_assert_eq(dss_study_add_question(context, study, "q", DSS_INTERVAL, LEVELS, numbered(), values,
                                      n, rater, item, code),
               DSS_OK, "%s", dss_context_error(context));
  return study;
}

static inline dss_plan *tiny_plan(dss_context *context, const tiny *t, dss_scheme scheme,
                                  const uint32_t *pair, uint64_t permutations, uint64_t seed) {
  static const char *const axes[AXES] = {"a", "b", "c", "d", "e"};
  dss_study *study = tiny_study(context, t, pair);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.axes = axes;
  options.n_axes = pair ? 1 : t->alone ? AXES - 1 : AXES;
  options.metrics = DSS_STATISTIC_BIT(DSS_IRR);
  options.scheme = scheme;
  options.scheme_attribute = "site";
  options.permutations = permutations;
  options.seed = seed;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  cr_assert_eq(plan->kernel.exchange.n_raters, t->n_raters);
  dss_study_free(study);
  return plan;
}

/* --- what is counted, and from where --------------------------------------------------------- */

enum { ORDERS = 120, SPLITS = 10, SECOND_ORDERS = 6, UNKNOWN_ORDERS = 2 };
enum { JOINT = ORDERS * SECOND_ORDERS * UNKNOWN_ORDERS };

typedef struct tally {
  uint32_t orders[ORDERS], splits[SPLITS], following[SPLITS * SPLITS];
  uint32_t second[SECOND_ORDERS], unknown[UNKNOWN_ORDERS], joint[JOINT];
} tally;

static const struct {
  uint64_t seed, first;
} starts[] = {{1, 0}, {2, 0}, {0xfedcba9876543210, 4294900000}, {1u << 31, (uint64_t)1 << 61}};
enum { STARTS = sizeof starts / sizeof *starts };

#endif

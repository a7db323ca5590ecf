/* Random studies for tests: seeded, with missing ratings, unknown attribute values, any scale. */
#ifndef DSS_TESTS_DESIGNS_H
#define DSS_TESTS_DESIGNS_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissensus/dissensus.h"
#include "tests/independent_random.h"

enum { DESIGN_NAMES = 1536 };

typedef struct design {
  uint32_t n_raters, n_items, n_levels;
  dss_scale scale;
  double density;    /* probability of a rating */
  uint32_t sizes[2]; /* categories of the two attributes "a" and "b" */
  double unknown;    /* probability of an unknown value */
  uint64_t seed;
} design;

static inline const char *const *numbered(void) {
  static char text[DESIGN_NAMES][8];
  static const char *names[DESIGN_NAMES];
  for (int i = 0; i < DESIGN_NAMES; i++) {
    snprintf(text[i], sizeof text[i], "%d", i + 1);
    names[i] = text[i];
  }
  return names;
}

/* The raters and items appear in the orders given (identity when NULL): the same data, written
 * another way. */
static inline dss_study *design_study(dss_context *context, const design *d,
                                      const uint32_t *rater_order, const uint32_t *item_order) {
  independent_random random = {d->seed};
  dss_study *study;
  const char *const *names = numbered();
  cr_assert_eq(dss_study_new(context, d->n_raters, names, d->n_items, names, &study), DSS_OK, "%s",
               dss_context_error(context));
  for (int i = 0; i < 2; i++) {
    int32_t codes[DESIGN_NAMES];
    for (uint32_t r = 0; r < d->n_raters; r++) {
      int32_t code = (int32_t)random_under(&random, d->sizes[i]);
      codes[rater_order ? rater_order[r] : r] = random_unit(&random) < d->unknown ? -1 : code;
    }
    dss_attribute attribute = {i == 0 ? "a" : "b", d->sizes[i], names, codes, false};
    cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
  }
  size_t room = (size_t)d->n_raters * d->n_items;
  uint32_t *rater = calloc(room, sizeof *rater), *item = calloc(room, sizeof *item);
  uint8_t *code = calloc(room, sizeof *code);
  double values[DSS_MAX_LEVELS];
  for (uint32_t k = 0; k < d->n_levels; k++)
    values[k] = d->seed % 2 ? k + 1 : 0.3 * k + 0.1;
  uint64_t n = 0;
  for (uint32_t u = 0; u < d->n_items; u++) {
    uint32_t usual = random_under(&random, d->n_levels);
    for (uint32_t r = 0; r < d->n_raters; r++) {
      bool rates = random_unit(&random) < d->density, agrees = random_unit(&random) < 0.4;
      uint32_t other = random_under(&random, d->n_levels);
      if (!rates) continue;
      rater[n] = rater_order ? rater_order[r] : r;
      item[n] = item_order ? item_order[u] : u;
      code[n++] = (uint8_t)(agrees ? usual : other);
    }
  }
  cr_assert_eq(dss_study_add_question(context, study, "q", d->scale, d->n_levels, names, values, n,
                                      rater, item, code),
               DSS_OK, "%s", dss_context_error(context));
  free(rater);
  free(item);
  free(code);
  return study;
}

/* Bits equal, and any NaN equal to any NaN. */
static inline bool same_number(double a, double b) {
  return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0;
}

#endif

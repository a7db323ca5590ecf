/* Studies that reach every path of a backend: several questions, items of given sizes, attributes
 * dealt at random or in blocks. Beyond what designs.h makes. */
#ifndef DSS_TESTS_PARITY_DESIGNS_H
#define DSS_TESTS_PARITY_DESIGNS_H

#include "designs.h"

/* What a design leaves out is 0. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { PARITY_QUESTIONS = 4, PARITY_ATTRIBUTES = 3 };

typedef enum parity_values { WHOLE, FRACTIONS, FAR_APART } parity_values;

typedef struct parity_question {
  dss_scale scale;
  uint32_t n_levels;
  uint32_t least, most; /* ratings of an item, where there are so many raters */
  double agreement;     /* probability of the item's usual level; 1: everyone says the first */
  parity_values values;
} parity_question;

typedef struct parity_attribute {
  uint32_t n_categories;
  uint32_t block; /* > 0: that many raters in a row share a value */
  double unknown; /* probability of an unknown value, or LAST_UNKNOWN: the last rater's alone */
} parity_attribute;
#define LAST_UNKNOWN (-1.0)

typedef struct parity_design {
  const char *what;
  uint32_t n_raters, n_items;
  unsigned depth;
  parity_attribute attributes[PARITY_ATTRIBUTES]; /* up to the first without categories */
  parity_question questions[PARITY_QUESTIONS];    /* up to the first without levels */
} parity_design;

/* Names "1" .. "n", for freeing with free(). */
static inline const char **number_names(uint32_t n) {
  enum { CHARS = 8 };
  const char **names = malloc((size_t)n * (sizeof *names + CHARS));
  cr_assert_not_null(names);
  char *text = (char *)&names[n];
  for (uint32_t i = 0; i < n; i++) {
    names[i] = text + (size_t)i * CHARS;
    snprintf(text + (size_t)i * CHARS, CHARS, "%u", (i + 1) % 1000000u);
  }
  return names;
}

static inline void add_parity_attribute(dss_context *context, dss_study *study,
                                        const parity_attribute *a, const char *name, uint32_t n,
                                        const char **names, independent_random *random) {
  int32_t *codes = malloc(n * sizeof *codes);
  cr_assert_not_null(codes);
  for (uint32_t r = 0; r < n; r++) {
    uint32_t code =
        a->block ? r / a->block % a->n_categories : random_under(random, a->n_categories);
    bool unknown = random_unit(random) < a->unknown || (a->unknown < 0 && r + 1 == n);
    codes[r] = unknown ? -1 : (int32_t)code;
  }
  dss_attribute attribute = {name, a->n_categories, names, codes, false};
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK, "%s",
               dss_context_error(context));
  free(codes);
}

static inline void add_parity_question(dss_context *context, dss_study *study,
                                       const parity_design *d, const parity_question *q,
                                       const char *name, const char **names,
                                       independent_random *random) {
  uint32_t n_raters = d->n_raters, most = q->most < n_raters ? q->most : n_raters;
  uint32_t least = q->least < most ? q->least : most;
  size_t room = (size_t)d->n_items * most, n = 0;
  uint32_t *rater = malloc((room + 1) * sizeof *rater), *item = malloc((room + 1) * sizeof *item);
  uint32_t *order = malloc(n_raters * sizeof *order);
  uint8_t *code = malloc(room + 1);
  double values[DSS_MAX_LEVELS];
  cr_assert(rater && item && order && code);
  for (uint32_t r = 0; r < n_raters; r++)
    order[r] = r;
  for (uint32_t k = 0; k < q->n_levels; k++)
    values[k] = q->values == WHOLE       ? k + 1
                : q->values == FRACTIONS ? 0.3 * k + 0.1
                                         : 40000.0 * k * k;
  for (uint32_t u = 0; u < d->n_items; u++) {
    uint32_t size = least + random_under(random, most - least + 1);
    uint32_t usual = q->agreement < 1 ? random_under(random, q->n_levels) : 0;
    for (uint32_t i = 0; i < size; i++, n++) {
      uint32_t k = i + random_under(random, n_raters - i), moved = order[i];
      order[i] = order[k];
      order[k] = moved;
      bool agrees = random_unit(random) < q->agreement;
      rater[n] = order[i];
      item[n] = u;
      code[n] = (uint8_t)(agrees ? usual : random_under(random, q->n_levels));
    }
  }
  cr_assert_eq(dss_study_add_question(context, study, name, q->scale, q->n_levels, names, values, n,
                                      rater, item, code),
               DSS_OK, "%s: %s", d->what, dss_context_error(context));
  free(rater);
  free(item);
  free(order);
  free(code);
}

static inline dss_study *parity_study(dss_context *context, const parity_design *d, uint64_t seed) {
  static const char *const attributes[PARITY_ATTRIBUTES] = {"a", "b", "c"};
  static const char *const questions[PARITY_QUESTIONS] = {"q", "r", "s", "t"};
  independent_random random = {seed};
  dss_study *study;
  uint32_t most = d->n_raters > d->n_items ? d->n_raters : d->n_items;
  const char **names = number_names(most < DSS_MAX_LEVELS ? DSS_MAX_LEVELS : most);
  cr_assert_eq(dss_study_new(context, d->n_raters, names, d->n_items, names, &study), DSS_OK, "%s",
               dss_context_error(context));
  for (size_t i = 0; i < PARITY_ATTRIBUTES && d->attributes[i].n_categories > 0; i++)
    add_parity_attribute(context, study, &d->attributes[i], attributes[i], d->n_raters, names,
                         &random);
  for (size_t i = 0; i < PARITY_QUESTIONS && d->questions[i].n_levels > 0; i++)
    add_parity_question(context, study, d, &d->questions[i], questions[i], names, &random);
  free(names);
  return study;
}

#endif

/* A file of pairs of a small study with two groups that agree among themselves. */
#ifndef TESTS_FIGURES_PAIR_CASE_H
#define TESTS_FIGURES_PAIR_CASE_H

#include "figure_cases.h"
#include "unit/temporary.h"

enum { PAIR_RATERS = 40, PAIR_ITEMS = 60 };

static inline dss_study *pair_study(dss_context *context) {
  static char texts[PAIR_RATERS + PAIR_ITEMS][8];
  const char *raters[PAIR_RATERS], *items[PAIR_ITEMS];
  const char *labels[] = {"1", "2", "3"}, *groups[] = {"one", "two <b>", "three"};
  int32_t group[PAIR_RATERS], half[PAIR_RATERS];
  enum { N = PAIR_RATERS * PAIR_ITEMS };
  uint32_t *rater = calloc(N, sizeof *rater), *item = calloc(N, sizeof *item);
  uint8_t *code = calloc(N, 1);
  uint64_t n = 0;
  for (uint32_t r = 0; r < PAIR_RATERS; r++) {
    snprintf(texts[r], sizeof texts[r], "r%u", r);
    raters[r] = texts[r];
    group[r] = r == 7 ? -1 : (int32_t)(r % 3);
    half[r] = (int32_t)(r / 20);
  }
  for (uint32_t u = 0; u < PAIR_ITEMS; u++) {
    snprintf(texts[PAIR_RATERS + u], sizeof texts[0], "i%u", u);
    items[u] = texts[PAIR_RATERS + u];
    for (uint32_t r = 0; r < PAIR_RATERS; r++) {
      uint32_t hash = (u * 2654435761u) ^ (r * 40503u);
      if ((hash >> 7) % 5 == 0) continue;
      rater[n] = r;
      item[n] = u;
      code[n++] = (uint8_t)(r % 3 == 1 ? u % 3 : (hash >> 11) % 3);
    }
  }
  dss_study *study = NULL;
  const char *halves[] = {"first", "second"};
  case_must(context, dss_study_new(context, PAIR_RATERS, raters, PAIR_ITEMS, items, &study));
  case_must(context, dss_study_add_rater_attribute(
                         context, study, &(dss_attribute){"group", 3, groups, group, false}));
  case_must(context, dss_study_add_rater_attribute(
                         context, study, &(dss_attribute){"half", 2, halves, half, false}));
  case_must(context, dss_study_add_question(context, study, "toxicity", DSS_NOMINAL, 3, labels,
                                            NULL, n, rater, item, code));
  free(rater);
  free(item);
  free(code);
  return study;
}

static inline dss_pairs *pair_case(dss_context *context, const char *path, size_t n_axes) {
  const char *axes[] = {"group", "group,half"};
  dss_study *study = pair_study(context);
  dss_pairs_options options;
  dss_pairs_job *job = NULL;
  dss_pairs *pairs = NULL;
  dss_pairs_options_init(&options);
  options.axes = axes;
  options.n_axes = n_axes;
  options.permutations = 100;
  options.backend = DSS_BACKEND_REFERENCE;
  case_must(context, dss_pairs_begin(context, study, &options, path, true, &job));
  case_must(context, dss_pairs_run(context, job));
  dss_pairs_job_free(job);
  dss_study_free(study);
  case_must(context, dss_pairs_open(context, path, &pairs));
  return pairs;
}

#endif

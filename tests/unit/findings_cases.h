/* Results of plain names made by hand, and the findings and methods of them as one text. */
#ifndef TESTS_UNIT_FINDINGS_CASES_H
#define TESTS_UNIT_FINDINGS_CASES_H

#include <math.h>

#include "host/engine/results.h"
#include "host/report/findings.h"
#include "host/report/methods.h"
#include "report_text.h"

/* Every p is 0.5 and q 0.6, every estimate 0.5. */
static dss_results *quiet(dss_context *context, size_t n_questions, size_t n_groups,
                          unsigned metrics, uint64_t resamples) {
  static const char *const keys[DSS_N_RESULT_KEYS] = {[DSS_KEY_created_by] = "dissensus 0.1.0",
                                                      [DSS_KEY_scheme] = "free",
                                                      [DSS_KEY_arrangements] = "random",
                                                      [DSS_KEY_stop_after] = "0",
                                                      [DSS_KEY_units] = "own",
                                                      [DSS_KEY_ties] = "split",
                                                      [DSS_KEY_min_raters] = "2",
                                                      [DSS_KEY_raters] = "40",
                                                      [DSS_KEY_items] = "10",
                                                      [DSS_KEY_ratings] = "400",
                                                      [DSS_KEY_seed] = "7",
                                                      [DSS_KEY_bootstrap] = "0"};
  static const uint32_t levels[] = {2, 2};
  dss_results *r = NULL;
  must(context, dss_results_new(context, metrics, n_questions, levels, 1, n_groups, &r));
  r->resamples = resamples;
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    r->keys[k] = strdup(keys[k] ? keys[k] : "");
  for (size_t q = 0; q < n_questions; q++) {
    r->questions[q].name = strdup(q ? "tone" : "harm");
    for (size_t k = 0; k < 2; k++)
      r->questions[q].levels[k] = strdup(k ? "yes" : "no");
  }
  r->axes[0] = strdup("team");
  for (size_t g = 0; g < n_groups; g++) {
    char text[16];
    snprintf(text, sizeof text, "g%zu", g);
    r->groups[g].name = strdup(text);
    r->groups[g].raters = 10;
  }
  for (size_t i = 0; i < n_questions * n_groups * r->n_columns; i++) {
    dss_cell *cell = &r->cells[i];
    cell->estimate = 0.5;
    if (resamples == 0) continue;
    cell->resamples = resamples;
    cell->p = 0.5;
    cell->p_low = 0.45;
    cell->p_high = 0.55;
    cell->q_bh = 0.6;
    cell->z = 0.5;
    cell->direction = 1;
  }
  dss_results_derive_dsi(r);
  return r;
}

static inline void set_key(dss_results *r, dss_result_key key, const char *text) {
  free(r->keys[key]);
  r->keys[key] = strdup(text);
}

static inline dss_cell *cell_of(dss_results *r, size_t q, size_t g, dss_statistic s) {
  return &r->cells[dss_results_at(r, q, g, dss_metrics_column(r->metrics, s))];
}

/* p and q of a cell; direction +1 or -1. */
static inline dss_cell *significant(dss_results *r, size_t q, size_t g, dss_statistic s, double p,
                                    double q_bh, int direction) {
  dss_cell *cell = cell_of(r, q, g, s);
  cell->p = cell->p_low = cell->p_high = p;
  cell->q_bh = q_bh;
  cell->direction = direction;
  return cell;
}

/* Undefined and untested. */
static inline void undefine(dss_results *r, size_t q, size_t g, dss_reason reason) {
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    if (!(r->metrics & DSS_STATISTIC_BIT(s))) continue;
    dss_cell *cell = cell_of(r, q, g, (dss_statistic)s);
    cell->estimate = cell->p = cell->q_bh = cell->p_low = cell->p_high = NAN;
    cell->reason = reason;
  }
}

static inline void put_unmarked(const char *text, FILE *stream) {
  for (; *text; text++)
    if (*text != *DSS_NAME_BEGIN && *text != *DSS_NAME_END) fputc(*text, stream);
  fputc('\n', stream);
}

static void take_finding(dss_finding_kind kind, const char *text, void *user) {
  static const char *const before[] = {"LEAD ", "# ", "", "- "};
  fputs(before[kind], user);
  put_unmarked(text, user);
}

/* Names without their marks; the caller frees the text. */
static char *findings(const dss_results *r) {
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  dss_view view;
  dss_view_init(&view, r);
  dss_findings(&view, take_finding, stream);
  fclose(stream);
  return text;
}

static inline void take_part(dss_methods_kind kind, const char *text, void *user) {
  fputs(kind == DSS_METHODS_REFERENCE ? "- " : "", user);
  put_unmarked(text, user);
}

static inline char *methods(const dss_results *r) {
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  dss_view view;
  dss_view_init(&view, r);
  dss_methods(&view, take_part, stream);
  fclose(stream);
  return text;
}

/* What must, and what must not, stand in a text; lists end with NULL. Frees the text. */
static inline void expect(char *text, const char *const *there, const char *const *absent) {
  for (; *there; there++)
    cr_expect(strstr(text, *there), "missing: %s\nin: %s", *there, text);
  for (; *absent; absent++)
    cr_expect(!strstr(text, *absent), "too much: %s\nin: %s", *absent, text);
  free(text);
}
#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif

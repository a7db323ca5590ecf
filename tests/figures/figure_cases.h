/* Results made by hand for the tests of figures: numbers are chosen so that every sign that a
 * figure knows occurs. */
#ifndef TESTS_FIGURES_FIGURE_CASES_H
#define TESTS_FIGURES_FIGURE_CASES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/figures.h"
#include "host/engine/results.h"

#define CASE_METRICS DSS_METRICS_GAI
enum { CASE_RESAMPLES = 2000 };

/* What a case is like. */
typedef struct figure_case {
  size_t n_groups;
  const char *axis;
  const char *const *names; /* [n_groups]; NULL: "group 1" ... */
  size_t rows, columns;     /* names of a crossing instead, where columns > 0 */
  bool tested, defined, significant, intervals, odd; /* odd: some undefined, withheld, unbounded */
} figure_case;

static const figure_case usual_case = {.n_groups = 12,
                                       .axis = "gender*age",
                                       .rows = 3,
                                       .columns = 4,
                                       .tested = true,
                                       .defined = true,
                                       .significant = true,
                                       .intervals = true,
                                       .odd = true};

static inline void case_must(dss_context *context, dss_status status) {
  if (status == DSS_OK) return;
  fprintf(stderr, "figure_cases: %s\n", dss_context_error(context));
  abort();
}

static inline dss_cell *case_cell(dss_results *r, size_t g, dss_statistic s) {
  return &r->cells[dss_results_at(r, 0, g, dss_metrics_column(r->metrics, s))];
}

/* A bell of CASE_RESAMPLES about `middle`, from 4 deviations below to 4 above. */
static inline void case_null(dss_results *r, size_t g, dss_statistic s, double middle,
                             double deviation) {
  static const double quantiles[DSS_N_QUANTILES] = {-2.576, -1.96, -1.645, 0, 1.645, 1.96, 2.576};
  size_t at = dss_results_at(r, 0, g, dss_metrics_column(r->metrics, s));
  uint64_t *counts = r->histograms + at * (DSS_HISTOGRAM_BINS + 2);
  dss_cell *cell = &r->cells[at];
  r->edges[2 * at] = middle - 4.0 * deviation;
  r->edges[2 * at + 1] = middle + 4.0 * deviation;
  for (size_t i = 0; i < DSS_HISTOGRAM_BINS; i++) {
    double z = -4.0 + 8.0 * ((double)i + 0.5) / DSS_HISTOGRAM_BINS;
    counts[1 + i] =
        (uint64_t)lround(CASE_RESAMPLES * 8.0 / DSS_HISTOGRAM_BINS * 0.39894 * exp(-0.5 * z * z));
  }
  for (size_t i = 0; i < DSS_N_QUANTILES; i++)
    cell->quantiles[i] = middle + quantiles[i] * deviation;
  cell->null_mean = middle;
  cell->null_sd = deviation;
  cell->null_min = middle - 4.0 * deviation;
  cell->null_max = middle + 4.0 * deviation;
  cell->resamples = CASE_RESAMPLES;
}

static inline void case_fill(dss_results *r, const figure_case *c, size_t g, dss_statistic s,
                             double estimate) {
  dss_cell *cell = case_cell(r, g, s);
  cell->estimate = estimate;
  cell->ci_method = "";
  if (c->tested) {
    case_null(r, g, s, s == DSS_GAI ? 1.0 : s == DSS_DIFFERENCE ? 0.0 : 0.4, 0.1);
    cell->p = fmin(1.0, (double)(2 + (g * 7919 + (size_t)s * 31) % 1999) / 2001.0);
    cell->q_bh = 0.3 + 0.5 * cell->p;
    if (c->significant && g % 4 == 1) cell->p = 0.001, cell->q_bh = 0.01;
    if (c->significant && g % 4 == 3) cell->p = 0.03, cell->q_bh = 0.12;
    cell->direction = estimate > cell->null_mean ? 1 : -1;
  }
  if (!c->intervals) return;
  cell->ci_method = "bca";
  cell->ci_low = estimate - 0.2;
  cell->ci_high = estimate + 0.25;
}

/* Undefined, withheld, unbounded, wild. */
static inline void case_make_odd(dss_results *r, size_t g) {
  dss_cell *gai = case_cell(r, g, DSS_GAI);
  switch (g) {
  case 2:
    gai->estimate = NAN;
    gai->reason = DSS_REASON_XRR_NOT_POSITIVE;
    case_cell(r, g, DSS_XRR)->estimate = -0.05;
    break;
  case 4:
    gai->ci_method = "";
    gai->ci_withheld = DSS_WITHHELD_OFTEN_UNDEFINED;
    break;
  case 6:
    r->details[g].fieller_kind = DSS_SET_ABOVE;
    r->details[g].fieller_low = 0.6;
    gai->flagged = true;
    gai->undefined = 40;
    break;
  case 7:
    gai->ci_high = 90.0;
    gai->ci_misses = true;
    break;
  case 8:
    gai->estimate = NAN;
    gai->reason = DSS_REASON_NEEDS_IRR;
    case_cell(r, g, DSS_IRR)->estimate = NAN;
    case_cell(r, g, DSS_IRR)->reason = DSS_REASON_NO_PAIRABLE_UNITS;
    break;
  default:
    break;
  }
}

static inline char *case_name(const figure_case *c, size_t g) {
  char text[400];
  if (c->names)
    snprintf(text, sizeof text, "%s", c->names[g]);
  else if (c->columns > 0)
    snprintf(text, sizeof text, "row %zu * column %zu", g / c->columns + 1, g % c->columns + 1);
  else
    snprintf(text, sizeof text, "group %zu", g + 1);
  return strdup(text);
}

static inline dss_results *case_make(dss_context *context, const figure_case *c) {
  dss_results *r = NULL;
  case_must(context, dss_results_new(context, CASE_METRICS, 1, &(uint32_t){5}, 1, c->n_groups, &r));
  r->resamples = c->tested ? CASE_RESAMPLES : 0;
  r->questions[0].name = strdup("toxicity");
  r->questions[0].scale = DSS_ORDINAL;
  for (size_t k = 0; k < 5; k++)
    r->questions[0].levels[k] = strdup("level");
  r->axes[0] = strdup(c->axis);
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    r->keys[k] = strdup(k == DSS_KEY_scheme       ? "free"
                        : k == DSS_KEY_created_at ? "2026-01-02T03:04:05Z"
                        : k == DSS_KEY_bootstrap  ? "1000"
                                                  : "1");
  for (size_t g = 0; g < c->n_groups; g++) {
    double far = c->significant && g % 4 == 1 ? 0.55 : 0.0;
    double xrr = 0.35 + 0.02 * sin(3.0 * (double)g), gai = 1.0 + 0.15 * sin((double)g) + far;
    r->groups[g].name = case_name(c, g);
    r->groups[g].raters = (uint32_t)(3 + 5 * g);
    for (size_t i = 0; i < r->n_columns; i++)
      r->cells[dss_results_at(r, 0, g, i)].ci_method = "";
    if (!c->defined) {
      for (size_t i = 0; i < r->n_columns; i++)
        r->cells[dss_results_at(r, 0, g, i)].reason = DSS_REASON_NO_PAIRABLE_UNITS;
      continue;
    }
    case_fill(r, c, g, DSS_IRR, gai * xrr);
    case_fill(r, c, g, DSS_XRR, xrr);
    case_fill(r, c, g, DSS_GAI, gai);
    case_fill(r, c, g, DSS_DIFFERENCE, gai * xrr - xrr);
    if (c->odd) case_make_odd(r, g);
  }
  dss_results_derive_dsi(r);
  return r;
}

/* Long, right to left, wide, emoji, markup, controls, blank. */
static const char *const hostile_names[] = {
    "<script>alert('x')</script>",
    "Bachelor's degree and also some years of further study, abroad or at home, full or part time, "
    "in "
    "any subject whatever, with or without a thesis, before the age of thirty, and after it only "
    "in "
    "the subjects that the board of the university names every other year in its printed rules",
    "\xd7\xa2\xd7\x91\xd7\xa8\xd7\x99\xd7\xaa \xd7\xa2\xd7\x9d \xe2\x80\xae reversed",
    "\xd8\xb1\xd8\xac\xd9\x84 * 18-29",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe3\x82\xb0",
    "\xf0\x9f\x91\xa9\xf0\x9f\x8f\xbd\xe2\x80\x8d\xf0\x9f\x9a\x80 emoji \xf0\x9f\xa4\xb7",
    "two\nlines\r\nand\ttabs \033[31mred",
    " ",
    "a&b;%s\"'`$(x)\\",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
};
enum { N_HOSTILE = sizeof hostile_names / sizeof *hostile_names };

#endif

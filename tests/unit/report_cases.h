/* Results made by hand for the tests of reports, with labels that try to break them. */
#ifndef TESTS_UNIT_REPORT_CASES_H
#define TESTS_UNIT_REPORT_CASES_H

#include <math.h>

#include "host/engine/results.h"
#include "report_text.h"

/* Quotes, commas, newlines, every markup's signs, an escape sequence, Hebrew with a mark that turns
 * the direction, wide characters, and one that is too long for a line. */
static const char *const labels[] = {
    "plain",
    "say \"hi\", you",
    "two\nlines\r\nand\ttabs ",
    "a|b&c_d%e$f\\g/h~i^j#k{l}m<n>o*p`q[r]s--t",
    "\033[31mred\033[0m",
    "\xd7\xa2\xd7\x91\xd7\xa8\xd7\x99\xd7\xaa\xe2\x80\xae",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
    "Bachelor's degree and also some years of further study * 18-29 * White, not Hispanic",
};
enum { N_LABELS = sizeof labels / sizeof *labels };

static double number_at(size_t i) {
  return sin((double)(i + 1)) / 3.0;
}

static void fill_cell(dss_cell *cell, size_t i, uint64_t resamples) {
  cell->estimate = number_at(i);
  cell->resamples = resamples;
  if (resamples == 0) return;
  cell->below = 3;
  cell->above = resamples - 3;
  cell->ge = cell->above;
  cell->le = cell->below;
  cell->null_mean = number_at(i + 1);
  cell->null_sd = 0.1;
  cell->z = 1.5;
  cell->p = 0.04;
  cell->p_up = 1e-300;
  cell->p_down = 0.02;
  cell->p_grasp = 0.03;
  cell->q_bh = i % 2 ? 0.04 : 0.06;
  cell->direction = i % 3 == 0 ? -1 : 1;
}

/* One question, one axis; labels come round again. Every statistic of every fifth group is
 * undefined, or of all when `defined` is false. */
static dss_results *make(dss_context *context, size_t n_groups, unsigned metrics,
                         uint64_t resamples, bool defined) {
  dss_results *r = NULL;
  must(context, dss_results_new(context, metrics, 1, &(uint32_t){2}, 1, n_groups, &r));
  r->resamples = resamples;
  r->questions[0].name = strdup(labels[3]);
  r->questions[0].scale = DSS_ORDINAL;
  r->questions[0].levels[0] = strdup("low, or \"lower\"");
  r->questions[0].levels[1] = strdup("high");
  r->axes[0] = strdup("gender*race");
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    r->keys[k] = strdup(k == DSS_KEY_stop_after ? "0" : "1");
  for (size_t g = 0; g < n_groups; g++) {
    char name[200];
    snprintf(name, sizeof name, "%s%.0zu", labels[g % N_LABELS], g / N_LABELS);
    r->groups[g].name = strdup(name);
    r->groups[g].raters = (uint32_t)(2 + g);
    r->details[g].ratings = 100 * g;
    r->details[g].xrr_nonpositive = 0.125;
    r->details[g].percent_agreement = NAN;
    for (size_t c = 0; c < r->n_columns; c++) {
      dss_cell *cell = &r->cells[dss_results_at(r, 0, g, c)];
      if (defined && g % 5 != 4)
        fill_cell(cell, g * r->n_columns + c, resamples);
      else
        cell->reason = c % 2 ? DSS_REASON_NO_VARIATION : DSS_REASON_NO_SHARED_UNITS;
    }
  }
  dss_results_derive_dsi(r);
  return r;
}

#endif

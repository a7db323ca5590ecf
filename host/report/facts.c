#include "facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "design_notes.h"

const char *dss_fact_text(const dss_results *r, const char *key) {
  const char *text = dss_results_provenance(r, key);
  return text ? text : "";
}

uint64_t dss_fact_count(const dss_results *r, const char *key) {
  return strtoull(dss_fact_text(r, key), NULL, 10);
}

bool dss_fact_exact(const dss_results *r) {
  return strcmp(dss_fact_text(r, "arrangements"), "all") == 0;
}

const char *dss_fact_resamples(const dss_results *r) {
  return dss_fact_exact(r) ? "arrangements" : "resamples";
}

size_t dss_fact_tests(const dss_results *r) {
  size_t tests = 0;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        tests += cell && !isnan(cell->p);
      }
  return tests;
}

size_t dss_fact_tails(const dss_results *r) {
  size_t tails = 0;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        tails += cell && !isnan(cell->p_tail);
      }
  return tails;
}

double dss_fact_least_p(const dss_results *r) {
  double resamples = (double)dss_results_resamples(r);
  double one = dss_fact_exact(r) ? 1.0 / resamples : 1.0 / (resamples + 1.0);
  return fmin(1.0, 2.0 * one);
}

double dss_fact_density(const dss_results *r) {
  double raters = (double)dss_fact_count(r, "raters"), items = (double)dss_fact_count(r, "items");
  double places = raters * items * (double)dss_results_n_questions(r);
  return places > 0.0 ? (double)dss_fact_count(r, "ratings") / places : NAN;
}

bool dss_fact_has_numbers(const dss_results *r, size_t g) {
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    const dss_cell *cell = dss_results_cell(r, 0, g, (dss_statistic)s);
    if (cell && cell->reason != DSS_REASON_TOO_FEW_RATERS) return true;
  }
  return false;
}

/* Whether there is another group on its axis. */
static bool has_others(const dss_results *r, size_t g) {
  size_t axis = dss_results_group_axis(r, g);
  return (g > 0 && dss_results_group_axis(r, g - 1) == axis) ||
         (g + 1 < dss_results_n_groups(r) && dss_results_group_axis(r, g + 1) == axis);
}

bool dss_fact_few_shared(const dss_results *r, size_t q, size_t g) {
  const dss_group_detail *d = dss_results_detail(r, q, g);
  const dss_cell *xrr = dss_results_cell(r, q, g, DSS_XRR);
  if (!xrr || !dss_fact_has_numbers(r, g) || !has_others(r, g) ||
      strcmp(dss_fact_text(r, "units"), "common") == 0)
    return false;
  return dss_design_few_shared(d->units_xrr, d->units_rated);
}

bool dss_fact_near_zero(const dss_results *r, size_t q, size_t g) {
  const dss_group_detail *detail = dss_results_detail(r, q, g);
  const dss_cell *xrr = dss_results_cell(r, q, g, DSS_XRR);
  const dss_cell *gai = dss_results_cell(r, q, g, DSS_GAI);
  if (detail->xrr_nonpositive > 0.01) return true;
  if (xrr && *xrr->ci_method && xrr->ci_low <= 0.0 && xrr->ci_high >= 0.0) return true;
  if (gai && gai->ci_withheld != DSS_WITHHELD_NONE) return true;
  return detail->fieller_kind != DSS_SET_NONE && detail->fieller_kind != DSS_SET_BOUNDED;
}

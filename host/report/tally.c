#include "tally.h"

#include <math.h>

#include "facts.h"

#define SIGNIFICANT 0.05

static unsigned leading(const dss_results *r) {
  unsigned index = DSS_STATISTIC_BIT(DSS_GAI) | DSS_STATISTIC_BIT(DSS_DIFFERENCE);
  unsigned metrics = dss_results_metrics(r);
  return metrics & DSS_STATISTIC_BIT(DSS_GAI) ? metrics & index : metrics;
}

static bool better(const dss_cell *a, const dss_cell *b) {
  if (!b) return true;
  if (a->q_bh != b->q_bh) return a->q_bh < b->q_bh || isnan(b->q_bh);
  return a->p < b->p;
}

dss_row_verdict dss_judge(const dss_results *r, const dss_tally *tally, size_t q, size_t g) {
  const dss_cell *best = NULL;
  unsigned leads = tally->lead;
  if (tally->index && dss_fact_near_zero(r, q, g)) leads &= ~DSS_STATISTIC_BIT(DSS_GAI);
  dss_row_verdict row = {DSS_VERDICT_NO_TEST, DSS_N_STATISTICS};
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
    if (!cell || !(leads & DSS_STATISTIC_BIT(s)) || isnan(cell->p) || !better(cell, best)) continue;
    best = cell;
    row.statistic = (dss_statistic)s;
  }
  if (!dss_fact_has_numbers(r, g))
    row.verdict = DSS_VERDICT_TOO_FEW;
  else if (best && best->q_bh < SIGNIFICANT)
    row.verdict = best->direction < 0 ? DSS_VERDICT_BELOW : DSS_VERDICT_ABOVE;
  else if (best)
    row.verdict = best->p < SIGNIFICANT ? DSS_VERDICT_BEFORE : DSS_VERDICT_SILENT;
  return row;
}

static void count_tests(const dss_results *r, size_t q, size_t g, double least, dss_tally *tally) {
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
    if (!cell || isnan(cell->p)) continue;
    tally->tests++;
    tally->tests_p += cell->p < SIGNIFICANT;
    tally->tests_q += cell->q_bh < SIGNIFICANT;
    tally->tests_maxt += cell->p_maxt < SIGNIFICANT;
    tally->least += cell->p <= least;
    tally->undecided += cell->p_low < SIGNIFICANT && cell->p_high > SIGNIFICANT;
  }
}

dss_tally dss_tally_of(const dss_results *r) {
  dss_tally tally = {.lead = leading(r),
                     .index = (dss_results_metrics(r) & DSS_STATISTIC_BIT(DSS_GAI)) != 0};
  double least = dss_fact_least_p(r) * (1.0 + 1e-12);
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      tally.rows[dss_judge(r, &tally, q, g).verdict]++;
      tally.all++;
      count_tests(r, q, g, least, &tally);
    }
  return tally;
}

dss_statistic dss_lead_of(const dss_view_part *part) {
  for (size_t i = 0; i < part->n_columns; i++)
    if (part->columns[i] == DSS_GAI || part->columns[i] == DSS_PAIR_GAI) return part->columns[i];
  return part->columns[0];
}

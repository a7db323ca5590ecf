#include "finish.h"

#include <math.h>
#include <string.h>

#include "cells.h"
#include "host/core/alloc.h"

/* --- the observed arrangement -------------------------------------------------------------- */

typedef struct observation {
  const dss_plan *plan;
  const dss_pairwise *pairwise;
  dss_results *results;
} observation;

/* Why IRR, XRR and the rest are missing, from the sums behind them. */
static dss_reason irr_reason(const dss_group_sums *sums, double irr) {
  if (!isnan(irr)) return DSS_REASON_NONE;
  if (sums->own.units > 0) return DSS_REASON_NO_VARIATION;
  return sums->rated > 0 ? DSS_REASON_NO_PAIRABLE_UNITS : DSS_REASON_NO_RATINGS;
}

static dss_reason xrr_reason(const dss_group_sums *sums, double xrr) {
  if (!isnan(xrr)) return DSS_REASON_NONE;
  return sums->cross.units > 0 ? DSS_REASON_NO_CROSS_VARIATION : DSS_REASON_NO_SHARED_UNITS;
}

static dss_reason voting_reason(const dss_group_sums *sums) {
  if (sums->votes.shared == 0) return DSS_REASON_NO_SHARED_UNITS;
  return sums->votes.units > 0 ? DSS_REASON_NO_CROSS_VARIATION : DSS_REASON_ONLY_TIES;
}

static dss_reason ratio_reason(dss_statistic statistic, const dss_tables *tables,
                               const dss_group_sums *sums, double irr, double xrr) {
  if (isnan(irr)) return DSS_REASON_NEEDS_IRR;
  if (isnan(xrr)) return DSS_REASON_NEEDS_XRR;
  if (statistic == DSS_GAI) return DSS_REASON_XRR_NOT_POSITIVE;
  double other = dss_chance_corrected(tables, dss_alpha_disagreement(tables, &sums->complement));
  return isnan(other) ? DSS_REASON_NEEDS_COMPLEMENT_IRR : DSS_REASON_IRR_PRODUCT_NOT_POSITIVE;
}

static dss_reason reason_for(dss_statistic statistic, const dss_tables *tables,
                             const dss_group_sums *sums) {
  double irr = dss_chance_corrected(tables, dss_alpha_disagreement(tables, &sums->own));
  double xrr = dss_chance_corrected(tables, dss_cross_disagreement(tables, &sums->cross));
  switch (statistic) {
  case DSS_IRR:
    return irr_reason(sums, irr);
  case DSS_XRR:
    return xrr_reason(sums, xrr);
  case DSS_NXRR:
  case DSS_GAI:
  case DSS_DIFFERENCE:
    return ratio_reason(statistic, tables, sums, irr, xrr);
  case DSS_PLURALITY:
  case DSS_NEGENTROPY:
    return DSS_REASON_NO_RATINGS;
  case DSS_CROSS_NEGENTROPY:
    return DSS_REASON_NO_SHARED_UNITS;
  case DSS_VOTING:
    return voting_reason(sums);
  default:
    return DSS_REASON_NONE;
  }
}

static dss_reason pair_reason(dss_statistic statistic, const dss_pairwise *pairwise, size_t q,
                              size_t g, const dss_group_sums *sums) {
  dss_pairwise_sums pairs;
  dss_pairwise_values v;
  dss_pairwise_observe(dss_pairwise_plan_of(pairwise), q, g, &pairs, &v);
  switch (statistic) {
  case DSS_PAIR_IRR:
    if (pairs.own_pairs > 0)
      return v.expected > 0.0 ? DSS_REASON_SMALL_DISTANCES : DSS_REASON_NO_VARIATION;
    return sums->ratings > 0 ? DSS_REASON_NO_PAIRABLE_UNITS : DSS_REASON_NO_RATINGS;
  case DSS_PAIR_XRR:
    if (pairs.cross_pairs == 0) return DSS_REASON_NO_SHARED_UNITS;
    return v.crossed > 0.0 ? DSS_REASON_SMALL_DISTANCES : DSS_REASON_NO_CROSS_VARIATION;
  default:
    if (isnan(v.irr)) return DSS_REASON_NEEDS_IRR;
    return isnan(v.xrr) ? DSS_REASON_NEEDS_XRR : DSS_REASON_XRR_NOT_POSITIVE;
  }
}

static void fill_detail(const dss_tables *tables, const dss_group_sums *sums, uint64_t *marginals,
                        dss_group_detail *detail) {
  dss_disagreement own = dss_alpha_disagreement(tables, &sums->own);
  dss_disagreement cross = dss_cross_disagreement(tables, &sums->cross);
  detail->ratings = sums->ratings;
  detail->units_rated = sums->rated;
  detail->units_irr = sums->own.units;
  detail->units_xrr = sums->cross.units;
  detail->pairable = sums->own.pairable;
  detail->units_voting = sums->votes.shared;
  detail->units_tied = sums->votes.tied;
  detail->percent_agreement = dss_percent_agreement(tables, &sums->own);
  for (uint32_t k = 0; k < tables->n_levels; k++)
    marginals[k] = sums->own.count[k];
  if (sums->own.units > 0) {
    detail->observed_disagreement = own.observed;
    detail->expected_disagreement = own.expected;
  }
  if (sums->cross.units > 0) {
    detail->cross_observed_disagreement = cross.observed;
    detail->cross_expected_disagreement = cross.expected;
  }
}

static void see(size_t q, size_t g, const dss_group_sums *sums, void *user) {
  observation *o = user;
  dss_results *r = o->results;
  const dss_tables *tables = &o->plan->kernel.questions[q].tables;
  size_t row = q * r->n_groups + g;
  fill_detail(tables, sums, (uint64_t *)r->details[row].marginals, &r->details[row]);
  for (unsigned s = 0; s < DSS_N_STATISTICS; s++) {
    size_t column = dss_metrics_column(r->metrics, (dss_statistic)s);
    if (column == SIZE_MAX) continue;
    dss_cell *cell = &r->cells[dss_results_at(r, q, g, column)];
    if (!o->plan->kernel.tested[g]) {
      cell->reason = DSS_REASON_TOO_FEW_RATERS;
      continue;
    }
    cell->reason = DSS_REASON_NONE;
    if (!isnan(cell->estimate)) continue;
    cell->reason = s < DSS_N_ITEM_STATISTICS
                       ? reason_for((dss_statistic)s, tables, sums)
                       : pair_reason((dss_statistic)s, o->pairwise, q, g, sums);
  }
}

dss_status dss_finish_observed(dss_context *context, const dss_plan *plan,
                               const dss_pairwise *pairwise, const double *observed,
                               dss_results *r) {
  size_t rows = r->n_questions * r->n_groups;
  for (size_t i = 0; i < rows * r->n_columns; i++)
    r->cells[i].estimate = observed[i];
  for (size_t i = 0; i < rows; i++) {
    dss_group_detail *d = &r->details[i];
    d->observed_disagreement = d->expected_disagreement = NAN;
    d->cross_observed_disagreement = d->cross_expected_disagreement = NAN;
    d->percent_agreement = d->xrr_nonpositive = NAN;
  }
  /* The details want every group and every sum, whatever the resamples need. */
  dss_kernel_plan everything = plan->kernel;
  everything.choice.alpha = everything.choice.cross = everything.choice.votes = true;
  uint8_t *all;
  DSS_TRY(DSS_ALLOC(context, &all, r->n_groups));
  memset(all, 1, r->n_groups);
  everything.tested = all;
  observation o = {plan, pairwise, r};
  dss_status status = dss_reference_observe(&everything, see, &o);
  free(all);
  return status == DSS_OK ? DSS_OK : dss_fail_memory(context, 0);
}

/* --- null distributions -------------------------------------------------------------------- */

static void fill_nonpositive(const dss_accumulators *a, dss_results *r) {
  size_t column = dss_metrics_column(r->metrics, DSS_XRR);
  for (size_t row = 0; column != SIZE_MAX && row < r->n_questions * r->n_groups; row++) {
    size_t c = row * r->n_columns + column;
    if (r->cells[c].reason == DSS_REASON_TOO_FEW_RATERS) continue;
    uint64_t resamples = a->stopped[c] ? a->stopped[c] : a->resamples;
    r->details[row].xrr_nonpositive = (double)a->columns.not_positive[c] / (double)resamples;
  }
}

dss_status dss_finish_nulls(dss_context *context, dss_null *null, dss_results *r) {
  const dss_cells to = {.cells = r->cells, .histograms = r->histograms, .edges = r->edges};
  r->resamples = null->accumulators.resamples;
  if (r->resamples == 0) return DSS_OK;
  fill_nonpositive(&null->accumulators, r);
  return dss_cells_test(context, null, &to);
}

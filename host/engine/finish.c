#include "finish.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/stats/corrections.h"
#include "host/stats/pvalues.h"
#include "host/stats/quantile.h"
#include "host/stats/tail.h"

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

/* By linear interpolation within the bin that holds the quantile. */
static double quantile(const dss_accumulators *a, size_t c, uint64_t defined, double level) {
  const uint64_t *histogram = &a->histogram[c * (a->n_bins + 2)];
  double low = a->frames.low[c], width = a->frames.width[c];
  if (!(width > 0.0)) return NAN;
  double target = level * (double)defined, below = (double)histogram[0];
  if (target < below) return NAN;
  for (uint32_t bin = 1; bin <= a->n_bins; bin++) {
    double count = (double)histogram[bin];
    if (count > 0.0 && target <= below + count)
      return low + width * ((double)(bin - 1) + (target - below) / count);
    below += count;
  }
  return NAN;
}

static void fill_shape(dss_cell *cell, const dss_accumulators *a, size_t c) {
  uint64_t defined = cell->below + cell->equal + cell->above;
  if (defined == 0) return;
  double n = (double)defined, sum = dss_long_sum_value(&a->columns.sum[c]);
  cell->null_mean = a->frames.pivot[c] + sum / n;
  cell->null_min = a->columns.minimum[c];
  cell->null_max = a->columns.maximum[c];
  if (defined > 1) {
    double squares = dss_long_sum_value(&a->columns.sum_of_squares[c]) - sum * sum / n;
    cell->null_sd = sqrt(fmax(0.0, squares) / (n - 1.0));
    if (cell->null_min == cell->null_max) cell->null_sd = 0.0;
    if (cell->null_sd > 0.0) cell->z = (cell->estimate - cell->null_mean) / cell->null_sd;
  }
}

/* From the values themselves where the pilot is all of them, else from the histogram, in which a
 * bin can reach beyond the values in it. */
static void fill_quantiles(dss_cell *cell, const dss_null *null, size_t c) {
  bool all = cell->resamples == null->n_pilot && null->quantiles;
  uint64_t defined = cell->below + cell->equal + cell->above;
  if (defined == 0) return;
  for (size_t i = 0; i < DSS_N_QUANTILES; i++) {
    double q = cell->null_min;
    if (all)
      q = null->quantiles[c * DSS_N_QUANTILES + i];
    else if (cell->null_min < cell->null_max)
      q = quantile(&null->accumulators, c, defined, dss_quantile_levels[i]);
    cell->quantiles[i] = isnan(q) ? q : fmin(cell->null_max, fmax(cell->null_min, q));
  }
}

/* One tail of a cell; at: the resamples that its stop_after exceedances took, 0 where it has fewer
 * or the run does not stop. */
typedef struct one_tail {
  uint64_t count, at;
} one_tail;

static double tail_p(const dss_accumulators *a, one_tail tail, uint64_t resamples, bool exact) {
  return tail.at > 0 ? dss_p_sequential(a->stop_after, tail.at)
                     : dss_p_one_sided(tail.count, resamples, exact);
}

/* Of its share of resamples. */
static void tail_interval(const dss_accumulators *a, one_tail tail, uint64_t resamples, double *low,
                          double *high) {
  if (tail.at > 0)
    dss_inverse_sampling_interval(a->stop_after, tail.at, low, high);
  else
    dss_clopper_pearson(tail.count, resamples, low, high);
}

static void fill_significance(dss_cell *cell, const dss_accumulators *a, bool exact) {
  one_tail up = {cell->ge, cell->ge_at}, down = {cell->le, cell->le_at};
  cell->p_up = tail_p(a, up, cell->resamples, exact);
  cell->p_down = tail_p(a, down, cell->resamples, exact);
  cell->p = cell->p_low = cell->p_high = dss_p_two_sided(cell->p_up, cell->p_down);
  if (!exact) {
    double low, high;
    tail_interval(a, cell->p_down < cell->p_up ? down : up, cell->resamples, &low, &high);
    cell->p_low = fmin(1.0, 2.0 * low);
    cell->p_high = fmin(1.0, 2.0 * high);
  }
  /* Above the null's median: more than half of the defined resamples lie below. */
  uint64_t defined = cell->below + cell->equal + cell->above;
  cell->direction = (cell->below > defined / 2) - (cell->above > defined / 2);
  uint64_t tail = cell->direction < 0 ? cell->below : cell->above;
  cell->p_grasp = (double)tail / (double)cell->resamples;
  cell->flagged = (double)cell->undefined > 0.01 * (double)cell->resamples;
}

/* The tail that decides p, where it is too thin for the count to say more. Undefined resamples are
 * exceedances that no fit knows of. */
static void fill_tail(dss_cell *cell, const dss_accumulators *a, size_t c) {
  bool up = cell->ge <= cell->le;
  uint64_t count = up ? cell->ge : cell->le, at = up ? cell->ge_at : cell->le_at;
  if (!a->largest || count >= DSS_TAIL_BELOW || at > 0 || cell->undefined > 0) return;
  double *heap = (up ? a->largest : a->smallest) + c * DSS_EXTREMES;
  dss_tail tail;
  dss_sort_ascending(heap, DSS_EXTREMES);
  if (!dss_tail_p(up ? cell->estimate : -cell->estimate, cell->resamples, heap, DSS_EXTREMES,
                  &tail))
    return;
  cell->p_tail = fmin(1.0, 2.0 * tail.p);
  cell->p_tail_low = fmin(1.0, 2.0 * tail.low);
  cell->p_tail_high = fmin(1.0, 2.0 * tail.high);
}

static void finish_column(const dss_null *null, size_t c, dss_results *r) {
  const dss_accumulators *a = &null->accumulators;
  const dss_columns *columns = &a->columns;
  double low = a->frames.low[c], width = a->frames.width[c];
  dss_cell *cell = &r->cells[c];
  cell->resamples = a->stopped[c] ? a->stopped[c] : a->resamples;
  cell->ge_at = a->ge_at[c];
  cell->le_at = a->le_at[c];
  cell->undefined = columns->undefined[c];
  cell->below = columns->below[c];
  cell->equal = columns->equal[c];
  cell->above = columns->above[c];
  cell->ge = cell->above + cell->equal + cell->undefined;
  cell->le = cell->below + cell->equal + cell->undefined;
  fill_shape(cell, a, c);
  fill_quantiles(cell, null, c);
  fill_significance(cell, a, dss_results_exact(r));
  fill_tail(cell, a, c);
  if (!(width > 0.0)) return;
  r->edges[2 * c] = low;
  r->edges[2 * c + 1] = low + width * a->n_bins;
  for (uint32_t bin = 0; bin < a->n_bins + 2; bin++)
    r->histograms[c * (a->n_bins + 2) + bin] = a->histogram[c * (a->n_bins + 2) + bin];
}

static void finish_columns(const dss_null *null, dss_results *r) {
  const dss_accumulators *a = &null->accumulators;
  int threads = (int)a->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (size_t c = 0; c < a->n_columns; c++)
    if (!isnan(a->frames.observed[c])) finish_column(null, c, r);
}

/* Step-down: an adjusted p is never under that of a test with a larger |t|. */
static void fill_max_t(const dss_accumulators *a, dss_results *r) {
  double largest = 0.0;
  bool exact = dss_results_exact(r);
  for (size_t i = 0; i < a->n_tested; i++) {
    largest = fmax(largest, dss_p_one_sided(a->max_t[i], a->resamples, exact));
    r->cells[a->order[i]].p_maxt = largest;
  }
}

static dss_status correct(dss_context *context, dss_results *r) {
  size_t n = r->n_questions * r->n_groups * r->n_columns;
  double *p, *q, *holm, *bonferroni;
  DSS_TRY(DSS_ALLOC(context, &p, n > SIZE_MAX / 4 ? SIZE_MAX : 4 * n));
  q = p + n;
  holm = q + n;
  bonferroni = holm + n;
  for (size_t i = 0; i < n; i++)
    p[i] = r->cells[i].p;
  bool done = dss_benjamini_hochberg(n, p, q) && dss_holm(n, p, holm);
  dss_bonferroni(n, p, bonferroni);
  for (size_t i = 0; done && i < n; i++) {
    r->cells[i].q_bh = q[i];
    r->cells[i].p_holm = holm[i];
    r->cells[i].p_bonferroni = bonferroni[i];
  }
  free(p);
  return done ? DSS_OK : dss_fail_memory(context, n * sizeof *p);
}

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
  dss_accumulators *a = &null->accumulators;
  r->resamples = a->resamples;
  if (a->resamples == 0) return DSS_OK;
  dss_columns_end_block(&a->columns, 0, a->n_columns);
  finish_columns(null, r);
  fill_max_t(a, r);
  fill_nonpositive(a, r);
  return correct(context, r);
}

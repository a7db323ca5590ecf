#include "moments.h"

#include <math.h>

#include "host/core/alloc.h"

enum { LEAST_ITEMS = 20 };

static double score_of(const dss_question *question, const dss_cells *cells,
                       const dss_scores *scores, uint64_t i) {
  return scores
      ->score[(size_t)cells->cell[question->rater[i]] * scores->n_levels + question->code[i]];
}

/* --- products by cells ----------------------------------------------------------------------- */

/* One item's ratings, by the cells that have some. */
typedef struct by_cell {
  double *n, *sum, *square; /* [n_cells] */
  double *variance;         /* [n_cells] of the cell's scores */
  uint32_t *used;           /* [n_cells] */
  uint32_t n_used;
} by_cell;

static void gather(const dss_question *question, uint32_t item, const dss_cells *cells,
                   const dss_scores *scores, by_cell *b) {
  b->n_used = 0;
  for (uint64_t i = question->item_ptr[item]; i < question->item_ptr[item + 1]; i++) {
    uint32_t cell = cells->cell[question->rater[i]];
    double z = score_of(question, cells, scores, i);
    if (b->n[cell] == 0) b->used[b->n_used++] = cell;
    b->n[cell] += 1;
    b->sum[cell] += z;
    b->square[cell] += z * z;
  }
}

static void add_item(by_cell *b, dss_moments *m) {
  for (uint32_t i = 0; i < b->n_used; i++)
    for (uint32_t k = 0; k < b->n_used; k++) {
      uint32_t g = b->used[i], h = b->used[k];
      size_t at = (size_t)g * m->n_cells + h;
      m->pairs[at] += b->n[g] * (b->n[h] - (g == h));
      double others = b->n[h] - (g == h), excess_g = b->square[g] - b->n[g] * b->variance[g];
      double excess_h = b->square[h] - b->n[h] * b->variance[h];
      m->products[at] += b->sum[g] * b->sum[h] - (g == h ? b->square[g] : 0.0);
      m->products[at] -= 0.5 * (others * excess_g + (b->n[g] - (g == h)) * excess_h);
    }
  for (uint32_t i = 0; i < b->n_used; i++)
    b->n[b->used[i]] = b->sum[b->used[i]] = b->square[b->used[i]] = 0;
}

static dss_status fill(dss_context *context, const dss_question *question, uint32_t n_items,
                       const dss_cells *cells, const dss_scores *scores, by_cell *b,
                       dss_moments *m) {
  double pairs = 0;
  DSS_TRY(DSS_ALLOC(context, &b->n, m->n_cells));
  DSS_TRY(DSS_ALLOC(context, &b->sum, m->n_cells));
  DSS_TRY(DSS_ALLOC(context, &b->square, m->n_cells));
  DSS_TRY(DSS_ALLOC(context, &b->used, m->n_cells));
  DSS_TRY(DSS_ALLOC(context, &b->variance, m->n_cells));
  for (uint32_t g = 0; g < m->n_cells; g++)
    b->variance[g] = dss_scores_variance(scores, g);
  for (uint32_t u = 0; u < n_items; u++) {
    gather(question, u, cells, scores, b);
    add_item(b, m);
  }
  for (size_t i = 0; i < (size_t)m->n_cells * m->n_cells; i++)
    pairs += m->pairs[i];
  if (pairs > 0) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA, "question '%s': no two raters share an item",
                  question->name);
}

dss_status dss_moments_make(dss_context *context, const dss_question *question, uint32_t n_items,
                            const dss_cells *cells, const dss_scores *scores, dss_moments *m) {
  size_t n = cells->n_cells;
  by_cell b = {0};
  *m = (dss_moments){.n_cells = cells->n_cells};
  DSS_TRY(DSS_ALLOC(context, &m->pairs, n * n));
  DSS_TRY(DSS_ALLOC(context, &m->products, n * n));
  dss_status status = fill(context, question, n_items, cells, scores, &b, m);
  free(b.n);
  free(b.sum);
  free(b.square);
  free(b.used);
  free(b.variance);
  return status;
}

void dss_moments_free(dss_moments *m) {
  free(m->pairs);
  free(m->products);
  *m = (dss_moments){0};
}

/* --- errors ---------------------------------------------------------------------------------- */

/* How the sum over n normal values' ordered pairs scatters, all of variance 1 and with correlation
 * rho: that of a quadratic form with matrix J - n I, which the common part does not reach. */
static double inside_scatter(double n, double rho) {
  return 2 * (n - 1) * n * n * (1 - rho) * (1 - rho);
}

/* Over the pairs of n and of m such values. */
static double across_scatter(double n, double m, double rho) {
  return 0.5 * n * m * (n + m + 2) * (1 - rho) * (1 - rho);
}

dss_group_errors dss_moments_errors(const dss_question *question, uint32_t n_items,
                                    const dss_cells *cells, const dss_cell_group *group, double rho,
                                    double leniency) {
  double pairs[2] = {0}, scatter[2] = {0}, errors[2];
  uint32_t items[2] = {0};
  for (uint32_t u = 0; u < n_items; u++) {
    double n[2] = {0};
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++)
      n[!group->has[cells->cell[question->rater[i]]]] += 1;
    pairs[0] += n[0] * (n[0] - 1);
    pairs[1] += n[0] * n[1];
    items[0] += n[0] > 1;
    items[1] += n[0] > 0 && n[1] > 0;
    if (n[0] > 1) scatter[0] += inside_scatter(n[0], rho);
    if (n[0] > 0 && n[1] > 0) scatter[1] += across_scatter(n[0], n[1], rho);
  }
  double in = group->raters, out = cells->n_raters - in;
  double inside = in * (in - 1), across = in * out, squared = leniency * leniency;
  double raters[2] = {squared * inside_scatter(in, 0) / (inside * inside),
                      squared * across_scatter(in, out, 0) / (across * across)};
  double squares[2] = {in - 1, in}, freedom[2];
  for (int s = 0; s < 2; s++) {
    double of_items = scatter[s] / (pairs[s] * pairs[s]), of_raters = raters[s];
    errors[s] = items[s] < LEAST_ITEMS ? NAN : sqrt(of_items + of_raters);
    /* Skewness: sqrt(8 / squares), of the raters' part of the variance alone. */
    freedom[s] = squares[s] * pow((of_items + of_raters) / of_raters, 3);
  }
  return (dss_group_errors){errors[0], errors[1], freedom[0], freedom[1]};
}

/* --- leniency -------------------------------------------------------------------------------- */

double dss_moments_leniency(const dss_question *question, uint32_t n_items, const dss_cells *cells,
                            const dss_scores *scores, double *mean, double *count, double *spread) {
  double products = 0, pairs = 0, squares = 0, ratings = 0, n = 0;
  for (uint32_t r = 0; r < cells->n_raters; r++)
    mean[r] = count[r] = 0;
  for (uint32_t u = 0; u < n_items; u++) {
    uint64_t first = question->item_ptr[u], end = question->item_ptr[u + 1];
    double sum = 0, others = (double)(end - first) - 1;
    for (uint64_t i = first; i < end; i++)
      sum += score_of(question, cells, scores, i);
    for (uint64_t i = first; others > 0 && i < end; i++) {
      double z = score_of(question, cells, scores, i), off = z - (sum - z) / others;
      mean[question->rater[i]] += off;
      count[question->rater[i]] += 1;
      products -= off * off;
      squares += off * off;
      ratings += 1;
    }
  }
  for (uint32_t r = 0; r < cells->n_raters; r++) {
    n = count[r];
    products += mean[r] * mean[r];
    pairs += n * (n - 1);
    mean[r] = n > 0 ? mean[r] / n : NAN;
  }
  *spread = ratings > 0 ? squares / ratings : 0;
  return pairs > 0 ? fmax(products / pairs, 0.0) : 0.0;
}

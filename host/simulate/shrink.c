#include "shrink.h"

#include <math.h>

#include "host/core/alloc.h"
#include "host/stats/normal.h"

typedef struct work {
  const dss_cells *cells;
  const dss_found *found;
  dss_kept *kept;
  uint32_t n;        /* cells */
  double *precision; /* [n] of what was found */
  double *prior;     /* [n][n] covariance of cells' values, C */
  double *factor;    /* [n][n] lower Cholesky factor of 1 + W^(1/2) C W^(1/2), W the precisions */
  double *left;      /* [n][n_columns] of the means, less what is expected of them */
  double *one, *x;   /* [n] (C + V)^-1 times ones, and times a column */
  double *mean;      /* [n_columns] */
  double *sum;       /* [n][n_columns + 1] by side of a comparison: weighted values, weight */
  int32_t *side;     /* [n] */
  bool *used_axis, *used_group;
} work;

/* --- expectations ---------------------------------------------------------------------------- */

static void factorize(work *w) {
  for (uint32_t i = 0; i < w->n; i++)
    for (uint32_t k = 0; k <= i; k++) {
      const double *a = w->factor + (size_t)i * w->n, *b = w->factor + (size_t)k * w->n;
      double sum = w->prior[(size_t)i * w->n + k] * sqrt(w->precision[i] * w->precision[k]);
      sum += i == k;
      for (uint32_t j = 0; j < k; j++)
        sum -= a[j] * b[j];
      w->factor[(size_t)i * w->n + k] = i == k ? sqrt(sum) : sum / b[k];
    }
}

/* x becomes (C + V)^-1 x. */
static void weigh(const work *w, double *x) {
  for (uint32_t i = 0; i < w->n; i++) {
    x[i] *= sqrt(w->precision[i]);
    for (uint32_t k = 0; k < i; k++)
      x[i] -= w->factor[(size_t)i * w->n + k] * x[k];
    x[i] /= w->factor[(size_t)i * w->n + i];
  }
  for (uint32_t i = w->n; i-- > 0;) {
    for (uint32_t k = i + 1; k < w->n; k++)
      x[i] -= w->factor[(size_t)k * w->n + i] * x[k];
    x[i] /= w->factor[(size_t)i * w->n + i];
  }
  for (uint32_t i = 0; i < w->n; i++)
    x[i] *= sqrt(w->precision[i]);
}

static double total(const work *w, const double *x) {
  double sum = 0;
  for (uint32_t i = 0; i < w->n; i++)
    sum += x[i];
  return sum;
}

/* Row i of C times x. */
static double prior_row(const work *w, uint32_t i, const double *x) {
  double sum = 0;
  for (uint32_t k = 0; k < w->n; k++)
    sum += w->prior[(size_t)i * w->n + k] * x[k];
  return sum;
}

/* The mean by generalized least squares, and C (C + V)^-1 times what differs from it:
 * [n][n_columns] of both kinds. */
static void expect(work *w, const double *values, double *expected, double *mean) {
  uint32_t columns = w->found->n_columns;
  double weight = total(w, w->one);
  for (uint32_t c = 0; c < columns; c++) {
    for (uint32_t i = 0; i < w->n; i++)
      w->x[i] = values[(size_t)i * columns + c];
    weigh(w, w->x);
    mean[c] = total(w, w->x) / weight;
    for (uint32_t i = 0; i < w->n; i++)
      w->x[i] -= mean[c] * w->one[i];
    for (uint32_t i = 0; i < w->n; i++)
      expected[(size_t)i * columns + c] = prior_row(w, i, w->x);
  }
}

/* What the parts so far leave of the means. */
static void leave(work *w) {
  uint32_t columns = w->found->n_columns;
  factorize(w);
  for (uint32_t i = 0; i < w->n; i++)
    w->one[i] = 1;
  weigh(w, w->one);
  expect(w, w->found->means, w->left, w->mean);
  for (size_t i = 0; i < (size_t)w->n * columns; i++)
    w->left[i] = w->found->means[i] - w->mean[i % columns] - w->left[i];
}

/* How much each cell's own value counts for what is kept of it, times its chance. */
static void count_chance(work *w) {
  double weight = total(w, w->one);
  for (uint32_t i = 0; i < w->n; i++) {
    if (w->precision[i] == 0) continue;
    for (uint32_t k = 0; k < w->n; k++)
      w->x[k] = i == k;
    weigh(w, w->x);
    double own = prior_row(w, i, w->x) - prior_row(w, i, w->one) * w->one[i] / weight;
    w->kept->chance[i] = own / w->precision[i];
  }
}

/* --- evidence -------------------------------------------------------------------------------- */

typedef struct evidence {
  double sure, variance;
} evidence;

/* The surest of n: Bonferroni's correction. */
static double correct(double sure, uint32_t n) {
  double p = n * dss_normal_cdf(-sure);
  return p < 0.5 ? p > 0 ? -dss_normal_quantile(p) : sure : 0.0;
}

/* Do the sides differ in what is left, by more than chance? Their variance is DerSimonian and
 * Laird's. side -1: the cell counts for none. */
static evidence compare(work *w, const int32_t *side, uint32_t n_sides) {
  uint32_t columns = w->found->n_columns, used = 0, stride = columns + 1;
  double weight = 0, squares = 0, between = 0;
  memset(w->sum, 0, (size_t)n_sides * stride * sizeof *w->sum);
  for (uint32_t i = 0; i < w->n; i++) {
    if (side[i] < 0) continue;
    double *sum = w->sum + (size_t)side[i] * stride;
    for (uint32_t c = 0; c < columns; c++)
      sum[c] += w->precision[i] * w->left[(size_t)i * columns + c];
    sum[columns] += w->precision[i];
    weight += w->precision[i];
  }
  for (uint32_t s = 0; s < n_sides; s++) {
    double own = w->sum[(size_t)s * stride + columns];
    used += own > 0;
    squares += own * own;
  }
  for (uint32_t c = 0; c < columns; c++) {
    double all = 0;
    for (uint32_t s = 0; s < n_sides; s++) {
      const double *sum = w->sum + (size_t)s * stride;
      if (sum[columns] > 0) between += sum[c] * sum[c] / sum[columns];
      all += sum[c];
    }
    if (weight > 0) between -= all * all / weight;
  }
  if (used < 2) return (evidence){0};
  double above = used - 1;
  return (evidence){.sure = dss_normal_of_f(fmax(between, 0.0) / above, above * w->found->effective,
                                            w->found->freedom * w->found->effective),
                    .variance = (between - above) / (weight - squares / weight)};
}

/* A group against all others: both sides are 0 off chance, and the group alone has a variance. */
static evidence compare_group(work *w, const dss_cell_group *group) {
  for (uint32_t i = 0; i < w->n; i++)
    w->side[i] = !group->has[i];
  evidence e = compare(w, w->side, 2);
  e.variance *= 2; /* of the difference */
  return e;
}

/* --- parts ----------------------------------------------------------------------------------- */

typedef struct candidate {
  dss_part part;
  size_t axis, group;
} candidate;

static bool try_axis(work *w, size_t axis, candidate *best) {
  const dss_cell_axis *x = &w->cells->axes[axis];
  if (w->used_axis[axis]) return false;
  evidence e = compare(w, x->value, x->n_values);
  if (!(e.sure >= best->part.sure)) return false;
  *best = (candidate){{x->name, false, e.sure, e.variance}, axis, 0};
  return true;
}

/* An axis of two groups comes before either. */
static bool try_groups(work *w, size_t axis, candidate *best) {
  const dss_cell_axis *x = &w->cells->axes[axis];
  bool found = false;
  for (size_t g = x->first_group; g < x->first_group + x->n_groups; g++) {
    if (w->used_group[g]) continue;
    evidence e = compare_group(w, &w->cells->groups[g]);
    e.sure = correct(e.sure, x->n_values);
    if (!(e.sure > best->part.sure)) continue;
    *best = (candidate){{w->cells->groups[g].name, true, e.sure, e.variance}, axis, g};
    found = true;
  }
  return found;
}

/* The surest attribute or group; where there is none, the first crossing of attributes whose groups
 * differ: that groups do in all directions explains everything, and shrinks it most. */
static bool find_part(work *w, candidate *best) {
  bool found = false;
  *best = (candidate){.part = {.sure = DSS_FIT_SURE}};
  for (size_t a = 0; a < w->cells->n_axes; a++) {
    if (w->cells->axes[a].attributes == 1) found |= try_axis(w, a, best);
    found |= try_groups(w, a, best);
  }
  for (size_t a = 0; !found && a < w->cells->n_axes; a++)
    if (w->cells->axes[a].attributes > 1) found = try_axis(w, a, best);
  return found;
}

static void add_part(work *w, const candidate *best) {
  const bool *has = best->part.alone ? w->cells->groups[best->group].has : NULL;
  for (uint32_t i = 0; i < w->n; i++)
    w->side[i] = has ? (has[i] ? 0 : -1) : w->cells->axes[best->axis].value[i];
  for (uint32_t i = 0; i < w->n; i++)
    for (uint32_t k = 0; k < w->n; k++)
      if (w->side[i] >= 0 && w->side[i] == w->side[k])
        w->prior[(size_t)i * w->n + k] += best->part.variance;
  *(has ? &w->used_group[best->group] : &w->used_axis[best->axis]) = true;
  w->kept->parts[w->kept->n_parts++] = best->part;
}

static dss_status find_parts(dss_context *context, work *w) {
  candidate best;
  leave(w);
  while (w->kept->n_parts < DSS_MOST_PARTS && find_part(w, &best)) {
    DSS_TRY(dss_go_on(context));
    add_part(w, &best);
    leave(w);
  }
  if (w->kept->n_parts == 0) return DSS_OK;
  count_chance(w);
  expect(w, w->found->values, w->kept->values, w->mean);
  for (size_t i = 0; i < (size_t)w->n * w->found->n_columns; i++)
    w->kept->values[i] += w->mean[i % w->found->n_columns];
  return DSS_OK;
}

static dss_status make_room(dss_context *context, work *w) {
  size_t n = w->n, columns = w->found->n_columns;
  DSS_TRY(DSS_ALLOC(context, &w->kept->values, n * columns));
  DSS_TRY(DSS_ALLOC(context, &w->kept->chance, n));
  DSS_TRY(DSS_ALLOC(context, &w->precision, n));
  DSS_TRY(DSS_ALLOC(context, &w->prior, n * n));
  DSS_TRY(DSS_ALLOC(context, &w->factor, n * n));
  DSS_TRY(DSS_ALLOC(context, &w->left, n * columns));
  DSS_TRY(DSS_ALLOC(context, &w->one, n));
  DSS_TRY(DSS_ALLOC(context, &w->x, n));
  DSS_TRY(DSS_ALLOC(context, &w->mean, columns));
  DSS_TRY(DSS_ALLOC(context, &w->sum, (n + 1) * (columns + 1)));
  DSS_TRY(DSS_ALLOC(context, &w->side, n));
  DSS_TRY(DSS_ALLOC(context, &w->used_axis, w->cells->n_axes));
  DSS_TRY(DSS_ALLOC(context, &w->used_group, w->cells->n_groups));
  for (size_t i = 0; i < n; i++)
    w->precision[i] = 1 / w->found->chance[i];
  return DSS_OK;
}

dss_status dss_shrink(dss_context *context, const dss_cells *cells, const dss_found *found,
                      dss_kept *kept) {
  work w = {.cells = cells, .found = found, .kept = kept, .n = cells->n_cells};
  *kept = (dss_kept){0};
  dss_status status = make_room(context, &w);
  if (status == DSS_OK) status = find_parts(context, &w);
  free(w.precision);
  free(w.prior);
  free(w.factor);
  free(w.left);
  free(w.one);
  free(w.x);
  free(w.mean);
  free(w.sum);
  free(w.side);
  free(w.used_axis);
  free(w.used_group);
  return status;
}

void dss_kept_free(dss_kept *kept) {
  free(kept->values);
  free(kept->chance);
  *kept = (dss_kept){0};
}

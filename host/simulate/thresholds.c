#include "thresholds.h"

#include <math.h>

#include "chance.h"
#include "host/core/alloc.h"
#include "host/stats/normal.h"
#include "latent.h"

#define MOST_SEVERITY 6.0
#define LEAST_GAP 0.1 /* of that of the question's, between a cell's thresholds */
#define DENSITY 0.39894228040143267794

typedef struct work {
  const dss_question *question;
  const dss_cells *cells;
  dss_thresholds *t;
  uint32_t n;       /* thresholds */
  double *shares;   /* [n_cells][n_levels] of the cell's ratings and one more, divided as all are */
  double *below;    /* [n] share of all ratings below each threshold */
  double *density;  /* [n] of the normal distribution, at each */
  double *weight;   /* [n] of each threshold in a severity: what a share tells of it; sum 1 */
  double *of_level; /* [n_levels][n] what a rating is worth for the use of levels */
  double *worth;    /* [n_levels] and for the severity */
  double *ratings;  /* [n_cells] */
} work;

/* --- what was found -------------------------------------------------------------------------- */

static dss_status count_levels(dss_context *context, work *w) {
  const dss_question *q = w->question;
  uint32_t used = 0, levels = q->n_levels;
  for (uint64_t i = 0; i < q->n_ratings; i++) {
    uint32_t cell = w->cells->cell[q->rater[i]];
    w->shares[(size_t)cell * levels + q->code[i]] += 1;
    w->ratings[cell] += 1;
    w->t->shares[q->code[i]] += 1;
  }
  for (uint32_t c = 0; c < levels; c++) {
    used += w->t->shares[c] > 0;
    w->t->shares[c] /= (double)q->n_ratings;
  }
  for (uint32_t cell = 0; cell < w->cells->n_cells; cell++)
    for (uint32_t c = 0; c < levels; c++)
      w->shares[(size_t)cell * levels + c] += w->t->shares[c];
  if (used > 1) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA, "question '%s': the ratings do not vary", q->name);
}

/* A share's probit has the variance share (1 - share) / density^2, over the number of ratings. */
static void weigh_thresholds(work *w) {
  double sum = 0, total = 0;
  dss_thresholds_of(w->t->shares, w->question->n_levels, w->t->of_question);
  for (uint32_t c = 0; c < w->n; c++) {
    double at = w->t->of_question[c], density = DENSITY * exp(-0.5 * at * at);
    sum += w->t->shares[c];
    w->below[c] = sum;
    w->density[c] = density;
    w->weight[c] = isfinite(at) ? density * density / (sum * (1 - sum)) : 0.0;
    total += w->weight[c];
  }
  for (uint32_t c = 0; c < w->n; c++)
    w->weight[c] /= total;
}

/* The weighted mean of differences, and the rest times the weights' roots. */
static double split(const work *w, double *differences) {
  double mean = 0;
  for (uint32_t c = 0; c < w->n; c++)
    mean += w->weight[c] * differences[c];
  for (uint32_t c = 0; c < w->n; c++)
    differences[c] = sqrt(w->weight[c]) * (differences[c] - mean);
  return mean;
}

/* To the first order a rating moves its cell's thresholds by what its level is worth. */
static void set_worth(work *w) {
  for (uint32_t level = 0; level <= w->n; level++) {
    double *worth = w->of_level + (size_t)level * w->n;
    for (uint32_t c = 0; c < w->n; c++)
      worth[c] = w->weight[c] > 0 ? ((level <= c) - w->below[c]) / w->density[c] : 0.0;
    w->worth[level] = -split(w, worth);
  }
}

/* What the mean worth of ratings would be for the severity, if it moved all thresholds alike. */
static double worth_of(const work *w, double severity) {
  double sum = 0;
  for (uint32_t c = 0; c < w->n; c++)
    if (w->weight[c] > 0)
      sum -=
          w->weight[c] *
          (dss_normal_cdf(w->t->of_question[c] - severity) - dss_normal_cdf(w->t->of_question[c])) /
          w->density[c];
  return sum;
}

/* The severity of that worth: not that of the cell's thresholds, whose mean over many small cells
 * is farther off than the thresholds of all their ratings are. */
static double severity_of(const work *w, double worth) {
  double low = -MOST_SEVERITY, high = MOST_SEVERITY;
  if (worth == 0) return 0;
  for (int round = 0; round < 60; round++) {
    double middle = (low + high) / 2;
    *(worth_of(w, middle) < worth ? &low : &high) = middle;
  }
  return (low + high) / 2;
}

/* A cell's severity, by its ratings' mean worth; the use of levels is what that leaves, of shares
 * to the first order and of thresholds in full. The rating more is not counted in means. */
static void find(work *w, uint32_t cell) {
  const double *shares = w->shares + (size_t)cell * (w->n + 1);
  double *own = w->t->own + (size_t)cell * w->n;
  double worth = 0, below = 0, ratings = fmax(w->ratings[cell], 1.0);
  double *use = w->t->use_found.values + (size_t)cell * w->n;
  double *means = w->t->use_found.means + (size_t)cell * w->n;
  for (uint32_t level = 0; level <= w->n; level++)
    worth += (shares[level] - w->t->shares[level]) * w->worth[level] / ratings;
  double severity = severity_of(w, worth);
  dss_thresholds_of(shares, w->n + 1, own);
  for (uint32_t c = 0; c < w->n; c++) {
    below += (shares[c] - w->t->shares[c]) / ratings;
    if (w->weight[c] == 0) continue;
    double at = w->t->of_question[c] - severity;
    use[c] = (own[c] - at) * sqrt(w->weight[c]);
    means[c] = (below - dss_normal_cdf(at)) / w->density[c] * sqrt(w->weight[c]);
  }
  w->t->severity_found.means[cell] = w->t->severity_found.values[cell] = worth;
}

static dss_status find_all(dss_context *context, work *w) {
  set_worth(w);
  for (uint32_t cell = 0; cell < w->cells->n_cells; cell++)
    find(w, cell);
  DSS_TRY(dss_chance_of_means(context, w->question, w->cells, w->worth, &w->t->severity_found));
  return dss_chance_of_means(context, w->question, w->cells, w->of_level, &w->t->use_found);
}

/* --- what is kept ---------------------------------------------------------------------------- */

/* From worth to severities. What several parts add up to is not farther out than what was found. */
static void set_severities(work *w) {
  double *found = w->t->severity_found.values, *kept = w->t->severity.values;
  double least = INFINITY, most = -INFINITY;
  for (uint32_t cell = 0; cell < w->cells->n_cells; cell++) {
    least = fmin(least, found[cell]);
    most = fmax(most, found[cell]);
  }
  for (uint32_t cell = 0; cell < w->cells->n_cells; cell++) {
    kept[cell] = severity_of(w, fmin(fmax(kept[cell], least), most));
    found[cell] = severity_of(w, found[cell]);
  }
}

/* Moves the cells' c-th thresholds together, so that all ratings' share below them is that of the
 * study. */
static void keep_share(work *w, uint32_t c) {
  double moved = 0;
  for (int round = 0; round < 50; round++) {
    double off = 0, slope = 0;
    for (uint32_t cell = 0; cell < w->cells->n_cells; cell++) {
      double at = w->t->of_cells[(size_t)cell * w->n + c] + moved;
      off += w->ratings[cell] * dss_normal_cdf(at);
      slope += w->ratings[cell] * DENSITY * exp(-0.5 * at * at);
    }
    off -= w->below[c] * (double)w->question->n_ratings;
    if (!(slope > 0)) break;
    moved -= fmax(fmin(off / slope, 0.5), -0.5);
    if (fabs(off / slope) < 1e-13) break;
  }
  for (uint32_t cell = 0; cell < w->cells->n_cells; cell++)
    w->t->of_cells[(size_t)cell * w->n + c] += moved;
}

/* Of one cell shrunk towards the question's the thresholds are between two ascending rows. Where
 * other cells' differences are added they need not be: the cell's are taken back as far as the
 * order needs. */
static void keep_order(const work *w, double *at) {
  const double *all = w->t->of_question;
  double part = 1;
  for (uint32_t c = 0; c + 1 < w->n; c++) {
    double gap = all[c + 1] - all[c], more = at[c + 1] - at[c] - gap;
    if (isfinite(gap) && gap > 0 && more < 0) part = fmin(part, (1 - LEAST_GAP) * gap / -more);
  }
  for (uint32_t c = 0; c < w->n; c++)
    if (isfinite(all[c])) at[c] = ldexp(rint(ldexp(all[c] + part * (at[c] - all[c]), 40)), -40);
}

static void keep(work *w) {
  dss_thresholds *t = w->t;
  bool moved = t->severity.n_parts + t->use.n_parts > 0;
  for (uint32_t cell = 0; cell < w->cells->n_cells; cell++)
    for (uint32_t c = 0; c < w->n; c++) {
      size_t at = (size_t)cell * w->n + c;
      t->of_cells[at] = t->of_question[c];
      if (w->weight[c] > 0)
        t->of_cells[at] += t->use.values[at] / sqrt(w->weight[c]) - t->severity.values[cell];
    }
  for (uint32_t c = 0; moved && c < w->n; c++)
    if (w->weight[c] > 0) keep_share(w, c);
  for (uint32_t cell = 0; moved && cell < w->cells->n_cells; cell++)
    keep_order(w, t->of_cells + (size_t)cell * w->n);
}

/* --- the whole ------------------------------------------------------------------------------- */

static dss_status found_new(dss_context *context, uint32_t n_cells, uint32_t n_columns,
                            dss_found *found) {
  found->n_columns = n_columns;
  DSS_TRY(DSS_ALLOC(context, &found->values, (size_t)n_cells * n_columns));
  DSS_TRY(DSS_ALLOC(context, &found->means, (size_t)n_cells * n_columns));
  return DSS_ALLOC(context, &found->chance, n_cells);
}

static void found_free(dss_found *found) {
  free(found->values);
  free(found->means);
  free(found->chance);
}

static dss_status make(dss_context *context, work *w) {
  size_t n = w->n, n_cells = w->cells->n_cells, levels = n + 1;
  DSS_TRY(DSS_ALLOC(context, &w->t->shares, levels));
  DSS_TRY(DSS_ALLOC(context, &w->t->of_question, n));
  DSS_TRY(DSS_ALLOC(context, &w->t->of_cells, n_cells * n));
  DSS_TRY(DSS_ALLOC(context, &w->t->own, n_cells * n));
  DSS_TRY(found_new(context, w->cells->n_cells, 1, &w->t->severity_found));
  DSS_TRY(found_new(context, w->cells->n_cells, w->n, &w->t->use_found));
  DSS_TRY(DSS_ALLOC(context, &w->shares, n_cells * levels));
  DSS_TRY(DSS_ALLOC(context, &w->below, 3 * n));
  DSS_TRY(DSS_ALLOC(context, &w->of_level, levels * n));
  DSS_TRY(DSS_ALLOC(context, &w->worth, levels));
  DSS_TRY(DSS_ALLOC(context, &w->ratings, n_cells));
  w->density = w->below + n;
  w->weight = w->density + n;
  DSS_TRY(count_levels(context, w));
  weigh_thresholds(w);
  DSS_TRY(find_all(context, w));
  DSS_TRY(dss_shrink(context, w->cells, &w->t->severity_found, &w->t->severity));
  set_severities(w);
  DSS_TRY(dss_shrink(context, w->cells, &w->t->use_found, &w->t->use));
  keep(w);
  return DSS_OK;
}

dss_status dss_thresholds_make(dss_context *context, const dss_question *question,
                               const dss_cells *cells, dss_thresholds *t) {
  work w = {.question = question, .cells = cells, .t = t, .n = question->n_levels - 1};
  *t = (dss_thresholds){.n_levels = question->n_levels};
  dss_status status = make(context, &w);
  free(w.shares);
  free(w.below);
  free(w.of_level);
  free(w.worth);
  free(w.ratings);
  return status;
}

void dss_thresholds_free(dss_thresholds *t) {
  free(t->shares);
  free(t->of_question);
  free(t->of_cells);
  free(t->own);
  found_free(&t->severity_found);
  found_free(&t->use_found);
  dss_kept_free(&t->severity);
  dss_kept_free(&t->use);
  *t = (dss_thresholds){0};
}

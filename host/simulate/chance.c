#include "chance.h"

#include <math.h>

#include "host/core/alloc.h"

#define LEAST_CHANCE 1e-12 /* where ratings do not vary */

typedef struct work {
  const dss_question *question;
  const dss_cells *cells;
  const double *of_level;
  uint32_t n;            /* columns */
  double *sum, *ratings; /* of raters: [n_raters][n], [n_raters] */
  double *cell_ratings;  /* [n_cells] */
  double *cell_squares;  /* [n_cells] of raters' numbers of ratings */
  double *group_sum,
      *group_ratings; /* those whom raters are held against: [n_cells][n], [n_cells] */
  double *products;   /* [n][n] of raters' means */
  double squares;     /* of all ratings */
  uint32_t raters, cells_used;
  bool together; /* all raters are one group */
} work;

static double square_of(const double *x, size_t n) {
  double sum = 0;
  for (size_t c = 0; c < n; c++)
    sum += x[c] * x[c];
  return sum;
}

static uint32_t group_of(const work *w, uint32_t rater) {
  return w->together ? 0 : w->cells->cell[rater];
}

static void add_up(work *w) {
  const dss_question *q = w->question;
  for (uint64_t i = 0; i < q->n_ratings; i++) {
    const double *worth = w->of_level + (size_t)q->code[i] * w->n;
    double *sum = w->sum + (size_t)q->rater[i] * w->n;
    for (uint32_t c = 0; c < w->n; c++)
      sum[c] += worth[c];
    w->squares += square_of(worth, w->n);
    w->ratings[q->rater[i]] += 1;
  }
  for (uint32_t r = 0; r < w->cells->n_raters; r++) {
    uint32_t cell = w->cells->cell[r];
    w->raters += w->ratings[r] > 0;
    w->cells_used += w->ratings[r] > 0 && w->cell_ratings[cell] == 0;
    w->cell_ratings[cell] += w->ratings[r];
    w->cell_squares[cell] += w->ratings[r] * w->ratings[r];
  }
}

static void add_up_groups(work *w) {
  w->together = w->raters < w->cells_used + DSS_LEAST_FREEDOM;
  for (uint32_t r = 0; r < w->cells->n_raters; r++) {
    uint32_t group = group_of(w, r);
    for (uint32_t c = 0; c < w->n; c++)
      w->group_sum[(size_t)group * w->n + c] += w->sum[(size_t)r * w->n + c];
    w->group_ratings[group] += w->ratings[r];
  }
}

/* Within raters: squares of ratings around their rater's mean. */
static double squares_within(const work *w) {
  double means = 0;
  for (uint32_t r = 0; r < w->cells->n_raters; r++)
    if (w->ratings[r] > 0) means += square_of(w->sum + (size_t)r * w->n, w->n) / w->ratings[r];
  return w->squares - means;
}

/* Between raters: of their means around their group's, times their ratings. */
static double squares_between(work *w) {
  double sum = 0;
  for (uint32_t r = 0; r < w->cells->n_raters; r++) {
    if (w->ratings[r] == 0) continue;
    uint32_t group = group_of(w, r);
    double *mean = w->sum + (size_t)r * w->n; /* the sum is not needed any more */
    for (uint32_t c = 0; c < w->n; c++)
      mean[c] = mean[c] / w->ratings[r] -
                w->group_sum[(size_t)group * w->n + c] / w->group_ratings[group];
    for (uint32_t c = 0; c < w->n; c++)
      for (uint32_t k = 0; k < w->n; k++)
        w->products[(size_t)c * w->n + k] += w->ratings[r] * mean[c] * mean[k];
    sum += w->ratings[r] * square_of(mean, w->n);
  }
  return sum;
}

/* Components of variance, of raters and of ratings, in groups of different sizes (Searle, Casella
 * and McCulloch 1992, section 3.6). */
static void set_chance(work *w, dss_found *found) {
  double n = (double)w->question->n_ratings, of_raters = 0, room = 0;
  double freedom = fmax(w->raters - (w->together ? 1.0 : w->cells_used), 1.0);
  double within = squares_within(w), between = squares_between(w);
  double products = square_of(w->products, (size_t)w->n * w->n);
  double of_ratings = n > w->raters ? within / (n - w->raters) : between / freedom;
  for (uint32_t r = 0; r < w->cells->n_raters; r++)
    if (w->ratings[r] > 0)
      room += w->ratings[r] * (1 - w->ratings[r] / w->group_ratings[group_of(w, r)]);
  if (room > 0) of_raters = fmax((between - freedom * of_ratings) / room, 0.0);
  for (uint32_t g = 0; g < w->cells->n_cells; g++) {
    double many = w->cell_ratings[g];
    double chance = of_raters * w->cell_squares[g] / (many * many) + of_ratings / many;
    found->chance[g] = many > 0 ? fmax(chance, LEAST_CHANCE) : INFINITY;
  }
  found->effective = products > 0 ? between * between / products : 1.0;
  found->freedom = freedom;
}

dss_status dss_chance_of_means(dss_context *context, const dss_question *question,
                               const dss_cells *cells, const double *of_level, dss_found *found) {
  work w = {.question = question, .cells = cells, .of_level = of_level, .n = found->n_columns};
  size_t n = w.n, raters = cells->n_raters, groups = cells->n_cells;
  dss_status status = DSS_ALLOC(context, &w.sum, raters * n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &w.ratings, raters);
  if (status == DSS_OK) status = DSS_ALLOC(context, &w.cell_ratings, groups);
  if (status == DSS_OK) status = DSS_ALLOC(context, &w.cell_squares, groups);
  if (status == DSS_OK) status = DSS_ALLOC(context, &w.group_sum, groups * n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &w.group_ratings, groups);
  if (status == DSS_OK) status = DSS_ALLOC(context, &w.products, n * n);
  if (status == DSS_OK) {
    add_up(&w);
    add_up_groups(&w);
    set_chance(&w, found);
  }
  free(w.sum);
  free(w.ratings);
  free(w.cell_ratings);
  free(w.cell_squares);
  free(w.group_sum);
  free(w.group_ratings);
  free(w.products);
  return status;
}

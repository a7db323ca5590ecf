#include "pairs_walk.h"

#include <omp.h>
#include <stdlib.h>

/* What a shared rating adds, by the two levels that were given. */
typedef struct effect {
  uint32_t target;
  int32_t value;
} effect;

struct dss_pair_walk {
  const dss_pair_problem *problem;
  uint64_t *item_ptr; /* [n_items + 1] */
  uint32_t *rater;    /* [ratings] ascending for each item */
  uint8_t *code;      /* [ratings] */
  size_t *effect_ptr; /* [K K + 1] */
  effect *effects;
};

static uint64_t n_ratings(const dss_pair_problem *p) {
  return p->rater_ptr[p->n_raters];
}

static const int8_t *layer(const dss_pair_problem *p, uint32_t number) {
  return p->layers + (size_t)number * p->n_levels;
}

/* --- making -------------------------------------------------------------------------------- */

typedef void (*effect_fn)(size_t levels, uint32_t target, int32_t value, void *user);

/* Calls see for every term and two levels whose product is not 0. */
static void each_effect(const dss_pair_problem *p, effect_fn see, void *user) {
  for (uint32_t i = 0; i < p->n_terms; i++) {
    const int8_t *row = layer(p, p->terms[i].row), *column = layer(p, p->terms[i].column);
    for (uint32_t a = 0; a < p->n_levels; a++)
      for (uint32_t b = 0; row[a] != 0 && b < p->n_levels; b++)
        if (column[b] != 0)
          see((size_t)a * p->n_levels + b, p->terms[i].target, row[a] * column[b], user);
  }
}

static void count_all(size_t levels, uint32_t target, int32_t value, void *user) {
  ++*(uint64_t *)user;
}

static void count_one(size_t levels, uint32_t target, int32_t value, void *user) {
  ((dss_pair_walk *)user)->effect_ptr[levels + 1]++;
}

/* effect_ptr[levels] is where the next effect of these levels goes. */
static void put_one(size_t levels, uint32_t target, int32_t value, void *user) {
  dss_pair_walk *w = user;
  w->effects[w->effect_ptr[levels]++] = (effect){target, value};
}

uint64_t dss_pair_walk_bytes(const dss_pair_problem *p) {
  uint64_t effects = 0;
  each_effect(p, count_all, &effects);
  return n_ratings(p) * (sizeof(uint32_t) + sizeof(uint8_t)) +
         ((uint64_t)p->n_items + 1) * sizeof(uint64_t) +
         ((uint64_t)p->n_levels * p->n_levels + 1) * sizeof(size_t) + effects * sizeof(effect);
}

void dss_pair_walk_free(dss_pair_walk *walk) {
  if (!walk) return;
  free(walk->item_ptr);
  free(walk->rater);
  free(walk->code);
  free(walk->effect_ptr);
  free(walk->effects);
  free(walk);
}

static void transpose(dss_pair_walk *w) {
  const dss_pair_problem *p = w->problem;
  for (uint64_t i = 0; i < n_ratings(p); i++)
    w->item_ptr[p->item[i] + 1]++;
  for (uint32_t u = 0; u < p->n_items; u++)
    w->item_ptr[u + 1] += w->item_ptr[u];
  for (uint32_t r = p->n_raters; r-- > 0;) /* from the end, so that each list ends up ascending */
    for (uint64_t i = p->rater_ptr[r]; i < p->rater_ptr[r + 1]; i++) {
      uint64_t at = --w->item_ptr[p->item[i] + 1];
      w->rater[at] = r;
      w->code[at] = p->code[i];
    }
  /* item_ptr[u + 1] is now where item u begins. */
  for (uint32_t u = 0; u < p->n_items; u++)
    w->item_ptr[u] = w->item_ptr[u + 1];
  w->item_ptr[p->n_items] = n_ratings(p);
}

dss_pair_walk *dss_pair_walk_new(const dss_pair_problem *p) {
  uint64_t effects = 0;
  size_t levels = (size_t)p->n_levels * p->n_levels;
  each_effect(p, count_all, &effects);
  dss_pair_walk *w = calloc(1, sizeof *w);
  if (!w) return NULL;
  w->problem = p;
  w->item_ptr = calloc((size_t)p->n_items + 1, sizeof *w->item_ptr);
  w->rater = calloc((size_t)n_ratings(p) + 1, sizeof *w->rater);
  w->code = calloc((size_t)n_ratings(p) + 1, sizeof *w->code);
  w->effect_ptr = calloc(levels + 1, sizeof *w->effect_ptr);
  w->effects = calloc((size_t)effects + 1, sizeof *w->effects);
  if (!w->item_ptr || !w->rater || !w->code || !w->effect_ptr || !w->effects) {
    dss_pair_walk_free(w);
    return NULL;
  }
  transpose(w);
  each_effect(p, count_one, w);
  for (size_t i = 0; i < levels; i++)
    w->effect_ptr[i + 1] += w->effect_ptr[i];
  each_effect(p, put_one, w);
  for (size_t i = levels; i > 0; i--) /* each now holds where the next begins */
    w->effect_ptr[i] = w->effect_ptr[i - 1];
  w->effect_ptr[0] = 0;
  return w;
}

/* --- walking ------------------------------------------------------------------------------- */

double dss_pair_walk_steps(const dss_pair_walk *w, uint32_t first_row, uint32_t rows,
                           uint32_t columns) {
  const dss_pair_problem *p = w->problem;
  double met = 0.0, levels = (double)p->n_levels * p->n_levels;
  for (uint64_t i = p->rater_ptr[first_row]; i < p->rater_ptr[first_row + rows]; i++)
    met += (double)(w->item_ptr[p->item[i] + 1] - w->item_ptr[p->item[i]]);
  return met * columns / p->n_raters * ((double)w->effect_ptr[p->n_levels * p->n_levels] / levels);
}

/* The first of an item's ratings by a rater not below `rater`. */
static uint64_t find_rater(const dss_pair_walk *w, uint32_t item, uint32_t rater) {
  uint64_t low = w->item_ptr[item], high = w->item_ptr[item + 1];
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (w->rater[middle] < rater)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* One rater's row of every target, `plane` apart. */
static void walk_row(const dss_pair_walk *w, uint32_t row, uint32_t first, uint32_t columns,
                     size_t plane, int32_t *out) {
  const dss_pair_problem *p = w->problem;
  for (uint64_t i = p->rater_ptr[row]; i < p->rater_ptr[row + 1]; i++) {
    uint64_t end = w->item_ptr[p->item[i] + 1];
    const size_t *ptr = w->effect_ptr + (size_t)p->code[i] * p->n_levels;
    for (uint64_t k = find_rater(w, p->item[i], first); k < end; k++) {
      if (w->rater[k] - first >= columns) break;
      int32_t *at = out + (w->rater[k] - first);
      for (size_t e = ptr[w->code[k]]; e < ptr[w->code[k] + 1]; e++)
        at[w->effects[e].target * plane] += w->effects[e].value;
    }
  }
}

void dss_pair_walk_product(const dss_pair_walk *w, unsigned threads, uint32_t first_row,
                           uint32_t rows, uint32_t first_column, uint32_t columns, int32_t *out) {
  size_t plane = (size_t)rows * columns;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
  for (uint32_t r = 0; r < rows; r++)
    walk_row(w, first_row + r, first_column, columns, plane, out + (size_t)r * columns);
}

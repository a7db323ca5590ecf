/* Strips of the matrices: products by the backend, block by block, and each pair's statistics from
 * its exact counts. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "host/core/alloc.h"
#include "pairs.h"

struct dss_pair_maker {
  dss_pair_runner *runner;
  const dss_pair_plan *plan;
  dss_pair_room room; /* the runner's and its backend, as they were when this was opened */
  const dss_pair_backend *backend;
  void *state;
  int32_t *sums; /* [targets][rows][columns] of a product */
  dss_pair_strip strip;
  uint32_t *counts; /* [threads][count_words] */
};

size_t dss_pair_words(const dss_pair_plan *plan) {
  size_t n = plan->problem.n_levels;
  return 2 * n + n * n;
}

static uint32_t product_rows(const dss_pair_room *room) {
  return room->side < DSS_PAIR_TILE ? room->side : DSS_PAIR_TILE;
}

uint64_t dss_pair_maker_bytes(const dss_pair_plan *plan, const dss_pair_room *room) {
  uint64_t product = (uint64_t)product_rows(room) * room->side;
  uint64_t strip = (uint64_t)DSS_PAIR_TILE * room->span;
  return product * plan->problem.n_targets * sizeof(int32_t) +
         strip * (2 * sizeof(int32_t) + 3 * sizeof(double)) +
         (uint64_t)room->resources.threads * dss_pair_words(plan) * sizeof(uint32_t);
}

static dss_status open_maker(dss_context *context, dss_pair_maker *m) {
  size_t product = (size_t)product_rows(&m->room) * m->room.side;
  size_t strip = (size_t)DSS_PAIR_TILE * m->room.span;
  DSS_TRY(DSS_ALLOC(context, &m->sums, product * m->plan->problem.n_targets));
  DSS_TRY(DSS_ALLOC(context, &m->counts, m->room.resources.threads * dss_pair_words(m->plan)));
  DSS_TRY(DSS_ALLOC(context, &m->strip.shared, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.agreements, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.distance, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.kappa, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.correlation, strip));
  const dss_pair_shape shape = {product_rows(&m->room), m->room.side, m->room.items};
  if (m->plan->products.by_lists) return DSS_OK;
  dss_status status = m->backend->open(&m->plan->problem, &shape, &m->room.resources, &m->state);
  if (status != DSS_OK) return dss_pair_failed(context, m->runner, status);
  m->runner->opened = true;
  return DSS_OK;
}

dss_status dss_pair_maker_open(dss_context *context, dss_pair_runner *runner,
                               dss_pair_maker **maker) {
  dss_pair_maker *made;
  DSS_TRY(DSS_ALLOC(context, &made, 1));
  *made = (dss_pair_maker){
      .runner = runner, .plan = runner->plan, .room = runner->room, .backend = runner->backend};
  dss_status status = open_maker(context, made);
  if (status == DSS_OK)
    *maker = made;
  else
    dss_pair_maker_free(made);
  return status;
}

void dss_pair_maker_free(dss_pair_maker *maker) {
  if (!maker) return;
  if (maker->state) maker->backend->close(maker->state);
  free(maker->sums);
  free(maker->counts);
  free(maker->strip.shared);
  free(maker->strip.agreements);
  free(maker->strip.distance);
  free(maker->strip.kappa);
  free(maker->strip.correlation);
  free(maker);
}

/* --- counts of a pair ---------------------------------------------------------------------- */

/* The counts from a table's targets, `plane` apart. words: [2 K + K K]. */
static void counts_by_table(const dss_pair_plan *plan, const int32_t *at, size_t plane,
                            uint32_t *words, dss_pair_counts *counts) {
  uint32_t n = plan->problem.n_levels, *first = words, *second = words + n, *table = words + 2 * n;
  bool scores = plan->scale.kind == DSS_PAIR_SCORES;
  memset(words, 0, 2 * n * sizeof *words);
  for (uint32_t c = 0; c < n; c++)
    for (uint32_t k = 0; k < n; k++, at += plane) {
      uint32_t x = (uint32_t)*at;
      first[c] += x;
      second[k] += x;
      table[c * n + k] = x;
      if (c == k) counts->agreements += x;
      if (!scores || x == 0) continue;
      counts->rank_products += (dss_i128)x * plan->scale.rank[c] * plan->scale.rank[k];
      counts->code_products += (int64_t)x * (plan->scale.code[c] * plan->scale.code[k]);
    }
  counts->table = table;
}

static dss_i128 weighted(const int32_t *at, size_t plane, uint32_t weights) {
  dss_i128 sum = 0;
  for (uint32_t w = 0; w < weights; w++, at += plane)
    sum += (dss_i128)*at << (DSS_PAIR_DIGIT_BITS * w);
  return sum;
}

static void counts_by_margins(const dss_pair_plan *plan, const int32_t *at, size_t plane,
                              uint32_t *words, dss_pair_counts *counts) {
  uint32_t n = plan->problem.n_levels;
  for (uint32_t i = 0; i < 2 * n; i++, at += plane)
    words[i] = (uint32_t)*at;
  counts->agreements = (uint32_t)*at;
  at += plane;
  counts->rank_products = weighted(at, plane, plan->products.rank_weights);
  at += plan->products.rank_weights * plane;
  counts->code_products = plan->codes_are_ranks
                              ? (int64_t)counts->rank_products
                              : (int64_t)weighted(at, plane, plan->products.code_weights);
}

static void count_item(const dss_pair_plan *plan, uint8_t a, uint8_t b, uint32_t *words,
                       dss_pair_counts *counts) {
  uint32_t n = plan->problem.n_levels;
  words[a]++;
  words[n + b]++;
  words[2 * n + a * n + b]++;
  counts->agreements += a == b;
  if (plan->scale.kind != DSS_PAIR_SCORES) return;
  counts->rank_products += (dss_i128)plan->scale.rank[a] * plan->scale.rank[b];
  counts->code_products += plan->scale.code[a] * plan->scale.code[b];
}

/* Of raters r and s; walked a second time, the table is zero again, as it was. */
dss_pair_values dss_pair_values_by_lists(const dss_pair_plan *plan, uint32_t r, uint32_t s,
                                         uint32_t *words) {
  const dss_pair_problem *p = &plan->problem;
  uint32_t n = p->n_levels, *table = words + 2 * n;
  dss_pair_counts counts = {.first = words, .second = words + n, .table = table};
  dss_pair_values values = {0};
  memset(words, 0, 2 * n * sizeof *words);
  for (int pass = 0; pass < 2; pass++) {
    for (uint64_t i = p->rater_ptr[r], k = p->rater_ptr[s];
         i < p->rater_ptr[r + 1] && k < p->rater_ptr[s + 1];) {
      uint32_t x = p->item[i], y = p->item[k];
      if (x == y && pass == 0) count_item(plan, p->code[i], p->code[k], words, &counts);
      if (x == y && pass == 1) table[p->code[i] * n + p->code[k]] = 0;
      i += x <= y;
      k += y <= x;
    }
    if (pass == 0) values = dss_pair_finish(&plan->scale, &counts);
  }
  return values;
}

static dss_pair_values values_of(const dss_pair_plan *plan, const int32_t *at, size_t plane,
                                 uint32_t *words) {
  dss_pair_counts counts = {.first = words, .second = words + plan->problem.n_levels};
  if (plan->products.by_table)
    counts_by_table(plan, at, plane, words, &counts);
  else
    counts_by_margins(plan, at, plane, words, &counts);
  return dss_pair_finish(&plan->scale, &counts);
}

static void put_values(const dss_pair_strip *s, size_t at, const dss_pair_values *v) {
  s->shared[at] = v->shared;
  s->agreements[at] = v->agreements;
  s->distance[at] = v->distance;
  s->kappa[at] = v->kappa;
  s->correlation[at] = v->correlation;
}

/* --- strips -------------------------------------------------------------------------------- */

/* A product's part of the strip: raters row .. and column .., counted from the first of the study.
 * Only what is on or above the diagonal. */
static void fill_part(dss_pair_maker *m, uint32_t row, uint32_t rows, uint32_t column,
                      uint32_t columns) {
  const dss_pair_strip *s = &m->strip;
  size_t plane = (size_t)rows * columns, words = dss_pair_words(m->plan);
#pragma omp parallel for num_threads(m->room.resources.threads) schedule(dynamic, 4)
  for (uint32_t r = 0; r < rows; r++) {
    uint32_t *scratch = m->counts + (size_t)omp_get_thread_num() * words;
    for (uint32_t c = 0; c < columns; c++) {
      if (column + c < row + r) continue;
      dss_pair_values v =
          m->plan->products.by_lists
              ? dss_pair_values_by_lists(m->plan, row + r, column + c, scratch)
              : values_of(m->plan, m->sums + (size_t)r * columns + c, plane, scratch);
      put_values(s, (size_t)(row + r - s->first_row) * s->columns + (column + c - s->first_column),
                 &v);
    }
  }
}

/* The tile on the diagonal, which is the strip's first, is its own mirror. */
static void mirror_diagonal(const dss_pair_strip *s) {
  for (uint32_t r = 0; r < s->rows; r++)
    for (uint32_t c = 0; c < r; c++) {
      size_t to = (size_t)r * s->columns + c, from = (size_t)c * s->columns + r;
      const dss_pair_values v = {s->shared[from], s->agreements[from], s->distance[from],
                                 s->kappa[from], s->correlation[from]};
      put_values(s, to, &v);
    }
}

static uint32_t least(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

dss_status dss_pair_maker_strip(dss_context *context, dss_pair_maker *m, uint32_t row,
                                uint32_t column, uint32_t tiles, dss_pair_strip *strip) {
  uint32_t n = m->plan->problem.n_raters, side = m->room.side;
  dss_pair_strip *s = &m->strip;
  s->first_row = row * DSS_PAIR_TILE;
  s->rows = dss_pair_tile_raters(m->plan, row);
  s->first_column = column * DSS_PAIR_TILE;
  s->columns = least(tiles * DSS_PAIR_TILE, n - s->first_column);
  for (uint32_t r = 0; r < s->rows; r += product_rows(&m->room)) {
    uint32_t rows = least(product_rows(&m->room), s->rows - r);
    for (uint32_t c = 0; c < s->columns; c += side) {
      uint32_t columns = least(side, s->columns - c);
      if (s->first_column + c + columns <= s->first_row + r) continue;
      dss_status status = DSS_OK;
      if (!m->plan->products.by_lists)
        status = m->backend->product(m->state, s->first_row + r, rows, s->first_column + c, columns,
                                     m->sums);
      if (status != DSS_OK) return dss_pair_failed(context, m->runner, status);
      fill_part(m, s->first_row + r, rows, s->first_column + c, columns);
    }
  }
  if (row == column) mirror_diagonal(s);
  *strip = *s;
  return DSS_OK;
}

/* Strips of the matrices, part by part: from a backend that makes statistics, several parts at
 * once, or from one that makes counts, of which each pair's statistics are made here. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "host/core/alloc.h"
#include "pairs.h"

/* A place in the order of all parts: a strip, and the raters of it that come next. */
typedef struct place {
  uint32_t row, column; /* of the strip, in tiles */
  uint32_t r, c;        /* raters, from the strip's first */
} place;

struct dss_pair_maker {
  dss_pair_runner *runner;
  const dss_pair_plan *plan;
  dss_pair_room room; /* the runner's and its backend, as they were when this was opened */
  const dss_pair_backend *backend;
  void *state;
  place next;       /* strip to be made */
  place ahead;      /* part to begin */
  uint32_t on_way;  /* parts that have begun */
  int32_t *sums;    /* [targets][rows][columns] of a product */
  uint32_t *counts; /* [threads][count_words] */
  dss_pair_strip strip;
};

size_t dss_pair_words(const dss_pair_plan *plan) {
  size_t n = plan->problem.n_levels;
  return 2 * n + n * n;
}

dss_pair_shape dss_pair_room_shape(const dss_pair_room *room) {
  uint32_t rows = room->side < DSS_PAIR_TILE ? room->side : DSS_PAIR_TILE;
  return (dss_pair_shape){rows, room->side, room->items};
}

dss_pair_reading dss_pair_reading_of(const dss_pair_plan *plan) {
  return (dss_pair_reading){plan->scale, plan->products};
}

/* Counts of a part that the backend hands out. */
static uint64_t count_sums(const dss_pair_plan *plan, const dss_pair_backend *backend,
                           const dss_pair_room *room) {
  dss_pair_shape shape = dss_pair_room_shape(room);
  return backend->product ? (uint64_t)shape.rows * shape.columns * plan->problem.n_targets : 0;
}

uint64_t dss_pair_maker_bytes(const dss_pair_plan *plan, const dss_pair_backend *backend,
                              const dss_pair_room *room) {
  uint64_t strip = (uint64_t)DSS_PAIR_TILE * room->span;
  return count_sums(plan, backend, room) * sizeof(int32_t) +
         strip * (2 * sizeof(int32_t) + 3 * sizeof(double)) +
         (uint64_t)room->resources.threads * dss_pair_words(plan) * sizeof(uint32_t);
}

static dss_status open_maker(dss_context *context, dss_pair_maker *m) {
  size_t strip = (size_t)DSS_PAIR_TILE * m->room.span;
  DSS_TRY(DSS_ALLOC(context, &m->sums, count_sums(m->plan, m->backend, &m->room)));
  DSS_TRY(DSS_ALLOC(context, &m->counts, m->room.resources.threads * dss_pair_words(m->plan)));
  DSS_TRY(DSS_ALLOC(context, &m->strip.shared, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.agreements, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.distance, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.kappa, strip));
  DSS_TRY(DSS_ALLOC(context, &m->strip.correlation, strip));
  const dss_pair_shape shape = dss_pair_room_shape(&m->room);
  const dss_pair_reading reading = dss_pair_reading_of(m->plan);
  if (m->plan->products.by_lists) return DSS_OK;
  dss_status status =
      m->backend->open(&m->plan->problem, &reading, &shape, &m->room.resources, &m->state);
  if (status != DSS_OK) return dss_pair_failed(context, m->runner, status);
  m->runner->opened = true;
  return DSS_OK;
}

dss_status dss_pair_maker_open(dss_context *context, dss_pair_runner *runner, uint32_t row,
                               uint32_t column, dss_pair_maker **maker) {
  dss_pair_maker *made;
  DSS_TRY(DSS_ALLOC(context, &made, 1));
  *made = (dss_pair_maker){.runner = runner,
                           .plan = runner->plan,
                           .room = runner->room,
                           .backend = runner->backend,
                           .next = {.row = row, .column = column},
                           .ahead = {.row = row, .column = column}};
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

/* --- lists --------------------------------------------------------------------------------- */

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
  dss_pair_counts counts = {
      .first = words, .second = words + n, .step = 1, .table = table, .table_step = 1};
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

/* --- parts --------------------------------------------------------------------------------- */

static uint32_t least(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

static void strip_at(const dss_pair_maker *m, const place *p, dss_pair_part *strip) {
  strip->first_row = p->row * DSS_PAIR_TILE;
  strip->rows = dss_pair_tile_raters(m->plan, p->row);
  strip->first_column = p->column * DSS_PAIR_TILE;
  strip->columns = least(m->room.span, m->plan->problem.n_raters - strip->first_column);
}

/* To the strip that follows; false after the last. */
static bool next_strip(const dss_pair_maker *m, place *p) {
  uint32_t tiles = dss_pair_n_tiles(m->plan);
  uint32_t column = p->column + m->room.span / DSS_PAIR_TILE;
  uint32_t row = p->row + (column >= tiles);
  *p = (place){.row = row, .column = column < tiles ? column : row};
  return row < tiles;
}

/* The place's part, and the place after it; false where its strip has no more. Parts wholly below
 * the diagonal are left out. */
static bool next_part(const dss_pair_maker *m, place *p, dss_pair_part *part) {
  dss_pair_shape shape = dss_pair_room_shape(&m->room);
  dss_pair_part strip;
  if (p->row >= dss_pair_n_tiles(m->plan)) return false;
  strip_at(m, p, &strip);
  while (p->r < strip.rows) {
    *part = (dss_pair_part){strip.first_row + p->r, least(shape.rows, strip.rows - p->r),
                            strip.first_column + p->c, least(shape.columns, strip.columns - p->c)};
    p->c += shape.columns;
    if (p->c >= strip.columns) {
      p->c = 0;
      p->r += shape.rows;
    }
    if (part->first_column + part->columns > part->first_row) return true;
  }
  return false;
}

/* As many parts as may be on their way at once, also of strips to come. */
static dss_status start_parts(dss_pair_maker *m) {
  uint32_t depth = m->backend->depth(m->state);
  for (; m->on_way < depth; m->on_way++) {
    dss_pair_part part;
    while (!next_part(m, &m->ahead, &part))
      if (!next_strip(m, &m->ahead)) return DSS_OK;
    dss_status status = m->backend->start(m->state, &part);
    if (status != DSS_OK) return status;
  }
  return DSS_OK;
}

/* --- strips -------------------------------------------------------------------------------- */

static void put_values(const dss_pair_strip *s, size_t at, const dss_pair_values *v) {
  s->shared[at] = v->shared;
  s->agreements[at] = v->agreements;
  s->distance[at] = v->distance;
  s->kappa[at] = v->kappa;
  s->correlation[at] = v->correlation;
}

/* Row r and column c of the part, of what the backend made of it or counted. */
static dss_pair_values pair_of(const dss_pair_maker *m, const dss_pair_part *part,
                               const dss_pair_made *made, uint32_t r, uint32_t c,
                               uint32_t *scratch) {
  const dss_pair_plan *plan = m->plan;
  if (plan->products.by_lists)
    return dss_pair_values_by_lists(plan, part->first_row + r, part->first_column + c, scratch);
  if (!m->backend->product) return dss_pair_made_at(made, plan->scale.unit, r * made->stride + c);
  return dss_pair_values_at(&plan->scale, &plan->products, m->sums + (size_t)r * part->columns + c,
                            (size_t)part->rows * part->columns, scratch, 1);
}

/* A part of the strip: only what is on or above the diagonal. */
static void fill_part(dss_pair_maker *m, const dss_pair_part *part, const dss_pair_made *made) {
  const dss_pair_strip *s = &m->strip;
  size_t words = dss_pair_words(m->plan);
#pragma omp parallel for num_threads(m->room.resources.threads) schedule(dynamic, 4)
  for (uint32_t r = 0; r < part->rows; r++) {
    uint32_t *scratch = m->counts + (size_t)omp_get_thread_num() * words;
    size_t row = (size_t)(part->first_row + r - s->first_row) * s->columns;
    for (uint32_t c = 0; c < part->columns; c++) {
      if (part->first_column + c < part->first_row + r) continue;
      dss_pair_values v = pair_of(m, part, made, r, c, scratch);
      put_values(s, row + (part->first_column + c - s->first_column), &v);
    }
  }
}

static dss_status make_part(dss_pair_maker *m, const dss_pair_part *part) {
  dss_pair_made made = {0};
  dss_status status = DSS_OK;
  if (!m->plan->products.by_lists) {
    if (m->backend->product) {
      status = m->backend->product(m->state, part, m->sums);
    } else {
      status = start_parts(m);
      if (status == DSS_OK) status = m->backend->take(m->state, &made);
      m->on_way--;
    }
  }
  if (status == DSS_OK) fill_part(m, part, &made);
  return status;
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

dss_status dss_pair_maker_next(dss_context *context, dss_pair_maker *m, dss_pair_strip *strip) {
  dss_pair_strip *s = &m->strip;
  dss_pair_part whole, part;
  strip_at(m, &m->next, &whole);
  s->first_row = whole.first_row;
  s->rows = whole.rows;
  s->first_column = whole.first_column;
  s->columns = whole.columns;
  while (next_part(m, &m->next, &part)) {
    dss_status status = make_part(m, &part);
    if (status != DSS_OK) return dss_pair_failed(context, m->runner, status);
  }
  next_strip(m, &m->next);
  if (s->first_row == s->first_column) mirror_diagonal(s);
  *strip = *s;
  return DSS_OK;
}

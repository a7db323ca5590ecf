/* Strips of the matrices, part by part: from a backend that makes statistics, several parts at
 * once, or from one that makes counts, of which each pair's statistics are made here. */
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
  dss_pair_place next, ahead; /* strip to be made, part to begin */
  uint32_t on_way;            /* parts that have begun */
  dss_pair_part held;         /* the block that `made` is of */
  dss_pair_made made;
  int32_t *sums;    /* [targets][rows][columns] of a product */
  uint32_t *counts; /* [threads][count_words] */
  dss_pair_strip strip;
};

size_t dss_pair_words(const dss_pair_plan *plan) {
  size_t n = plan->problem.n_levels;
  return 2 * n + n * n;
}

dss_pair_shape dss_pair_room_shape(const dss_pair_room *room) {
  return (dss_pair_shape){.rows = room->rows, .columns = room->side, .items = room->items};
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
  dss_pair_shape shape = dss_pair_room_shape(&m->room);
  shape.later = dss_pair_tests_least(m->runner);
  const dss_pair_reading reading = dss_pair_reading_of(m->plan);
  if (m->plan->products.by_lists) return dss_pair_tests_try(context, m->runner);
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

static uint32_t most(uint32_t a, uint32_t b) {
  return a > b ? a : b;
}

/* The tiles of the block that a place is in. */
typedef struct block {
  uint32_t row, end_row, column, end_column;
} block;

static block block_at(const dss_pair_plan *plan, const dss_pair_place *p) {
  uint32_t tiles = dss_pair_n_tiles(plan);
  uint32_t row = p->row / DSS_PAIR_BLOCK_ROWS * DSS_PAIR_BLOCK_ROWS;
  uint32_t column = p->column / DSS_PAIR_BLOCK_COLUMNS * DSS_PAIR_BLOCK_COLUMNS;
  return (block){row, least(row + DSS_PAIR_BLOCK_ROWS, tiles), most(row, column),
                 least(column + DSS_PAIR_BLOCK_COLUMNS, tiles)};
}

/* Raters of tiles. */
static dss_pair_part part_of(const dss_pair_plan *plan, const block *b) {
  uint32_t n = plan->problem.n_raters;
  uint32_t row = b->row * DSS_PAIR_TILE, column = b->column * DSS_PAIR_TILE;
  return (dss_pair_part){row, least(b->end_row * DSS_PAIR_TILE, n) - row, column,
                         least(b->end_column * DSS_PAIR_TILE, n) - column};
}

static dss_pair_part strip_at(const dss_pair_plan *plan, const dss_pair_room *room,
                              const dss_pair_place *p) {
  uint32_t end = block_at(plan, p).end_column;
  const block strip = {p->row, p->row + 1, p->column,
                       least(p->column + room->span / DSS_PAIR_TILE, end)};
  return part_of(plan, &strip);
}

bool dss_pair_next_strip(const dss_pair_plan *plan, const dss_pair_room *room,
                         dss_pair_place *place) {
  uint32_t tiles = dss_pair_n_tiles(plan);
  block b = block_at(plan, place);
  dss_pair_place p = {.row = place->row, .column = place->column + room->span / DSS_PAIR_TILE};
  if (p.column >= b.end_column) {
    p.row++;
    p.column = most(b.column, p.row);
  }
  if (p.row >= b.end_row) {
    p.row = b.end_column < tiles ? b.row : b.end_row;
    p.column = b.end_column < tiles ? b.end_column : p.row;
  }
  *place = p;
  return p.row < tiles;
}

bool dss_pair_next_part(const dss_pair_plan *plan, const dss_pair_room *room, dss_pair_place *p,
                        dss_pair_part *part) {
  if (p->row >= dss_pair_n_tiles(plan)) return false;
  dss_pair_part strip = strip_at(plan, room, p);
  if (p->r >= strip.rows) return false;
  if (room->blocks) {
    block b = block_at(plan, p);
    *part = part_of(plan, &b);
    *p = (dss_pair_place){.row = b.end_row - 1, .column = b.end_column - 1, .r = DSS_PAIR_TILE};
    return true;
  }
  while (p->r < strip.rows) {
    *part = (dss_pair_part){strip.first_row + p->r, least(room->rows, strip.rows - p->r),
                            strip.first_column + p->c, least(room->side, strip.columns - p->c)};
    p->c += room->side;
    if (p->c >= strip.columns) {
      p->c = 0;
      p->r += room->rows;
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
    while (!dss_pair_next_part(m->plan, &m->room, &m->ahead, &part))
      if (!dss_pair_next_strip(m->plan, &m->room, &m->ahead)) return DSS_OK;
    dss_status status = m->backend->start(m->state, &part);
    if (status != DSS_OK) return status;
  }
  return DSS_OK;
}

/* Waits for the part that is next. */
static dss_status take_part(dss_pair_maker *m) {
  dss_status status = start_parts(m);
  if (status != DSS_OK) return status;
  m->on_way--;
  return m->backend->take(m->state, &m->made);
}

/* --- strips -------------------------------------------------------------------------------- */

static void put_values(const dss_pair_strip *s, size_t at, const dss_pair_values *v) {
  s->shared[at] = v->shared;
  s->agreements[at] = v->agreements;
  s->distance[at] = v->distance;
  s->kappa[at] = v->kappa;
  s->correlation[at] = v->correlation;
}

/* Raters r and s of the part, of what the backend made or counted. */
static dss_pair_values pair_of(const dss_pair_maker *m, const dss_pair_part *part, uint32_t r,
                               uint32_t s, uint32_t *scratch) {
  const dss_pair_plan *plan = m->plan;
  if (plan->products.by_lists) return dss_pair_values_by_lists(plan, r, s, scratch);
  if (!m->backend->product)
    return dss_pair_made_at(&m->made, plan->scale.unit,
                            (r - m->held.first_row) * m->made.stride + (s - m->held.first_column));
  size_t at = (size_t)(r - part->first_row) * part->columns + (s - part->first_column);
  return dss_pair_values_at(&plan->scale, &plan->products, m->sums + at,
                            (size_t)part->rows * part->columns, scratch, 1);
}

/* A part of the strip: only what is on or above the diagonal. */
static void fill_part(dss_pair_maker *m, const dss_pair_part *part) {
  const dss_pair_strip *strip = &m->strip;
  size_t words = dss_pair_words(m->plan);
  uint32_t end_row = part->first_row + part->rows, end = part->first_column + part->columns;
#pragma omp parallel for num_threads(m->room.resources.threads) schedule(dynamic, 4)
  for (uint32_t r = part->first_row; r < end_row; r++) {
    uint32_t *scratch = m->counts + (size_t)omp_get_thread_num() * words;
    size_t row = (size_t)(r - strip->first_row) * strip->columns;
    for (uint32_t s = most(part->first_column, r); s < end; s++) {
      dss_pair_values v = pair_of(m, part, r, s, scratch);
      put_values(strip, row + (s - strip->first_column), &v);
    }
  }
}

static dss_status make_part(dss_pair_maker *m, const dss_pair_part *part) {
  dss_status status = DSS_OK;
  if (!m->plan->products.by_lists) {
    status = m->backend->product ? m->backend->product(m->state, part, m->sums) : take_part(m);
    m->held = *part;
  }
  if (status == DSS_OK) fill_part(m, part);
  return status;
}

/* Of the block that the strip is in, which is taken with its first strip. */
static dss_status cut_strip(dss_pair_maker *m, const dss_pair_part *strip) {
  block b = block_at(m->plan, &m->next);
  dss_pair_part of = part_of(m->plan, &b);
  bool held = m->held.rows > 0 && m->held.first_row == of.first_row &&
              m->held.first_column == of.first_column;
  dss_status status = held ? DSS_OK : take_part(m);
  m->held = of;
  if (status == DSS_OK) fill_part(m, strip);
  return status;
}

static dss_status make_parts(dss_pair_maker *m, const dss_pair_part *strip) {
  dss_pair_place place = m->next;
  dss_pair_part part;
  if (m->room.blocks && !m->plan->products.by_lists) return cut_strip(m, strip);
  while (dss_pair_next_part(m->plan, &m->room, &place, &part)) {
    dss_status status = make_part(m, &part);
    if (status != DSS_OK) return status;
  }
  return DSS_OK;
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

void dss_pair_maker_at(const dss_pair_maker *maker, uint32_t *row, uint32_t *column) {
  *row = maker->next.row;
  *column = maker->next.column;
}

dss_status dss_pair_maker_next(dss_context *context, dss_pair_maker *m, dss_pair_strip *strip,
                               bool *more) {
  dss_pair_strip *s = &m->strip;
  *more = m->next.row < dss_pair_n_tiles(m->plan);
  if (!*more) return DSS_OK;
  dss_pair_part whole = strip_at(m->plan, &m->room, &m->next);
  s->first_row = whole.first_row;
  s->rows = whole.rows;
  s->first_column = whole.first_column;
  s->columns = whole.columns;
  dss_status status = make_parts(m, &whole);
  if (status != DSS_OK) return dss_pair_failed(context, m->runner, status);
  dss_pair_next_strip(m->plan, &m->room, &m->next);
  if (s->first_row == s->first_column) mirror_diagonal(s);
  *strip = *s;
  return DSS_OK;
}

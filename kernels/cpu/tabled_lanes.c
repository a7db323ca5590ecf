/* The tabled kernel (tabled.h), compiled once for each instruction set: states counted, rows of
 * them added up, records looked up. */
#include "tabled_lanes.h"

#include "groups.h"
#include "tabled.h"

typedef uint64_t tabled_four __attribute__((vector_size(32)));

enum { TABLED_ROW = DSS_TABLED_TILE * DSS_VECTOR }; /* bytes of a row of states */

/* One base's tile of items. */
typedef struct tabled_tile {
  const dss_cpu_question *question;
  const dss_cpu_base *base;
  uint32_t first, n_items; /* among the tabled */
  uint8_t *states;         /* [rows][DSS_TABLED_TILE][DSS_LANES] */
} tabled_tile;

/* --- states -----------------------------------------------------------------------------------
 *
 * The row behind the cells' is for raters in no cell. */

static uint8_t *row_of_states(const tabled_tile *t, uint32_t row) {
  return &t->states[((size_t)row + (row >= t->base->n_cells)) * TABLED_ROW];
}

/* Adds a level's radix to the state of the cell that each rater is in, resample by resample: eight
 * labels from one load. */
DSS_INLINE void count_level(const uint8_t *labels, const uint32_t *rater, size_t n, uint8_t radix,
                            uint8_t none, uint8_t *states) {
  for (size_t i = 0; i < n; i++) {
    v64 rows = (v64)smaller_bytes(load8(&labels[(size_t)rater[i] * DSS_LANES]), (v8){0} + none);
    for (size_t word = 0; word < DSS_LANES / 8; word++) {
      uint64_t row = rows[word];
      uint8_t *to = &states[8 * word];
      for (size_t l = 0; l < 8; l++)
        to[(row >> 8 * l & 255) * TABLED_ROW + l] += radix;
    }
  }
}

static void count_states(const tabled_tile *t, const uint8_t *labels) {
  const dss_cpu_question *q = t->question;
  size_t levels = q->tables->n_levels;
  uint8_t none = (uint8_t)t->base->n_cells;
  memset(t->states, 0, ((size_t)none + 1) * TABLED_ROW);
  for (size_t i = 0; i < t->n_items; i++) {
    const dss_tabled_pattern *p = &q->tabled->patterns[q->tabled->pattern[t->first + i]];
    const uint64_t *ptr = &q->level_ptr[((size_t)q->first_tabled + t->first + i) * levels];
    for (size_t c = 0; c < levels; c++)
      count_level(labels, &q->rater[ptr[c]], ptr[c + 1] - ptr[c], p->radix[c], none,
                  &t->states[i * DSS_LANES]);
  }
}

/* The rows that are sums of others. */
static void sum_states(const tabled_tile *t) {
  const dss_cpu_base *base = t->base;
  for (uint32_t i = 0; i < base->n_sums; i++) {
    uint8_t *to = row_of_states(t, base->n_cells + i);
    for (uint32_t k = base->addend_ptr[i]; k < base->addend_ptr[i + 1]; k++) {
      const uint8_t *from = row_of_states(t, base->addends[k]);
      bool first = k == base->addend_ptr[i];
      for (size_t at = 0; at < t->n_items * DSS_LANES; at += DSS_LANES) {
        v8 sum = load8(&from[at]);
        if (!first) sum += load8(&to[at]);
        memcpy(&to[at], &sum, sizeof sum);
      }
    }
  }
}

/* --- records ---------------------------------------------------------------------------------- */

/* Adds one item's records, of so many fours of words: to every resample, as state 0 has a record of
 * 0, or where many are 0 to those that are not. */
DSS_INLINE void add_records(const tabled_four *records, const uint8_t *states, size_t fours,
                            tabled_four *sums) {
  uint64_t some = bytes_not_0(load8(states));
  if ((size_t)__builtin_popcountll(some) > DSS_LANES / 2) {
    for (size_t l = 0; l < DSS_LANES; l++)
      for (size_t i = 0; i < fours; i++)
        sums[l * fours + i] += records[states[l] * fours + i];
    return;
  }
  for (; some; some &= some - 1) {
    size_t l = (size_t)__builtin_ctzll(some);
    for (size_t i = 0; i < fours; i++)
      sums[l * fours + i] += records[states[l] * fours + i];
  }
}

/* A tile's items of one row. */
DSS_INLINE void add_row(const tabled_tile *t, const uint8_t *states, size_t fours,
                        tabled_four *sums) {
  const dss_cpu_tabled *tabled = t->question->tabled;
  const tabled_four *records = (const tabled_four *)tabled->records;
  for (size_t i = 0; i < t->n_items; i++) {
    const dss_tabled_pattern *p = &tabled->patterns[tabled->pattern[t->first + i]];
    add_records(&records[p->first * fours], &states[i * DSS_LANES], fours, sums);
  }
}

static void add_any_row(const tabled_tile *t, const uint8_t *states, tabled_four *sums) {
  size_t fours = t->question->tabled->words / DSS_TABLED_FOUR;
  switch (fours) { /* known to the compiler, which unrolls the loops */
  case 1:
    add_row(t, states, 1, sums);
    break;
  case 2:
    add_row(t, states, 2, sums);
    break;
  case 3:
    add_row(t, states, 3, sums);
    break;
  case 4:
    add_row(t, states, 4, sums);
    break;
  default:
    add_row(t, states, fours, sums);
    break;
  }
}

/* --- sums ------------------------------------------------------------------------------------- */

/* To a group's slots what its fields hold, which are 0 again then. */
static void take_fields(const dss_cpu_tabled *t, uint64_t *words, uint64_t *sums) {
  for (uint32_t f = 0; f < t->n_fields; f++) {
    const dss_tabled_field field = t->fields[f];
    for (size_t l = 0; l < DSS_LANES; l++)
      sums[field.slot * DSS_LANES + l] +=
          (words[l * t->words + field.word] >> field.at & field.mask) << field.shift;
  }
  for (uint32_t f = 0; f < t->n_lows; f++)
    for (size_t l = 0; l < DSS_LANES; l++)
      sums[t->lows[f].slot * DSS_LANES + l] +=
          (uint64_t)t->lows[f].number *
          (words[l * t->words + t->rated.word] >> t->rated.at & t->rated.mask);
  memset(words, 0, t->words * DSS_LANES * sizeof *words);
}

/* What a step's items add where a group rated none. */
static void add_nothing(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t b,
                        const dss_tabled_step *step, dss_cpu_scratch *s) {
  FOR_GROUPS(layout, b, part, g) {
    uint64_t *sums = &s->sums[(part->first_group + g) * q->slots.n * DSS_LANES];
    for (size_t i = 0; tabled_does(part, g) && i < q->slots.n; i++)
      for (size_t l = 0; l < DSS_LANES; l++)
        sums[i * DSS_LANES + l] += step->nothing[i];
  }
}

/* --- all of them ------------------------------------------------------------------------------ */

static void tabled_base(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t b,
                        const dss_tabled_step *step, dss_cpu_scratch *s) {
  const dss_cpu_tabled *tabled = q->tabled;
  size_t levels = q->tables->n_levels;
  uint64_t *words = (uint64_t *)((uint8_t *)s->tabled + dss_cpu_tabled_rows(layout) * TABLED_ROW);
  tabled_tile t = {.question = q, .base = &layout->bases[b], .states = s->tabled};
  uint32_t held = 0;
  for (t.first = step->first; t.first < step->end; t.first += t.n_items) {
    uint32_t left = step->end - t.first, room = tabled->most_items - held;
    t.n_items = left < DSS_TABLED_TILE ? left : DSS_TABLED_TILE;
    if (t.n_items > room) t.n_items = room;
    held += t.n_items;
    bool last = held == tabled->most_items || t.n_items == left;
    count_states(&t, labels_of(layout, s, b));
    sum_states(&t);
    FOR_GROUPS(layout, b, part, g) {
      size_t group = part->first_group + g;
      uint64_t *of_group = &words[group * tabled->words * DSS_LANES];
      if (!tabled_does(part, g)) continue;
      add_any_row(&t, row_of_states(&t, part->row[g]), (tabled_four *)of_group);
      if (last) take_fields(tabled, of_group, &s->sums[group * q->slots.n * DSS_LANES]);
    }
    if (last) held = 0;
    const uint64_t *ptr = &q->level_ptr[((size_t)q->first_tabled + t.first) * levels];
    if (dss_cpu_gives_up(s, ptr[t.n_items * levels] - ptr[0])) return;
  }
}

void DSS_TABLED(const dss_cpu_layout *layout, const dss_cpu_question *q, dss_cpu_scratch *s) {
  for (uint32_t i = 0; q->tabled && i < q->tabled->n_steps; i++) {
    const dss_tabled_step *step = &q->tabled->steps[i];
    if (!q->tabled->fits) carry(layout, q, s);
    for (size_t b = 0; b < layout->n_bases; b++) {
      add_nothing(layout, q, b, step, s);
      tabled_base(layout, q, b, step, s);
    }
  }
}

/* The kernels, compiled once for each instruction set: DSS_KERNELS names this one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "lane_values.h"
#include "lanes.h"
#include "narrow_more.h"
#include "pairwise_lanes.h"
#include "sliced.h"
#include "slots.h"
#include "tabled_lanes.h"
#include "wide.h"

/* --- narrow items --------------------------------------------------------------------------- */

/* to += from; both [row], a multiple of 8. */
DSS_INLINE void add_levels(uint32_t *to, const uint32_t *from, size_t row) {
  typedef uint32_t eight __attribute__((vector_size(32)));
  for (size_t k = 0; k < row; k += 8) {
    eight now, more;
    memcpy(&now, &to[k], sizeof now);
    memcpy(&more, &from[k], sizeof more);
    now += more;
    memcpy(&to[k], &now, sizeof now);
  }
}

/* Each row's ratings of the narrow items by level, rater by rater; totals [lane][row][levels], the
 * last row for raters in no cell. As many lanes at a time as stay in the first-level cache. */
static void total_rows(const dss_cpu_layout *layout, const dss_cpu_question *q,
                       const dss_cpu_base *base, const uint8_t *labels, uint32_t *totals) {
  enum { AT_ONCE = 16 };
  size_t row = q->row, n_cells = base->n_cells;
  size_t lane_size = (n_cells + base->n_sums + 1) * row;
  memset(totals, 0, DSS_LANES * lane_size * sizeof *totals);
  for (size_t first = 0; first < DSS_LANES; first += AT_ONCE) {
    for (size_t r = 0; r < layout->plan->exchange.n_raters; r++)
      for (size_t lane = first; lane < first + AT_ONCE; lane++) {
        size_t label = labels[r * DSS_LANES + lane];
        uint32_t *to = &totals[lane * lane_size];
        to += label == DSS_NO_CELL ? lane_size - row : label * row;
        add_levels(to, &q->narrow_total[r * row], row);
      }
    for (size_t lane = first; lane < first + AT_ONCE; lane++)
      for (uint32_t i = 0; i < base->n_sums; i++)
        for (uint32_t n = base->addend_ptr[i]; n < base->addend_ptr[i + 1]; n++)
          add_levels(&totals[lane * lane_size + (n_cells + i) * row],
                     &totals[lane * lane_size + base->addends[n] * row], row);
  }
}

/* One level's ratings by those in a row, lane by lane; DSS_NO_ROW: nobody. */
static void gather_row(const dss_cpu_question *q, const uint32_t *totals, size_t lane_size,
                       uint32_t row, size_t level, uint64_t counts[DSS_LANES]) {
  if (row == DSS_NO_ROW)
    memset(counts, 0, DSS_LANES * sizeof *counts);
  else
    for (size_t lane = 0; lane < DSS_LANES; lane++)
      counts[lane] = totals[lane * lane_size + row * q->row + level];
}

static void add_lanes(uint64_t *slot, const uint64_t counts[DSS_LANES]) {
  for (size_t lane = 0; lane < DSS_LANES; lane++)
    slot[lane] += counts[lane];
}

/* A group's marginals as if every narrow item entered; the kernel then takes off what does not. */
static void start_marginals(const dss_cpu_question *q, const narrow_group *g, size_t lane_size,
                            const uint32_t *totals) {
  const dss_cpu_slots *slots = &q->slots;
  uint64_t x[DSS_LANES], unknown[DSS_LANES], others[DSS_LANES];
  for (size_t c = 0; c < q->tables->n_levels; c++) {
    gather_row(q, totals, lane_size, g->row, c, x);
    if (slots->own_count != SIZE_MAX) add_lanes(&g->sums[(slots->own_count + c) * DSS_LANES], x);
    if (slots->x_count == SIZE_MAX) continue;
    gather_row(q, totals, lane_size, g->unknown, c, unknown);
    for (size_t lane = 0; lane < DSS_LANES; lane++)
      others[lane] = q->narrow_level[c] - x[lane];
    add_lanes(&g->sums[(slots->x_count + c) * DSS_LANES], x);
    if (slots->complement_count != SIZE_MAX)
      add_lanes(&g->sums[(slots->complement_count + c) * DSS_LANES], others);
    for (size_t lane = 0; lane < DSS_LANES; lane++)
      others[lane] -= unknown[lane];
    add_lanes(&g->sums[(slots->y_count + c) * DSS_LANES], others);
  }
}

/* --- all items ------------------------------------------------------------------------------ */

static narrow_group group_of(const dss_cpu_question *q, const dss_cpu_part *part, uint32_t g,
                             const dss_cpu_scratch *s) {
  size_t group = part->first_group + g;
  size_t held = QUARTERS * dss_cpu_held(q->slots.n_pairs, dss_cpu_halves(q->tables));
  return (narrow_group){
      .row = part->row[g],
      .unknown = part->row[part->n_groups],
      .n_raters = part->n_raters[g],
      .sums = &s->sums[group * q->slots.n * DSS_LANES],
      .held = (v8 *)s->held + group * held,
      .held_pairs = &s->held_pairs[group],
  };
}

static narrow_tile tile_of(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t b,
                           const v8 *sums) {
  uint32_t levels = q->tables->n_levels;
  return (narrow_tile){
      .question = q,
      .sums = sums,
      .place = layout->bases[b].place,
      .n_cells = layout->bases[b].n_cells,
      .stored = dss_cpu_stored(levels),
      .of_levels = (v8)broadcast16(levels % 2 ? 255 : -1),
      .n_raters = layout->plan->exchange.n_raters,
  };
}

/* A tile's groups, in one quarter of the lanes. */
static void narrow_quarter(const dss_cpu_layout *layout, narrow_tile *tile, size_t b,
                           size_t quarter, v8 *sums, dss_cpu_scratch *s) {
  const dss_cpu_base *base = &layout->bases[b];
  const dss_cpu_question *q = tile->question;
  more_sums *more = s->more;
  for (const dss_cpu_visit *v = base->visits; v < base->visits + base->n_visits; v++) {
    const dss_cpu_part *part = &layout->parts[v->part];
    size_t number = part->first_group + v->group;
    if (v->makes) sum_row(tile, base, v->row, sums);
    if (v->group == part->n_groups || !layout->plan->tested[number]) continue;
    if (!narrow_does(q, part, v->group)) continue;
    narrow_group group = group_of(q, part, v->group, s);
    if (quarter == 0) make_room(tile, &group, q->held_pairs[number]);
    sum_group(tile, &group, quarter);
    if (q->more)
      sum_more(tile, &group, quarter, &layout->plan->choice, &more[number * QUARTERS + quarter]);
  }
}

static void narrow_base(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t b,
                        size_t first, size_t end, dss_cpu_scratch *s) {
  const dss_cpu_base *base = &layout->bases[b];
  const uint8_t *labels = labels_of(layout, s, b);
  size_t levels = q->tables->n_levels, stored = dss_cpu_stored((uint32_t)levels);
  size_t most = dss_cpu_tile_pairs(base, stored, DSS_LANES);
  v8 *runs = s->counts, *counts = runs + stored * LAYERS * LISTS * nibble_vectors(base->n_cells);
  v8 *sums = counts + 4 * base->n_cells * most * stored;
  narrow_tile tile = tile_of(layout, q, b, sums);
#if DSS_READS_RECORDS
  tile.records = s->records;
#else
  narrow_cross cross[TILE_PAIRS];
  tile.cross = cross;
#endif
  for (tile.first_pair = first; tile.first_pair < end; tile.first_pair += tile.n_pairs) {
    tile.n_pairs = end - tile.first_pair < most ? end - tile.first_pair : most;
    tile.least_rated = (uint32_t)q->pair_size[tile.first_pair] & 63;
    tile.most_rated = (uint32_t)q->pair_size[tile.first_pair + tile.n_pairs - 1] & 63;
    count_tile(&tile, labels, counts, runs);
#if DSS_READS_RECORDS
    if (q->records) fill_tile(&tile, s->records);
#else
    if (layout->plan->choice.cross_entropy)
      fill_cross(&tile, (int)dss_cpu_halves(q->tables), cross);
#endif
    for (size_t quarter = 0; quarter < QUARTERS; quarter++) {
      tile.cells = &counts[quarter * base->n_cells * tile.n_pairs * stored];
      narrow_quarter(layout, &tile, b, quarter, sums, s);
    }
    if (dss_cpu_gives_up(s, 2 * tile.n_pairs * tile.most_rated)) return;
  }
  FOR_GROUPS(layout, b, part, g) {
    narrow_group group = group_of(q, part, g, s);
    if (narrow_does(q, part, g)) fold(q, &group);
  }
}

/* What the narrow kernel holds of the other statistics, to its sums. */
static void put_base(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t b,
                     dss_cpu_scratch *s) {
  more_sums *more = s->more;
  FOR_GROUPS(layout, b, part, g) {
    size_t group = part->first_group + g;
    for (size_t quarter = 0; narrow_does(q, part, g) && quarter < QUARTERS; quarter++)
      put_more(q, quarter, &layout->plan->choice, &more[group * QUARTERS + quarter],
               &s->sums[group * q->slots.n * DSS_LANES]);
  }
}

static void narrow_totals(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t b,
                          dss_cpu_scratch *s) {
  const dss_cpu_base *base = &layout->bases[b];
  total_rows(layout, q, base, labels_of(layout, s, b), s->totals);
  FOR_GROUPS(layout, b, part, g) {
    narrow_group group = group_of(q, part, g, s);
    if (narrow_does(q, part, g))
      start_marginals(q, &group, (base->n_cells + base->n_sums + 1) * q->row, s->totals);
  }
}

/* All bases over as many items as certainly fit, then on. */
static void narrow_items(const dss_cpu_layout *layout, const dss_cpu_question *q,
                         dss_cpu_scratch *s) {
  size_t pairs = q->n_narrow / 2;
  size_t step = q->most_ratings / (2 * (DSS_NARROW_UNIT + q->item_charge));
  for (size_t b = 0; pairs > 0 && b < layout->n_bases; b++)
    narrow_totals(layout, q, b, s);
  for (size_t first = 0; first < pairs; first += step) {
    size_t end = pairs - first < step ? pairs : first + step;
    if (first > 0) carry(layout, q, s);
    for (size_t b = 0; b < layout->n_bases; b++) {
      narrow_base(layout, q, b, first, end, s);
      if (q->more) put_base(layout, q, b, s);
    }
  }
}

/* --- wide items ----------------------------------------------------------------------------- */

static void wide_items(const dss_cpu_layout *layout, const dss_cpu_question *q,
                       dss_cpu_scratch *s) {
  size_t levels = q->tables->n_levels;
  bool unknown = layout->any_unknown, others = q->n_narrow > 0 || q->tabled;
  uint64_t held = others ? q->most_ratings : 0; /* at worst */
  size_t end = unknown ? q->n_items : q->first_tabled;
  for (size_t item = unknown && q->more ? 0 : q->n_narrow; item < end; item++) {
    if (item == q->n_narrow) item += q->n_sliced;
    if (item == end) break;
    uint64_t size = q->level_ptr[(item + 1) * levels] - q->level_ptr[item * levels];
    size += q->item_charge;
    if (held + size > q->most_ratings) {
      carry(layout, q, s);
      held = 0;
    }
    held += size;
    for (size_t base = 0; base < layout->n_bases; base++)
      wide_one(layout, q, item, base, s);
    if (dss_cpu_gives_up(s, size * layout->n_bases)) return;
  }
}

/* --- from sums to values --------------------------------------------------------------------- */

static void put_nothing(const dss_kernel_plan *plan, unsigned n_lanes, size_t stride, double *out) {
  for (unsigned lane = 0; lane < n_lanes; lane++)
    for (size_t i = 0; i < plan->n_statistics; i++)
      out[lane * stride + i] = NAN;
}

/* One block's columns. */
static void put_values(const dss_cpu_layout *layout, const dss_cpu_question *q, dss_cpu_scratch *s,
                       unsigned n_lanes, double *out) {
  const dss_kernel_plan *plan = layout->plan;
  size_t slots = q->slots.n, columns = dss_kernel_columns(plan);
  bool simple = block_serves(q, q->level_ptr[(size_t)q->n_items * q->tables->n_levels]);
  for (size_t g = 0; g < plan->n_groups; g++) {
    double *to = &out[g * plan->n_statistics];
    size_t at = g * slots * DSS_LANES;
    if (!plan->tested[g])
      put_nothing(plan, n_lanes, columns, to);
    else if (simple)
      block_values(plan, q, s, at, n_lanes, columns, to);
    else
      lane_values(plan, q, at, n_lanes, columns, s, to);
  }
}

static void start_block(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t block,
                        dss_cpu_scratch *s) {
  dss_cpu_at_block(layout, DSS_LANES, block, s);
  memset(s->sums, 0, layout->plan->n_groups * q->slots.n * DSS_LANES * sizeof *s->sums);
}

static void question(const dss_cpu_layout *layout, size_t q, dss_cpu_scratch *s, unsigned n_lanes,
                     double *out) {
  const dss_kernel_plan *plan = layout->plan;
  const dss_cpu_question *question = &layout->questions[q];
  size_t n_blocks = (n_lanes + DSS_LANES - 1) / DSS_LANES, columns = dss_kernel_columns(plan);
  bool sliced = question->n_sliced > 0;
  for (size_t k = 0; sliced && k < n_blocks; k++)
    start_block(layout, question, k, s);
  s->any_carried = false;
  if (sliced) sliced_items(layout, question, n_blocks, s);
  bool carried = s->any_carried;
  for (size_t k = 0; k < n_blocks; k++) {
    unsigned left = n_lanes - (unsigned)(k * DSS_LANES);
    if (sliced)
      dss_cpu_at_block(layout, DSS_LANES, k, s);
    else
      start_block(layout, question, k, s);
    s->any_carried = carried;
    narrow_items(layout, question, s);
    DSS_TABLED(layout, question, s);
    wide_items(layout, question, s);
    put_values(layout, question, s, left < DSS_LANES ? left : (unsigned)DSS_LANES,
               &out[k * DSS_LANES * columns + q * plan->n_groups * plan->n_statistics]);
  }
}

const dss_cpu_kernels DSS_KERNELS = {
    .name = DSS_KERNELS_NAME,
    .lanes = DSS_LANES,
    .reads_records = DSS_READS_RECORDS,
    .draw = draw,
    .put_labels = put_labels,
    .question = question,
    .add_pairs = DSS_ADD_PAIRS,
};

/* The sparse kernel (sparse.h) for AVX-512 with GFNI and VBMI, 512 resamples at a time, one axis
 * after the other. */
#include <math.h>
#include <string.h>

#include "lane_values.h"
#include "sparse_crossings.h"
#include "sparse_lanes.h"

/* --- labels ---------------------------------------------------------------------------------- */

/* table[at], at under 256; the table's entries from n on are not read. */
DSS_INLINE v8 lookup_bytes(const uint8_t table[256], size_t n, v8 at) {
  __m512i found = _mm512_setzero_si512();
  for (size_t first = 0; first < n; first += 64) {
    __mmask64 here = _mm512_cmpeq_epi8_mask(
        _mm512_and_si512((__m512i)at, _mm512_set1_epi8((char)192)), _mm512_set1_epi8((char)first));
    found =
        _mm512_mask_permutexvar_epi8(found, here, (__m512i)at, _mm512_loadu_si512(&table[first]));
  }
  return (v8)found;
}

/* Numbers the tested groups, so that labels have few bits; the others share the last number. */
static void number_groups(axis_work *w) {
  const uint8_t *tested = &w->layout->plan->tested[w->axis->first_group];
  w->n_numbers = 0;
  for (uint32_t g = 0; g < w->axis->n_groups; g++)
    if (tested[g]) w->number[g] = (uint8_t)w->n_numbers++;
  uint32_t others = w->n_numbers;
  for (uint32_t g = 0; g < w->axis->n_groups; g++)
    if (!tested[g]) {
      w->number[g] = (uint8_t)others;
      w->n_numbers = others + 1;
    }
  unsigned bits = dss_log2_ceiling(w->n_numbers);
  w->label_bits = bits ? bits : 1;
}

/* Cells to numbers of groups of the axis. */
static void map_cells(const axis_work *w, const dss_cpu_base *base, uint8_t table[256]) {
  memset(table, 0, 256);
  for (uint32_t r = 0; r < w->layout->plan->exchange.n_raters; r++)
    table[base->label[r]] = w->number[w->axis->group[r]];
}

/* Blocks that are not wanted are labelled as they may be. */
static void label_raters(const axis_work *w, const dss_cpu_part *part, const dss_cpu_scratch *s) {
  const dss_cpu_base *base = &w->layout->bases[part->base];
  size_t n = w->layout->plan->exchange.n_raters;
  const uint8_t *cells = &s->all_labels[part->base * n * DSS_LANES];
  size_t block_stride = w->layout->n_bases * n * DSS_LANES;
  uint8_t group[256];
  map_cells(w, base, group);
  for (size_t r = 0; r < n; r++)
    for (unsigned j = 0; j < BLOCKS; j++) {
      v8 cell = load8(&cells[j * block_stride + r * DSS_LANES]);
      v8 label = lookup_bytes(group, base->n_cells, cell);
      memcpy(&w->labels[(r * BLOCKS + j) * 64], &label, sizeof label);
      for (unsigned b = 0; b < w->label_bits; b++)
        put_block(&w->label[r * w->label_bits + b], j,
                  _mm512_test_epi8_mask((__m512i)label, _mm512_set1_epi8((char)(1 << b))));
    }
}

/* --- raters, one after the other -------------------------------------------------------------- */

static void leave_visit(const axis_work *w, const dss_sparse_visit *visit, const visit_work *v) {
  const dss_cpu_sparse *s = w->sparse;
  const uint8_t *labels = &w->labels[(size_t)visit->rater * BLOCKS * 64];
  for (size_t j = 0; j < BLOCKS; j += 2) {
    word_sum own[QUARTERS], cross[QUARTERS];
    const terms_at from = {s->terms, &s->term[visit->first], {v->index[j], v->index[j + 1]}};
    add_runs(&from, visit->unanimous, &s->runs[visit->first_run], visit->n_runs, own, cross);
#pragma GCC unroll 1
    for (size_t k = 0; k < QUARTERS; k++) {
      size_t block = j + k / 2, odd = k % 2;
      v16 row[ROWS];
      put_rows(w->paired, 0, block, odd, row);
      row[0] |= (v16)own[k].low; /* their fields begin words 0 and 1 */
      row[1] |= (v16)own[k].high;
      row[4] |= (v16)cross[k].low;
      row[5] |= (v16)cross[k].high;
      add_to_groups(part_sums(w, 0, 0, block), PART_BYTES, labels + 64 * block, odd, row);
      for (size_t part = 1; part < s->record.n_parts; part++) {
        put_rows(w->paired, part, block, odd, row);
        add_to_groups(part_sums(w, part, 0, block), PART_BYTES, labels + 64 * block, odd, row);
      }
    }
  }
}

/* --- marginals of one group ------------------------------------------------------------------- */

static void find_members(const axis_work *w, uint32_t g) {
  for (size_t r = 0; r < w->layout->plan->exchange.n_raters; r++) {
    plane in = ~(plane){0};
    for (unsigned b = 0; b < w->label_bits; b++) {
      plane bit = w->label[r * w->label_bits + b];
      in &= g >> b & 1 ? bit : ~bit;
    }
    w->members[r] = in;
  }
}

/* Items first .. end - 1, all of so many ratings, which is a constant; raters [end - first][size].
 * Returns where one is rated by the group alone. */
DSS_INLINE plane find_some(const axis_work *w, uint32_t first, uint32_t end, uint32_t size,
                           const uint32_t *raters) {
  plane some = {0};
  for (uint32_t u = first; u < end; u++, raters += size) {
    plane any = w->members[raters[0]], all = any;
    uint32_t k = 1;
#pragma GCC unroll 8
    for (; k + 1 < size; k += 2) {
      plane x = w->members[raters[k]], y = w->members[raters[k + 1]];
      any = or_of(any, x, y);
      all = and_of(all, x, y);
    }
    if (k < size) {
      any |= w->members[raters[k]];
      all &= w->members[raters[k]];
    }
    w->present[u] = any;
    w->alone[u] = all;
    some |= all;
  }
  return some;
}

/* Returns whether some item is rated by the group alone in some resample. */
static bool find_items(const axis_work *w) {
  const dss_cpu_sparse *s = w->sparse;
  plane some = {0};
  for (uint32_t size = 2, first = 0; size <= DSS_SPARSE_UNIT; size++) {
    uint32_t end = s->size_end[size];
    const uint32_t *raters = &s->item_rater[s->item_ptr[first]];
    switch (size) {
#define CASE(size)                                                                                 \
  case size:                                                                                       \
    some |= find_some(w, first, end, size, raters);                                                \
    break;
      FOR_SIZES(CASE)
#undef CASE
    default:
      break;
    }
    first = end;
  }
  return any_bit(some);
}

/* Sums over the planes, weighted by the lists' numbers, to counts [K][BLOCKS][64]. */
static void count_lists(const dss_sparse_lists *lists, const plane *planes, uint32_t levels,
                        uint32_t *counts) {
  enum { MOST = 32 + 6 };
  for (uint32_t c = 0; c < levels; c++) {
    const uint32_t *ptr = &lists->ptr[c * lists->bits];
    plane sum[MOST] = {{0}};
    uint64_t most = 0;
    for (uint32_t b = 0; b < lists->bits; b++)
      most += (uint64_t)(ptr[b + 1] - ptr[b]) << b;
    unsigned n = dss_log2_ceiling(most + 1);
    for (uint32_t b = 0; b < lists->bits; b++) {
      uint32_t i = ptr[b];
      for (; i + 64 <= ptr[b + 1]; i += 64)
        ripple(sum, b + 6, n, add_64(sum + b, planes, &lists->list[i]));
      sum_planes(planes, &lists->list[i], ptr[b + 1] - i, b, n, sum);
    }
    uint32_t *to = &counts[c * BLOCKS * 64];
    for (unsigned first = 0; first < n || first == 0; first += 8) {
      v8 bytes[BLOCKS];
      bytes_of_planes(&sum[first], n - first < 8 ? n - first : 8, bytes);
      for (size_t at = 0; at < BLOCKS * 64; at++)
        to[at] = (first ? to[at] : 0) + ((uint32_t)((const uint8_t *)bytes)[at] << first);
    }
  }
}

/* counts: the group's ratings; everyone's ratings on the items where it has some; and where it has
 * all. */
static void count_group(const axis_work *w, uint32_t g) {
  size_t size = (size_t)w->levels * BLOCKS * 64;
  find_members(w, g);
  bool alone = find_items(w);
  count_lists(&w->sparse->of_raters, w->members, w->levels, w->counts);
  count_lists(&w->sparse->of_items, w->present, w->levels, w->counts + size);
  if (alone)
    count_lists(&w->sparse->of_items, w->alone, w->levels, w->counts + 2 * size);
  else
    memset(w->counts + 2 * size, 0, size * sizeof *w->counts);
}

/* --- values ----------------------------------------------------------------------------------- */

/* Of terms, in the sums' units. */
static uint64_t unit_of(const dss_cpu_question *q) {
  return q->tables->weight_scale / DSS_SPARSE_ROOT;
}

/* The sums of block j that the formulas take, from what raters left behind. */
static void put_terms(const axis_work *w, const dss_cpu_question *q, uint32_t g, size_t j,
                      uint64_t *sums) {
  const dss_cpu_slots *slots = &q->slots;
  const dss_sparse_record *record = &w->sparse->record;
  uint64_t unit = unit_of(q);
  if (slots->cross_pair != SIZE_MAX) {
    uint64_t *cross = &sums[slots->cross_pair * 64];
    get_field(part_sums(w, 0, g, j), 1, record->cross, cross);
    for (size_t lane = 0; lane < 64; lane++)
      cross[lane] *= unit;
  }
  if (slots->own_pair == SIZE_MAX) return;
  uint64_t *own = &sums[slots->own_pair * 64];
  get_field(part_sums(w, 0, g, j), 1, record->own, own);
  for (size_t lane = 0; lane < 64; lane++)
    own[lane] = own[lane] / 2 * unit;
  for (size_t c = 0; c < w->levels; c++)
    get_field(part_sums(w, record->level[c].at / 128, g, j), 1, record->level[c],
              &sums[(slots->own_count + c) * 64]);
}

/* The same by pair of levels. */
static void put_pair_terms(const axis_work *w, const dss_cpu_question *q, uint32_t g, size_t j,
                           uint64_t *sums) {
  const dss_cpu_slots *slots = &q->slots;
  const dss_sparse_record *record = &w->sparse->record;
  const __m128i *from = pair_sums(w, g, j);
  size_t parts = dss_sparse_parts(record), pair_parts = dss_sparse_pair_parts(record);
  uint64_t unit = unit_of(q);
  for (uint32_t pair = 0; pair < record->n_pairs; pair++) {
    uint16_t at = (uint16_t)(pair % 2 * 64);
    dss_sparse_field first = {at, DSS_SPARSE_PAIR_BITS};
    dss_sparse_field second = {(uint16_t)(at + DSS_SPARSE_PAIR_BITS), DSS_SPARSE_PAIR_BITS};
    if (slots->own_pair != SIZE_MAX) {
      uint64_t *own = &sums[(slots->own_pair + pair) * 64];
      get_field(from + pair / 2, parts, first, own);
      for (size_t lane = 0; lane < 64; lane++)
        own[lane] = own[lane] / 2 * unit;
    }
    if (slots->cross_pair == SIZE_MAX) continue;
    uint64_t *cross = &sums[(slots->cross_pair + pair) * 64];
    get_field(from + pair / 2, parts, second, cross);
    for (size_t lane = 0; lane < 64; lane++)
      cross[lane] *= unit;
  }
  for (size_t c = 0; slots->own_pair != SIZE_MAX && c < w->levels; c++)
    get_field(from + pair_parts + record->level[c].at / 128, parts, record->level[c],
              &sums[(slots->own_count + c) * 64]);
}

/* And from the group's counts. */
static void put_counts(const axis_work *w, const dss_cpu_question *q, size_t j, uint64_t *sums) {
  const dss_cpu_slots *slots = &q->slots;
  size_t level = BLOCKS * 64, size = w->levels * level;
  if (slots->cross_pair == SIZE_MAX) return;
  for (size_t c = 0; c < w->levels; c++) {
    const uint32_t *all = &w->counts[c * level + j * 64], *shared = all + size;
    const uint32_t *alone = shared + size;
    uint64_t *x = &sums[(slots->x_count + c) * 64], *y = &sums[(slots->y_count + c) * 64];
    for (size_t lane = 0; lane < 64; lane++) {
      x[lane] = all[lane] - alone[lane];
      y[lane] = shared[lane] - all[lane];
    }
  }
}

static void put_group(const axis_work *w, const dss_cpu_question *q, uint32_t g,
                      dss_cpu_scratch *scratch, size_t n_lanes, double *out) {
  const dss_kernel_plan *plan = w->layout->plan;
  size_t stride = dss_kernel_columns(plan);
  count_group(w, g);
  for (size_t j = 0; j * 64 < n_lanes; j++) {
    size_t left = n_lanes - j * 64;
    unsigned lanes = left < 64 ? (unsigned)left : 64;
    if (w->sparse->record.by_pair)
      put_pair_terms(w, q, g, j, scratch->sums);
    else
      put_terms(w, q, g, j, scratch->sums);
    put_counts(w, q, j, scratch->sums);
    if (block_serves(q, w->sparse->n_ratings))
      block_values(plan, q, scratch, 0, lanes, stride, &out[j * 64 * stride]);
    else
      lane_values(plan, q, 0, lanes, stride, scratch, &out[j * 64 * stride]);
  }
}

static void put_nothing(const dss_kernel_plan *plan, size_t n_lanes, double *out) {
  for (size_t lane = 0; lane < n_lanes; lane++)
    for (size_t i = 0; i < plan->n_statistics; i++)
      out[lane * dss_kernel_columns(plan) + i] = NAN;
}

/* --- memory ----------------------------------------------------------------------------------- */

/* The next part of the memory, or, without one, nothing but its size added to *used. */
static void *take(void *memory, size_t *used, size_t bytes) {
  void *taken = memory ? (char *)memory + *used : NULL;
  *used += (bytes + 63) / 64 * 64;
  return taken;
}

static size_t sums_bytes(const axis_work *w) {
  return dss_sparse_parts(&w->sparse->record) * BLOCKS * 64 * w->n_numbers * sizeof *w->sums;
}

/* Places the arrays of an axis; returns their size. */
static size_t place(axis_work *w, void *memory) {
  size_t n = w->layout->plan->exchange.n_raters, resamples = BLOCKS * 64, used = 0;
  number_groups(w);
  w->labels = take(memory, &used, n * resamples);
  w->label = take(memory, &used, n * w->label_bits * sizeof(plane));
  w->members = take(memory, &used, n * sizeof(plane));
  w->present = take(memory, &used, w->sparse->n_items * sizeof(plane));
  w->alone = take(memory, &used, w->sparse->n_items * sizeof(plane));
  if (w->sparse->record.by_pair)
    w->crossings = take(memory, &used, sizeof *w->crossings);
  else
    w->batch = take(memory, &used, DSS_SPARSE_BATCH * sizeof *w->batch);
  w->paired = take(memory, &used, sizeof *w->paired);
  w->sums = take(memory, &used, sums_bytes(w));
  w->counts = take(memory, &used, 3 * w->levels * resamples * sizeof *w->counts);
  return used;
}

size_t dss_cpu_sparse_scratch(const dss_cpu_layout *layout) {
  size_t most = 0;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    for (size_t a = 0; question->sparse && a < layout->plan->n_axes; a++) {
      axis_work w = {.layout = layout,
                     .sparse = question->sparse,
                     .axis = &layout->plan->axes[a],
                     .levels = question->tables->n_levels};
      size_t bytes = place(&w, NULL);
      most = bytes > most ? bytes : most;
    }
  }
  return most;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static const dss_cpu_part *part_of(const dss_cpu_layout *layout, const dss_kernel_axis *axis) {
  const dss_cpu_part *part = layout->parts;
  while (part->first_group != axis->first_group)
    part++;
  return part;
}

static void sum_visits(const axis_work *w) {
  const dss_cpu_sparse *s = w->sparse;
  for (size_t k = 0; k < DSS_SPARSE_BATCH; k++)
    w->batch[k].paired[VISIT] = (plane){0};
  for (uint32_t first = 0; first < s->n_visits; first += DSS_SPARSE_BATCH) {
    uint32_t left = s->n_visits - first, n = left < DSS_SPARSE_BATCH ? left : DSS_SPARSE_BATCH;
    const dss_sparse_visit *visits = &s->visits[first];
    see_batch(w, visits, n);
    uint64_t ratings = 0;
    for (uint32_t k = 0; k < n; k++) {
      ratings += visits[k].n;
      count_paired(w, first + k, &visits[k], w->batch[k].paired);
      leave_visit(w, &visits[k], &w->batch[k]);
    }
    if (dss_cpu_gives_up(w->scratch, BLOCKS * ratings)) return;
  }
}

static void sum_crossings(const axis_work *w) {
  w->crossings->paired[VISIT] = (plane){0};
  for (uint32_t v = 0; v < w->sparse->n_visits; v++) {
    const dss_sparse_visit *visit = &w->sparse->visits[v];
    see_crossings(w, visit);
    count_paired(w, v, visit, w->crossings->paired);
    leave_crossings(w, v, visit);
    if (dss_cpu_gives_up(w->scratch, BLOCKS * (uint64_t)visit->n)) return;
  }
}

static void sum_axis(const axis_work *w) {
  memset(w->sums, 0, sums_bytes(w));
  memset(w->paired, 0, sizeof *w->paired);
  if (w->sparse->record.by_pair)
    sum_crossings(w);
  else
    sum_visits(w);
}

void dss_cpu_sparse_values(const dss_cpu_layout *layout, size_t q, dss_cpu_scratch *scratch,
                           unsigned n_lanes, double *out) {
  const dss_kernel_plan *plan = layout->plan;
  const dss_cpu_question *question = &layout->questions[q];
  dss_cpu_at_block(layout, DSS_LANES, 0, scratch);
  scratch->any_carried = false;
  for (size_t a = 0; a < plan->n_axes; a++) {
    axis_work w = {.layout = layout,
                   .sparse = question->sparse,
                   .axis = &plan->axes[a],
                   .levels = question->tables->n_levels,
                   .scratch = scratch};
    if (w.axis->n_groups == 0) continue;
    place(&w, scratch->sparse);
    label_raters(&w, part_of(layout, w.axis), scratch);
    sum_axis(&w);
    for (uint32_t g = 0; g < w.axis->n_groups; g++) {
      size_t group = w.axis->first_group + g;
      double *to = &out[(q * plan->n_groups + group) * plan->n_statistics];
      if (plan->tested[group])
        put_group(&w, question, w.number[g], scratch, n_lanes, to);
      else
        put_nothing(plan, n_lanes, to);
    }
  }
}

#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "held.h"
#include "lanes.h"
#include "profiles.h"
#include "slicing.h"
#include "slots.h"
#include "sparse.h"
#include "tabled.h"
#include "visits.h"

/* --- parts: axes, split where they have too many groups ------------------------------------ */

static const dss_kernel_axis *axis_of(const dss_kernel_plan *plan, size_t group) {
  size_t a = 0;
  while (group >= plan->axes[a].first_group + plan->axes[a].n_groups)
    a++;
  return &plan->axes[a];
}

static uint32_t pieces_of(const dss_kernel_axis *axis) {
  /* One cell is kept for raters whose value is unknown. */
  return (axis->n_groups + DSS_MOST_CELLS - 2) / (DSS_MOST_CELLS - 1);
}

static int finer_first(const void *a, const void *b) {
  const dss_cpu_part *x = a, *y = b;
  if (x->n_groups != y->n_groups) return x->n_groups < y->n_groups ? 1 : -1;
  return (x->first_group > y->first_group) - (x->first_group < y->first_group);
}

static bool make_parts(dss_cpu_layout *layout) {
  const dss_kernel_plan *plan = layout->plan;
  size_t most = 0;
  for (size_t a = 0; a < plan->n_axes; a++)
    most += pieces_of(&plan->axes[a]);
  layout->parts = calloc(most ? most : 1, sizeof *layout->parts);
  if (!layout->parts) return false;
  for (size_t a = 0; a < plan->n_axes; a++) {
    const dss_kernel_axis *axis = &plan->axes[a];
    for (uint32_t g = 0; g < axis->n_groups; g += DSS_MOST_CELLS - 1) {
      uint32_t left = axis->n_groups - g;
      layout->parts[layout->n_parts++] = (dss_cpu_part){
          .first_group = axis->first_group + g,
          .n_groups = left < DSS_MOST_CELLS - 1 ? left : DSS_MOST_CELLS - 1,
      };
    }
  }
  qsort(layout->parts, layout->n_parts, sizeof *layout->parts, finer_first);
  return true;
}

/* What rater r is to a part: a group from 0, n_groups: unknown, n_groups + 1: in another part. */
static uint32_t key_of(const dss_kernel_axis *axis, const dss_cpu_part *part, uint32_t r) {
  if (axis->group[r] < 0) return part->n_groups;
  size_t group = axis->first_group + (size_t)axis->group[r];
  if (group < part->first_group || group >= part->first_group + part->n_groups)
    return part->n_groups + 1;
  return (uint32_t)(group - part->first_group);
}

/* --- bases: partitions of the raters -------------------------------------------------------- */

/* A base in the making: cells of everyone, useful or not. */
typedef struct draft {
  uint32_t n_cells;
  uint16_t *cell; /* [n_raters] */
} draft;

/* Splits the cells by the part's keys into joined [n_raters] and returns how many there are then.
 * seen [n_cells * (n_groups + 2)] is scratch. */
static uint32_t join(const dss_cpu_layout *layout, const draft *base, const dss_cpu_part *part,
                     uint16_t *joined, uint16_t *seen) {
  const dss_kernel_axis *axis = axis_of(layout->plan, part->first_group);
  uint32_t keys = part->n_groups + 2, n = 0;
  memset(seen, 0, (size_t)base->n_cells * keys * sizeof *seen);
  for (uint32_t r = 0; r < layout->plan->exchange.n_raters; r++) {
    uint16_t *number = &seen[(size_t)base->cell[r] * keys + key_of(axis, part, r)];
    if (*number == 0) *number = (uint16_t)++n;
    joined[r] = (uint16_t)(*number - 1);
  }
  return n;
}

typedef struct drafting {
  draft *bases; /* [n_parts] */
  uint16_t *joined, *best, *seen;
} drafting;

/* Puts a part on the base that it costs the fewest new cells, or on one of its own where that costs
 * no more. */
static bool place(dss_cpu_layout *layout, drafting *d, dss_cpu_part *part) {
  uint32_t n_raters = layout->plan->exchange.n_raters, least = part->n_groups, cells = 0;
  size_t chosen = layout->n_bases;
  for (size_t i = 0; i < layout->n_bases; i++) {
    uint32_t n = join(layout, &d->bases[i], part, d->joined, d->seen);
    if (n > DSS_MOST_CELLS || n - d->bases[i].n_cells >= least) continue;
    least = n - d->bases[i].n_cells;
    cells = n;
    chosen = i;
    memcpy(d->best, d->joined, n_raters * sizeof *d->best);
  }
  draft *base = &d->bases[chosen];
  if (chosen == layout->n_bases) {
    base->cell = calloc(n_raters ? n_raters : 1, sizeof *base->cell);
    if (!base->cell) return false;
    base->n_cells = 1;
    cells = join(layout, base, part, d->best, d->seen);
    layout->n_bases++;
  }
  memcpy(base->cell, d->best, n_raters * sizeof *d->best);
  base->n_cells = cells;
  part->base = (uint32_t)chosen;
  return true;
}

/* Labels: cells that some part of the base counts are numbered, the others are DSS_NO_CELL. number
 * [n_cells] is scratch. */
static bool label(dss_cpu_layout *layout, size_t b, const draft *base, uint16_t *number) {
  const dss_kernel_plan *plan = layout->plan;
  dss_cpu_base *out = &layout->bases[b];
  out->label = calloc(plan->exchange.n_raters ? plan->exchange.n_raters : 1, 1);
  if (!out->label) return false;
  for (uint32_t c = 0; c < base->n_cells; c++)
    number[c] = DSS_NO_CELL;
  for (uint32_t r = 0; r < plan->exchange.n_raters; r++) {
    bool useful = false;
    for (size_t p = 0; p < layout->n_parts && !useful; p++) {
      const dss_cpu_part *part = &layout->parts[p];
      if (part->base == b)
        useful = key_of(axis_of(plan, part->first_group), part, r) <= part->n_groups;
    }
    uint16_t *its = &number[base->cell[r]];
    if (useful && *its == DSS_NO_CELL) *its = (uint16_t)out->n_cells++;
    out->label[r] = (uint8_t)*its;
    if (useful) out->size[*its]++;
  }
  return true;
}

static bool make_bases(dss_cpu_layout *layout) {
  uint32_t n_raters = layout->plan->exchange.n_raters;
  size_t keys = DSS_MOST_CELLS + 1;
  drafting d = {
      .bases = calloc(layout->n_parts + 1, sizeof *d.bases),
      .joined = calloc((size_t)n_raters + 1, sizeof *d.joined),
      .best = calloc((size_t)n_raters + 1, sizeof *d.best),
      .seen = calloc(keys * keys, sizeof *d.seen),
  };
  bool good = d.bases && d.joined && d.best && d.seen;
  for (size_t p = 0; good && p < layout->n_parts; p++)
    good = place(layout, &d, &layout->parts[p]);
  layout->bases = calloc(layout->n_bases + 1, sizeof *layout->bases);
  good = good && layout->bases;
  for (size_t b = 0; good && b < layout->n_bases; b++)
    good = label(layout, b, &d.bases[b], d.seen);
  for (size_t p = 0; d.bases && p < layout->n_parts; p++)
    free(d.bases[p].cell);
  free(d.bases);
  free(d.joined);
  free(d.best);
  free(d.seen);
  return good;
}

/* --- rows: how groups are summed up from cells ------------------------------------------------ */

/* What is known while the rows of one base are made. */
typedef struct row_drafts {
  dss_cpu_base *base;
  uint32_t n_addends;
  uint8_t (*holds)[DSS_MOST_CELLS + 1]; /* [row] which cells are in it */
  uint32_t *size;                       /* [row] how many */
} row_drafts;

static bool within_cells(const row_drafts *r, uint32_t row, const uint8_t *wanted) {
  for (uint32_t c = 0; c < r->base->n_cells; c++)
    if (r->holds[row][c] && !wanted[c]) return false;
  return true;
}

/* The row of the wanted cells: one that is there, or the sum of those that cover most of what is
 * left, largest first. Earlier parts are finer, so their rows come in. */
static uint32_t row_of(row_drafts *r, const uint8_t *wanted) {
  dss_cpu_base *base = r->base;
  uint8_t left[DSS_MOST_CELLS + 1];
  uint32_t row = base->n_cells + base->n_sums, n_left = 0;
  memcpy(left, wanted, sizeof left);
  for (uint32_t c = 0; c < base->n_cells; c++)
    n_left += wanted[c];
  if (n_left == 0) return DSS_NO_ROW;
  memcpy(r->holds[row], wanted, sizeof left);
  r->size[row] = n_left;
  uint32_t begin = r->n_addends;
  while (n_left > 0) {
    uint32_t best = DSS_NO_ROW;
    for (uint32_t i = 0; i < row; i++)
      if ((best == DSS_NO_ROW || r->size[i] > r->size[best]) && within_cells(r, i, left)) best = i;
    for (uint32_t c = 0; c < base->n_cells; c++)
      left[c] = (uint8_t)(left[c] && !r->holds[best][c]);
    n_left -= r->size[best];
    base->addends[r->n_addends++] = best;
  }
  if (r->n_addends == begin + 1) return base->addends[--r->n_addends];
  base->addend_ptr[++base->n_sums] = r->n_addends;
  return row;
}

/* The rows of a part's groups, and of the raters whose value is unknown. */
static bool part_rows(const dss_cpu_layout *layout, row_drafts *r, dss_cpu_part *part) {
  const dss_kernel_axis *axis = axis_of(layout->plan, part->first_group);
  uint32_t key[DSS_NO_CELL + 1];
  for (uint32_t n = 0; n < layout->plan->exchange.n_raters; n++)
    key[r->base->label[n]] = key_of(axis, part, n);
  part->row = calloc((size_t)part->n_groups + 1, sizeof *part->row);
  part->n_raters = calloc((size_t)part->n_groups + 2, sizeof *part->n_raters);
  if (!part->row || !part->n_raters) return false;
  for (uint32_t n = 0; n < layout->plan->exchange.n_raters; n++)
    part->n_raters[key_of(axis, part, n)]++;
  for (uint32_t g = 0; g <= part->n_groups; g++) {
    uint8_t wanted[DSS_MOST_CELLS + 1] = {0};
    for (uint32_t c = 0; c < r->base->n_cells; c++)
      wanted[c] = key[c] == g;
    part->row[g] = row_of(r, wanted);
  }
  return true;
}

size_t dss_cpu_row_room(const dss_cpu_layout *layout, size_t b) {
  size_t most = layout->bases[b].n_cells;
  for (size_t p = 0; p < layout->n_parts; p++)
    most += layout->parts[p].base == b ? layout->parts[p].n_groups + 1 : 0;
  return most + 1;
}

static bool base_rows(dss_cpu_layout *layout, size_t b) {
  dss_cpu_base *base = &layout->bases[b];
  size_t room = dss_cpu_row_room(layout, b);
  row_drafts r = {
      .base = base, .holds = calloc(room, sizeof *r.holds), .size = calloc(room, sizeof *r.size)};
  base->addend_ptr = calloc(room, sizeof *base->addend_ptr);
  base->addends = calloc(room * ((size_t)base->n_cells + 1), sizeof *base->addends);
  bool good = r.holds && r.size && base->addend_ptr && base->addends;
  for (uint32_t c = 0; good && c < base->n_cells; c++)
    r.holds[c][c] = (uint8_t)(r.size[c] = 1);
  for (size_t p = 0; good && p < layout->n_parts; p++)
    if (layout->parts[p].base == b) good = part_rows(layout, &r, &layout->parts[p]);
  free(r.holds);
  free(r.size);
  return good;
}

/* --- questions ----------------------------------------------------------------------------- */

static int smaller_first(const void *a, const void *b) {
  const dss_cpu_item *x = a, *y = b;
  if (x->size != y->size) return x->size < y->size ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/* Sums beyond those of alpha and kappa_x over a group's own items. */
static bool wants_more(const dss_sums_choice *choice) {
  return choice->complement || choice->plurality || choice->entropy || choice->cross_entropy ||
         choice->votes;
}

/* Why the narrow kernel takes no item of a question; 0: it takes the small ones. */
static unsigned refusals(const dss_sums_choice *choice, const dss_tables *tables) {
  unsigned reasons = choice->common_units ? DSS_WIDE_COMMON : 0;
  if (tables->n_levels > dss_cpu_narrow_levels(wants_more(choice))) reasons |= DSS_WIDE_LEVELS;
  if (tables->weight_bits > 41) reasons |= DSS_WIDE_WEIGHTS;
  return reasons;
}

/* Narrow items by size; where a size has an odd number of them, one without ratings fills up. */
static uint32_t pad(dss_cpu_item *items, uint32_t n, dss_cpu_item *padded) {
  uint32_t out = 0;
  for (uint32_t i = 0; i < n; i++) {
    padded[out++] = items[i];
    bool last = i + 1 == n || items[i + 1].size != items[i].size;
    if (last && out % 2) padded[out++] = (dss_cpu_item){UINT32_MAX, 0};
  }
  return out;
}

/* The question's items but for the tabled ones, in the kernels' order, into out [n_items + 64];
 * returns how many, the padding with them. *narrow: those for the narrow kernel. Without other sums
 * than alpha's and kappa_x's an item with one rating adds nothing. items [n_items] is scratch. */
static uint32_t order_items(const dss_kernel_question *question, const dss_sums_choice *choice,
                            const bool *tabled, dss_cpu_item *items, dss_cpu_item *out,
                            uint32_t *narrow) {
  bool serves = refusals(choice, &question->tables) == 0;
  uint32_t n = 0, left = question->n_items;
  for (uint32_t u = 0; u < question->n_items; u++) {
    uint32_t size = (uint32_t)(question->item_ptr[u + (size_t)1] - question->item_ptr[u]);
    if (tabled[u] || (size < 2 && !wants_more(choice))) continue;
    if (serves && size <= DSS_NARROW_UNIT)
      items[n++] = (dss_cpu_item){u, size};
    else
      items[--left] = (dss_cpu_item){u, size};
  }
  qsort(items, n, sizeof *items, smaller_first);
  *narrow = pad(items, n, out);
  memcpy(&out[*narrow], &items[left], (question->n_items - left) * sizeof *out);
  return *narrow + question->n_items - left;
}

/* An item's ratings into place, those of a level in their order: level_ptr [levels + 1] of the
 * item, whose first is set. total NULL: they do not count towards narrow_total. */
static void place_item(const dss_kernel_question *question, uint64_t begin, uint64_t end,
                       uint64_t *level_ptr, uint32_t *rater, uint32_t *total, uint32_t row) {
  uint32_t levels = question->tables.n_levels;
  uint64_t next[UINT8_MAX + 1];
  for (uint64_t k = begin; k < end; k++)
    level_ptr[question->code[k] + 1]++;
  for (uint32_t c = 0; c < levels; c++) {
    next[c] = level_ptr[c];
    level_ptr[c + 1] += level_ptr[c];
  }
  for (uint64_t k = begin; k < end; k++) {
    uint8_t code = question->code[k];
    rater[next[code]++] = question->rater[k];
    if (total) total[(size_t)question->rater[k] * row + code]++;
  }
}

static void place_ratings(const dss_kernel_question *question, const dss_cpu_item *items,
                          dss_cpu_question *out) {
  uint32_t levels = question->tables.n_levels;
  for (uint32_t i = 0; i < out->n_items; i++) {
    uint64_t begin = 0, end = 0;
    if (items[i].number != UINT32_MAX) {
      begin = question->item_ptr[items[i].number];
      end = question->item_ptr[items[i].number + (size_t)1];
    }
    place_item(question, begin, end, &out->level_ptr[(size_t)i * levels], out->rater,
               i < out->n_narrow ? out->narrow_total : NULL, out->row);
  }
}

static uint32_t level_count(const dss_cpu_question *q, uint32_t item, uint32_t level) {
  size_t at = (size_t)item * q->tables->n_levels + level;
  return (uint32_t)(q->level_ptr[at + 1] - q->level_ptr[at]);
}

static uint32_t item_size(const dss_cpu_question *q, uint32_t item) {
  size_t levels = q->tables->n_levels, at = item * levels;
  return (uint32_t)(q->level_ptr[at + levels] - q->level_ptr[at]);
}

/* The constants of narrow items u and u + 1. */
static void make_pair(dss_cpu_question *q, uint32_t u, uint32_t *most_level) {
  uint32_t halves = dss_cpu_halves(q->tables), stored = dss_cpu_stored(q->tables->n_levels);
  uint32_t pair = u / 2, sizes[2] = {item_size(q, u), item_size(q, u + 1)};
  q->pair_size[pair] = (int32_t)(sizes[0] | sizes[1] << 16);
  q->pair_all[(size_t)pair * stored + stored - 1] =
      (int32_t)((uint32_t)(uint8_t)-sizes[0] << 8 | (uint32_t)(uint8_t)-sizes[1] << 24);
  for (uint32_t c = 0; c < q->tables->n_levels; c++) {
    uint32_t of[2] = {level_count(q, u, c), level_count(q, u + 1, c)};
    int32_t both = (int32_t)((of[0] | of[1] << 16) << 8 * (c % 2));
    q->narrow_level[c] += of[0] + of[1];
    q->pair_level[(size_t)pair * halves + c / 2] |= both;
    q->pair_all[(size_t)pair * stored + c / 2] |= both;
    for (int i = 0; i < 2; i++)
      if (of[i] > *most_level) *most_level = of[i];
  }
}

/* The last limb takes what is left: w[1] + w[1] has a bit more than 3 * 14. */
static void cut(uint64_t weight, int16_t (*limbs)[64], uint32_t m) {
  for (unsigned l = 0; l < DSS_LIMBS; l++) {
    uint64_t limb = weight >> DSS_LIMB_BITS * l;
    limbs[l][m] = (int16_t)(l + 1 < DSS_LIMBS ? limb & ((1 << DSS_LIMB_BITS) - 1) : limb);
  }
}

static void make_limbs(const dss_tables *t, dss_cpu_limbs *limbs) {
  uint32_t most = t->max_unit < DSS_NARROW_UNIT ? t->max_unit : DSS_NARROW_UNIT;
  for (uint32_t m = 1; m <= most; m++) {
    cut(t->weight[m - 1], limbs->own, m);
    if (m <= DSS_EXACT_MOST)
      limbs->exact[m] = (int16_t)(t->weight[m - 1] >> (t->weight_bits - DSS_WEIGHT_ROOT_BITS));
    cut(t->weight[m], limbs->one_side, m);
  }
  for (uint32_t size = 2; size <= most; size++)
    for (uint32_t m = 1; m < size; m++)
      cut(t->weight[m] + t->weight[size - m], limbs->cross[size], m);
}

static bool make_narrow(const dss_cpu_layout *layout, dss_cpu_question *q) {
  const dss_tables *t = q->tables;
  size_t pairs = q->n_narrow / 2 + 1, halves = dss_cpu_halves(t);
  q->pair_size = calloc(pairs, sizeof *q->pair_size);
  q->pair_all = calloc(pairs * dss_cpu_stored(t->n_levels), sizeof *q->pair_all);
  q->pair_level = calloc(pairs * halves, sizeof *q->pair_level);
  q->narrow_level = calloc(t->n_levels, sizeof *q->narrow_level);
  q->limbs = aligned_alloc(64, sizeof *q->limbs);
  if (!q->pair_size || !q->pair_all || !q->pair_level || !q->narrow_level || !q->limbs)
    return false;
  memset(q->limbs, 0, sizeof *q->limbs);
  uint32_t most_level = 1;
  for (uint32_t u = 0; u < q->n_narrow; u += 2)
    make_pair(q, u, &most_level);
  q->byte_pairs = UINT8_MAX / most_level;
  if (q->n_narrow > 0) make_limbs(t, q->limbs);
  if (q->n_narrow == 0 || !q->more) return true;
  q->more_tables = dss_cpu_more_make(t, layout->plan->choice.skip_ties);
  if (!q->more_tables || !layout->has_records) return q->more_tables != NULL;
  const dss_sums_choice *choice = &layout->plan->choice;
  if (!choice->entropy && !choice->plurality && !choice->cross_entropy) return true;
  q->records = dss_cpu_records_make(t);
  return q->records != NULL;
}

/* All items in their kernels' order; how many for each. items, out: as for order_items. */
static bool all_items(const dss_cpu_layout *layout, const dss_kernel_question *question,
                      dss_cpu_item *items, dss_cpu_item *out, dss_cpu_question *q) {
  const dss_cpu_tabled *t = q->tabled;
  bool *tabled = calloc((size_t)question->n_items + 1, sizeof *tabled);
  if (!tabled) return false;
  for (uint32_t i = 0; t && i < t->n_items; i++)
    tabled[t->item[i]] = true;
  uint32_t n = order_items(question, &layout->plan->choice, tabled, items, out, &q->n_narrow);
  dss_cpu_choose_slices(layout, q, &out[q->n_narrow], n - q->n_narrow);
  q->first_tabled = q->n_items = n;
  for (uint32_t i = 0; t && i < t->n_items; i++)
    out[q->n_items++] = (dss_cpu_item){t->item[i], 0};
  free(tabled);
  return true;
}

static bool make_question(const dss_cpu_layout *layout, const dss_kernel_question *question,
                          dss_cpu_question *out) {
  const dss_kernel_plan *plan = layout->plan;
  uint32_t levels = question->tables.n_levels;
  out->tables = &question->tables;
  out->slots = dss_cpu_slots_of(&question->tables, &plan->choice);
  out->more = wants_more(&plan->choice);
  out->row = (levels + 7) / 8 * 8;
  /* Terms of one item add up to at most Phi < 2^F times its ratings; products to less than 2^52 an
   * item, of which 2^11 fit. */
  out->most_ratings = (uint64_t)1 << (62 - question->tables.weight_bits);
  if (plan->choice.entropy || plan->choice.cross_entropy || plan->choice.votes)
    out->item_charge = (out->most_ratings >> 11) + 1;
  if (layout->has_sparse && dss_cpu_sparse_pays(layout, question, &out->slots)) {
    out->sparse = dss_cpu_sparse_make(plan, question, out->slots.collapsed);
    return out->sparse != NULL;
  }
  /* The narrow kernel can take off the complement who is of unknown value, for alpha and kappa_x.
   */
  if ((out->more || !layout->any_unknown) &&
      !dss_cpu_tabled_make(plan, question, out, &out->tabled))
    return false;
  size_t room = (size_t)question->n_items + DSS_NARROW_UNIT + 1;
  dss_cpu_item *scratch = calloc(2 * room, sizeof *scratch), *items = scratch + room;
  if (!scratch || !all_items(layout, question, scratch, items, out)) {
    free(scratch);
    return false;
  }
  out->level_ptr = calloc((size_t)out->n_items * levels + 1, sizeof *out->level_ptr);
  out->rater = calloc(question->n_ratings ? question->n_ratings : 1, sizeof *out->rater);
  out->narrow_total =
      calloc((size_t)plan->exchange.n_raters * out->row + 1, sizeof *out->narrow_total);
  bool good = out->level_ptr && out->rater && out->narrow_total;
  if (good) place_ratings(question, items, out);
  free(scratch);
  return good && make_narrow(layout, out);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void note_widths(dss_cpu_layout *layout) {
  layout->n_blocks = layout->sum_blocks = 1;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    if (question->slots.n > layout->most_slots) layout->most_slots = question->slots.n;
    if (question->row > layout->most_row) layout->most_row = question->row;
    if (question->tables->n_levels > layout->most_levels)
      layout->most_levels = question->tables->n_levels;
    if (question->tables->max_unit > layout->most_unit)
      layout->most_unit = question->tables->max_unit;
    if (question->n_sliced > 0) layout->sum_blocks = DSS_SLICE_BLOCKS;
    if (question->n_sliced > 0 || question->sparse) layout->n_blocks = DSS_SLICE_BLOCKS;
  }
  for (size_t b = 0; b < layout->n_bases; b++) {
    const dss_cpu_base *base = &layout->bases[b];
    if (base->n_cells > layout->most_cells) layout->most_cells = base->n_cells;
    if (base->n_cells + base->n_sums > layout->most_rows)
      layout->most_rows = base->n_cells + base->n_sums;
  }
}

dss_cpu_layout *dss_cpu_layout_make(const dss_kernel_plan *plan, bool has_sparse,
                                    bool has_records) {
  dss_cpu_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return NULL;
  layout->plan = plan;
  layout->has_sparse = has_sparse;
  layout->has_records = has_records;
  layout->questions = calloc(plan->n_questions, sizeof *layout->questions);
  bool good = layout->questions && make_parts(layout) && make_bases(layout) &&
              dss_cpu_plan_profiles(layout);
  for (size_t b = 0; good && b < layout->n_bases; b++)
    good = base_rows(layout, b) && dss_cpu_plan_visits(layout, b);
  for (size_t p = 0; good && p < layout->n_parts; p++)
    layout->any_unknown |= layout->parts[p].row[layout->parts[p].n_groups] != DSS_NO_ROW;
  for (size_t q = 0; good && q < plan->n_questions; q++)
    good = make_question(layout, &plan->questions[q], &layout->questions[q]) &&
           dss_cpu_hold_pairs(layout, &layout->questions[q]);
  if (!good) {
    dss_cpu_layout_free(layout);
    return NULL;
  }
  note_widths(layout);
  return layout;
}

void dss_cpu_layout_free(dss_cpu_layout *layout) {
  if (!layout) return;
  for (size_t p = 0; layout->parts && p < layout->n_parts; p++) {
    free(layout->parts[p].row);
    free(layout->parts[p].n_raters);
  }
  for (size_t b = 0; layout->bases && b < layout->n_bases; b++) {
    free(layout->bases[b].label);
    free(layout->bases[b].addend_ptr);
    free(layout->bases[b].addends);
    free(layout->bases[b].place);
    free(layout->bases[b].visits);
  }
  for (size_t q = 0; layout->questions && q < layout->plan->n_questions; q++) {
    free(layout->questions[q].level_ptr);
    free(layout->questions[q].rater);
    free(layout->questions[q].narrow_total);
    free(layout->questions[q].narrow_level);
    free(layout->questions[q].pair_size);
    free(layout->questions[q].pair_all);
    free(layout->questions[q].pair_level);
    free(layout->questions[q].held_pairs);
    free(layout->questions[q].limbs);
    free(layout->questions[q].more_tables);
    free(layout->questions[q].records);
    dss_cpu_tabled_free(layout->questions[q].tabled);
    dss_cpu_sparse_free(layout->questions[q].sparse);
  }
  free(layout->parts);
  free(layout->bases);
  free(layout->questions);
  dss_cpu_draws_free(&layout->draws);
  free(layout->words);
  free(layout);
}

dss_cpu_shape dss_cpu_layout_shape(const dss_cpu_layout *layout) {
  const dss_sums_choice *choice = &layout->plan->choice;
  dss_cpu_shape shape = {.n_bases = layout->n_bases};
  for (size_t b = 0; b < layout->n_bases; b++)
    shape.n_cells += layout->bases[b].n_cells;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    uint32_t levels = question->tables->n_levels;
    if (question->sparse) {
      shape.sparse_ratings += question->sparse->n_ratings;
      continue;
    }
    size_t compared = (size_t)question->n_narrow + question->n_sliced;
    uint64_t narrow = question->level_ptr[(size_t)question->n_narrow * levels];
    uint64_t sliced = question->level_ptr[compared * levels] - narrow;
    uint64_t others = question->level_ptr[(size_t)question->first_tabled * levels];
    uint64_t tabled = question->level_ptr[(size_t)question->n_items * levels] - others;
    uint64_t wide = others - narrow - sliced;
    unsigned reasons = refusals(choice, question->tables);
    shape.narrow_ratings += narrow;
    shape.sliced_ratings += sliced;
    shape.wide_ratings += wide;
    shape.tabled_ratings += tabled;
    if (sliced + wide > 0) shape.wide_reasons |= reasons ? reasons : DSS_WIDE_ITEMS;
    if (layout->any_unknown && (tabled > 0 || (narrow > 0 && question->more)))
      shape.wide_reasons |= DSS_WIDE_UNKNOWN;
  }
  return shape;
}

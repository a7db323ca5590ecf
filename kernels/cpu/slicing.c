#include "slicing.h"

#include <stdlib.h>

/* --- what pays ------------------------------------------------------------------------------ */

/* Vector operations for eight blocks, a cell. */
enum {
  COMPARE_RATING = 2 * DSS_SLICE_BLOCKS, /* compare, add */
  COMPARE_LEVEL = 12 * DSS_SLICE_BLOCKS, /* bytes added to 32-bit counts */
  SLICE_RATING = 3,                  /* load, sum, carry; carries of carries as many again less */
  SLICE_LEVEL = 150,                 /* what does not fill sixteen; transposing; storing */
  PART_LEVEL = 512,                  /* and that of an item whose sums are the wide kernel's */
  PLANE_RATER = 2 * DSS_SLICE_BLOCKS /* compare, mark */
};

bool dss_cpu_whole_serves(const dss_cpu_layout *layout, const dss_cpu_question *q) {
  return !layout->plan->choice.votes || q->tables->n_levels <= DSS_WEIGHT_EXACT;
}

/* A group has all its raters on such an item. */
static bool is_whole(const dss_cpu_layout *layout, const dss_cpu_question *q, uint32_t n_ratings) {
  return n_ratings == layout->plan->exchange.n_raters && dss_cpu_whole_serves(layout, q);
}

/* Operations that slices save on an item, the planes aside. */
static int64_t gain(const dss_cpu_layout *layout, const dss_cpu_question *q, uint32_t n_ratings) {
  int64_t level = is_whole(layout, q, n_ratings) ? SLICE_LEVEL : PART_LEVEL;
  return (int64_t)n_ratings * (COMPARE_RATING - SLICE_RATING) -
         (int64_t)q->tables->n_levels * (level - COMPARE_LEVEL);
}

/* Whether n_items items are counted so that save that much. */
static bool pays(const dss_cpu_layout *layout, const dss_cpu_question *q, int64_t saved,
                 uint64_t n_items) {
  enum { LANES = 64 }; /* the most there are: the choice goes by the plan alone */
  uint64_t n_raters = layout->plan->exchange.n_raters, passes = 1;
  uint64_t labels = layout->n_bases * n_raters;
  uint64_t sums = layout->plan->n_groups * q->slots.n * (sizeof(uint64_t) + sizeof(dss_u128));
  if ((labels + sums) * DSS_SLICE_BLOCKS * LANES > DSS_SLICE_MOST) return false;
  for (size_t b = 0; b < layout->n_bases; b++) {
    const dss_cpu_base *base = &layout->bases[b];
    size_t items = dss_cpu_slice_items(layout, base, dss_cpu_halves(q->tables), LANES);
    if (items == 0) return false;
    if (dss_cpu_plane_cells(layout, base, LANES) < base->n_cells) passes = n_items / items + 1;
  }
  uint64_t planes = passes * n_raters * PLANE_RATER;
  return saved > (int64_t)planes;
}

static int larger_first(const void *a, const void *b) {
  const dss_cpu_item *x = a, *y = b;
  if (x->size != y->size) return x->size > y->size ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/* Whole items' counts must fit 16 bits with their sign, their sums 32. */
static uint32_t count_whole(uint32_t n_raters, const dss_cpu_item *items, uint32_t n) {
  uint32_t whole = 0;
  if (n_raters > INT16_MAX) return 0;
  while (whole < n && items[whole].size == n_raters)
    whole++;
  return (uint64_t)whole * n_raters <= INT32_MAX ? whole : 0;
}

void dss_cpu_choose_slices(const dss_cpu_layout *layout, dss_cpu_question *q, dss_cpu_item *items,
                           uint32_t n) {
  int64_t saved = 0, more;
  uint32_t sliced = 0;
  qsort(items, n, sizeof *items, larger_first);
  while (sliced < n && (more = gain(layout, q, items[sliced].size)) > 0) {
    saved += more;
    sliced++;
  }
  if (sliced == 0 || !pays(layout, q, saved, sliced)) return;
  q->n_sliced = sliced;
  q->n_whole = count_whole(layout->plan->exchange.n_raters, items, sliced);
}

/* --- memory --------------------------------------------------------------------------------- */

/* One more plane than raters: nobody's. */
static size_t plane_bytes(const dss_cpu_layout *layout, size_t lanes) {
  return ((size_t)layout->plan->exchange.n_raters + 1) * lanes;
}

size_t dss_cpu_plane_cells(const dss_cpu_layout *layout, const dss_cpu_base *base, size_t lanes) {
  size_t fits = DSS_SLICE_PLANES / plane_bytes(layout, lanes);
  return fits < 1 ? 1 : fits < base->n_cells ? fits : base->n_cells;
}

/* Two levels a 32-bit lane. */
static size_t item_bytes(const dss_cpu_base *base, size_t halves, size_t lanes) {
  return ((size_t)base->n_cells + base->n_sums) * halves * DSS_SLICE_BLOCKS * lanes * 4;
}

/* Sums of products of an item's counts, at most n_raters^2 an item, must fit 31 bits. */
size_t dss_cpu_slice_items(const dss_cpu_layout *layout, const dss_cpu_base *base, size_t halves,
                           size_t lanes) {
  uint64_t n = layout->plan->exchange.n_raters, products = n * n;
  uint64_t items = products > 0 ? INT32_MAX / products : DSS_SLICE_ITEMS;
  size_t bytes = item_bytes(base, halves, lanes), fits = bytes ? DSS_SLICE_ROWS / bytes : 1;
  if (items < 1) items = 1; /* no item is whole then */
  if (items > fits) items = fits;
  return items < DSS_SLICE_ITEMS ? (size_t)items : DSS_SLICE_ITEMS;
}

size_t dss_cpu_planes_bytes(const dss_cpu_layout *layout, size_t lanes) {
  size_t most = 0;
  bool any = false;
  for (size_t q = 0; q < layout->plan->n_questions; q++)
    any |= layout->questions[q].n_sliced > 0;
  for (size_t b = 0; any && b < layout->n_bases; b++) {
    size_t bytes =
        dss_cpu_plane_cells(layout, &layout->bases[b], lanes) * plane_bytes(layout, lanes);
    if (bytes > most) most = bytes;
  }
  return most;
}

size_t dss_cpu_slices_bytes(const dss_cpu_layout *layout, size_t lanes) {
  size_t most = 0;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    size_t halves = dss_cpu_halves(question->tables);
    for (size_t b = 0; question->n_sliced > 0 && b < layout->n_bases; b++) {
      const dss_cpu_base *base = &layout->bases[b];
      size_t items = dss_cpu_slice_items(layout, base, halves, lanes);
      size_t bytes = items * item_bytes(base, halves, lanes);
      if (bytes > most) most = bytes;
    }
  }
  return most;
}

size_t dss_cpu_marginals(const dss_cpu_layout *layout, size_t lanes) {
  size_t most = 0;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    size_t levels = 2 * (size_t)dss_cpu_halves(question->tables);
    if (question->n_whole > 0 && levels > most) most = levels;
  }
  return most * layout->most_rows * DSS_SLICE_BLOCKS * lanes;
}

#include "bench/workloads/assign.h"

#include <math.h>
#include <stdbool.h>

#include "host/simulate/apportion.h"
#include "host/simulate/draw.h"
#include "host/core/alloc.h"

/* Fills out[] with 0, 1, 2 ..., each parts[i] * scale times, in random order. */
static void fill_shuffled(dss_draw *stream, size_t n, const uint64_t *parts, uint32_t scale,
                          uint32_t *out) {
  uint64_t at = 0;
  for (size_t i = 0; i < n; i++)
    for (uint64_t k = 0; k < parts[i] * scale; k++)
      out[at++] = (uint32_t)i;
  dss_draw_shuffle(stream, out, at);
}

/* Every trisection gets its least number; the raters left are divided by the products of shares. */
static dss_status give_profiles(dss_context *context, const settings *set, uint64_t seed,
                                uint32_t scale, design *made) {
  size_t n = settings_n_cells(set);
  double shares[MAX_CELLS] = {0};
  uint64_t parts[MAX_CELLS];
  for (size_t cell = 0; cell < n; cell++) {
    shares[cell] = 1;
    for (size_t i = 0; i < N_ATTRIBUTES; i++)
      shares[cell] *= set->attributes[i].shares[settings_cell_value(set, cell, i)];
  }
  DSS_TRY(
      dss_apportion(context, n, shares, set->raters - n * set->least_raters_per_trisection, parts));
  for (size_t cell = 0; cell < n; cell++)
    parts[cell] += set->least_raters_per_trisection;
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_PROFILE, 0, 0);
  fill_shuffled(&stream, n, parts, scale, made->cell);
  return DSS_OK;
}

static dss_status give_topics(dss_context *context, const settings *set, uint64_t seed,
                              uint32_t scale, design *made) {
  uint64_t parts[MAX_VALUES];
  DSS_TRY(dss_apportion(context, set->topics.n, set->topics.shares, set->items, parts));
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_TOPIC, 0, 0);
  fill_shuffled(&stream, set->topics.n, parts, scale, made->topic);
  return DSS_OK;
}

/* A slot is a place for one rating of an item: each item has its least number, the slots left go to
 * items drawn one by one. */
static void make_slots(const settings *set, uint64_t seed, design *made) {
  uint64_t at = 0;
  for (uint32_t item = 0; item < made->n_items; item++)
    for (uint64_t k = 0; k < set->least_raters_per_item; k++)
      made->item[at++] = item;
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_EXTRA_SLOT, 0, 0);
  while (at < made->n_ratings)
    made->item[at++] = dss_draw_below(&stream, made->n_items);
}

/* Raters get n_ratings / n_raters slots each, and one more for as many raters, drawn at random, as
 * the division leaves over. */
static dss_status size_raters(dss_context *context, uint64_t seed, design *made) {
  uint32_t *order = NULL;
  DSS_TRY(DSS_ALLOC(context, &order, made->n_raters));
  for (uint32_t r = 0; r < made->n_raters; r++)
    order[r] = r;
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_EXTRA_ITEM, 0, 0);
  dss_draw_shuffle(&stream, order, made->n_raters);
  uint64_t each = made->n_ratings / made->n_raters, left = made->n_ratings % made->n_raters;
  for (uint32_t i = 0; i < made->n_raters; i++)
    made->start[order[i] + 1] = each + (i < left);
  for (uint32_t r = 0; r < made->n_raters; r++)
    made->start[r + 1] += made->start[r];
  free(order);
  return DSS_OK;
}

static uint32_t owner_of(const design *made, uint64_t slot) {
  uint32_t low = 0, high = made->n_raters;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (made->start[middle] <= slot)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Does the rater hold `item` in a slot before `end`? */
static bool holds(const design *made, uint32_t rater, uint32_t item, uint64_t end) {
  for (uint64_t slot = made->start[rater]; slot < end; slot++)
    if (made->item[slot] == item) return true;
  return false;
}

/* Swaps a slot whose item its rater has already with a random other one, such that neither rater
 * holds an item that the other gives. */
static dss_status swap_away(dss_context *context, dss_draw *stream, design *made, uint32_t rater,
                            uint64_t slot) {
  for (int attempt = 0; attempt < 100000; attempt++) {
    uint64_t other = dss_draw_below(stream, (uint32_t)made->n_ratings);
    uint32_t owner = owner_of(made, other), given = made->item[slot], taken = made->item[other];
    if (owner == rater || holds(made, rater, taken, made->start[rater + 1]) ||
        holds(made, owner, given, made->start[owner + 1]))
      continue;
    made->item[slot] = taken;
    made->item[other] = given;
    return DSS_OK;
  }
  return dss_fail(context, DSS_ERR_DATA,
                  "no way found to give rater %u different items only: too many items a rater",
                  rater);
}

/* A swap may put a duplicate of an earlier rater right but never makes one, so one pass will do. */
static dss_status deal(dss_context *context, uint64_t seed, design *made) {
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_DEAL, 0, 0);
  dss_draw_shuffle(&stream, made->item, made->n_ratings);
  for (uint32_t r = 0; r < made->n_raters; r++)
    for (uint64_t slot = made->start[r]; slot < made->start[r + 1]; slot++)
      if (holds(made, r, made->item[slot], slot))
        DSS_TRY(swap_away(context, &stream, made, r, slot));
  return DSS_OK;
}

static dss_status check_raters(dss_context *context, const design *made) {
  uint32_t *last = NULL;
  DSS_TRY(DSS_ALLOC(context, &last, made->n_items));
  uint64_t each = made->n_ratings / made->n_raters;
  dss_status status = DSS_OK;
  for (uint32_t r = 0; r < made->n_raters && status == DSS_OK; r++) {
    uint64_t count = made->start[r + 1] - made->start[r];
    if (count != each && count != each + 1)
      status =
          dss_fail(context, DSS_ERR_INTERNAL, "rater %u got %llu items instead of %llu or one more",
                   r, (unsigned long long)count, (unsigned long long)each);
    for (uint64_t slot = made->start[r]; slot < made->start[r + 1]; slot++) {
      if (last[made->item[slot]] == r + 1)
        status =
            dss_fail(context, DSS_ERR_INTERNAL, "rater %u got item %u twice", r, made->item[slot]);
      last[made->item[slot]] = r + 1;
    }
  }
  free(last);
  return status;
}

static dss_status check_items(dss_context *context, const settings *set, const design *made) {
  uint64_t *counts = NULL;
  DSS_TRY(DSS_ALLOC(context, &counts, made->n_items));
  for (uint64_t slot = 0; slot < made->n_ratings; slot++)
    counts[made->item[slot]]++;
  dss_status status = DSS_OK;
  for (uint32_t item = 0; item < made->n_items && status == DSS_OK; item++)
    if (counts[item] < set->least_raters_per_item)
      status = dss_fail(context, DSS_ERR_INTERNAL, "item %u got %llu raters, fewer than promised",
                        item, (unsigned long long)counts[item]);
  free(counts);
  return status;
}

static dss_status check_cells(dss_context *context, const settings *set, const design *made) {
  uint64_t counts[MAX_CELLS];
  size_t n = settings_n_cells(set);
  design_cell_sizes(made, n, counts);
  for (size_t cell = 0; cell < n; cell++)
    if (counts[cell] < set->least_raters_per_trisection)
      return dss_fail(context, DSS_ERR_INTERNAL,
                      "trisection %zu got %llu raters, fewer than promised", cell,
                      (unsigned long long)counts[cell]);
  return DSS_OK;
}

static dss_status fill(dss_context *context, const settings *set, uint64_t seed, uint32_t scale,
                       design *made) {
  DSS_TRY(DSS_ALLOC(context, &made->cell, made->n_raters));
  DSS_TRY(DSS_ALLOC(context, &made->topic, made->n_items));
  DSS_TRY(DSS_ALLOC(context, &made->start, (size_t)made->n_raters + 1));
  DSS_TRY(DSS_ALLOC(context, &made->item, made->n_ratings));
  DSS_TRY(give_profiles(context, set, seed, scale, made));
  DSS_TRY(give_topics(context, set, seed, scale, made));
  make_slots(set, seed, made);
  DSS_TRY(size_raters(context, seed, made));
  DSS_TRY(deal(context, seed, made));
  DSS_TRY(check_raters(context, made));
  DSS_TRY(check_items(context, set, made));
  return check_cells(context, set, made);
}

dss_status design_make(dss_context *context, const settings *set, uint64_t seed, uint32_t scale,
                       design *made) {
  /* Slots are drawn with 32 bits; the settings hold each number below 10^8. */
  if (scale == 0 || set->ratings > UINT32_MAX / scale || set->raters > UINT32_MAX / scale ||
      set->items > UINT32_MAX / scale)
    return dss_fail(context, DSS_ERR_USAGE, "--scale %u: makes more than 2^32 ratings", scale);
  memset(made, 0, sizeof *made);
  made->n_raters = (uint32_t)(set->raters * scale);
  made->n_items = (uint32_t)(set->items * scale);
  made->n_ratings = set->ratings * scale;
  dss_status status = fill(context, set, seed, scale, made);
  if (status != DSS_OK) design_free(made);
  return status;
}

void design_free(design *made) {
  free(made->cell);
  free(made->topic);
  free(made->start);
  free(made->item);
  memset(made, 0, sizeof *made);
}

void design_cell_sizes(const design *made, size_t n_cells, uint64_t *counts) {
  memset(counts, 0, n_cells * sizeof *counts);
  for (uint32_t r = 0; r < made->n_raters; r++)
    counts[made->cell[r]]++;
}

#include "design.h"

#include <unistd.h>

#include "apportion.h"
#include "draw.h"
#include "host/core/alloc.h"

/* --- what there can be ----------------------------------------------------------------------- */

/* A rating takes 9 bytes where it is drawn, 5 in the study, and as much again while that is sorted.
 */
enum { BYTES_A_RATING = 32 };

dss_status dss_design_fits(dss_context *context, double ratings) {
  double pages = (double)sysconf(_SC_PHYS_PAGES), page = (double)sysconf(_SC_PAGESIZE);
  double bytes = ratings * BYTES_A_RATING;
  if (!(pages > 0 && page > 0) || bytes <= pages * page) return DSS_OK;
  return dss_fail(context, DSS_ERR_MEMORY,
                  "%.3g ratings need about %.3g GiB of memory; this machine has %.3g GiB", ratings,
                  bytes / 0x1p30, pages * page / 0x1p30);
}

static dss_status impossible(dss_context *context, const char *what, uint32_t given, const char *of,
                             uint32_t most) {
  return dss_fail(context, DSS_ERR_USAGE, "%u %s, but only %u %s", given, what, most, of);
}

static dss_status check(dss_context *context, const dss_simulate_options *o) {
  if (o->raters < 2 || o->items < 1 || o->raters == UINT32_MAX || o->items == UINT32_MAX)
    return dss_fail(context, DSS_ERR_USAGE, "%u raters and %u items: at least 2 and 1 are needed",
                    o->raters, o->items);
  if (o->batches < 1) return dss_fail(context, DSS_ERR_USAGE, "0 batches: at least 1 is needed");
  if (o->batches > o->raters)
    return impossible(context, "batches", o->batches, "raters", o->raters);
  if (o->batches > o->items) return impossible(context, "batches", o->batches, "items", o->items);
  uint32_t raters = o->raters / o->batches, items = o->items / o->batches;
  if (o->items_per_rater > 0 && o->ratings_per_item > 0)
    return dss_fail(context, DSS_ERR_USAGE,
                    "items a rater and ratings an item: give one, the other follows from it");
  if (o->items_per_rater > items)
    return impossible(context, "items a rater", o->items_per_rater,
                      o->batches > 1 ? "items in a batch" : "items", items);
  if (o->ratings_per_item > raters)
    return impossible(context, "ratings an item", o->ratings_per_item,
                      o->batches > 1 ? "raters in a batch" : "raters", raters);
  return DSS_OK;
}

/* --- profiles -------------------------------------------------------------------------------- */

static dss_status give_profiles(dss_context *context, uint64_t seed, uint32_t n_cells,
                                const double *shares, dss_design *design) {
  uint64_t *parts = NULL, at = 0;
  DSS_TRY(DSS_ALLOC(context, &parts, n_cells));
  dss_status status = dss_apportion(context, n_cells, shares, design->n_raters, parts);
  for (uint32_t cell = 0; status == DSS_OK && cell < n_cells; cell++)
    for (uint64_t k = 0; k < parts[cell]; k++)
      design->cell[at++] = cell;
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_PROFILE, 0, 0);
  dss_draw_shuffle(&stream, design->cell, at);
  free(parts);
  return status;
}

/* --- items ----------------------------------------------------------------------------------- */

/* Raters first .. end-1 of a batch, and its items. `order` holds the items as they are dealt, round
 * after round, the next of them at `next`. */
typedef struct dealing {
  uint64_t seed;
  uint32_t batch, round;
  uint32_t first_item, n_items;
  uint32_t *order; /* [n_items] */
  bool *held;      /* [n_items] by the rater who is being served */
  uint32_t next;
} dealing;

static void shuffle_round(dealing *d) {
  for (uint32_t i = 0; i < d->n_items; i++)
    d->order[i] = i;
  dss_draw stream = dss_draw_from(d->seed, DSS_DRAW_ORDER, d->batch, d->round++);
  dss_draw_shuffle(&stream, d->order, d->n_items);
  d->next = 0;
}

/* The first `want` of a new round must be none that the rater has from the last one: those are
 * swapped with later ones, of which there are enough. */
static void move_held(dealing *d, uint32_t want) {
  uint32_t later = want;
  for (uint32_t i = 0; i < want; i++) {
    if (!d->held[d->order[i]]) continue;
    while (d->held[d->order[later]])
      later++;
    uint32_t moved = d->order[i];
    d->order[i] = d->order[later];
    d->order[later++] = moved;
  }
}

/* Every item comes once a round, so that items differ by at most one in their number of raters. */
static void serve(dealing *d, uint32_t want, uint32_t *items) {
  uint32_t got = 0;
  while (got < want) {
    if (d->next == d->n_items) {
      for (uint32_t i = 0; i < got; i++)
        d->held[items[i] - d->first_item] = true;
      shuffle_round(d);
      move_held(d, want - got);
      for (uint32_t i = 0; i < got; i++)
        d->held[items[i] - d->first_item] = false;
    }
    items[got++] = d->first_item + d->order[d->next++];
  }
}

/* Where part k of n in `parts` equal ones begins. */
static uint32_t part_start(uint32_t n, uint32_t parts, uint32_t k) {
  return (uint32_t)((uint64_t)n * k / parts);
}

/* Ratings of a batch before any is missing. */
static uint64_t batch_ratings(const dss_simulate_options *o, uint32_t raters, uint32_t items) {
  if (o->items_per_rater > 0) return (uint64_t)raters * o->items_per_rater;
  if (o->ratings_per_item > 0) return (uint64_t)items * o->ratings_per_item;
  return (uint64_t)raters * items;
}

/* start[r + 1] - start[r] of the batch's raters. */
static void size_raters(const dss_simulate_options *o, uint32_t batch, dss_design *design) {
  uint32_t first = part_start(o->raters, o->batches, batch);
  uint32_t n = part_start(o->raters, o->batches, batch + 1) - first;
  uint32_t items =
      part_start(o->items, o->batches, batch + 1) - part_start(o->items, o->batches, batch);
  uint64_t ratings = batch_ratings(o, n, items);
  for (uint32_t i = 0; i < n; i++)
    design->start[first + i + 1] = design->start[first + i] + ratings / n + (i < ratings % n);
}

static dss_status deal_batch(dss_context *context, const dss_simulate_options *o, uint32_t batch,
                             dss_design *design) {
  dealing d = {
      .seed = o->seed, .batch = batch, .first_item = part_start(o->items, o->batches, batch)};
  d.n_items = part_start(o->items, o->batches, batch + 1) - d.first_item;
  d.next = d.n_items;
  dss_status status = DSS_ALLOC(context, &d.order, d.n_items);
  if (status == DSS_OK) status = DSS_ALLOC(context, &d.held, d.n_items);
  uint32_t end = part_start(o->raters, o->batches, batch + 1);
  for (uint32_t r = part_start(o->raters, o->batches, batch); status == DSS_OK && r < end; r++)
    serve(&d, (uint32_t)(design->start[r + 1] - design->start[r]), design->item + design->start[r]);
  free(d.order);
  free(d.held);
  return status;
}

static dss_status deal(dss_context *context, const dss_simulate_options *o, dss_design *design) {
  DSS_TRY(DSS_ALLOC(context, &design->start, (size_t)o->raters + 1));
  for (uint32_t batch = 0; batch < o->batches; batch++)
    size_raters(o, batch, design);
  DSS_TRY(DSS_ALLOC(context, &design->item, design->start[o->raters]));
  for (uint32_t batch = 0; batch < o->batches; batch++)
    DSS_TRY(deal_batch(context, o, batch, design));
  return DSS_OK;
}

/* Before anything is allocated: about so many, raters and items counted as ratings. */
static double ratings_about(const dss_simulate_options *o) {
  double raters = o->raters, items = o->items;
  double each = o->items_per_rater > 0    ? raters * o->items_per_rater
                : o->ratings_per_item > 0 ? items * o->ratings_per_item
                                          : raters * (items / o->batches);
  return raters + items + each;
}

dss_status dss_design_make(dss_context *context, const dss_simulate_options *options,
                           uint32_t n_cells, const double *shares, dss_design *design) {
  *design = (dss_design){.n_raters = options->raters, .n_items = options->items};
  DSS_TRY(check(context, options));
  DSS_TRY(dss_design_fits(context, ratings_about(options)));
  DSS_TRY(DSS_ALLOC(context, &design->cell, options->raters));
  DSS_TRY(give_profiles(context, options->seed, n_cells, shares, design));
  return deal(context, options, design);
}

void dss_design_free(dss_design *design) {
  free(design->cell);
  free(design->start);
  free(design->item);
  *design = (dss_design){0};
}

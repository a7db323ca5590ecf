#include "tallies.h"

#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "profile_cells.h"

struct dss_tallies {
  const dss_rated *rated;
  size_t n_columns;
  uint32_t *table;     /* [n_raters][n_columns] each rater's ratings */
  uint64_t *entry_ptr; /* [n_raters + 1] the same, one by one: */
  uint32_t *item, *column;
  dss_profile_cells cells;
};

/* --- building ------------------------------------------------------------------------------ */

static bool takes(const dss_tally_block *block, uint32_t item) {
  return !block->of_item || block->of_item[item];
}

/* One of two passes over all ratings: counts each rater's, then places them, where entry_ptr[r] is
 * the next place for rater r. */
static void pass(dss_tallies *t, const dss_tally_block *blocks, size_t n_blocks, bool place) {
  for (size_t n = 0; n < n_blocks; n++) {
    const dss_tally_ratings *from = blocks[n].ratings;
    for (uint32_t u = 0; u < t->rated->n_items; u++)
      for (uint64_t i = from->item_ptr[u]; takes(&blocks[n], u) && i < from->item_ptr[u + 1]; i++) {
        uint32_t rater = from->rater[i], column = blocks[n].first + from->level[i];
        if (!place) {
          t->entry_ptr[rater + 1]++;
          t->table[rater * t->n_columns + column]++;
        } else {
          uint64_t at = t->entry_ptr[rater]++;
          t->item[at] = u;
          t->column[at] = column;
        }
      }
  }
}

static dss_status make_entries(dss_context *context, dss_tallies *t, const dss_tally_block *blocks,
                               size_t n_blocks) {
  uint32_t n_raters = t->rated->n_raters;
  DSS_TRY(DSS_ALLOC(context, &t->entry_ptr, (size_t)n_raters + 1));
  if (t->n_columns > SIZE_MAX / n_raters) return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &t->table, n_raters * t->n_columns));
  pass(t, blocks, n_blocks, false);
  for (uint32_t r = 0; r < n_raters; r++)
    t->entry_ptr[r + 1] += t->entry_ptr[r];
  DSS_TRY(DSS_ALLOC(context, &t->item, t->entry_ptr[n_raters]));
  DSS_TRY(DSS_ALLOC(context, &t->column, t->entry_ptr[n_raters]));
  pass(t, blocks, n_blocks, true);
  for (uint32_t r = n_raters; r > 0; r--) /* where rater r - 1 ends, r begins */
    t->entry_ptr[r] = t->entry_ptr[r - 1];
  t->entry_ptr[0] = 0;
  return DSS_OK;
}

dss_status dss_tallies_new(dss_context *context, const dss_rated *rated,
                           const dss_tally_block *blocks, size_t n_blocks, dss_tallies **tallies) {
  dss_tallies *t;
  DSS_TRY(DSS_ALLOC(context, &t, 1));
  t->rated = rated;
  for (size_t n = 0; n < n_blocks; n++)
    t->n_columns += blocks[n].n_levels;
  dss_status status = make_entries(context, t, blocks, n_blocks);
  if (status == DSS_OK) status = dss_profile_cells_make(context, &rated->plan->kernel, &t->cells);
  if (status != DSS_OK) {
    dss_tallies_free(t);
    return status;
  }
  *tallies = t;
  return DSS_OK;
}

void dss_tallies_free(dss_tallies *t) {
  if (!t) return;
  free(t->table);
  free(t->entry_ptr);
  free(t->item);
  free(t->column);
  dss_profile_cells_free(&t->cells);
  free(t);
}

size_t dss_tallies_columns(const dss_tallies *t) {
  return t->n_columns;
}

/* --- resamples ----------------------------------------------------------------------------- */

/* Where a call keeps what it works with. */
typedef struct tally_room {
  uint64_t *cells;   /* [n_cells][n_columns]; one rater's, of weighted items */
  uint64_t *groups;  /* [n_groups][n_columns] */
  uint32_t *carried; /* [n_raters] */
  uint32_t *profiles;
} tally_room;

static size_t room_numbers(const dss_tallies *t) {
  return (t->cells.n_cells + t->rated->plan->kernel.n_groups + 1) * t->n_columns;
}

size_t dss_tallies_scratch(const dss_tallies *t) {
  return room_numbers(t) * sizeof(uint64_t) +
         (t->rated->n_raters + dss_profiles_scratch(t->cells.profiles)) * sizeof(uint32_t);
}

static tally_room room_in(const dss_tallies *t, void *scratch) {
  tally_room room = {.cells = scratch};
  room.groups = room.cells + (size_t)t->cells.n_cells * t->n_columns;
  room.carried = (uint32_t *)(room.cells + room_numbers(t));
  room.profiles = room.carried + t->rated->n_raters;
  return room;
}

static void add(uint64_t *restrict to, const uint64_t *restrict from, size_t n) {
  for (size_t i = 0; i < n; i++)
    to[i] += from[i];
}

static void add_narrow(uint64_t *restrict to, const uint32_t *restrict from, size_t n) {
  for (size_t i = 0; i < n; i++)
    to[i] += from[i];
}

static void add_weighted(uint64_t *restrict to, const uint64_t *restrict from, uint64_t weight,
                         size_t n) {
  for (size_t i = 0; i < n; i++)
    to[i] += weight * from[i];
}

/* From groups' rows to columns: what the formulas go along. */
static void put_groups(const dss_tallies *t, const uint64_t *from, double *to) {
  size_t n_groups = t->rated->plan->kernel.n_groups;
  for (size_t c = 0; c < t->n_columns; c++)
    for (size_t g = 0; g < n_groups; g++)
      to[c * n_groups + g] = (double)from[g * t->n_columns + c];
}

void dss_tallies_permuted(const dss_tallies *t, uint64_t b, void *scratch, double *groups) {
  const dss_kernel_plan *plan = &t->rated->plan->kernel;
  tally_room room = room_in(t, scratch);
  size_t n = t->n_columns;
  memset(room.cells, 0, (t->cells.n_cells + plan->n_groups) * n * sizeof *room.cells);
  dss_profile_cells_carried(&t->cells, b, room.profiles, room.carried);
  for (uint32_t r = 0; r < t->rated->n_raters; r++)
    add_narrow(&room.cells[room.carried[r] * n], &t->table[r * n], n);
  for (uint32_t c = 0; c < t->cells.n_cells; c++)
    for (size_t axis = 0; axis < plan->n_axes; axis++) {
      size_t group = t->cells.group[c * plan->n_axes + axis];
      if (group != DSS_NOWHERE) add(&room.groups[group * n], &room.cells[c * n], n);
    }
  put_groups(t, room.groups, groups);
}

void dss_tallies_weighted(const dss_tallies *t, const dss_weighting *weights, void *scratch,
                          double *groups, double *everyone) {
  const dss_kernel_plan *plan = &t->rated->plan->kernel;
  tally_room room = room_in(t, scratch);
  size_t n = t->n_columns;
  uint64_t *own = room.cells, *all = &room.groups[plan->n_groups * n];
  memset(room.groups, 0, (plan->n_groups + 1) * n * sizeof *room.groups);
  for (uint32_t r = 0; r < t->rated->n_raters; r++) {
    memset(own, 0, n * sizeof *own);
    for (uint64_t i = t->entry_ptr[r]; i < t->entry_ptr[r + 1]; i++)
      own[t->column[i]] += weights->items[t->item[i]];
    add_weighted(all, own, weights->everyone[r], n);
    for (size_t axis = 0; axis < plan->n_axes; axis++) {
      int32_t group = plan->axes[axis].group[r];
      if (group >= 0 && weights->raters[axis][r] > 0)
        add_weighted(&room.groups[(plan->axes[axis].first_group + (size_t)group) * n], own,
                     weights->raters[axis][r], n);
    }
  }
  put_groups(t, room.groups, groups);
  for (size_t c = 0; c < n; c++)
    everyone[c] = (double)all[c];
}

void dss_tallies_everyone(const dss_tallies *t, double *everyone) {
  for (size_t c = 0; c < t->n_columns; c++)
    everyone[c] = 0;
  for (uint32_t r = 0; r < t->rated->n_raters; r++)
    for (size_t c = 0; c < t->n_columns; c++)
      everyone[c] += t->table[r * t->n_columns + c]; /* whole numbers: exact */
}

/* --- what stands behind them --------------------------------------------------------------- */

typedef struct tally_seen {
  uint8_t *rater;  /* [n_raters] */
  uint32_t *group; /* [n_groups + 1] one more than the last item seen */
} tally_seen;

static void see(const dss_rated *rated, const dss_tally_block *block, const dss_kernel_axis *axis,
                tally_seen *seen, dss_tally_counts *counts) {
  const dss_tally_ratings *from = block->ratings;
  uint32_t n_groups = axis ? axis->n_groups : 0;
  for (uint32_t u = 0; u < rated->n_items; u++)
    for (uint64_t i = from->item_ptr[u]; takes(block, u) && i < from->item_ptr[u + 1]; i++) {
      uint32_t rater = from->rater[i];
      int32_t group = axis ? axis->group[rater] : 0;
      if (group < 0) continue;
      uint32_t at[2] = {(uint32_t)group, n_groups};
      for (int k = axis ? 0 : 1; k < 2; k++) {
        counts[at[k]].ratings++;
        counts[at[k]].raters += !seen->rater[rater];
        counts[at[k]].items += seen->group[at[k]] != u + 1;
        seen->group[at[k]] = u + 1;
      }
      seen->rater[rater] = 1;
    }
}

dss_status dss_tallies_count(dss_context *context, const dss_rated *rated,
                             const dss_tally_block *block, size_t axis, dss_tally_counts *counts) {
  const dss_kernel_axis *of = axis == DSS_NOWHERE ? NULL : &rated->plan->kernel.axes[axis];
  size_t n = (of ? of->n_groups : 0) + (size_t)1;
  tally_seen seen = {0};
  dss_status status = DSS_ALLOC(context, &seen.rater, rated->n_raters);
  if (status == DSS_OK) status = DSS_ALLOC(context, &seen.group, n);
  if (status == DSS_OK) {
    memset(counts, 0, n * sizeof *counts);
    see(rated, block, of, &seen, counts);
  }
  free(seen.rater);
  free(seen.group);
  return status;
}

#include "profile_cells.h"

#include <stdlib.h>

#include "host/core/alloc.h"

/* A rater by the cell so far and the group on the next axis. */
typedef struct placed {
  uint32_t cell, group, rater;
} placed;

static int compare(const void *left, const void *right) {
  const placed *a = left, *b = right;
  if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
  if (a->group != b->group) return a->group < b->group ? -1 : 1;
  return a->rater < b->rater ? -1 : a->rater > b->rater;
}

/* Splits cells by one axis's groups. */
static void refine(const dss_kernel_axis *axis, uint32_t n_raters, placed *room,
                   dss_profile_cells *cells) {
  for (uint32_t r = 0; r < n_raters; r++)
    room[r] = (placed){cells->of_rater[r], (uint32_t)(axis->group[r] + 1), r};
  qsort(room, n_raters, sizeof *room, compare);
  cells->n_cells = 0;
  for (uint32_t i = 0; i < n_raters; i++) {
    cells->n_cells +=
        i == 0 || room[i].cell != room[i - 1].cell || room[i].group != room[i - 1].group;
    cells->of_rater[room[i].rater] = cells->n_cells - 1;
  }
}

static void name_groups(const dss_kernel_plan *plan, dss_profile_cells *cells) {
  for (uint32_t r = 0; r < plan->exchange.n_raters; r++)
    for (size_t a = 0; a < plan->n_axes; a++) {
      int32_t group = plan->axes[a].group[r];
      cells->group[cells->of_rater[r] * plan->n_axes + a] =
          group < 0 ? SIZE_MAX : plan->axes[a].first_group + (size_t)group;
    }
}

dss_status dss_profile_cells_make(dss_context *context, const dss_kernel_plan *plan,
                                  dss_profile_cells *cells) {
  uint32_t n_raters = plan->exchange.n_raters;
  placed *room;
  DSS_TRY(DSS_ALLOC(context, &cells->of_rater, n_raters));
  DSS_TRY(DSS_ALLOC(context, &room, n_raters));
  for (size_t a = 0; a < plan->n_axes; a++)
    refine(&plan->axes[a], n_raters, room, cells);
  free(room);
  DSS_TRY(DSS_ALLOC(context, &cells->group, cells->n_cells * plan->n_axes));
  name_groups(plan, cells);
  cells->profiles = dss_profiles_open(&plan->exchange);
  return cells->profiles ? DSS_OK : dss_fail_memory(context, n_raters * sizeof(uint64_t));
}

void dss_profile_cells_free(dss_profile_cells *cells) {
  free(cells->of_rater);
  free(cells->group);
  dss_profiles_close(cells->profiles);
}

void dss_profile_cells_carried(const dss_profile_cells *cells, uint64_t b, uint32_t *scratch,
                               uint32_t *carried) {
  dss_profiles_carry(cells->profiles, b, cells->of_rater, scratch, carried);
}

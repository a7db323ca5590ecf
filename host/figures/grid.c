#include "grid.h"

#include <string.h>

#include "axis.h"
#include "host/core/alloc.h"

#define BETWEEN " * " /* of two values in a label */

static dss_status copy_part(dss_context *context, char **copy, const char *text, size_t length) {
  DSS_TRY(DSS_ALLOC(context, copy, length + 1));
  memcpy(*copy, text, length);
  return DSS_OK;
}

/* Whether an axis of this one attribute has this value. */
static bool is_value(const dss_results *r, const char *attribute, const char *value,
                     size_t length) {
  for (size_t a = 0; a < dss_results_n_axes(r); a++) {
    if (strcmp(dss_results_axis(r, a), attribute) != 0) continue;
    dss_axis_groups groups = dss_axis_groups_of(r, a);
    for (size_t g = groups.first; g < groups.end; g++) {
      const char *name = dss_results_group(r, g);
      if (strlen(name) == length && memcmp(name, value, length) == 0) return true;
    }
  }
  return false;
}

/* Where the label's two values meet; NULL where it has no such place, or several and the axis of
 * the first attribute does not tell which. */
static const char *meeting(const dss_results *r, const dss_grid *grid, const char *label) {
  const char *only = strstr(label, BETWEEN);
  if (!only || !strstr(only + 1, BETWEEN)) return only;
  const char *found = NULL;
  for (const char *at = only; at; at = strstr(at + 1, BETWEEN)) {
    if (!is_value(r, grid->attributes[0], label, (size_t)(at - label)) ||
        !is_value(r, grid->attributes[1], at + 3, strlen(at + 3)))
      continue;
    if (found) return NULL;
    found = at;
  }
  return found;
}

/* The place of a value in a list of *n; where it is new, behind `after` (SIZE_MAX: first). Groups
 * come sorted by both attributes, so that a value is behind those before it in its row. */
static dss_status find_or_insert(dss_context *context, char **list, size_t *n, const char *text,
                                 size_t length, size_t after, size_t *place, bool *inserted) {
  *inserted = false;
  for (size_t i = 0; i < *n; i++)
    if (strlen(list[i]) == length && memcmp(list[i], text, length) == 0) {
      *place = i;
      return DSS_OK;
    }
  char *copy = NULL;
  DSS_TRY(copy_part(context, &copy, text, length));
  *place = after == SIZE_MAX ? 0 : after + 1;
  memmove(list + *place + 1, list + *place, (*n - *place) * sizeof *list);
  list[*place] = copy;
  ++*n;
  *inserted = true;
  return DSS_OK;
}

static void make_room(size_t *places, size_t n, size_t at) {
  for (size_t i = 0; i < n; i++)
    if (places[i] >= at) places[i]++;
}

static dss_status add_group(dss_context *context, const dss_results *r, dss_grid *grid, size_t i,
                            bool *told) {
  const char *label = dss_results_group(r, grid->first + i);
  const char *at = meeting(r, grid, label);
  *told = at != NULL;
  if (!at) return DSS_OK;
  bool inserted;
  size_t last_row = grid->n_rows ? grid->n_rows - 1 : SIZE_MAX;
  DSS_TRY(find_or_insert(context, grid->rows, &grid->n_rows, label, (size_t)(at - label), last_row,
                         &grid->row_of[i], &inserted));
  bool same_row = i > 0 && grid->row_of[i - 1] == grid->row_of[i];
  size_t after = same_row ? grid->column_of[i - 1] : SIZE_MAX;
  DSS_TRY(find_or_insert(context, grid->columns, &grid->n_columns, at + 3, strlen(at + 3), after,
                         &grid->column_of[i], &inserted));
  if (inserted) make_room(grid->column_of, i, grid->column_of[i]);
  return DSS_OK;
}

static dss_status fill(dss_context *context, const dss_results *r, dss_grid *grid, bool *told) {
  DSS_TRY(DSS_ALLOC(context, &grid->rows, grid->n_groups));
  DSS_TRY(DSS_ALLOC(context, &grid->columns, grid->n_groups));
  DSS_TRY(DSS_ALLOC(context, &grid->row_of, grid->n_groups));
  DSS_TRY(DSS_ALLOC(context, &grid->column_of, grid->n_groups));
  for (size_t i = 0; i < grid->n_groups && *told; i++)
    DSS_TRY(add_group(context, r, grid, i, told));
  return DSS_OK;
}

dss_status dss_grid_make(dss_context *context, const dss_results *r, size_t axis, dss_grid *grid) {
  dss_axis_groups groups = dss_axis_groups_of(r, axis);
  *grid = (dss_grid){.first = groups.first, .n_groups = groups.end - groups.first};
  const char *name = dss_results_axis(r, axis), *star = strchr(name, '*');
  if (!star || star == name || !star[1] || strchr(star + 1, '*') || grid->n_groups == 0)
    return DSS_OK;
  bool told = true;
  dss_status status = copy_part(context, &grid->attributes[0], name, (size_t)(star - name));
  if (status == DSS_OK)
    status = copy_part(context, &grid->attributes[1], star + 1, strlen(star + 1));
  if (status == DSS_OK) status = fill(context, r, grid, &told);
  if (status != DSS_OK || !told) dss_grid_free(grid);
  return status;
}

size_t dss_grid_pages(const dss_grid *grid) {
  return dss_heat_pages(grid->n_rows, grid->n_columns);
}

void dss_grid_free(dss_grid *grid) {
  for (size_t i = 0; i < grid->n_rows; i++)
    free(grid->rows[i]);
  for (size_t i = 0; i < grid->n_columns; i++)
    free(grid->columns[i]);
  free(grid->attributes[0]);
  free(grid->attributes[1]);
  free(grid->rows);
  free(grid->columns);
  free(grid->row_of);
  free(grid->column_of);
  *grid = (dss_grid){0};
}

#include "cells.h"

#include <stdio.h>

#include "host/core/alloc.h"

/* --- cells ----------------------------------------------------------------------------------- */

static dss_status find_attributes(dss_context *context, const dss_study *study,
                                  const char *const *names, size_t n_names, dss_cells *cells) {
  size_t all = dss_study_n_rater_attributes(study);
  DSS_TRY(DSS_ALLOC(context, &cells->attributes, n_names > all ? n_names : all));
  cells->n_attributes = n_names > 0 ? n_names : all;
  for (size_t i = 0; i < cells->n_attributes; i++) {
    size_t a = n_names > 0 ? 0 : i;
    while (n_names > 0 && a < all &&
           strcmp(dss_study_rater_attribute(study, a)->name, names[i]) != 0)
      a++;
    if (a == all)
      return dss_fail(context, DSS_ERR_USAGE, "the study has no rater attribute '%s'", names[i]);
    for (size_t k = 0; k < i; k++)
      if (cells->attributes[k] == a)
        return dss_fail(context, DSS_ERR_USAGE, "rater attribute '%s' is there twice", names[i]);
    cells->attributes[i] = a;
  }
  return DSS_OK;
}

static bool has_profile(const dss_study *study, const dss_cells *cells, uint32_t rater,
                        uint32_t cell) {
  const int32_t *profile = cells->profile + (size_t)cell * cells->n_attributes;
  for (size_t i = 0; i < cells->n_attributes; i++)
    if (dss_study_rater_attribute(study, cells->attributes[i])->codes[rater] != profile[i])
      return false;
  return true;
}

static dss_status place_raters(dss_context *context, const dss_study *study, dss_cells *cells) {
  cells->n_raters = dss_study_n_raters(study);
  DSS_TRY(DSS_ALLOC(context, &cells->cell, cells->n_raters));
  DSS_TRY(DSS_ALLOC(context, &cells->profile, DSS_MOST_FITTED_CELLS * (cells->n_attributes + 1)));
  for (uint32_t r = 0; r < cells->n_raters; r++) {
    uint32_t cell = 0;
    while (cell < cells->n_cells && !has_profile(study, cells, r, cell))
      cell++;
    if (cell == DSS_MOST_FITTED_CELLS)
      return dss_fail(context, DSS_ERR_USAGE,
                      "the attributes make more than %d profiles: name fewer of them",
                      DSS_MOST_FITTED_CELLS);
    int32_t *profile = cells->profile + (size_t)cell * cells->n_attributes;
    for (size_t i = 0; cell == cells->n_cells && i < cells->n_attributes; i++)
      profile[i] = dss_study_rater_attribute(study, cells->attributes[i])->codes[r];
    cells->n_cells += cell == cells->n_cells;
    cells->cell[r] = cell;
  }
  return DSS_OK;
}

/* --- groups ---------------------------------------------------------------------------------- */

/* Attributes of an axis, by their place among the chosen ones. */
typedef struct axis {
  size_t n, at[3];
} axis;

/* What there is room for. */
typedef struct made {
  size_t groups, axes;
} made;

static bool same(const dss_cells *cells, const axis *x, uint32_t a, uint32_t b) {
  const int32_t *one = cells->profile + (size_t)a * cells->n_attributes;
  const int32_t *other = cells->profile + (size_t)b * cells->n_attributes;
  for (size_t i = 0; i < x->n; i++)
    if (one[x->at[i]] != other[x->at[i]]) return false;
  return true;
}

static bool all_known(const dss_cells *cells, const axis *x, uint32_t cell) {
  for (size_t i = 0; i < x->n; i++)
    if (cells->profile[(size_t)cell * cells->n_attributes + x->at[i]] < 0) return false;
  return true;
}

/* Names a group by the values that the cell has of the axis. */
static dss_status name_group(dss_context *context, const dss_study *study, const dss_cells *cells,
                             const axis *x, uint32_t cell, char **name) {
  size_t room = 1, used = 0;
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 1) DSS_TRY(DSS_ALLOC(context, name, room));
    for (size_t i = 0; i < x->n; i++) {
      const dss_attribute *a = dss_study_rater_attribute(study, cells->attributes[x->at[i]]);
      int32_t code = cells->profile[(size_t)cell * cells->n_attributes + x->at[i]];
      const char *value = a->categories[code];
      if (pass == 0)
        room += strlen(a->name) + strlen(value) + 2;
      else
        used += (size_t)snprintf(*name + used, room - used, "%s%s=%s", i > 0 ? "," : "", a->name,
                                 value);
    }
  }
  return DSS_OK;
}

dss_status dss_cells_name(dss_context *context, const dss_study *study, const dss_cells *cells,
                          uint32_t cell, char **name) {
  axis all = {.n = cells->n_attributes};
  for (size_t i = 0; i < all.n; i++)
    all.at[i] = i;
  return name_group(context, study, cells, &all, cell, name);
}

static bool is_new(const dss_cells *cells, const dss_cell_group *group) {
  for (size_t k = 0; k < cells->n_groups; k++)
    if (memcmp(cells->groups[k].has, group->has, cells->n_cells * sizeof *group->has) == 0)
      return false;
  return true;
}

/* The group of the axis that the cell is in, unless it is there already or no group. */
static dss_status add_group(dss_context *context, const dss_study *study, dss_cells *cells,
                            const axis *x, uint32_t cell, size_t *room) {
  dss_cell_group group = {.attributes = x->n};
  DSS_TRY(DSS_ALLOC(context, &group.has, cells->n_cells));
  for (uint32_t c = 0; c < cells->n_cells; c++)
    group.has[c] = same(cells, x, c, cell);
  for (uint32_t r = 0; r < cells->n_raters; r++)
    group.raters += group.has[cells->cell[r]];
  dss_status status = DSS_OK;
  if (group.raters > 1 && group.raters < cells->n_raters && is_new(cells, &group)) {
    status = name_group(context, study, cells, x, cell, &group.name);
    if (status == DSS_OK) status = DSS_GROW(context, &cells->groups, room, cells->n_groups + 1);
    if (status == DSS_OK) {
      cells->groups[cells->n_groups++] = group;
      return DSS_OK;
    }
  }
  free(group.has);
  free(group.name);
  return status;
}

/* "gender,age"; of no attributes in particular: of all. */
static dss_status name_axis(dss_context *context, const dss_study *study, const dss_cells *cells,
                            const axis *x, char **name) {
  size_t room = 1, used = 0, n = x ? x->n : cells->n_attributes;
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 1) DSS_TRY(DSS_ALLOC(context, name, room));
    for (size_t i = 0; i < n; i++) {
      size_t a = cells->attributes[x ? x->at[i] : i];
      const char *attribute = dss_study_rater_attribute(study, a)->name;
      if (pass == 0)
        room += strlen(attribute) + 1;
      else
        used += (size_t)snprintf(*name + used, room - used, "%s%s", i > 0 ? "," : "", attribute);
    }
  }
  return DSS_OK;
}

/* The next axis, of no value yet. */
static dss_status new_axis(dss_context *context, const dss_study *study, dss_cells *cells,
                           const axis *x, size_t *room, dss_cell_axis **added) {
  DSS_TRY(DSS_GROW(context, &cells->axes, room, cells->n_axes + 1));
  *added = &cells->axes[cells->n_axes++];
  **added =
      (dss_cell_axis){.attributes = x ? x->n : cells->n_attributes, .first_group = cells->n_groups};
  DSS_TRY(DSS_ALLOC(context, &(*added)->value, cells->n_cells));
  return name_axis(context, study, cells, x, &(*added)->name);
}

static dss_status add_axis(dss_context *context, const dss_study *study, dss_cells *cells,
                           const axis *x, made *room) {
  dss_cell_axis *added;
  DSS_TRY(new_axis(context, study, cells, x, &room->axes, &added));
  for (uint32_t cell = 0; cell < cells->n_cells; cell++) {
    uint32_t first = 0;
    while (!same(cells, x, first, cell))
      first++;
    if (first < cell || !all_known(cells, x, cell)) {
      added->value[cell] = first < cell ? added->value[first] : -1;
      continue;
    }
    added->value[cell] = (int32_t)added->n_values++;
    DSS_TRY(add_group(context, study, cells, x, cell, &room->groups));
  }
  added->n_groups = cells->n_groups - added->first_group;
  return DSS_OK;
}

/* Cells of more attributes than any group. */
static dss_status add_cells_axis(dss_context *context, const dss_study *study, dss_cells *cells,
                                 made *room) {
  dss_cell_axis *added;
  DSS_TRY(new_axis(context, study, cells, NULL, &room->axes, &added));
  for (uint32_t cell = 0; cell < cells->n_cells; cell++)
    added->value[cell] = (int32_t)added->n_values++;
  return DSS_OK;
}

static dss_status make_groups(dss_context *context, const dss_study *study, unsigned depth,
                              dss_cells *cells) {
  size_t n = cells->n_attributes;
  made room = {0};
  for (size_t i = 0; depth >= 1 && i < n; i++)
    DSS_TRY(add_axis(context, study, cells, &(axis){1, {i}}, &room));
  for (size_t i = 0; depth >= 2 && i < n; i++)
    for (size_t k = i + 1; k < n; k++)
      DSS_TRY(add_axis(context, study, cells, &(axis){2, {i, k}}, &room));
  for (size_t i = 0; depth >= 3 && i < n; i++)
    for (size_t k = i + 1; k < n; k++)
      for (size_t m = k + 1; m < n; m++)
        DSS_TRY(add_axis(context, study, cells, &(axis){3, {i, k, m}}, &room));
  return depth >= 1 && depth < n ? add_cells_axis(context, study, cells, &room) : DSS_OK;
}

dss_status dss_cells_make(dss_context *context, const dss_study *study, const char *const *names,
                          size_t n_names, unsigned depth, dss_cells *cells) {
  *cells = (dss_cells){0};
  DSS_TRY(find_attributes(context, study, names, n_names, cells));
  DSS_TRY(place_raters(context, study, cells));
  return make_groups(context, study, depth, cells);
}

void dss_cells_free(dss_cells *cells) {
  for (size_t g = 0; g < cells->n_groups; g++) {
    free(cells->groups[g].has);
    free(cells->groups[g].name);
  }
  for (size_t a = 0; a < cells->n_axes; a++) {
    free(cells->axes[a].name);
    free(cells->axes[a].value);
  }
  free(cells->groups);
  free(cells->axes);
  free(cells->cell);
  free(cells->profile);
  free(cells->attributes);
  *cells = (dss_cells){0};
}

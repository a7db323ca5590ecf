/* From rows of a table to an axis's cells. */
#include <math.h>

#include "host/core/alloc.h"
#include "steering.h"

/* What of a rater's profile is compared with rows: attributes of the axis and those told beside. */
typedef struct telling {
  const dss_rated *rated;
  dss_told *told;
  size_t n_axis, n_beside;
  size_t *axis, *beside; /* numbers of keys in told */
  uint32_t n_groups, n_classes;
  int64_t *groups;  /* [n_groups][n_axis] */
  int64_t *classes; /* [n_classes][n_beside] */
  size_t classes_room;
} telling;

/* A row that says something of a cell. */
typedef struct entry {
  uint32_t item, class, told;
  double x;
  size_t row;
} entry;

/* --- which rows an axis goes by ------------------------------------------------------------- */

static bool on_axis(const telling *t, size_t key) {
  for (size_t i = 0; i < t->n_axis; i++)
    if (t->axis[i] == key) return true;
  return false;
}

/* Whether the row tells the axis's attributes, and of the others all or none. */
static bool tells(const telling *t, size_t row, bool beside) {
  const int64_t *keys = t->told->keys + row * t->told->n_keys;
  for (size_t k = 0; k < t->told->n_keys; k++)
    if ((keys[k] != DSS_NOT_TOLD) != (beside || on_axis(t, k))) return false;
  return true;
}

static bool any_tells(const telling *t, bool beside) {
  for (size_t row = 0; row < t->told->rows->n_rows; row++)
    if (tells(t, row, beside)) return true;
  return false;
}

/* Keys of the axis; those beside it where no row tells the axis alone, but some tell everything. */
static dss_status find_keys(dss_context *context, size_t axis, telling *t) {
  const dss_plan_axis *of = &t->rated->plan->axes[axis];
  const dss_told *told = t->told;
  DSS_TRY(DSS_ALLOC(context, &t->axis, of->n_attributes));
  DSS_TRY(DSS_ALLOC(context, &t->beside, told->n_keys));
  for (; t->n_axis < of->n_attributes; t->n_axis++)
    for (size_t k = 0; k < told->n_keys; k++)
      if (told->attributes[k] == of->attributes[t->n_axis]) t->axis[t->n_axis] = k;
  if (any_tells(t, false)) return DSS_OK;
  for (size_t k = 0; k < told->n_keys; k++)
    if (!on_axis(t, k)) t->beside[t->n_beside++] = k;
  if (any_tells(t, true)) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA,
                  "%s: no row tells just what the axis '%s' is made of, and none tells everything",
                  told->rows->file, DSS_EXCERPT(of->name));
}

/* --- groups and classes as keys ------------------------------------------------------------- */

static int64_t category(const telling *t, uint32_t rater, size_t key) {
  const dss_attribute *attribute =
      dss_study_rater_attribute(t->rated->study, t->told->attributes[key]);
  return attribute->codes[t->rated->study_rater[rater]];
}

/* Any rater of a group has its values. */
static dss_status describe_groups(dss_context *context, size_t axis, telling *t) {
  const dss_kernel_axis *of = &t->rated->plan->kernel_axes[axis];
  t->n_groups = of->n_groups;
  DSS_TRY(DSS_ALLOC(context, &t->groups, (size_t)of->n_groups * t->n_axis));
  for (uint32_t r = 0; r < t->rated->n_raters; r++)
    for (size_t i = 0; of->group[r] >= 0 && i < t->n_axis; i++)
      t->groups[(size_t)of->group[r] * t->n_axis + i] = category(t, r, t->axis[i]);
  return DSS_OK;
}

/* The list's number of what has these keys, or n; without keys all are the first. */
static uint32_t find(const int64_t *list, uint32_t n, size_t width, const int64_t *keys) {
  uint32_t i = 0;
  while (width > 0 && i < n && memcmp(list + i * width, keys, width * sizeof *keys) != 0)
    i++;
  return i;
}

static dss_status add_class(dss_context *context, telling *t, uint32_t rater, int64_t *keys,
                            uint32_t *class) {
  *class = DSS_NO_CLASS;
  for (size_t i = 0; i < t->n_beside; i++) {
    keys[i] = category(t, rater, t->beside[i]);
    if (keys[i] < 0) return DSS_OK;
  }
  *class = find(t->classes, t->n_classes, t->n_beside, keys);
  if (*class < t->n_classes) return DSS_OK;
  DSS_TRY(DSS_GROW(context, &t->classes, &t->classes_room, (t->n_classes + 1) * t->n_beside));
  if (t->n_beside)
    memcpy(t->classes + t->n_classes * t->n_beside, keys, t->n_beside * sizeof *keys);
  t->n_classes++;
  return DSS_OK;
}

static dss_status describe_classes(dss_context *context, telling *t, dss_steer_cells *cells) {
  int64_t *keys;
  DSS_TRY(DSS_ALLOC(context, &keys, t->n_beside));
  dss_status status = DSS_OK;
  for (uint32_t r = 0; r < t->rated->n_raters && status == DSS_OK; r++)
    status = add_class(context, t, r, keys, &cells->class_of[r]);
  free(keys);
  return status;
}

/* --- entries -------------------------------------------------------------------------------- */

/* Which of a list a row is about: the number of its keys there, or n. */
static uint32_t match(const telling *t, size_t row, const size_t *keys, size_t width,
                      const int64_t *list, uint32_t n, int64_t *scratch) {
  for (size_t i = 0; i < width; i++)
    scratch[i] = t->told->keys[row * t->told->n_keys + keys[i]];
  return find(list, n, width, scratch);
}

static bool is_there(const dss_told *told, size_t row) {
  return told->item[row] != UINT32_MAX && !isnan(told->value[row]);
}

static size_t by_profile(telling *t, int64_t *scratch, entry *entries) {
  dss_told *told = t->told;
  size_t n = 0;
  for (size_t row = 0; row < told->rows->n_rows; row++) {
    if (!is_there(told, row) || !tells(t, row, t->n_beside > 0)) continue;
    uint32_t group = match(t, row, t->axis, t->n_axis, t->groups, t->n_groups, scratch);
    uint32_t class = match(t, row, t->beside, t->n_beside, t->classes, t->n_classes, scratch);
    if (group == t->n_groups || class == t->n_classes) continue;
    entries[n++] = (entry){told->item[row], class, group, told->value[row], row};
    told->used[row] = true;
  }
  return n;
}

/* number [study's raters] of the plan's, or DSS_NO_CLASS. */
static size_t by_name(const dss_told *told, const uint32_t *number, entry *entries) {
  size_t n = 0;
  for (size_t row = 0; row < told->rows->n_rows; row++) {
    if (!is_there(told, row) || told->keys[row] < 0) continue;
    uint32_t rater = number[told->keys[row]];
    if (rater == DSS_NO_CLASS) continue;
    entries[n++] = (entry){told->item[row], rater, 0, told->value[row], row};
  }
  return n;
}

static int by_cell(const void *a, const void *b) {
  const entry *p = a, *q = b;
  if (p->item != q->item) return p->item < q->item ? -1 : 1;
  return (p->class > q->class) - (p->class < q->class);
}

/* --- cells ---------------------------------------------------------------------------------- */

typedef struct placed {
  double x;
  uint32_t cell;
} placed;

static int by_x(const void *a, const void *b) {
  const placed *p = a, *q = b;
  if (p->x != q->x) return p->x < q->x ? -1 : 1;
  return (p->cell > q->cell) - (p->cell < q->cell);
}

static dss_status order_cells(dss_context *context, dss_steer_cells *c) {
  placed *list;
  DSS_TRY(DSS_ALLOC(context, &list, c->n_cells));
  for (uint32_t t = 0; t < c->n_told; t++) {
    const double *x = c->x + (size_t)t * c->n_cells;
    uint32_t n = 0;
    for (uint32_t cell = 0; cell < c->n_cells; cell++)
      if (!isnan(x[cell])) list[n++] = (placed){x[cell], cell};
    qsort(list, n, sizeof *list, by_x);
    for (uint32_t i = 0; i < n; i++)
      c->order[(size_t)t * c->n_cells + i] = list[i].cell;
    c->n_order[t] = n;
  }
  free(list);
  return DSS_OK;
}

static dss_status allocate(dss_context *context, const dss_rated *rated, bool by_rater,
                           dss_steer_cells *c) {
  if (c->n_cells > 0 && c->n_told > SIZE_MAX / sizeof(double) / c->n_cells)
    return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &c->item_ptr, (size_t)rated->n_items + 1));
  DSS_TRY(DSS_ALLOC(context, &c->class, c->n_cells));
  DSS_TRY(DSS_ALLOC(context, &c->item, c->n_cells));
  DSS_TRY(DSS_ALLOC(context, &c->x, (size_t)c->n_told * c->n_cells));
  DSS_TRY(DSS_ALLOC(context, &c->order, (size_t)c->n_told * c->n_cells));
  DSS_TRY(DSS_ALLOC(context, &c->n_order, c->n_told));
  if (by_rater) DSS_TRY(DSS_ALLOC(context, &c->row, c->n_cells));
  return DSS_OK;
}

static dss_status fill(dss_context *context, const dss_rated *rated, entry *entries, size_t n,
                       bool by_rater, dss_steer_cells *c) {
  qsort(entries, n, sizeof *entries, by_cell);
  for (size_t i = 0; i < n; i++)
    c->n_cells += i == 0 || by_cell(&entries[i - 1], &entries[i]) != 0;
  DSS_TRY(allocate(context, rated, by_rater, c));
  for (size_t i = 0; i < (size_t)c->n_told * c->n_cells; i++)
    c->x[i] = NAN;
  uint32_t cell = 0;
  for (size_t i = 0; i < n; i++) {
    cell += i > 0 && by_cell(&entries[i - 1], &entries[i]) != 0;
    c->class[cell] = entries[i].class;
    c->item[cell] = entries[i].item;
    c->x[(size_t)entries[i].told * c->n_cells + cell] = entries[i].x;
    if (c->row) c->row[cell] = entries[i].row;
  }
  for (cell = 0; cell < c->n_cells; cell++)
    c->item_ptr[c->item[cell] + 1]++;
  for (uint32_t u = 0; u < rated->n_items; u++)
    c->item_ptr[u + 1] += c->item_ptr[u];
  return order_cells(context, c);
}

static dss_status profile_entries(dss_context *context, telling *t, size_t axis,
                                  dss_steer_cells *cells, entry *entries, size_t *n) {
  int64_t *scratch;
  DSS_TRY(find_keys(context, axis, t));
  DSS_TRY(describe_groups(context, axis, t));
  DSS_TRY(describe_classes(context, t, cells));
  cells->n_told = t->n_groups;
  DSS_TRY(DSS_ALLOC(context, &scratch, t->told->n_keys));
  *n = by_profile(t, scratch, entries);
  free(scratch);
  return DSS_OK;
}

static dss_status rater_entries(dss_context *context, const dss_rated *rated, const dss_told *told,
                                dss_steer_cells *cells, entry *entries, size_t *n) {
  uint32_t *number, all = dss_study_n_raters(rated->study);
  DSS_TRY(DSS_ALLOC(context, &number, all));
  for (uint32_t r = 0; r < all; r++)
    number[r] = DSS_NO_CLASS;
  for (uint32_t r = 0; r < rated->n_raters; r++)
    cells->class_of[r] = number[rated->study_rater[r]] = r;
  cells->n_told = 1;
  *n = by_name(told, number, entries);
  free(number);
  return DSS_OK;
}

dss_status dss_steer_cells_new(dss_context *context, const dss_rated *rated, dss_told *told,
                               size_t axis, dss_steer_cells *cells) {
  telling t = {.rated = rated, .told = told};
  entry *entries;
  size_t n = 0;
  DSS_TRY(DSS_ALLOC(context, &cells->class_of, rated->n_raters));
  DSS_TRY(DSS_ALLOC(context, &entries, told->rows->n_rows));
  dss_status status = told->by_rater ? rater_entries(context, rated, told, cells, entries, &n)
                                     : profile_entries(context, &t, axis, cells, entries, &n);
  if (status == DSS_OK && n >= UINT32_MAX)
    status = dss_fail(context, DSS_ERR_DATA, "%s: too many predictions", told->rows->file);
  if (status == DSS_OK) status = fill(context, rated, entries, n, told->by_rater, cells);
  free(entries);
  free(t.axis);
  free(t.beside);
  free(t.groups);
  free(t.classes);
  return status;
}

void dss_steer_cells_free(dss_steer_cells *cells) {
  free(cells->class_of);
  free(cells->item_ptr);
  free(cells->class);
  free(cells->item);
  free(cells->x);
  free(cells->row);
  free(cells->order);
  free(cells->n_order);
}

uint32_t dss_steer_cell(const dss_steer_cells *cells, uint32_t item, uint32_t class) {
  uint32_t low = cells->item_ptr[item], high = cells->item_ptr[item + 1];
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (cells->class[middle] < class)
      low = middle + 1;
    else
      high = middle;
  }
  return low < cells->item_ptr[item + 1] && cells->class[low] == class ? low : DSS_NO_CELL;
}

/* Which figures an evaluation makes, in what order. */
#include <string.h>

#include "host/core/alloc.h"
#include "rows.h"

/* What families are sorted by, the most important first; the last is their first row. */
enum {
  BY_PARTS,
  BY_QUESTION,
  BY_RANK,
  BY_STATISTIC,
  BY_SOURCE,
  BY_AXIS,
  BY_VERSUS,
  BY_ITEMS,
  BY_ROW,
  N_BY
};
typedef struct entry {
  size_t by[N_BY];
  bool first; /* of its series */
} entry;

typedef struct list {
  dss_context *context;
  const dss_rows *rows;
  dss_figure *figures;
  size_t n, room;
} list;

static int in_order(const void *one, const void *two) {
  const entry *a = one, *b = two;
  for (size_t k = 0; k < N_BY; k++)
    if (a->by[k] != b->by[k]) return a->by[k] < b->by[k] ? -1 : 1;
  return 0;
}

/* Whether two keys are of one series, or family. */
static bool alike(const dss_row_key *a, const dss_row_key *b, size_t n) {
  return memcmp(a->of, b->of, n * sizeof *a->of) == 0;
}

static entry entry_of(const dss_rows *rows, size_t place) {
  const dss_row_key *key = &rows->keys[place];
  size_t row = key->of[DSS_KEY_ROW];
  const dss_evaluation_row *of = dss_evaluation_get(rows->evaluation, row);
  return (entry){.by = {[BY_PARTS] = key->of[DSS_KEY_ITEMS] > 0,
                        [BY_QUESTION] = key->of[DSS_KEY_QUESTION],
                        [BY_RANK] = dss_measure_rank(of->statistic),
                        [BY_STATISTIC] = key->of[DSS_KEY_STATISTIC],
                        [BY_SOURCE] = key->of[DSS_KEY_SOURCE],
                        [BY_AXIS] = key->of[DSS_KEY_AXIS],
                        [BY_VERSUS] = key->of[DSS_KEY_VERSUS],
                        [BY_ITEMS] = key->of[DSS_KEY_ITEMS],
                        [BY_ROW] = row},
                 .first = place == 0 || !alike(key, &rows->keys[place - 1], DSS_KEYS_OF_SERIES)};
}

static dss_status add_pages(list *l, dss_figure_kind kind, size_t row) {
  dss_figure figure = {.kind = kind, .row = row};
  size_t pages = 0;
  DSS_TRY(dss_rows_pages(l->context, l->rows, &figure, &pages));
  DSS_TRY(DSS_GROW(l->context, &l->figures, &l->room, l->n + pages));
  for (; figure.page < pages; figure.page++)
    l->figures[l->n++] = figure;
  return DSS_OK;
}

/* The heatmap by parts stands with the first of them, which are all items where there are these. */
static dss_status add_family(list *l, const entry *family) {
  size_t row = family->by[BY_ROW];
  DSS_TRY(add_pages(l, DSS_FIGURE_ROWS, row));
  DSS_TRY(add_pages(l, DSS_FIGURE_MATRIX, row));
  return family->first ? add_pages(l, DSS_FIGURE_PARTS, row) : DSS_OK;
}

static dss_status add_families(list *l) {
  const dss_rows *rows = l->rows;
  entry *families = NULL;
  size_t n = 0;
  DSS_TRY(DSS_ALLOC(l->context, &families, rows->n));
  for (size_t i = 0; i < rows->n; i++)
    if (i == 0 || !alike(&rows->keys[i], &rows->keys[i - 1], DSS_KEYS_OF_FAMILY))
      families[n++] = entry_of(rows, i);
  qsort(families, n, sizeof *families, in_order);
  dss_status status = DSS_GROW(l->context, &l->figures, &l->room, 1);
  for (size_t i = 0; i < n && status == DSS_OK; i++)
    status = add_family(l, &families[i]);
  free(families);
  return status;
}

dss_status dss_evaluation_figures_list(dss_context *context, const dss_evaluation *evaluation,
                                       dss_figure **figures, size_t *n) {
  dss_rows rows;
  DSS_TRY(dss_rows_make(context, evaluation, &rows));
  list l = {.context = context, .rows = &rows};
  dss_status status = add_families(&l);
  dss_rows_free(&rows);
  if (status != DSS_OK) {
    free(l.figures);
    return status;
  }
  *figures = l.figures;
  *n = l.n;
  return DSS_OK;
}

/* Which figures an evaluation makes, in what order. */
#include <string.h>

#include "host/core/alloc.h"
#include "rows.h"

/* What a row is sorted by, the most important first; its number is the last. */
enum {
  KEY_PARTS,
  KEY_QUESTION,
  KEY_RANK,
  KEY_STATISTIC,
  KEY_SOURCE,
  KEY_AXIS,
  KEY_VERSUS,
  KEY_ITEMS,
  KEY_ROW,
  N_KEYS
};
typedef struct entry {
  size_t key[N_KEYS];
} entry;

typedef struct list {
  dss_context *context;
  const dss_evaluation *evaluation;
  dss_figure *figures;
  size_t n, room;
} list;

enum { QUESTIONS, STATISTICS, SOURCES, AXES, ITEMS, N_TEXTS };

static dss_status make_entry(dss_context *context, dss_distinct *lists,
                             const dss_evaluation_row *row, size_t i, entry *made) {
  size_t *key = made->key;
  key[KEY_PARTS] = *row->items != '\0';
  key[KEY_RANK] = dss_measure_rank(row->statistic);
  key[KEY_VERSUS] = (size_t)dss_versus_of(row);
  key[KEY_ROW] = i;
  DSS_TRY(dss_distinct_add(context, &lists[QUESTIONS], row->question, &key[KEY_QUESTION]));
  DSS_TRY(dss_distinct_add(context, &lists[STATISTICS], row->statistic, &key[KEY_STATISTIC]));
  DSS_TRY(dss_distinct_add(context, &lists[SOURCES], row->source, &key[KEY_SOURCE]));
  DSS_TRY(dss_distinct_add(context, &lists[AXES], row->axis, &key[KEY_AXIS]));
  return dss_distinct_add(context, &lists[ITEMS], row->items, &key[KEY_ITEMS]);
}

static int by_key(const void *one, const void *two) {
  const entry *a = one, *b = two;
  for (size_t k = 0; k < N_KEYS; k++)
    if (a->key[k] != b->key[k]) return a->key[k] < b->key[k] ? -1 : 1;
  return 0;
}

static dss_status add_pages(list *l, dss_figure_kind kind, size_t row) {
  dss_figure figure = {.kind = kind, .row = row};
  size_t pages = 0;
  DSS_TRY(dss_evaluation_figure_pages(l->context, l->evaluation, &figure, &pages));
  DSS_TRY(DSS_GROW(l->context, &l->figures, &l->room, l->n + pages));
  for (; figure.page < pages; figure.page++)
    l->figures[l->n++] = figure;
  return DSS_OK;
}

/* The heatmap by parts stands with the first of them, which are all items where there are these. */
static bool is_first_part(const dss_evaluation *e, size_t row) {
  const dss_evaluation_row *of = dss_evaluation_get(e, row);
  for (size_t i = 0; i < row; i++)
    if (dss_same_but_items(of, dss_evaluation_get(e, i))) return false;
  return true;
}

static dss_status add_family(list *l, size_t row) {
  DSS_TRY(add_pages(l, DSS_FIGURE_ROWS, row));
  DSS_TRY(add_pages(l, DSS_FIGURE_MATRIX, row));
  return is_first_part(l->evaluation, row) ? add_pages(l, DSS_FIGURE_PARTS, row) : DSS_OK;
}

static dss_status fill(list *l, dss_distinct *lists, entry *entries, size_t n) {
  const dss_evaluation *e = l->evaluation;
  for (size_t i = 0; i < n; i++)
    DSS_TRY(make_entry(l->context, lists, dss_evaluation_get(e, i), i, &entries[i]));
  qsort(entries, n, sizeof *entries, by_key);
  for (size_t i = 0; i < n; i++)
    if (i == 0 || memcmp(entries[i].key, entries[i - 1].key, KEY_ROW * sizeof(size_t)) != 0)
      DSS_TRY(add_family(l, entries[i].key[KEY_ROW]));
  return DSS_OK;
}

dss_status dss_evaluation_figures_list(dss_context *context, const dss_evaluation *evaluation,
                                       dss_figure **figures, size_t *n) {
  list l = {.context = context, .evaluation = evaluation};
  dss_distinct lists[N_TEXTS] = {0};
  entry *entries = NULL;
  size_t rows = dss_evaluation_n_rows(evaluation);
  dss_status status = DSS_GROW(context, &l.figures, &l.room, 1);
  if (status == DSS_OK) status = DSS_ALLOC(context, &entries, rows);
  if (status == DSS_OK) status = fill(&l, lists, entries, rows);
  free(entries);
  for (size_t i = 0; i < N_TEXTS; i++)
    free(lists[i].all);
  if (status != DSS_OK) {
    free(l.figures);
    return status;
  }
  *figures = l.figures;
  *n = l.n;
  return DSS_OK;
}

#include "evaluation_comparisons.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

#define SIGNIFICANT 0.05

/* A row that stands out; `two`: its section's axis has two groups. */
typedef struct place {
  const dss_evaluation_row *row;
  size_t section, index;
  bool two;
} place;

static bool against_rest(const dss_evaluation_row *row) {
  return strcmp(row->versus, DSS_EVERYONE_ELSE) == 0;
}

bool dss_evaluation_is_gain(const dss_evaluation_row *row) {
  static const char ending[] = "_gain";
  size_t length = strlen(row->statistic), end = strlen(ending);
  return length >= end && strcmp(row->statistic + length - end, ending) == 0;
}

/* On an axis of two groups these are compared with each other and not with everyone else. */
static bool has_two(const dss_evaluation_view *view, size_t first, size_t end) {
  bool pairs = false;
  for (size_t i = first; i < end; i++) {
    const dss_evaluation_row *row = dss_evaluation_shown(view, i);
    if (against_rest(row)) return false;
    pairs |= *row->versus && row->permuted;
  }
  return pairs;
}

static int compare_comparisons(const place *a, const place *b) {
  if (a->section != b->section) return a->section < b->section ? -1 : 1;
  if (dss_evaluation_is_gain(a->row) != dss_evaluation_is_gain(b->row))
    return dss_evaluation_is_gain(a->row) - dss_evaluation_is_gain(b->row);
  if (a->two) return 0;
  int order = strcmp(a->row->group, b->row->group);
  return order ? order
               : strcmp(against_rest(a->row) ? "" : a->row->versus,
                        against_rest(b->row) ? "" : b->row->versus);
}

/* Differences first, tests of the axis last. */
static int rank(const dss_evaluation_row *row) {
  return *row->versus ? 0 : *row->group ? 1 : 2;
}

static int by_comparison(const void *left, const void *right) {
  const place *a = left, *b = right;
  int order = compare_comparisons(a, b);
  if (order) return order;
  const dss_cell *x = &a->row->cell, *y = &b->row->cell;
  if (x->q_bh != y->q_bh) return x->q_bh < y->q_bh ? -1 : 1;
  if (x->p != y->p) return x->p < y->p ? -1 : 1;
  if (rank(a->row) != rank(b->row)) return rank(a->row) - rank(b->row);
  return (a->index > b->index) - (a->index < b->index);
}

/* What speaks for a comparison, and where its rows are. */
typedef struct speaker {
  place place;
  dss_found_comparison comparison;
} speaker;

static int by_surety(const void *left, const void *right) {
  const speaker *a = left, *b = right;
  const dss_cell *x = &a->place.row->cell, *y = &b->place.row->cell;
  double z = fabs(x->z), v = fabs(y->z);
  if (x->q_bh != y->q_bh) return x->q_bh < y->q_bh ? -1 : 1;
  if (x->p != y->p) return x->p < y->p ? -1 : 1;
  if (z != v && !isnan(z) && !isnan(v)) return z > v ? -1 : 1;
  return (a->place.index > b->place.index) - (a->place.index < b->place.index);
}

static size_t list_rows(const dss_evaluation_view *view, place *places) {
  size_t n = 0;
  for (size_t first = 0, end; first < view->n; first = end) {
    for (end = first; end < view->n && view->section[end] == first; end++)
      ;
    bool two = has_two(view, first, end);
    for (size_t i = first; i < end; i++) {
      const dss_evaluation_row *row = dss_evaluation_shown(view, i);
      if (row->cell.q_bh < SIGNIFICANT) places[n++] = (place){row, first, view->order[i], two};
    }
  }
  return n;
}

static void put_together(const place *places, speaker *speakers, dss_found *found) {
  for (size_t first = 0, end; first < found->n_rows; first = end) {
    for (end = first; end < found->n_rows && compare_comparisons(&places[first], &places[end]) == 0;
         end++)
      found->rows[end] = places[end].row;
    speakers[found->n++] = (speaker){places[first], {first, end - first}};
  }
  qsort(speakers, found->n, sizeof *speakers, by_surety);
  for (size_t i = 0; i < found->n; i++)
    found->comparisons[i] = speakers[i].comparison;
}

dss_status dss_found_new(dss_context *context, const dss_evaluation_view *view, dss_found *found) {
  place *places = NULL;
  speaker *speakers = NULL;
  *found = (dss_found){0};
  dss_status status = DSS_ALLOC(context, &places, view->n);
  if (status == DSS_OK) {
    found->n_rows = list_rows(view, places);
    qsort(places, found->n_rows, sizeof *places, by_comparison);
    status = DSS_ALLOC(context, &speakers, found->n_rows);
  }
  if (status == DSS_OK) status = DSS_ALLOC(context, &found->rows, found->n_rows);
  if (status == DSS_OK) status = DSS_ALLOC(context, &found->comparisons, found->n_rows);
  if (status == DSS_OK) put_together(places, speakers, found);
  if (status != DSS_OK) dss_found_free(found);
  free(places);
  free(speakers);
  return status;
}

void dss_found_free(dss_found *found) {
  free(found->rows);
  free(found->comparisons);
  *found = (dss_found){0};
}

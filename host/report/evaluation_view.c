#include "evaluation_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "evaluation_statistics.h"
#include "text.h"

/* --- order ------------------------------------------------------------------------------------ */

static int compare_sections(const dss_evaluation_row *a, const dss_evaluation_row *b) {
  int order = strcmp(a->question, b->question);
  if (order == 0) order = strcmp(a->source, b->source);
  if (order == 0) order = strcmp(a->items, b->items);
  return order ? order : strcmp(a->axis, b->axis);
}

static int compare_blocks(const dss_evaluation_row *a, const dss_evaluation_row *b) {
  int order = compare_sections(a, b);
  if (order == 0) order = strcmp(a->group, b->group);
  return order ? order : strcmp(a->versus, b->versus);
}

/* A row, and the first rows of its section and of its block. */
typedef struct place {
  const dss_evaluation_row *row;
  size_t index, section, block;
} place;

static int by_name(const void *a, const void *b) {
  const place *x = a, *y = b;
  int order = compare_blocks(x->row, y->row);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

static int by_place(const void *a, const void *b) {
  const place *x = a, *y = b;
  if (x->section != y->section) return x->section < y->section ? -1 : 1;
  if (x->block != y->block) return x->block < y->block ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

/* The first rows of the sections, of places that stand by name. */
static void find_sections(place *places, size_t n) {
  for (size_t first = 0, end; first < n; first = end) {
    size_t least = places[first].index;
    for (end = first; end < n && compare_sections(places[first].row, places[end].row) == 0; end++)
      if (places[end].index < least) least = places[end].index;
    for (size_t i = first; i < end; i++)
      places[i].section = least;
  }
}

static void put_in_order(dss_evaluation_view *view, place *places) {
  for (size_t i = 0; i < view->n; i++)
    places[i] = (place){.row = dss_evaluation_get(view->evaluation, i), .index = i};
  qsort(places, view->n, sizeof *places, by_name);
  for (size_t i = 0; i < view->n; i++)
    places[i].block = i > 0 && compare_blocks(places[i - 1].row, places[i].row) == 0
                          ? places[i - 1].block
                          : places[i].index;
  find_sections(places, view->n);
  qsort(places, view->n, sizeof *places, by_place);
  for (size_t i = 0; i < view->n; i++) {
    bool again = i > 0 && places[i].section == places[i - 1].section;
    view->order[i] = places[i].index;
    view->section[i] = again ? view->section[i - 1] : i;
    view->block[i] = again && places[i].block == places[i - 1].block ? view->block[i - 1] : i;
  }
}

/* --- counts ----------------------------------------------------------------------------------- */

static void count_rows(dss_evaluation_view *view) {
  bool reason[DSS_N_REASONS] = {false}, withheld[DSS_N_WITHHELDS] = {false};
  unsigned number = 0;
  for (size_t i = 0; i < view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(view->evaluation, i);
    const dss_cell *cell = &row->cell;
    if (isnan(cell->estimate)) reason[cell->reason] = true;
    withheld[cell->ci_withheld] = true;
    view->sources |= *row->source != '\0';
    view->items |= *row->items != '\0';
    view->tests += !isnan(cell->p);
    view->upper += row->upper && !isnan(cell->p);
    view->intervals += dss_interval_resampled(cell);
    view->of_sizes += dss_is_of_sizes(row);
    view->logits += strcmp(cell->ci_method, "logit") == 0;
  }
  for (size_t i = DSS_REASON_NONE + 1; i < DSS_N_REASONS; i++)
    view->footnotes[i] = reason[i] ? ++number : 0;
  for (size_t i = DSS_WITHHELD_NONE + 1; i < DSS_N_WITHHELDS; i++)
    view->withheld_notes[i] = withheld[i] ? ++number : 0;
}

dss_status dss_evaluation_view_new(dss_context *context, const dss_evaluation *evaluation,
                                   dss_evaluation_view *view) {
  place *places = NULL;
  *view = (dss_evaluation_view){
      .evaluation = evaluation,
      .n = dss_evaluation_n_rows(evaluation),
      .bootstrap = strtoull(dss_evaluation_fact(evaluation, "bootstrap"), NULL, 10)};
  dss_status status = DSS_ALLOC(context, &view->order, view->n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &view->section, view->n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &view->block, view->n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &places, view->n);
  if (status == DSS_OK) {
    put_in_order(view, places);
    count_rows(view);
  } else {
    dss_evaluation_view_free(view);
  }
  free(places);
  return status;
}

void dss_evaluation_view_free(dss_evaluation_view *view) {
  free(view->order);
  free(view->section);
  free(view->block);
  view->order = view->section = view->block = NULL;
}

/* --- names ------------------------------------------------------------------------------------ */

enum { PART_ROOM = DSS_EVALUATION_NAME_ROOM / 2 - 16 };

static void append_name(char *text, const char *before, const char *name, size_t width) {
  char part[PART_ROOM];
  strcat(text, before);
  strcat(text, dss_text_name(part, sizeof part, name, width));
}

void dss_evaluation_label(const dss_evaluation_row *row, size_t width,
                          char text[DSS_EVALUATION_NAME_ROOM]) {
  *text = '\0';
  if (*row->group)
    append_name(text, "", row->group, width);
  else
    strcpy(text, *row->axis ? "every group" : "all raters");
  if (*row->versus) append_name(text, " vs ", row->versus, width);
}

void dss_evaluation_heading(const dss_evaluation_row *row, size_t width,
                            char text[2 * DSS_EVALUATION_NAME_ROOM]) {
  const struct {
    const char *before, *name;
  } parts[] = {{"", row->question}, {"", row->source}, {"", row->items}, {"by ", row->axis}};
  *text = '\0';
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (*parts[i].name == '\0') continue;
    if (*text) strcat(text, "; ");
    append_name(text, parts[i].before, parts[i].name, width);
  }
  if (*row->axis == '\0') strcat(text, *text ? "; all raters" : "all raters");
}

/* --- values ----------------------------------------------------------------------------------- */

dss_view_value dss_evaluation_value(const dss_evaluation_view *view,
                                    const dss_evaluation_row *row) {
  dss_view_value value = dss_view_value_of(&row->cell, view->footnotes);
  if (*value.number && dss_is_count(row->statistic))
    snprintf(value.number, sizeof value.number, "%.0f", row->cell.estimate);
  return value;
}

void dss_evaluation_interval(const dss_evaluation_view *view, const dss_evaluation_row *row,
                             char text[DSS_INTERVAL_ROOM]) {
  const dss_cell *cell = &row->cell;
  unsigned note = view->withheld_notes[cell->ci_withheld];
  if (note == 0 && isnan(cell->estimate)) note = view->footnotes[cell->reason];
  bool bca = strcmp(dss_evaluation_fact(view->evaluation, "interval"), "bca") == 0;
  const char *mark = strcmp(cell->ci_method, "logit") == 0               ? "g"
                     : strcmp(cell->ci_method, "normal") == 0            ? "n"
                     : bca && strcmp(cell->ci_method, "percentile") == 0 ? "p"
                                                                         : "";
  dss_interval_cell_text(cell, view->bootstrap, mark, note, text);
}

void dss_evaluation_null(const dss_evaluation_row *row, char text[24]) {
  *text = '\0';
  if (dss_is_of_sizes(row)) snprintf(text, 24, "%.3f", row->cell.null_mean);
}

void dss_evaluation_p(double p, char text[24]) {
  if (isnan(p))
    strcpy(text, "-");
  else
    snprintf(text, 24, "%.3g", p);
}

/* --- facts ------------------------------------------------------------------------------------ */

const char *dss_evaluation_fact(const dss_evaluation *evaluation, const char *key) {
  const char *text = dss_evaluation_provenance(evaluation, key);
  return text ? text : "";
}

bool dss_evaluation_exact(const dss_evaluation *evaluation) {
  return strcmp(dss_evaluation_fact(evaluation, "arrangements"), "all") == 0;
}

uint64_t dss_evaluation_resamples(const dss_evaluation *evaluation) {
  uint64_t most = 0;
  for (size_t i = 0; i < dss_evaluation_n_rows(evaluation); i++) {
    const dss_cell *cell = &dss_evaluation_get(evaluation, i)->cell;
    if (cell->resamples > most) most = cell->resamples;
  }
  return most;
}

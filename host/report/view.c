#include "view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define SIGNIFICANT 0.05

static const char *const titles[DSS_N_STATISTICS] = {
    [DSS_IRR] = "IRR",
    [DSS_XRR] = "XRR",
    [DSS_NXRR] = "NXRR",
    [DSS_GAI] = "GAI",
    [DSS_DIFFERENCE] = "IRR-XRR",
    [DSS_PLURALITY] = "Plurality",
    [DSS_NEGENTROPY] = "Negentropy",
    [DSS_CROSS_NEGENTROPY] = "Cross-neg.",
    [DSS_VOTING] = "Voting",
    [DSS_PAIR_IRR] = "Pair IRR",
    [DSS_PAIR_XRR] = "Pair XRR",
    [DSS_PAIR_GAI] = "Pair GAI",
    [DSS_PAIR_DIFFERENCE] = "Pair IRR-XRR",
};

const char *dss_view_title(dss_statistic statistic) {
  return titles[statistic];
}

void dss_view_groups(const dss_results *results, size_t axis, size_t *first, size_t *end) {
  size_t n = dss_results_n_groups(results);
  for (*first = 0; *first < n && dss_results_group_axis(results, *first) != axis; ++*first)
    ;
  for (*end = *first; *end < n && dss_results_group_axis(results, *end) == axis; ++*end)
    ;
}

static void measure_labels(dss_view *view) {
  view->label_width = strlen("Group");
  for (size_t g = 0; g < dss_results_n_groups(view->results); g++) {
    size_t width = dss_text_width(dss_results_group(view->results, g), SIZE_MAX);
    if (width > DSS_VIEW_LABEL_WIDTH) width = DSS_VIEW_LABEL_WIDTH;
    if (width > view->label_width) view->label_width = width;
  }
}

static void add_column(dss_view_part *part, const dss_view *view, dss_statistic statistic) {
  if (dss_results_metrics(view->results) & DSS_STATISTIC_BIT(statistic))
    part->columns[part->n_columns++] = statistic;
}

static size_t part_of(dss_statistic statistic) {
  return statistic >= DSS_N_ITEM_STATISTICS ? 2 : statistic >= DSS_PLURALITY ? 1 : 0;
}

/* Reliability, agreement and pairs in a table each, unless one table holds all. */
static void choose_parts(dss_view *view) {
  dss_view_part all = {0};
  size_t width = view->label_width + 20;
  for (int s = 0; s < DSS_N_STATISTICS; s++)
    add_column(&all, view, (dss_statistic)s);
  for (size_t i = 0; i < all.n_columns; i++) {
    size_t title = strlen(titles[all.columns[i]]);
    width += 6 + (title > 6 ? title : 6);
  }
  view->parts[0] = all;
  view->n_parts = 1;
  if (width <= DSS_VIEW_WIDTH) return;
  memset(view->parts, 0, sizeof view->parts);
  for (int s = 0; s < DSS_N_STATISTICS; s++)
    add_column(&view->parts[part_of((dss_statistic)s)], view, (dss_statistic)s);
  view->n_parts = 0;
  for (size_t i = 0; i < DSS_VIEW_MAX_PARTS; i++)
    if (view->parts[i].n_columns > 0) view->parts[view->n_parts++] = view->parts[i];
}

/* Footnotes of intervals, behind those of estimates. */
static void number_withheld(dss_view *view, unsigned number) {
  const dss_results *r = view->results;
  bool occurs[DSS_N_WITHHELDS] = {false};
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      occurs[dss_results_detail(r, q, g)->fieller_withheld] = true;
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (cell) occurs[cell->ci_withheld] = true;
      }
    }
  for (size_t i = DSS_WITHHELD_NONE + 1; i < DSS_N_WITHHELDS; i++)
    view->withheld_notes[i] = occurs[i] ? ++number : 0;
}

static void number_footnotes(dss_view *view) {
  const dss_results *r = view->results;
  bool occurs[DSS_N_REASONS] = {false};
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (cell && isnan(cell->estimate)) occurs[cell->reason] = true;
      }
  unsigned number = 0;
  for (size_t i = DSS_REASON_NONE + 1; i < DSS_N_REASONS; i++)
    view->footnotes[i] = occurs[i] ? ++number : 0;
  number_withheld(view, number);
}

void dss_view_init(dss_view *view, const dss_results *results) {
  *view = (dss_view){.results = results};
  measure_labels(view);
  choose_parts(view);
  number_footnotes(view);
  view->intervals = dss_interval_columns_of(results);
}

dss_view_value dss_view_cell(const dss_view *view, const dss_cell *cell) {
  return dss_view_value_of(cell, view->footnotes);
}

dss_view_value dss_view_value_of(const dss_cell *cell, const unsigned footnotes[DSS_N_REASONS]) {
  dss_view_value value = {.number = ""};
  if (isnan(cell->estimate)) {
    value.footnote = footnotes[cell->reason];
    return value;
  }
  snprintf(value.number, sizeof value.number, fabs(cell->estimate) < 1e6 ? "%.3f" : "%.4g",
           cell->estimate);
  if (strcmp(value.number, "-0.000") == 0) memmove(value.number, value.number + 1, 6);
  value.direction = cell->direction;
  value.stars = cell->q_bh < SIGNIFICANT ? 2 : cell->p < SIGNIFICANT ? 1 : 0;
  return value;
}

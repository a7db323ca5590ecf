#include "intervals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

#define FLAGGED 0.01 /* as dss_cell.boot_flagged */
#define AT_MOST "\xe2\x89\xa4"
#define AT_LEAST "\xe2\x89\xa5"

static bool has_interval(const dss_cell *cell) {
  return cell && *cell->ci_method != '\0';
}

static bool has_set(const dss_group_detail *detail) {
  return detail->fieller_kind != DSS_SET_NONE;
}

uint64_t dss_interval_resamples(const dss_results *r) {
  const char *text = dss_results_provenance(r, "bootstrap");
  return text ? strtoull(text, NULL, 10) : 0;
}

bool dss_interval_resampled(const dss_cell *cell) {
  return has_interval(cell) || (cell && cell->ci_withheld != DSS_WITHHELD_NONE);
}

double dss_interval_share(const dss_results *r, uint64_t undefined) {
  uint64_t all = dss_interval_resamples(r);
  return all > 0 ? (double)undefined / (double)all : NAN;
}

dss_interval_columns dss_interval_columns_of(const dss_results *r) {
  bool any[DSS_INTERVAL_COLUMNS] = {false};
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      for (int s = 0; s < DSS_N_STATISTICS; s++)
        any[s] |= dss_interval_resampled(dss_results_cell(r, q, g, (dss_statistic)s));
      const dss_group_detail *detail = dss_results_detail(r, q, g);
      any[DSS_INTERVAL_FIELLER] |= has_set(detail) || detail->fieller_withheld != DSS_WITHHELD_NONE;
    }
  dss_interval_columns found = {.n_columns = 0};
  for (unsigned s = 0; s < DSS_N_STATISTICS; s++) {
    if (any[s]) found.columns[found.n_columns++] = s;
    if (s == DSS_GAI && any[DSS_INTERVAL_FIELLER])
      found.columns[found.n_columns++] = DSS_INTERVAL_FIELLER;
  }
  return found;
}

const char *dss_interval_title(unsigned column) {
  return column == DSS_INTERVAL_FIELLER ? "GAI (Fieller)" : dss_view_title((dss_statistic)column);
}

static const char *end(char text[24], double value) {
  snprintf(text, 24, fabs(value) < 1e6 ? "%.3f" : "%.4g", value);
  if (strcmp(text, "-0.000") == 0) memmove(text, text + 1, 6);
  return text;
}

static void set_text(const dss_group_detail *detail, char text[DSS_INTERVAL_ROOM]) {
  char low[24], high[24];
  end(low, detail->fieller_low);
  end(high, detail->fieller_high);
  switch (detail->fieller_kind) {
  case DSS_SET_NONE:
    strcpy(text, "-");
    break;
  case DSS_SET_BOUNDED:
    snprintf(text, DSS_INTERVAL_ROOM, "[%s, %s]", low, high);
    break;
  case DSS_SET_OUTSIDE:
    snprintf(text, DSS_INTERVAL_ROOM, AT_MOST " %s or " AT_LEAST " %s", low, high);
    break;
  case DSS_SET_ABOVE:
    snprintf(text, DSS_INTERVAL_ROOM, AT_LEAST " %s", low);
    break;
  case DSS_SET_BELOW:
    snprintf(text, DSS_INTERVAL_ROOM, AT_MOST " %s", high);
    break;
  case DSS_SET_WHOLE:
    strcpy(text, "any number");
    break;
  case DSS_SET_EMPTY:
    strcpy(text, "no number");
    break;
  }
}

/* Resamples in which IRR or XRR is undefined; 0 where the results do not tell (format 1.1). */
static uint64_t set_undefined(const dss_results *r, const dss_group_detail *detail) {
  if (detail->fieller_pairs == 0 && detail->fieller_withheld == DSS_WITHHELD_NONE) return 0;
  return dss_interval_resamples(r) - detail->fieller_pairs;
}

static bool set_flagged(const dss_results *r, const dss_group_detail *detail) {
  return dss_interval_share(r, set_undefined(r, detail)) > FLAGGED;
}

/* "?9.3%" behind what stands in text; "?" where the results do not say of how many. */
static void append_share(char text[DSS_INTERVAL_ROOM], uint64_t all, uint64_t undefined) {
  double percent = all > 0 ? 100.0 * ((double)undefined / (double)all) : NAN;
  size_t at = strlen(text);
  if (isnan(percent))
    snprintf(text + at, DSS_INTERVAL_ROOM - at, "?");
  else
    snprintf(text + at, DSS_INTERVAL_ROOM - at, "?%.*f%%", percent < 10.0 ? 1 : 0, percent);
}

/* The footnote that says why: that of the interval, or else that of an estimate that is missing. */
static unsigned why_none(const dss_view *view, dss_withheld withheld, const dss_cell *first,
                         const dss_cell *second) {
  unsigned note = view->withheld_notes[withheld];
  if (note == 0 && first && isnan(first->estimate)) note = view->footnotes[first->reason];
  if (note == 0 && second && isnan(second->estimate)) note = view->footnotes[second->reason];
  return note;
}

/* "-" and why. */
static void none_text(unsigned note, char text[DSS_INTERVAL_ROOM]) {
  strcpy(text, "-");
  if (note > 0) snprintf(text, DSS_INTERVAL_ROOM, "- (%u)", note);
}

void dss_interval_cell_text(const dss_cell *cell, uint64_t resamples, const char *mark,
                            unsigned note, char text[DSS_INTERVAL_ROOM]) {
  bool shown = has_interval(cell), flagged = dss_interval_resampled(cell) && cell->boot_flagged;
  char low[24], high[24];
  if (shown)
    snprintf(text, DSS_INTERVAL_ROOM, "[%s, %s]", end(low, cell->ci_low), end(high, cell->ci_high));
  else
    none_text(note, text);
  if (*mark || (shown && cell->ci_misses) || flagged) strcat(text, " ");
  strcat(text, mark);
  if (shown && cell->ci_misses) strcat(text, "!");
  if (flagged) append_share(text, resamples, cell->boot_undefined);
}

static void fieller_text(const dss_view *view, size_t q, size_t g, char text[DSS_INTERVAL_ROOM]) {
  const dss_results *r = view->results;
  const dss_group_detail *detail = dss_results_detail(r, q, g);
  if (has_set(detail))
    set_text(detail, text);
  else
    none_text(why_none(view, detail->fieller_withheld, dss_results_cell(r, q, g, DSS_IRR),
                       dss_results_cell(r, q, g, DSS_XRR)),
              text);
  if (!set_flagged(r, detail)) return;
  strcat(text, " ");
  append_share(text, dss_interval_resamples(r), set_undefined(r, detail));
}

bool dss_interval_fell_back(const dss_results *r, const dss_cell *cell) {
  const char *asked = dss_results_provenance(r, "interval");
  return asked && strcmp(asked, "bca") == 0 && strcmp(cell->ci_method, "percentile") == 0;
}

void dss_interval_text(const dss_view *view, size_t q, size_t g, unsigned column,
                       char text[DSS_INTERVAL_ROOM]) {
  const dss_results *r = view->results;
  if (column == DSS_INTERVAL_FIELLER) {
    fieller_text(view, q, g, text);
    return;
  }
  const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)column);
  unsigned note = 0;
  if (cell) note = why_none(view, cell->ci_withheld, cell, NULL);
  bool fell_back = has_interval(cell) && dss_interval_fell_back(r, cell);
  dss_interval_cell_text(cell, dss_interval_resamples(r), fell_back ? "p" : "", note, text);
}

static void count_cell(const dss_results *r, const dss_cell *cell, dss_interval_marks *marks) {
  if (!cell) return;
  marks->withheld += cell->ci_withheld != DSS_WITHHELD_NONE;
  if (!has_interval(cell)) return;
  marks->all++;
  marks->percentile += dss_interval_fell_back(r, cell);
  marks->misses += cell->ci_misses;
  marks->undefined += cell->boot_flagged;
}

dss_interval_marks dss_interval_count_marks(const dss_results *r) {
  dss_interval_marks marks = {0};
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      const dss_group_detail *detail = dss_results_detail(r, q, g);
      for (int s = 0; s < DSS_N_STATISTICS; s++)
        count_cell(r, dss_results_cell(r, q, g, (dss_statistic)s), &marks);
      marks.withheld_sets += detail->fieller_withheld != DSS_WITHHELD_NONE;
      if (!has_set(detail)) continue;
      marks.sets++;
      marks.undefined_sets += set_flagged(r, detail);
    }
  return marks;
}

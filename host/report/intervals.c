#include "intervals.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view.h"

#define AT_MOST "\xe2\x89\xa4"
#define AT_LEAST "\xe2\x89\xa5"

static bool has_interval(const dss_cell *cell) {
  return cell && *cell->ci_method != '\0';
}

dss_interval_columns dss_interval_columns_of(const dss_results *r) {
  bool any[DSS_INTERVAL_COLUMNS] = {false};
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      for (int s = 0; s < DSS_N_STATISTICS; s++)
        any[s] |= has_interval(dss_results_cell(r, q, g, (dss_statistic)s));
      any[DSS_INTERVAL_FIELLER] |= dss_results_detail(r, q, g)->fieller_kind != DSS_SET_NONE;
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

static void fieller_text(const dss_group_detail *detail, char text[DSS_INTERVAL_ROOM]) {
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
  }
}

bool dss_interval_fell_back(const dss_results *r, const dss_cell *cell) {
  const char *asked = dss_results_provenance(r, "interval");
  return asked && strcmp(asked, "bca") == 0 && strcmp(cell->ci_method, "percentile") == 0;
}

void dss_interval_text(const dss_results *r, size_t q, size_t g, unsigned column,
                       char text[DSS_INTERVAL_ROOM]) {
  if (column == DSS_INTERVAL_FIELLER) {
    fieller_text(dss_results_detail(r, q, g), text);
    return;
  }
  const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)column);
  if (!has_interval(cell)) {
    strcpy(text, "-");
    return;
  }
  char low[24], high[24], marks[8] = " ";
  if (dss_interval_fell_back(r, cell)) strcat(marks, "p");
  if (cell->ci_misses) strcat(marks, "!");
  if (cell->boot_flagged) strcat(marks, "?");
  snprintf(text, DSS_INTERVAL_ROOM, "[%s, %s]%s", end(low, cell->ci_low), end(high, cell->ci_high),
           marks[1] ? marks : "");
}

dss_interval_marks dss_interval_count_marks(const dss_results *r) {
  dss_interval_marks marks = {0};
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (!has_interval(cell)) continue;
        marks.all++;
        marks.percentile += dss_interval_fell_back(r, cell);
        marks.misses += cell->ci_misses;
        marks.undefined += cell->boot_flagged;
      }
  return marks;
}

#include "evaluation_findings.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "text.h"

#define SIGNIFICANT 0.05
enum { SHOWN = 12, NAME_WIDTH = 60 };

typedef struct writer {
  const dss_evaluation_view *view;
  dss_finding_fn finding;
  void *user;
} writer;

DSS_PRINTF(3, 4)
static void say(const writer *w, dss_finding_kind kind, const char *format, ...) {
  char text[8192];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  w->finding(kind, text, w->user);
}

static const char *plural(size_t n) {
  return n == 1 ? "" : "s";
}

/* --- counts ----------------------------------------------------------------------------------- */

typedef struct tally {
  size_t found, before, undecided, missing;
} tally;

static tally count(const dss_evaluation_view *view) {
  tally t = {0};
  for (size_t i = 0; i < view->n; i++) {
    const dss_cell *cell = &dss_evaluation_get(view->evaluation, i)->cell;
    t.missing += isnan(cell->estimate);
    if (isnan(cell->p)) continue;
    t.found += cell->q_bh < SIGNIFICANT;
    t.before += !(cell->q_bh < SIGNIFICANT) && cell->p < SIGNIFICANT;
    t.undecided += cell->p_low < SIGNIFICANT && cell->p_high > SIGNIFICANT;
  }
  return t;
}

/* --- the surest ------------------------------------------------------------------------------- */

static int by_q(const void *a, const void *b) {
  const dss_evaluation_row *x = *(const dss_evaluation_row *const *)a,
                           *y = *(const dss_evaluation_row *const *)b;
  if (x->cell.q_bh != y->cell.q_bh) return x->cell.q_bh < y->cell.q_bh ? -1 : 1;
  if (x->cell.p != y->cell.p) return x->cell.p < y->cell.p ? -1 : 1;
  double z = fabs(x->cell.z), v = fabs(y->cell.z);
  if (z != v && !isnan(z) && !isnan(v)) return z > v ? -1 : 1;
  return (x > y) - (x < y); /* in the evaluation's order */
}

static void describe(const writer *w, const dss_evaluation_row *row) {
  char label[DSS_EVALUATION_NAME_ROOM], heading[2 * DSS_EVALUATION_NAME_ROOM];
  char statistic[4 * NAME_WIDTH + 16], interval[DSS_INTERVAL_ROOM], p[24], q[24];
  dss_view_value value = dss_evaluation_value(w->view, row);
  const char *side = row->cell.direction > 0   ? ", above what chance gives"
                     : row->cell.direction < 0 ? ", below what chance gives"
                                               : "";
  dss_evaluation_label(row, NAME_WIDTH, label);
  dss_evaluation_heading(row, NAME_WIDTH, heading);
  dss_text_name(statistic, sizeof statistic, row->statistic, NAME_WIDTH);
  dss_evaluation_interval(w->view, row, interval);
  dss_evaluation_p(row->cell.p, p);
  dss_evaluation_p(row->cell.q_bh, q);
  bool shown = *row->cell.ci_method != '\0';
  say(w, DSS_FINDING_ITEM, "%s, %s (%s): %s%s%s%s; p = %s, q = %s.", label, statistic, heading,
      value.number, shown ? ", 95% interval " : "", shown ? interval : "", side, p, q);
}

static dss_status surest(dss_context *context, const writer *w, size_t found) {
  const dss_evaluation_row **rows;
  size_t n = 0;
  if (found == 0) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &rows, found));
  for (size_t i = 0; i < w->view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(w->view->evaluation, i);
    if (row->cell.q_bh < SIGNIFICANT) rows[n++] = row;
  }
  qsort(rows, n, sizeof *rows, by_q);
  say(w, DSS_FINDING_HEADING, "What stands out");
  say(w, DSS_FINDING_TEXT, "%s",
      found > SHOWN ? "The surest, with the smallest q first:" : "With the smallest q first:");
  for (size_t i = 0; i < n && i < SHOWN; i++)
    describe(w, rows[i]);
  free(rows);
  return DSS_OK;
}

/* --- what cannot be said ---------------------------------------------------------------------- */

static void missing(const writer *w, size_t rows) {
  size_t counts[DSS_N_REASONS] = {0};
  if (rows == 0) return;
  for (size_t i = 0; i < w->view->n; i++) {
    const dss_cell *cell = &dss_evaluation_get(w->view->evaluation, i)->cell;
    if (isnan(cell->estimate)) counts[cell->reason]++;
  }
  say(w, DSS_FINDING_HEADING, "What could not be computed");
  say(w, DSS_FINDING_TEXT, "%zu of %zu row%s %s no estimate, because:", rows, w->view->n,
      plural(w->view->n), rows == 1 ? "has" : "have");
  for (unsigned i = 0; i < DSS_N_REASONS; i++)
    if (counts[i])
      say(w, DSS_FINDING_ITEM, "%s (%zu row%s)",
          i == DSS_REASON_NONE ? "no reason is recorded" : dss_reason_text((dss_reason)i),
          counts[i], plural(counts[i]));
}

static void counted(const writer *w) {
  const dss_evaluation *e = w->view->evaluation;
  if (dss_evaluation_n_notes(e) == 0) return;
  say(w, DSS_FINDING_HEADING, "What was counted on the way");
  say(w, DSS_FINDING_TEXT, "Nothing is dropped without being named:");
  for (size_t i = 0; i < dss_evaluation_n_notes(e); i++) {
    const dss_evaluation_note *note = dss_evaluation_get_note(e, i);
    char what[700], names[700];
    dss_text_name(what, sizeof what, note->what, 160);
    dss_text_name(names, sizeof names, note->names, 160);
    say(w, DSS_FINDING_ITEM, "%" PRIu64 " %s%s%s", note->count, what, *note->names ? ": " : "",
        *note->names ? names : "");
  }
}

/* --- the whole -------------------------------------------------------------------------------- */

static void lead(const writer *w, const tally *t) {
  const dss_evaluation_view *v = w->view;
  if (v->tests == 0) {
    say(w, DSS_FINDING_LEAD, "Nothing was tested: the table has %zu estimate%s%s.",
        v->n - t->missing, plural(v->n - t->missing), v->intervals ? " and intervals" : "");
    return;
  }
  if (t->found == 0)
    say(w, DSS_FINDING_LEAD,
        "Of %zu test%s none stands out after correction for all of them (q < 0.05): what was seen "
        "is what chance gives, or there are too few ratings to tell.",
        v->tests, plural(v->tests));
  else
    say(w, DSS_FINDING_LEAD,
        "Of %zu test%s %zu stand%s out after correction for all of them (q < 0.05).", v->tests,
        plural(v->tests), t->found, t->found == 1 ? "s" : "");
}

dss_status dss_evaluation_findings(dss_context *context, const dss_evaluation_view *view,
                                   dss_finding_fn finding, void *user) {
  const writer w = {view, finding, user};
  tally t = count(view);
  lead(&w, &t);
  if (t.before > 0)
    say(&w, DSS_FINDING_TEXT,
        "%zu more %s p < 0.05 before correction only; among %zu tests about %.0f would if there "
        "were nothing to find.",
        t.before, t.before == 1 ? "has" : "have", view->tests, 0.05 * (double)view->tests);
  if (t.undecided > 0)
    say(&w, DSS_FINDING_TEXT,
        "For %zu test%s the resamples do not settle on which side of 0.05 p is; more permutations "
        "would.",
        t.undecided, plural(t.undecided));
  DSS_TRY(surest(context, &w, t.found));
  missing(&w, t.missing);
  counted(&w);
  return DSS_OK;
}

#include "evaluation_findings.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation_comparisons.h"
#include "evaluation_statistics.h"
#include "host/core/context.h"
#include "text.h"

#define SIGNIFICANT 0.05
enum { SHOWN = 12, NAME_WIDTH = 60, LIST_ROOM = 2400 };

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

/* What else of the comparison stands out, by name. */
static void name_others(const dss_found *found, const dss_found_comparison *of,
                        char text[LIST_ROOM]) {
  enum { MOST = 6 };
  const dss_evaluation_row **rows = &found->rows[of->first];
  size_t n = 0;
  *text = '\0';
  for (size_t i = 1; i < of->n; i++) {
    size_t before = 0;
    while (strcmp(rows[before]->statistic, rows[i]->statistic) != 0)
      before++;
    if (before < i || n++ >= MOST) continue;
    char name[4 * NAME_WIDTH + 16];
    strcat(text, n == 1 ? " Likewise: " : ", ");
    strcat(text, dss_text_name(name, sizeof name, rows[i]->statistic, NAME_WIDTH));
  }
  if (n > MOST) snprintf(text + strlen(text), 40, " and %zu more", n - MOST);
  if (n > 0) strcat(text, ".");
}

static void describe(const writer *w, const dss_found *found, const dss_found_comparison *of) {
  const dss_evaluation_row *row = found->rows[of->first];
  char label[DSS_EVALUATION_NAME_ROOM], heading[2 * DSS_EVALUATION_NAME_ROOM];
  char statistic[4 * NAME_WIDTH + 16], interval[DSS_INTERVAL_ROOM], p[24], q[24], others[LIST_ROOM];
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
  name_others(found, of, others);
  bool shown = *row->cell.ci_method != '\0';
  say(w, DSS_FINDING_ITEM, "%s, %s (%s): %s%s%s%s; p = %s, q = %s.%s", label, statistic, heading,
      value.number, shown ? ", 95% interval " : "", shown ? interval : "", side, p, q, others);
}

static void surest(const writer *w, const dss_found *found) {
  if (found->n == 0) return;
  say(w, DSS_FINDING_HEADING, "What stands out");
  say(w, DSS_FINDING_TEXT, "%s, a line a comparison:",
      found->n > SHOWN ? "The surest, with the smallest q first" : "With the smallest q first");
  for (size_t i = 0; i < found->n && i < SHOWN; i++)
    describe(w, found, &found->comparisons[i]);
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

static void lead(const writer *w, const tally *t, size_t comparisons) {
  const dss_evaluation_view *v = w->view;
  if (v->tests == 0) {
    say(w, DSS_FINDING_LEAD, "Nothing was tested: the table has %zu estimate%s%s.",
        v->n - t->missing, plural(v->n - t->missing), v->intervals ? " and intervals" : "");
    return;
  }
  /* One test alone stands out where its p times all tests is below 0.05. */
  double sides = v->upper == v->tests ? 1.0 : 2.0;
  double least = sides * dss_evaluation_least_p(v->evaluation) * (double)v->tests;
  if (t->found == 0 && least >= 0.05)
    say(w, DSS_FINDING_LEAD,
        "Of %zu test%s none stands out after correction for all of them (q < 0.05): what was seen "
        "is what chance gives, or there are too few ratings to tell, or too few resamples: the "
        "smallest p that %" PRIu64 " can give, times all tests, is %.2g.",
        v->tests, plural(v->tests), dss_evaluation_resamples(v->evaluation), least);
  else if (t->found == 0)
    say(w, DSS_FINDING_LEAD,
        "Of %zu test%s none stands out after correction for all of them (q < 0.05): what was seen "
        "is what chance gives, or there are too few ratings to tell.",
        v->tests, plural(v->tests));
  else
    say(w, DSS_FINDING_LEAD,
        "Of %zu test%s %zu stand%s out after correction for all of them (q < 0.05), in %zu "
        "comparison%s.",
        v->tests, plural(v->tests), t->found, t->found == 1 ? "s" : "", comparisons,
        plural(comparisons));
}

dss_status dss_evaluation_findings(dss_context *context, const dss_evaluation_view *view,
                                   dss_finding_fn finding, void *user) {
  const writer w = {view, finding, user};
  tally t = count(view);
  dss_found found;
  DSS_TRY(dss_found_new(context, view, &found));
  lead(&w, &t, found.n);
  if (t.before > 0)
    say(&w, DSS_FINDING_TEXT,
        "%zu%s %s p < 0.05 before correction only; among %zu tests about %.0f would if there "
        "were nothing to find.",
        t.before, t.found ? " more" : "", t.before == 1 ? "has" : "have", view->tests,
        0.05 * (double)view->tests);
  if (t.undecided > 0)
    say(&w, DSS_FINDING_TEXT,
        "For %zu test%s the resamples do not settle on which side of 0.05 p is; more permutations "
        "would.",
        t.undecided, plural(t.undecided));
  surest(&w, &found);
  dss_found_free(&found);
  missing(&w, t.missing);
  counted(&w);
  return DSS_OK;
}

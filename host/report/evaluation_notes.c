#include "evaluation_notes.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "design_notes.h"
#include "evaluation_comparisons.h"
#include "evaluation_statistics.h"
#include "facts.h"
#include "host/core/context.h"
#include "text.h"

enum { LABEL_WIDTH = 80, LABEL_ROOM = 400, LIST_WIDTH = 160, LIST_ROOM = 700 };

typedef struct writer {
  const dss_evaluation_view *view;
  const dss_evaluation *evaluation;
  bool marked;
  dss_note_fn note;
  void *user;
} writer;

DSS_PRINTF(3, 4)
static void say(const writer *w, dss_note_kind kind, const char *format, ...) {
  char text[8192];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  w->note(kind, w->marked ? text : dss_text_unmark(text), w->user);
}

static const char *fact(const writer *w, const char *key) {
  return dss_evaluation_fact(w->evaluation, key);
}

static const char *plural(size_t n) {
  return n == 1 ? "" : "s";
}

/* --- how -------------------------------------------------------------------------------------- */

static void tests(const writer *w) {
  const dss_evaluation_view *v = w->view;
  char scheme[LABEL_ROOM];
  uint64_t resamples = dss_evaluation_resamples(w->evaluation);
  dss_text_name(scheme, sizeof scheme, fact(w, "scheme"), LABEL_WIDTH);
  if (v->tests == 0) {
    say(w, DSS_NOTE, "Nothing was tested: %s.",
        v->intervals ? "estimates and intervals only" : "estimates only");
    return;
  }
  say(w, DSS_NOTE,
      "%s: %" PRIu64 " %s, scheme %s, seed %s; p is two-sided%s; the family for q is all %zu "
      "test%s.",
      dss_evaluation_exact(w->evaluation) ? "Exact permutation test" : "Permutation test",
      resamples, dss_evaluation_exact(w->evaluation) ? "arrangements, which are all" : "resamples",
      scheme, fact(w, "seed"),
      v->upper == 0          ? ""
      : v->upper == v->tests ? " nowhere: only large values speak against the null"
                             : ", but one-sided for statistics of which only large values speak "
                               "against the null",
      v->tests, plural(v->tests));
  say(w, DSS_NOTE,
      "\xe2\x86\x91 \xe2\x86\x93 above or below the null's median; * p < 0.05; ** q < 0.05 "
      "(Benjamini and Hochberg).");
}

static void stopping(const writer *w) {
  uint64_t after = strtoull(fact(w, "stop_after"), NULL, 10);
  if (w->view->tests == 0 || after == 0 || dss_evaluation_exact(w->evaluation)) return;
  say(w, DSS_NOTE,
      "Stopping: a test ends at the first multiple of %u resamples at which %" PRIu64
      " have reached it on each side; a one-sided p is then that number over the resamples it "
      "took. "
      "maxT is left out.",
      DSS_STOP_EVERY, after);
}

static void tails(const writer *w) {
  size_t n = 0;
  for (size_t i = 0; i < w->view->n; i++)
    n += !isnan(dss_evaluation_get(w->evaluation, i)->cell.p_tail);
  if (n > 0)
    say(w, DSS_NOTE,
        "Fewer than 10 resamples reach %zu test%s: JSON and the file have an estimate of p from a "
        "generalized Pareto tail beside it, with a 95%% interval.",
        n, plural(n));
}

static void intervals(const writer *w) {
  const char *over = fact(w, "over");
  if (w->view->intervals == 0) return;
  say(w, DSS_NOTE, "95%% intervals: %s bootstrap over %s, %s resamples, seed %s%s%s.",
      fact(w, "interval"), strcmp(over, "both") == 0 ? "raters and items" : over,
      fact(w, "bootstrap"), fact(w, "seed"),
      w->view->logits > 0 ? "; g behind one: in its place that of a rate or a gap on the logit "
                            "scale, with a standard error in which single ratings count once"
                          : "",
      strcmp(fact(w, "interval"), "bca") == 0
          ? "; p behind one: percentile, because BCa is undefined; n: the estimate and 1.96 "
            "standard "
            "errors on either side, because most resamples lie on one side of it"
          : "");
}

/* Whole, if anything can be: what is cut off may be what a reader looks for. */
static void settings(const writer *w) {
  enum { WIDTH = 900, ROOM = 4 * WIDTH + 8 };
  char text[ROOM];
  if (*fact(w, "settings"))
    say(w, DSS_NOTE, "Settings: %s.", dss_text_name(text, sizeof text, fact(w, "settings"), WIDTH));
  if (*fact(w, "filters"))
    say(w, DSS_NOTE, "Only %s.", dss_text_name(text, sizeof text, fact(w, "filters"), WIDTH));
}

/* A view by one rating is another with more of them. */
static void rule_of_any(const writer *w) {
  if (strncmp(fact(w, "settings"), "rule=any;", 9) != 0) return;
  say(w, DSS_NOTE,
      "Under the rule any one rating makes a view positive: rates depend on how many ratings an "
      "item has. They and their intervals are about studies with as many, and groups with unlike "
      "numbers of ratings an item differ by that alone.");
}

/* What the kind counted, by name. */
static void counted(const writer *w) {
  for (size_t i = 0; i < dss_evaluation_n_notes(w->evaluation); i++) {
    const dss_evaluation_note *note = dss_evaluation_get_note(w->evaluation, i);
    char what[LIST_ROOM], names[LIST_ROOM];
    dss_text_name(what, sizeof what, note->what, LIST_WIDTH);
    dss_text_name(names, sizeof names, note->names, LIST_WIDTH);
    if (*note->names)
      say(w, DSS_NOTE, "%" PRIu64 " %s: %s.", note->count, what, names);
    else
      say(w, DSS_NOTE, "%" PRIu64 " %s.", note->count, what);
  }
}

/* --- items ------------------------------------------------------------------------------------ */

/* The items behind a row, the first of them in one line. */
static void items_of(const writer *w, size_t first, size_t end) {
  enum { SHOWN = 5, ONE = 300 };
  const dss_evaluation *e = w->evaluation;
  const dss_evaluation_row *row = dss_evaluation_get(e, dss_evaluation_get_item(e, first)->row);
  char label[DSS_EVALUATION_NAME_ROOM], heading[2 * DSS_EVALUATION_NAME_ROOM],
      statistic[LABEL_ROOM], list[SHOWN * (ONE + 40)] = "";
  for (size_t i = first; i < end && i < first + SHOWN; i++) {
    const dss_evaluation_item *item = dss_evaluation_get_item(e, i);
    char name[ONE], one[ONE + 40];
    snprintf(one, sizeof one, "%s%s (%.3g)", i > first ? ", " : "",
             dss_text_name(name, sizeof name, item->item, LABEL_WIDTH / 2), item->share);
    strcat(list, one);
  }
  dss_evaluation_label(row, LABEL_WIDTH, label);
  dss_evaluation_heading(row, LABEL_WIDTH, heading);
  dss_text_name(statistic, sizeof statistic, row->statistic, LABEL_WIDTH);
  say(w, DSS_NOTE, "Items behind %s of %s (%s), with their shares: %s%s.", statistic, label,
      heading, list, end - first > SHOWN ? "; the others are in the file and in JSON" : "");
}

static void items(const writer *w) {
  enum { ROWS = 12 };
  size_t n = dss_evaluation_n_items(w->evaluation), rows = 0;
  for (size_t first = 0, end; first < n; first = end) {
    size_t row = dss_evaluation_get_item(w->evaluation, first)->row;
    for (end = first; end < n && dss_evaluation_get_item(w->evaluation, end)->row == row; end++)
      ;
    if (rows++ < ROWS) items_of(w, first, end);
  }
  if (rows > 0)
    say(w, DSS_NOTE,
        "Items that make a gap come before those against it, larger shares before smaller; among "
        "equal shares those of which the two sides say the most different things, then those with "
        "more ratings, then by name.");
  if (rows > ROWS)
    say(w, DSS_NOTE, "Items are listed for %zu more rows in the file and in JSON.", rows - ROWS);
}

/* --- footnotes and warnings ------------------------------------------------------------------- */

static void footnotes(const writer *w) {
  const dss_evaluation_view *v = w->view;
  for (unsigned i = 0; i < DSS_N_REASONS; i++)
    if (v->footnotes[i])
      say(w, DSS_NOTE_FOOTNOTE, "(%u) %s", v->footnotes[i], dss_reason_text((dss_reason)i));
  for (unsigned i = 0; i < DSS_N_WITHHELDS; i++)
    if (v->withheld_notes[i])
      say(w, DSS_NOTE_FOOTNOTE, "(%u) %s", v->withheld_notes[i],
          dss_withheld_text((dss_withheld)i));
}

typedef struct doubts {
  size_t flagged, misses, undefined, withheld, few;
} doubts;

static doubts find_doubts(const dss_evaluation_view *v) {
  doubts d = {0};
  for (size_t i = 0; i < v->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(v->evaluation, i);
    const dss_cell *cell = &row->cell;
    bool shown = *cell->ci_method != '\0';
    d.flagged += cell->flagged;
    d.misses += shown && cell->ci_misses;
    d.undefined += dss_interval_resampled(cell) && cell->boot_flagged;
    d.withheld += cell->ci_withheld != DSS_WITHHELD_NONE &&
                  cell->ci_withheld != DSS_WITHHELD_BIASED; /* in every study */
    d.few += *row->group && !isnan(cell->estimate) && row->raters < DSS_FEW_RATERS;
  }
  return d;
}

/* --- gaps whose null mean is not 0 ------------------------------------------------------------ */

/* Why: groups' sizes; and where raters trade profiles only with those like them in something, all
 * that goes with it, which no resample changes. */
static void null_means(const writer *w, size_t n, size_t all, double most, const char *list) {
  static const char sizes[] =
      "a smaller group, of fewer ratings an item, has worse rates for its size alone";
  const char *colon = strchr(fact(w, "scheme"), ':');
  char kept[LABEL_ROOM];
  if (!colon) {
    say(w, DSS_NOTE_WARNING,
        "%zu of %zu gaps would not be near 0 if groups did not differ (%.3f at most): %s. p, q and "
        "arrows allow for it, the estimate and its interval do not; the null mean is that part: "
        "%s.",
        n, all, most, sizes, list);
    return;
  }
  dss_text_name(kept, sizeof kept, colon + 1, LABEL_WIDTH);
  say(w, DSS_NOTE_WARNING,
      "%zu of %zu gaps would not be near 0 if raters with the same value of %s did not differ "
      "(%.3f at most): what goes with %s stays in every resample, and %s. p, q and arrows allow "
      "for both, the estimate and its interval do not; the null mean is that part: %s.",
      n, all, kept, most, kept, sizes, list);
}

/* Of such rows the one with the smallest p that is larger than `above`, then the first in the
 * file behind `after`; n rows: none. */
static size_t next_of_sizes(const dss_evaluation_view *v, double above, size_t after) {
  size_t best = v->n;
  double least = INFINITY;
  for (size_t i = 0; i < v->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(v->evaluation, i);
    double p = row->cell.p;
    if (!dss_is_of_sizes(row) || p < above || (p == above && i <= after) || !(p < least)) continue;
    least = p;
    best = i;
  }
  return best;
}

static void gaps_of_sizes(const writer *w) {
  enum { NAMED = 3, ONE = DSS_EVALUATION_NAME_ROOM + LABEL_ROOM + 80 };
  const dss_evaluation_view *v = w->view;
  char list[NAMED * ONE] = "";
  size_t n = 0, all = 0, at = SIZE_MAX;
  double most = 0.0;
  for (size_t i = 0; i < v->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(v->evaluation, i);
    all += dss_is_gap(row) && !isnan(row->cell.null_mean);
    if (!dss_is_of_sizes(row)) continue;
    n++;
    if (fabs(row->cell.null_mean) > fabs(most)) most = row->cell.null_mean;
  }
  if (n == 0) return;
  for (size_t k = 0; k < NAMED && k < n; k++) {
    char label[DSS_EVALUATION_NAME_ROOM], statistic[LABEL_ROOM], one[ONE];
    at =
        next_of_sizes(v, at == SIZE_MAX ? -1.0 : dss_evaluation_get(v->evaluation, at)->cell.p, at);
    if (at == v->n) break;
    const dss_evaluation_row *row = dss_evaluation_get(v->evaluation, at);
    dss_evaluation_label(row, LABEL_WIDTH, label);
    snprintf(one, sizeof one, "%s%s of %s, %.3f, %.3f of it", *list ? "; " : "",
             dss_text_name(statistic, sizeof statistic, row->statistic, LABEL_WIDTH), label,
             row->cell.estimate, row->cell.null_mean);
    strcat(list, one);
  }
  null_means(w, n, all, most, list);
}

static void warnings(const writer *w) {
  const dss_evaluation_view *v = w->view;
  doubts d = find_doubts(v);
  double least = dss_evaluation_least_p(w->evaluation);
  if (v->tests > 0 && 2.0 * least > 0.05)
    say(w, DSS_NOTE_WARNING, "With so few resamples no two-sided p can be under %.2g.",
        fmin(1.0, 2.0 * least));
  if (d.few > 0)
    say(w, DSS_NOTE_WARNING, "%zu row%s on fewer than %d raters: single persons decide.", d.few,
        d.few == 1 ? " rests" : "s rest", DSS_FEW_RATERS);
  if (d.flagged > 0)
    say(w, DSS_NOTE_WARNING,
        "%zu row%s undefined in more than 1%% of the resamples; each counts against significance.",
        d.flagged, d.flagged == 1 ? " is" : "s are");
  if (d.misses > 0)
    say(w, DSS_NOTE_WARNING,
        "! marks %zu interval%s without %s estimate: the resamples are biased.", d.misses,
        plural(d.misses), d.misses == 1 ? "its" : "their");
  if (d.undefined > 0)
    say(w, DSS_NOTE_WARNING,
        "? marks %zu row%s, with the share of the bootstrap's resamples in which it is undefined.",
        d.undefined, plural(d.undefined));
  gaps_of_sizes(w);
  if (d.withheld > 0)
    say(w, DSS_NOTE_WARNING, "%zu interval%s withheld, each with its footnote.", d.withheld,
        d.withheld == 1 ? " is" : "s are");
}

/* --- the design ------------------------------------------------------------------------------- */

/* The share of the raters' possible ratings that are there, over the questions of the rows. */
static double density(const writer *w) {
  const char *before = NULL;
  double questions = 0.0;
  for (size_t i = 0; i < w->view->n; i++) { /* a question's rows are shown together */
    const char *question = dss_evaluation_shown(w->view, i)->question;
    questions += !before || strcmp(question, before) != 0;
    before = question;
  }
  double places = strtod(fact(w, "raters"), NULL) * strtod(fact(w, "items"), NULL) * questions;
  return places > 0.0 ? strtod(fact(w, "ratings"), NULL) / places : NAN;
}

/* A test whose resamples shuffle the raters' profiles. */
static bool exchanges_raters(const writer *w) {
  for (size_t i = 0; i < w->view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(w->evaluation, i);
    if (row->permuted && !isnan(row->cell.p) && !dss_evaluation_is_gain(row)) return true;
  }
  return false;
}

/* "site: A", and the question where there are several. */
static void name_group(const writer *w, const dss_evaluation_group *group,
                       char text[4 * LABEL_ROOM]) {
  char axis[LABEL_ROOM], name[LABEL_ROOM], question[LABEL_ROOM];
  bool several =
      strcmp(dss_evaluation_get_group(w->evaluation, 0)->question,
             dss_evaluation_get_group(w->evaluation, dss_evaluation_n_groups(w->evaluation) - 1)
                 ->question) != 0;
  dss_text_name(axis, sizeof axis, group->axis, LABEL_WIDTH / 2);
  dss_text_name(name, sizeof name, group->group, LABEL_WIDTH / 2);
  dss_text_name(question, sizeof question, group->question, LABEL_WIDTH / 2);
  snprintf(text, 4 * LABEL_ROOM, "%s: %s%s%s", axis, name, several ? ", " : "",
           several ? question : "");
}

static void few_shared(const writer *w) {
  const dss_evaluation_group *first = NULL;
  size_t groups = 0;
  for (size_t i = 0; i < dss_evaluation_n_groups(w->evaluation); i++) {
    const dss_evaluation_group *group = dss_evaluation_get_group(w->evaluation, i);
    if (dss_design_few_shared(group->n_shared, group->n_items) && groups++ == 0) first = group;
  }
  if (groups == 0) return;
  char label[4 * LABEL_ROOM], text[DSS_DESIGN_NOTE_ROOM];
  name_group(w, first, label);
  dss_design_say_few_shared(groups, "group", label, "a difference may be of the items", text);
  say(w, DSS_NOTE_WARNING, "%s", text);
}

static void design(const writer *w) {
  char text[DSS_DESIGN_NOTE_ROOM];
  few_shared(w);
  if (exchanges_raters(w) && dss_design_exchange(fact(w, "scheme"), density(w), text))
    say(w, DSS_NOTE_WARNING, "%s", text);
}

void dss_evaluation_notes(const dss_evaluation_view *view, bool marked, dss_note_fn note,
                          void *user) {
  const writer w = {view, view->evaluation, marked, note, user};
  tests(&w);
  stopping(&w);
  tails(&w);
  intervals(&w);
  settings(&w);
  rule_of_any(&w);
  counted(&w);
  items(&w);
  footnotes(&w);
  warnings(&w);
  design(&w);
}

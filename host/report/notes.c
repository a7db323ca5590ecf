#include "notes.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "design_notes.h"
#include "facts.h"
#include "text.h"

enum { LABEL_WIDTH = 40, LABEL_ROOM = 200 };

typedef struct writer {
  const dss_view *view;
  bool marked;
  dss_note_fn note;
  void *user;
} writer;

DSS_PRINTF(3, 4)
static void say(const writer *w, dss_note_kind kind, const char *format, ...) {
  char text[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  w->note(kind, w->marked ? text : dss_text_unmark(text), w->user);
}

/* Whether the tail that decides the two-sided p has all its exceedances. */
static bool settled(const dss_cell *cell) {
  return (cell->p_up <= cell->p_down ? cell->ge_at : cell->le_at) > 0;
}

/* What --stop-after did: how many tests ended early, and how their p-values came about. */
static void stopping(const writer *w) {
  const dss_results *r = w->view->results;
  uint64_t after = dss_fact_count(r, "stop_after"), most = dss_fact_count(r, "permutations");
  uint64_t last = most > 0 ? (most - 1) / DSS_STOP_EVERY * DSS_STOP_EVERY : 0;
  size_t tests = 0, early = 0, of_h = 0;
  if (after == 0) return;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (!cell || isnan(cell->p)) continue;
        tests++;
        early += cell->resamples < most;
        of_h += settled(cell);
      }
  say(w, DSS_NOTE,
      "Stopping: a test ends at the first multiple of %u resamples at which %" PRIu64
      " have reached it on each side; %zu of %zu test%s ended before the last resample. The "
      "smaller "
      "one-sided p is %" PRIu64 " over the number of resamples up to exceedance %" PRIu64
      " on its side in %zu of them, else (exceedances + 1) / (resamples + 1); p is twice that, at "
      "most 1. maxT needs every resample of every test and is left out.",
      DSS_STOP_EVERY, after, early, tests, tests == 1 ? "" : "s", after, after, of_h);
  if (after > last)
    say(w, DSS_NOTE_WARNING,
        "No test can end early: %" PRIu64 " exceedances on each side take more than the %" PRIu64
        " resamples after which that is looked at for the last time.",
        after, last);
}

/* A group, and the question where there are several. */
enum { ROW_ROOM = 2 * LABEL_ROOM };
static const char *name_row(const dss_results *r, size_t q, size_t g, char text[ROW_ROOM]) {
  dss_text_name(text, LABEL_ROOM, dss_results_group(r, g), LABEL_WIDTH);
  if (dss_results_n_questions(r) < 2) return text;
  strcat(text, ", ");
  dss_text_name(text + strlen(text), LABEL_ROOM - 2, dss_results_question(r, q), LABEL_WIDTH);
  return text;
}

/* "GAI of woman 3e-05 (2e-08 to 0.0002)" */
static void describe_tail(const dss_results *r, size_t q, size_t g, dss_statistic statistic,
                          char *text, size_t room) {
  char row[ROW_ROOM];
  const dss_cell *cell = dss_results_cell(r, q, g, statistic);
  snprintf(text, room, "%s of %s %.1g (%.1g to %.1g)", dss_view_title(statistic),
           name_row(r, q, g, row), cell->p_tail, cell->p_tail_low, cell->p_tail_high);
}

/* Where p is as small as the resamples allow: what a fitted tail says, test by test. */
static void tails(const writer *w) {
  enum { SHOWN = 6, ROOM = 600 };
  const dss_results *r = w->view->results;
  char list[SHOWN * ROOM] = "", one[ROOM];
  size_t tests = 0;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (!cell || isnan(cell->p_tail) || tests++ >= SHOWN) continue;
        describe_tail(r, q, g, (dss_statistic)s, one, sizeof one);
        if (*list) strcat(list, "; ");
        strcat(list, one);
      }
  if (tests == 0) return;
  say(w, DSS_NOTE,
      "Fewer than 10 resamples reach %zu test%s: beside p, a generalized Pareto tail estimates it, "
      "with a 95%% interval, as: %s%s.",
      tests, tests == 1 ? "" : "s", list,
      tests > SHOWN ? "; the others are in the JSON report" : "");
}

static void how(const writer *w) {
  const dss_results *r = w->view->results;
  char scheme[LABEL_ROOM], filters[2 * LABEL_ROOM];
  dss_text_name(scheme, sizeof scheme, dss_fact_text(r, "scheme"), 2 * LABEL_WIDTH);
  dss_text_name(filters, sizeof filters, dss_fact_text(r, "filters"), 4 * LABEL_WIDTH);
  uint64_t resamples = dss_results_resamples(r);
  if (resamples == 0) {
    say(w, DSS_NOTE, "No permutations were made: %s without significance.",
        dss_interval_count_marks(r).all ? "estimates and intervals," : "estimates only,");
  } else {
    size_t tests = dss_fact_tests(r);
    const char *plural = tests == 1 ? "" : "s";
    if (dss_fact_exact(r))
      say(w, DSS_NOTE,
          "Exact permutation test: every distinct arrangement once, %" PRIu64
          " in all, scheme %s; p is two-sided; the family for q is all %zu test%s.",
          resamples, scheme, tests, plural);
    else
      say(w, DSS_NOTE,
          "Permutation test: %s%" PRIu64
          " resample%s, scheme %s, seed %s; p is two-sided; the family "
          "for q is all %zu test%s.",
          dss_fact_count(r, "stop_after") > 0 ? "up to " : "", resamples, resamples == 1 ? "" : "s",
          scheme, dss_fact_text(r, "seed"), tests, plural);
    double least = dss_fact_least_p(r);
    if (least > 0.05)
      say(w, DSS_NOTE_WARNING, "With so few %s no p can be under %.2g.", dss_fact_resamples(r),
          least);
    say(w, DSS_NOTE,
        "\xe2\x86\x91 \xe2\x86\x93 above or below the null's median; * p < 0.05; ** q < 0.05 "
        "(Benjamini and Hochberg).");
    stopping(w);
    tails(w);
  }
  if (*dss_fact_text(r, "filters")) say(w, DSS_NOTE, "Only %s.", filters);
  if (strcmp(dss_fact_text(r, "units"), "common") == 0)
    say(w, DSS_NOTE, "IRR and XRR are taken over the same items (units common).");
  if (strcmp(dss_fact_text(r, "ties"), "skip") == 0)
    say(w, DSS_NOTE, "Voting agreement leaves out items with a tie (ties skip).");
}

/* What the intervals are, and what their marks mean, for marks that occur. */
static void intervals(const writer *w) {
  static const struct {
    const char *word, *name;
  } names[] = {{"bca", "BCa"}, {"basic", "basic"}, {"percentile", "percentile"}};
  const dss_results *r = w->view->results;
  dss_interval_marks marks = dss_interval_count_marks(r);
  if (w->view->intervals.n_columns == 0) return;
  const char *name = dss_fact_text(r, "interval");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i].word) == 0) name = names[i].name;
  say(w, DSS_NOTE, "95%% intervals: %s bootstrap over %s, %s resamples, seed %s.", name,
      dss_fact_text(r, "over"), dss_fact_text(r, "bootstrap"), dss_fact_text(r, "seed"));
  for (size_t i = 0; i < w->view->intervals.n_columns; i++)
    if (w->view->intervals.columns[i] == DSS_INTERVAL_FIELLER)
      say(w, DSS_NOTE,
          "GAI (Fieller): the ratios that IRR - ratio * XRR is compatible with 0 for; not an "
          "interval where XRR is not told from 0.");
  if (marks.percentile > 0)
    say(w, DSS_NOTE, "p marks %zu of %zu intervals: percentile, because BCa is undefined.",
        marks.percentile, marks.all);
}

/* Intervals not to rely on. */
static void doubtful_intervals(const writer *w) {
  dss_interval_marks marks = dss_interval_count_marks(w->view->results);
  if (marks.misses > 0)
    say(w, DSS_NOTE_WARNING,
        "! marks %zu of %zu intervals, which do not hold their estimates: the resamples are "
        "biased, and the interval is not to be trusted.",
        marks.misses, marks.all);
  if (marks.undefined + marks.undefined_sets > 0)
    say(w, DSS_NOTE_WARNING,
        "? marks %zu of %zu intervals%s, with the share of the bootstrap's resamples in which the "
        "statistic is undefined: these are left out, and the others may be too much alike.",
        marks.undefined + marks.undefined_sets, marks.all + marks.sets,
        marks.sets > 0 ? " and Fieller sets" : "");
  if (marks.withheld + marks.withheld_sets > 0)
    say(w, DSS_NOTE_WARNING,
        "%zu interval%s withheld, each with its footnote (and ? the share of resamples in which it "
        "is undefined): what the bootstrap says there is not to be trusted.",
        marks.withheld + marks.withheld_sets,
        marks.withheld + marks.withheld_sets == 1 ? " is" : "s are");
}

/* The share of resamples in which the index has no reading is always said. */
static void nonpositive(const writer *w) {
  const dss_results *r = w->view->results;
  double worst = -1.0;
  size_t question = 0, group = 0, above = 0, defined = 0;
  if (dss_results_resamples(r) == 0) return;
  if (!(dss_results_metrics(r) & DSS_STATISTIC_BIT(DSS_GAI))) return;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      double share = dss_results_detail(r, q, g)->xrr_nonpositive;
      const dss_cell *xrr = dss_results_cell(r, q, g, DSS_XRR);
      defined += xrr && xrr->resamples > xrr->undefined;
      above += share > 0.01;
      if (!(share > worst)) continue;
      worst = share;
      question = q;
      group = g;
    }
  char label[ROW_ROOM];
  name_row(r, question, group, label);
  if (worst == 0.0 && defined == 0)
    say(w, DSS_NOTE, "XRR is not defined in any resample of any group.");
  else if (worst == 0.0)
    say(w, DSS_NOTE, "XRR is positive in every resample in which it is defined.");
  else if (worst > 0.0 && above == 0)
    say(w, DSS_NOTE,
        "XRR is not positive, and GAI has no reading, in up to %.2g%% of the resamples (%s).",
        100.0 * worst, label);
  else if (worst > 0.0)
    say(w, DSS_NOTE_WARNING,
        "XRR is not positive, and GAI has no reading, in up to %.3g%% of the resamples (%s), in "
        "over 1%% for %zu row%s. Read IRR-XRR there.",
        100.0 * worst, label, above, above == 1 ? "" : "s");
}

static void flagged(const writer *w) {
  const dss_results *r = w->view->results;
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    size_t rows = 0, question = 0, group = 0;
    for (size_t q = 0; q < dss_results_n_questions(r); q++)
      for (size_t g = 0; g < dss_results_n_groups(r); g++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (!cell || !cell->flagged || rows++ > 0) continue;
        question = q;
        group = g;
      }
    if (rows == 0) continue;
    char label[ROW_ROOM];
    name_row(r, question, group, label);
    say(w, DSS_NOTE_WARNING,
        "%s is undefined in more than 1%% of the resamples in %zu row%s (first: %s); each counts "
        "against significance.",
        dss_view_title((dss_statistic)s), rows, rows == 1 ? "" : "s", label);
  }
}

static void tiny(const writer *w) {
  const dss_results *r = w->view->results;
  size_t groups = 0, first = 0;
  for (size_t g = 0; g < dss_results_n_groups(r); g++)
    if (dss_results_group_raters(r, g) < DSS_FEW_RATERS && dss_fact_has_numbers(r, g) &&
        groups++ == 0)
      first = g;
  if (groups == 0) return;
  char label[LABEL_ROOM];
  dss_text_name(label, sizeof label, dss_results_group(r, first), LABEL_WIDTH);
  say(w, DSS_NOTE_WARNING,
      "%zu group%s fewer than %d raters (first: %s): %s numbers hang on single persons.", groups,
      groups == 1 ? " has" : "s have", DSS_FEW_RATERS, label, groups == 1 ? "its" : "their");
}

static void exchangeability(const writer *w) {
  const dss_results *r = w->view->results;
  char text[DSS_DESIGN_NOTE_ROOM];
  if (dss_results_resamples(r) == 0) return;
  if (dss_design_exchange(dss_fact_text(r, "scheme"), dss_fact_density(r), text))
    say(w, DSS_NOTE_WARNING, "%s", text);
}

static void few_shared(const writer *w) {
  const dss_results *r = w->view->results;
  size_t rows = 0, question = 0, group = 0;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      if (!dss_fact_few_shared(r, q, g) || rows++ > 0) continue;
      question = q;
      group = g;
    }
  if (rows == 0) return;
  char label[ROW_ROOM];
  name_row(r, question, group, label);
  char text[DSS_DESIGN_NOTE_ROOM];
  dss_design_say_few_shared(rows, "row", label, "XRR rests on the others", text);
  say(w, DSS_NOTE_WARNING, "%s", text);
}

/* What sets statistics of pairs apart from those beside them. */
static void pairs(const writer *w) {
  if (!(dss_results_metrics(w->view->results) & DSS_METRICS_PAIR_GAI)) return;
  say(w, DSS_NOTE,
      "Pair: every two raters who share an item weigh the same, however many they share%s.",
      dss_fact_count(w->view->results, "bootstrap") > 0 ? "; without intervals" : "");
}

void dss_notes(const dss_view *view, bool marked, dss_note_fn note, void *user) {
  writer w = {view, marked, note, user};
  how(&w);
  pairs(&w);
  intervals(&w);
  for (size_t i = 0; i < DSS_N_REASONS; i++)
    if (view->footnotes[i])
      say(&w, DSS_NOTE_FOOTNOTE, "(%u) %s", view->footnotes[i], dss_reason_text((dss_reason)i));
  for (size_t i = 0; i < DSS_N_WITHHELDS; i++)
    if (view->withheld_notes[i])
      say(&w, DSS_NOTE_FOOTNOTE, "(%u) %s", view->withheld_notes[i],
          dss_withheld_text((dss_withheld)i));
  nonpositive(&w);
  flagged(&w);
  doubtful_intervals(&w);
  tiny(&w);
  few_shared(&w);
  exchangeability(&w);
}

#include "evaluation_methods.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/context.h"
#include "references.h"
#include "text.h"

enum { ROOM = 8192, NAME_WIDTH = 120, NAME_ROOM = 600 };

/* What a kind of evaluation is, and how its statistics are made; docs has the definitions. */
static const struct {
  const char *title, *text;
} kinds[DSS_N_EVALUATION_KINDS] = {
    [DSS_EVALUATION_SEVERITY] =
        {"Severity of ratings by group",
         "For each group the ratings' mean, median and share at or above a threshold were taken "
         "over all ratings of its raters; groups of an axis were compared by omnibus statistics "
         "and in pairs by differences of means and Cliff's delta (docs/severity.md)."},
    [DSS_EVALUATION_CLASSIFY] =
        {"Classifiers against the view of each group",
         "Each group's own view of an item, made of its raters' ratings, was the ground truth "
         "against which predictions were counted: false negatives and positives, their rates, "
         "precision, recall, F1 and, for scores, AUC, and gaps of these between groups "
         "(docs/classify.md)."},
    [DSS_EVALUATION_STEER] =
        {"Predicted ratings against the ratings of each group",
         "Predicted ratings were held against the ratings of the groups that they are for by "
         "correlations, mean absolute error and quadratic weighted kappa, beside predictions that "
         "were told nothing of the raters (docs/steer.md)."},
    [DSS_EVALUATION_RESPONSE] = {
        "How groups respond to severity",
        "For each group it was measured how monotonically and how finely its ratings follow the "
        "consensus severity of the items (docs/response.md)."}};

const char *dss_evaluation_title(dss_evaluation_kind kind) {
  return kinds[kind].title;
}

typedef struct writer {
  const dss_evaluation_view *view;
  const dss_evaluation *evaluation;
  char text[ROOM]; /* the paragraph that is being made */
  bool cited[DSS_N_REFERENCES];
  dss_methods_fn part;
  void *user;
} writer;

/* A sentence more. */
DSS_PRINTF(2, 3) static void add(writer *w, const char *format, ...) {
  size_t at = strlen(w->text);
  va_list arguments;
  if (at > 0 && at + 1 < ROOM) strcpy(w->text + at++, " ");
  va_start(arguments, format);
  vsnprintf(w->text + at, ROOM - at, format, arguments);
  va_end(arguments);
}

static void end_paragraph(writer *w) {
  if (*w->text) w->part(DSS_METHODS_TEXT, w->text, w->user);
  *w->text = '\0';
}

static const char *fact(const writer *w, const char *key) {
  return dss_evaluation_fact(w->evaluation, key);
}

static void data(writer *w) {
  char name[NAME_ROOM];
  add(w, "%s raters gave %s ratings of %s items.", fact(w, "raters"), fact(w, "ratings"),
      fact(w, "items"));
  if (*fact(w, "filters"))
    add(w, "Only ratings with %s were used; %s were left out.",
        dss_text_name(name, sizeof name, fact(w, "filters"), NAME_WIDTH),
        fact(w, "ratings_dropped"));
  add(w, "%s", kinds[dss_evaluation_kind_of(w->evaluation)].text);
  if (*fact(w, "settings"))
    add(w, "Settings: %s.", dss_text_name(name, sizeof name, fact(w, "settings"), NAME_WIDTH));
  add(w, "Groups of fewer than %s raters were not tested.", fact(w, "min_raters"));
  end_paragraph(w);
}

static void shuffles(writer *w) {
  const char *scheme = fact(w, "scheme"), *colon = strchr(scheme, ':');
  uint64_t resamples = dss_evaluation_resamples(w->evaluation);
  char name[NAME_ROOM], among[NAME_ROOM + 60] = "all raters";
  if (colon)
    snprintf(among, sizeof among, "raters with the same value of %s",
             dss_text_name(name, sizeof name, colon + 1, NAME_WIDTH));
  if (dss_evaluation_exact(w->evaluation)) {
    add(w,
        "Significance was assessed by an exact permutation test: all %" PRIu64
        " distinct arrangements of the raters' whole profiles among %s. A one-sided p is the share "
        "of arrangements that are at least as extreme as the observed one.",
        resamples, among);
    return;
  }
  add(w,
      "Significance was assessed by %s%" PRIu64
      " random permutations of the raters' whole profiles among %s (seed %s, Philox4x32-10; Salmon "
      "et al., 2011), which keep the dependence of ratings of one rater and of one item. A "
      "one-sided p is (b + 1) / (B + 1), where b of B permutations give a value at least as "
      "extreme (Phipson and Smyth, 2010).",
      strcmp(fact(w, "stop_after"), "0") == 0 ? "" : "up to ", resamples, among, fact(w, "seed"));
  w->cited[DSS_REFERENCE_SALMON] = w->cited[DSS_REFERENCE_PHIPSON] = true;
}

/* What else is shuffled than profiles. */
static void exchanges(writer *w) {
  if (dss_evaluation_kind_of(w->evaluation) != DSS_EVALUATION_STEER) return;
  add(w, "For gains over predictions that were told nothing, each permutation exchanged the two "
         "predictions of an item, in all groups at once, with probability one half, item by item, "
         "and left profiles as they are.");
}

static void significance(writer *w) {
  size_t tests = w->view->tests;
  bool stops = strcmp(fact(w, "stop_after"), "0") != 0 && !dss_evaluation_exact(w->evaluation);
  if (tests == 0) {
    add(w, "No significance was assessed.");
    end_paragraph(w);
    return;
  }
  shuffles(w);
  exchanges(w);
  add(w, "p is twice the smaller of the two, at most 1; where only large values speak against the "
         "null (omnibus statistics) it is the upper one. Permutations in which a statistic is "
         "undefined count as extreme on both sides.");
  if (stops) {
    add(w, "Tests stopped after %s exceedances on either side (Besag and Clifford, 1991).",
        fact(w, "stop_after"));
    w->cited[DSS_REFERENCE_BESAG] = true;
  }
  add(w,
      "Over all %zu test%s p-values were corrected as q (Benjamini and Hochberg, 1995), by Holm "
      "(1979) and by Bonferroni%s.",
      tests, tests == 1 ? "" : "s",
      stops ? "" : ", and by step-down maxT on the same permutations (Westfall and Young, 1993)");
  w->cited[DSS_REFERENCE_BENJAMINI] = w->cited[DSS_REFERENCE_HOLM] = true;
  w->cited[DSS_REFERENCE_WESTFALL] = !stops;
  end_paragraph(w);
}

static void intervals(writer *w) {
  const char *over = fact(w, "over");
  bool items = strcmp(over, "items") == 0, both = strcmp(over, "both") == 0;
  if (w->view->intervals == 0) return;
  add(w,
      "Intervals are 95%% bootstrap intervals (%s; Efron and Tibshirani, 1993) from %s resamples "
      "of %s%s, seed %s. An interval is withheld where the statistic is undefined in more than "
      "%u%% of the resamples.",
      fact(w, "interval"), fact(w, "bootstrap"),
      items  ? "items"
      : both ? "raters, group by group, and items, independently"
             : "raters, group by group",
      both ? " (Owen and Eckles, 2012)" : "", fact(w, "seed"), DSS_INTERVAL_MOST_UNDEFINED);
  w->cited[DSS_REFERENCE_EFRON] = true;
  w->cited[DSS_REFERENCE_OWEN] = both;
  end_paragraph(w);
}

void dss_evaluation_methods(const dss_evaluation_view *view, dss_methods_fn part, void *user) {
  writer w = {.view = view, .evaluation = view->evaluation, .part = part, .user = user};
  char version[NAME_ROOM];
  data(&w);
  significance(&w);
  intervals(&w);
  add(&w, "Computed with %s.",
      dss_text_name(version, sizeof version, fact(&w, "created_by"), NAME_WIDTH));
  end_paragraph(&w);
  for (size_t i = 0; i < DSS_N_REFERENCES; i++)
    if (w.cited[i]) part(DSS_METHODS_REFERENCE, dss_reference_text((dss_reference)i), user);
}

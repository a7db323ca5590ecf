#include "evaluation_methods.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation_statistics.h"
#include "host/core/context.h"
#include "paragraph.h"
#include "text.h"

enum { NAME_WIDTH = 120, NAME_ROOM = 600, LIST_WIDTH = 600, LIST_ROOM = 4 * LIST_WIDTH + 8 };

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
  dss_paragraph paragraph;
} writer;

static const char *fact(const writer *w, const char *key) {
  return dss_evaluation_fact(w->evaluation, key);
}

/* Who defined the statistics that the rows have. */
static void sources(writer *w) {
  char list[NAME_ROOM] = "";
  const dss_sourced_statistic *of;
  for (size_t i = 0; (of = dss_sourced_statistic_at(i)) != NULL; i++) {
    if (!dss_evaluation_has(w->view, of->statistic)) continue;
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", *list ? "; " : "", of->name);
    w->paragraph.cited[of->reference] = true;
  }
  if (*list) dss_paragraph_add(&w->paragraph, "Sources of the statistics: %s.", list);
}

static void data(writer *w) {
  char name[LIST_ROOM];
  dss_paragraph_add(&w->paragraph, "%s raters gave %s ratings of %s items.", fact(w, "raters"),
                    fact(w, "ratings"), fact(w, "items"));
  if (*fact(w, "filters"))
    dss_paragraph_add(&w->paragraph, "Only ratings with %s were used; %s were left out.",
                      dss_text_name(name, sizeof name, fact(w, "filters"), LIST_WIDTH),
                      fact(w, "ratings_dropped"));
  dss_paragraph_add(&w->paragraph, "%s", kinds[dss_evaluation_kind_of(w->evaluation)].text);
  sources(w);
  if (*fact(w, "settings"))
    dss_paragraph_add(&w->paragraph, "Settings: %s.",
                      dss_text_name(name, sizeof name, fact(w, "settings"), LIST_WIDTH));
  dss_paragraph_add(&w->paragraph, "Groups of fewer than %s raters were not tested.",
                    fact(w, "min_raters"));
  dss_paragraph_end(&w->paragraph);
}

static void shuffles(writer *w) {
  const char *scheme = fact(w, "scheme"), *colon = strchr(scheme, ':');
  uint64_t resamples = dss_evaluation_resamples(w->evaluation);
  char name[NAME_ROOM], among[NAME_ROOM + 60] = "all raters";
  if (colon)
    snprintf(among, sizeof among, "raters with the same value of %s",
             dss_text_name(name, sizeof name, colon + 1, NAME_WIDTH));
  if (dss_evaluation_exact(w->evaluation)) {
    dss_paragraph_add(
        &w->paragraph,
        "Significance was assessed by an exact permutation test: all %" PRIu64
        " distinct arrangements of the raters' whole profiles among %s. A one-sided p is the share "
        "of arrangements that are at least as extreme as the observed one.",
        resamples, among);
    return;
  }
  dss_paragraph_add(
      &w->paragraph,
      "Significance was assessed by %s%" PRIu64
      " random permutations of the raters' whole profiles among %s (seed %s, Philox4x32-10; Salmon "
      "et al., 2011), which keep the dependence of ratings of one rater and of one item. A "
      "one-sided p is (b + 1) / (B + 1), where b of B permutations give a value at least as "
      "extreme (Phipson and Smyth, 2010).",
      strcmp(fact(w, "stop_after"), "0") == 0 ? "" : "up to ", resamples, among, fact(w, "seed"));
  w->paragraph.cited[DSS_REFERENCE_SALMON] = w->paragraph.cited[DSS_REFERENCE_PHIPSON] = true;
}

/* What else is shuffled than profiles. */
static void exchanges(writer *w) {
  if (dss_evaluation_kind_of(w->evaluation) != DSS_EVALUATION_STEER) return;
  dss_paragraph_add(
      &w->paragraph,
      "For gains over predictions that were told nothing, each permutation exchanged the two "
      "predictions of an item, in all groups at once, with probability one half, item by item, "
      "and left profiles as they are.");
}

static void significance(writer *w) {
  size_t tests = w->view->tests;
  bool stops = strcmp(fact(w, "stop_after"), "0") != 0 && !dss_evaluation_exact(w->evaluation);
  if (tests == 0) {
    dss_paragraph_add(&w->paragraph, "No significance was assessed.");
    dss_paragraph_end(&w->paragraph);
    return;
  }
  shuffles(w);
  exchanges(w);
  dss_paragraph_add(
      &w->paragraph,
      "p is twice the smaller of the two, at most 1; where only large values speak against the "
      "null (omnibus statistics) it is the upper one. Permutations in which a statistic is "
      "undefined count as extreme on both sides.");
  if (stops) {
    dss_paragraph_add(
        &w->paragraph,
        "Tests stopped after %s exceedances on either side (Besag and Clifford, 1991).",
        fact(w, "stop_after"));
    w->paragraph.cited[DSS_REFERENCE_BESAG] = true;
  }
  dss_paragraph_add(
      &w->paragraph,
      "Over all %zu test%s p-values were corrected as q (Benjamini and Hochberg, 1995), by Holm "
      "(1979) and by Bonferroni%s.",
      tests, tests == 1 ? "" : "s",
      stops ? "" : ", and by step-down maxT on the same permutations (Westfall and Young, 1993)");
  w->paragraph.cited[DSS_REFERENCE_BENJAMINI] = w->paragraph.cited[DSS_REFERENCE_HOLM] = true;
  w->paragraph.cited[DSS_REFERENCE_WESTFALL] = !stops;
  dss_paragraph_end(&w->paragraph);
}

/* Of rates and their gaps, by the parts of their variance. */
static void logit_intervals(writer *w, bool items, bool both) {
  if (w->view->logits == 0) return;
  dss_paragraph_add(
      &w->paragraph,
      "Intervals of rates and their gaps are made on the logit scale (Newcombe, 2001), with a "
      "variance from %s. They take Student's quantiles, with degrees of freedom by moments "
      "(Satterthwaite, 1946)%s. ",
      items ? "the bootstrap"
      : both
          ? "the jackknife over items, in which single ratings are, and from what the ratings of "
            "one rater have in common: the covariance over random halves of the raters of the "
            "statistic's values on either random half of the items (after McCarthy, 1969; the "
            "sum is that of Cameron, Gelbach and Miller, 2011)"
          : "the bootstrap; of it the covariance over random halves of the raters of the "
            "statistic's values on either random half of the items (after McCarthy, 1969) stays, "
            "and the rest, of single ratings, is multiplied by ratings over ratings less views",
      items || both ? ": of a gap's variance over items from the spread of the items' parts in it "
                      "(Pan and Wall, 2002)"
                    : "");
  w->paragraph.cited[DSS_REFERENCE_NEWCOMBE] = true;
  w->paragraph.cited[DSS_REFERENCE_SATTERTHWAITE] = true;
  w->paragraph.cited[DSS_REFERENCE_PAN] = items || both;
  w->paragraph.cited[DSS_REFERENCE_MCCARTHY] = !items;
  w->paragraph.cited[DSS_REFERENCE_CAMERON] = both;
}

static void intervals(writer *w) {
  const char *over = fact(w, "over");
  bool items = strcmp(over, "items") == 0, both = strcmp(over, "both") == 0;
  char instead[240] = "";
  if (w->view->intervals == 0) return;
  logit_intervals(w, items, both);
  if (strcmp(fact(w, "interval"), "bca") == 0)
    snprintf(
        instead, sizeof instead,
        "Where BCa is undefined they are percentile intervals, and where more than %u%% of the "
        "resamples lie on one side of the estimate, the estimate and 1.96 bootstrap standard "
        "errors on either side. ",
        DSS_INTERVAL_MOST_ON_ONE_SIDE);
  dss_paragraph_add(
      &w->paragraph,
      "%sntervals are 95%% bootstrap intervals (%s; Efron and Tibshirani, 1993) from %s resamples "
      "of %s%s, seed %s. %sAn interval is withheld where the statistic is undefined in more "
      "than %u%% of the resamples.",
      w->view->logits > 0 ? "Other i" : "I", fact(w, "interval"), fact(w, "bootstrap"),
      items  ? "items"
      : both ? "raters, group by group, and items, independently"
             : "raters, group by group",
      both ? " (Owen and Eckles, 2012)" : "", fact(w, "seed"), instead,
      DSS_INTERVAL_MOST_UNDEFINED);
  w->paragraph.cited[DSS_REFERENCE_EFRON] = true;
  w->paragraph.cited[DSS_REFERENCE_OWEN] = both;
  dss_paragraph_end(&w->paragraph);
}

void dss_evaluation_methods(const dss_evaluation_view *view, dss_methods_fn part, void *user) {
  writer w = {
      .view = view, .evaluation = view->evaluation, .paragraph = {.part = part, .user = user}};
  char version[NAME_ROOM];
  data(&w);
  significance(&w);
  intervals(&w);
  dss_paragraph_add(&w.paragraph, "Computed with %s.",
                    dss_text_name(version, sizeof version, fact(&w, "created_by"), NAME_WIDTH));
  dss_paragraph_end(&w.paragraph);
  dss_paragraph_references(&w.paragraph);
}

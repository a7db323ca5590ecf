#include "methods.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "paragraph.h"
#include "text.h"

enum { NAME_WIDTH = 60, NAME_ROOM = 300, NAMES_SHOWN = 8, LIST_ROOM = 2730 };

typedef struct writer {
  const dss_view *view;
  const dss_results *results;
  dss_paragraph paragraph;
} writer;

static bool has(const writer *w, dss_statistic statistic) {
  return (dss_results_metrics(w->results) & DSS_STATISTIC_BIT(statistic)) != 0;
}

static const char *cut(const char *label, char out[NAME_ROOM]) {
  return dss_text_name(out, NAME_ROOM, label, NAME_WIDTH);
}

/* --- data -------------------------------------------------------------------------------- */

static void questions(const writer *w, char *list, size_t room) {
  const dss_results *r = w->results;
  char one[NAME_ROOM];
  size_t n = dss_results_n_questions(r), at = 0;
  *list = '\0';
  for (size_t q = 0; q < n && q < NAMES_SHOWN && at + NAME_ROOM + 80 < room; q++)
    at += (size_t)snprintf(list + at, room - at, "%s%s (%s, %" PRIu32 " level%s)", q ? "; " : "",
                           cut(dss_results_question(r, q), one),
                           dss_scale_name(dss_results_scale(r, q)), dss_results_n_levels(r, q),
                           dss_results_n_levels(r, q) == 1 ? "" : "s");
  if (n > NAMES_SHOWN) snprintf(list + at, room - at, "; and %zu more", n - NAMES_SHOWN);
}

static void axes(const writer *w, char *list, size_t room) {
  const dss_results *r = w->results;
  char one[NAME_ROOM];
  size_t n = dss_results_n_axes(r), at = 0;
  *list = '\0';
  for (size_t a = 0; a < n && a < NAMES_SHOWN && at + NAME_ROOM + 40 < room; a++)
    at += (size_t)snprintf(list + at, room - at, "%s%s", a ? "; " : "",
                           cut(dss_results_axis(r, a), one));
  if (n > NAMES_SHOWN) snprintf(list + at, room - at, "; and %zu more", n - NAMES_SHOWN);
}

static void data(writer *w) {
  const dss_results *r = w->results;
  char list[LIST_ROOM], one[2 * NAME_ROOM];
  questions(w, list, sizeof list);
  dss_paragraph_add(&w->paragraph, "%s raters gave %s ratings of %s items on: %s.",
                    dss_fact_text(r, "raters"), dss_fact_text(r, "ratings"),
                    dss_fact_text(r, "items"), list);
  if (*dss_fact_text(r, "filters"))
    dss_paragraph_add(&w->paragraph, "Only ratings with %s were used; %s were left out.",
                      dss_text_name(one, sizeof one, dss_fact_text(r, "filters"), 4 * NAME_WIDTH),
                      dss_fact_text(r, "ratings_dropped"));
  axes(w, list, sizeof list);
  size_t n = dss_results_n_groups(r);
  dss_paragraph_add(
      &w->paragraph,
      "Raters were grouped by their attributes, along: %s (%zu group%s). Each group was compared "
      "with its complement on the same axis: all other raters whose attributes on it are known. "
      "Groups of fewer than %s raters were not tested.",
      list, n, n == 1 ? "" : "s", dss_fact_text(r, "min_raters"));
  dss_paragraph_end(&w->paragraph);
}

/* --- statistics -------------------------------------------------------------------------- */

static void reliability(writer *w) {
  bool common = strcmp(dss_fact_text(w->results, "units"), "common") == 0;
  if (has(w, DSS_IRR)) {
    dss_paragraph_add(
        &w->paragraph,
        "Agreement within a group (IRR) is Krippendorff's alpha (Krippendorff, 2011)%s, with the "
        "squared difference function of each question's scale.",
        common ? "" : " over the items with at least two ratings of the group");
    w->paragraph.cited[DSS_REFERENCE_KRIPPENDORFF] = true;
  }
  if (has(w, DSS_XRR)) {
    dss_paragraph_add(
        &w->paragraph,
        "Agreement between a group and its complement (XRR) is the cross-replication reliability "
        "kappa_x (Wong et al., 2021)%s.",
        common ? "" : " over the items that both rated");
    w->paragraph.cited[DSS_REFERENCE_WONG] = true;
  }
  if (common && (has(w, DSS_IRR) || has(w, DSS_XRR)))
    dss_paragraph_add(
        &w->paragraph,
        "Both use the same items: those with at least two ratings of the group and one of its "
        "complement.");
  if (has(w, DSS_NXRR))
    dss_paragraph_add(
        &w->paragraph,
        "Normalized XRR is XRR over the square root of the product of both sides' IRR.");
  if (has(w, DSS_GAI)) {
    dss_paragraph_add(
        &w->paragraph,
        "The group association index is GAI = IRR / XRR (Prabhakaran et al., 2024); where XRR "
        "is not positive it is undefined. The difference IRR - XRR was tested beside it. The "
        "largest GAI on an axis is its DSI.");
    w->paragraph.cited[DSS_REFERENCE_PRABHAKARAN] = true;
  }
}

static void agreement(writer *w) {
  bool skip = strcmp(dss_fact_text(w->results, "ties"), "skip") == 0;
  if (has(w, DSS_PLURALITY))
    dss_paragraph_add(
        &w->paragraph,
        "Plurality size is the mean share of an item's most frequent rating in the group.");
  if (has(w, DSS_NEGENTROPY))
    dss_paragraph_add(
        &w->paragraph,
        "Negentropy is the mean over items of ln K less the entropy of the group's ratings.");
  if (has(w, DSS_CROSS_NEGENTROPY))
    dss_paragraph_add(
        &w->paragraph,
        "Cross-negentropy is the mean over shared items of ln K less the cross-entropy of the "
        "group's ratings with its complement's, to whose counts 1/2 a level was added.");
  if (has(w, DSS_VOTING))
    dss_paragraph_add(&w->paragraph,
                      "Voting agreement is nominal alpha of both sides' most frequent ratings; %s.",
                      skip ? "items with a tie were left out" : "ties were split evenly");
  if (has(w, DSS_PLURALITY) || has(w, DSS_NEGENTROPY) || has(w, DSS_CROSS_NEGENTROPY) ||
      has(w, DSS_VOTING)) {
    dss_paragraph_add(&w->paragraph, "These follow Prabhakaran et al. (2024).");
    w->paragraph.cited[DSS_REFERENCE_PRABHAKARAN] = true;
  }
  if (dss_results_metrics(w->results) & DSS_METRICS_PAIR_GAI)
    dss_paragraph_add(
        &w->paragraph,
        "The same was computed from pairs of raters, in which every two raters who share an "
        "item weigh the same: one less the mean distance of such pairs over the distance that "
        "the sides' ratings would have by chance.");
}

/* --- significance ------------------------------------------------------------------------ */

static void shuffles(writer *w) {
  const dss_results *r = w->results;
  const char *scheme = dss_fact_text(r, "scheme"), *colon = strchr(scheme, ':');
  uint64_t resamples = dss_results_resamples(r);
  char attribute[NAME_ROOM] = "", among[NAME_ROOM + 60] = "all raters";
  if (colon) {
    cut(colon + 1, attribute);
    snprintf(among, sizeof among, "raters with the same value of %s", attribute);
  }
  if (dss_fact_exact(r) && resamples == 1)
    dss_paragraph_add(
        &w->paragraph,
        "Significance could not be assessed: there is only one distinct arrangement of the raters' "
        "whole profiles among %s.",
        among);
  else if (dss_fact_exact(r))
    dss_paragraph_add(
        &w->paragraph,
        "Significance was assessed by an exact permutation test: all %" PRIu64
        " distinct arrangements of the raters' whole profiles among %s, the ratings staying where "
        "they are.",
        resamples, among);
  if (dss_fact_exact(r)) {
    dss_paragraph_add(
        &w->paragraph,
        "A one-sided p is the share of arrangements that are at least as extreme as the "
        "observed one; p is twice the smaller, at most 1.");
    return;
  }
  dss_paragraph_add(
      &w->paragraph,
      "Significance was assessed by %s%" PRIu64
      " random permutations of the raters' whole profiles among %s, the ratings staying where they "
      "are (seed %s, Philox4x32-10; Salmon et al., 2011).",
      dss_fact_count(r, "stop_after") > 0 ? "up to " : "", resamples, among,
      dss_fact_text(r, "seed"));
  dss_paragraph_add(
      &w->paragraph,
      "A one-sided p is (b + 1) / (B + 1), where b of B permutations give a value at least as "
      "extreme (Phipson and Smyth, 2010); p is twice the smaller, at most 1. Its Monte-Carlo "
      "interval is that of Clopper and Pearson (1934).");
  w->paragraph.cited[DSS_REFERENCE_SALMON] = w->paragraph.cited[DSS_REFERENCE_PHIPSON] =
      w->paragraph.cited[DSS_REFERENCE_CLOPPER] = true;
}

static void significance(writer *w) {
  const dss_results *r = w->results;
  size_t tests = dss_fact_tests(r);
  bool stopped = dss_fact_count(r, "stop_after") > 0 && !dss_fact_exact(r);
  if (dss_results_resamples(r) == 0) {
    dss_paragraph_add(&w->paragraph, "No significance was assessed.");
    dss_paragraph_end(&w->paragraph);
    return;
  }
  shuffles(w);
  dss_paragraph_add(
      &w->paragraph,
      "Permutations in which a statistic is undefined count as extreme on both sides.");
  if (stopped) {
    dss_paragraph_add(
        &w->paragraph,
        "A test stopped once %s permutations had reached it on each side, looked at after every "
        "%u; a one-sided p is then that number over the permutations it took (Besag and Clifford, "
        "1991), and the interval follows Jennison and Turnbull (1983).",
        dss_fact_text(r, "stop_after"), DSS_STOP_EVERY);
    w->paragraph.cited[DSS_REFERENCE_BESAG] = w->paragraph.cited[DSS_REFERENCE_JENNISON] = true;
  }
  if (dss_fact_tails(r) > 0) {
    dss_paragraph_add(
        &w->paragraph,
        "Where fewer than 10 permutations were as extreme, a generalized Pareto distribution "
        "fitted to the tail gives a second estimate of p (Knijnenburg et al., 2009), which "
        "enters no correction.");
    w->paragraph.cited[DSS_REFERENCE_KNIJNENBURG] = true;
  }
  dss_paragraph_add(
      &w->paragraph,
      "Over all %zu test%s p-values were corrected as q (Benjamini and Hochberg, 1995), by Holm "
      "(1979) and by Bonferroni%s.",
      tests, tests == 1 ? "" : "s",
      stopped ? "" : ", and by step-down maxT on the same permutations (Westfall and Young, 1993)");
  w->paragraph.cited[DSS_REFERENCE_BENJAMINI] = w->paragraph.cited[DSS_REFERENCE_HOLM] = true;
  w->paragraph.cited[DSS_REFERENCE_WESTFALL] = !stopped;
  dss_paragraph_end(&w->paragraph);
}

/* --- intervals --------------------------------------------------------------------------- */

static void intervals(writer *w) {
  static const char *const drawn[][2] = {
      {"raters", "raters, within the group and within its complement"},
      {"items", "items"},
      {"both", "raters, within the group and within its complement, and items, independently"}};
  static const char *const kinds[][2] = {{"bca", "BCa, or percentile where BCa is undefined"},
                                         {"basic", "basic"},
                                         {"percentile", "percentile"}};
  const dss_results *r = w->results;
  const char *over = dss_fact_text(r, "over"), *kind = dss_fact_text(r, "interval");
  if (w->view->intervals.n_columns == 0) return;
  for (size_t i = 0; i < 3; i++) {
    if (strcmp(over, drawn[i][0]) == 0) over = drawn[i][1];
    if (strcmp(kind, kinds[i][0]) == 0) kind = kinds[i][1];
  }
  bool both = strcmp(dss_fact_text(r, "over"), "both") == 0;
  dss_paragraph_add(
      &w->paragraph,
      "Intervals are 95%% bootstrap intervals (%s; Efron and Tibshirani, 1993) from %s resamples "
      "of %s%s, seed %s.%s",
      kind, dss_fact_text(r, "bootstrap"), over, both ? " (Owen and Eckles, 2012)" : "",
      dss_fact_text(r, "seed"),
      strcmp(dss_fact_text(r, "over"), "items") == 0
          ? ""
          : " A rater drawn several times never agrees with themselves.");
  dss_paragraph_add(
      &w->paragraph,
      "An interval is withheld where the statistic is undefined in more than %u%% of the "
      "resamples, defined in fewer than %u, or equal in all of them but undefined in some.",
      DSS_INTERVAL_MOST_UNDEFINED, DSS_INTERVAL_LEAST_RESAMPLES);
  w->paragraph.cited[DSS_REFERENCE_EFRON] = true;
  w->paragraph.cited[DSS_REFERENCE_OWEN] = both;
  for (size_t i = 0; i < w->view->intervals.n_columns; i++)
    if (w->view->intervals.columns[i] == DSS_INTERVAL_FIELLER) {
      dss_paragraph_add(&w->paragraph,
                        "For GAI a set of Fieller's type is given as well: the ratios c for which "
                        "IRR - c XRR is not told from 0 (von Luxburg and Franz, 2009).");
      w->paragraph.cited[DSS_REFERENCE_LUXBURG] = true;
    }
  dss_paragraph_end(&w->paragraph);
}

void dss_methods(const dss_view *view, dss_methods_fn part, void *user) {
  writer w = {.view = view, .results = view->results, .paragraph = {.part = part, .user = user}};
  char version[NAME_ROOM];
  data(&w);
  reliability(&w);
  agreement(&w);
  dss_paragraph_end(&w.paragraph);
  significance(&w);
  intervals(&w);
  dss_paragraph_add(&w.paragraph, "Computed with %s.",
                    cut(dss_fact_text(w.results, "created_by"), version));
  dss_paragraph_end(&w.paragraph);
  dss_paragraph_references(&w.paragraph);
}

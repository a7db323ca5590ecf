#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "facts.h"
#include "findings_part.h"

/* --- many tests -------------------------------------------------------------------------- */

/* What the strictest correction leaves. */
static void strictest(const dss_finding_writer *w) {
  size_t left = w->tally.tests_maxt;
  if (dss_fact_count(w->results, "stop_after") > 0 && !dss_fact_exact(w->results))
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "The strictest correction, maxT, is not there: it needs every resample of every test, and "
        "tests stopped early.");
  else
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "The strictest correction, maxT, bounds the chance of even one false finding among all "
        "tests by 5%%; it leaves %zu.",
        left);
}

/* "none has", "1 has", "7 have". */
static const char *how_many(size_t n, const char *many, const char *one, const char *none,
                            char out[160]) {
  if (n == 0)
    snprintf(out, 160, "none has%s", none);
  else
    snprintf(out, 160, "%zu %s", n, n == 1 ? one : many);
  return out;
}

/* Of results with one test. */
static dss_statistic the_one_test(const dss_results *r) {
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (cell && !isnan(cell->p)) return (dss_statistic)s;
      }
  return DSS_IRR;
}

static void multiplicity(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  const dss_tally *t = &w->tally;
  double expected = 0.05 * (double)t->tests, least = dss_fact_least_p(r);
  char one[160], two[160], enough[80] = "";
  const char *of_what = dss_fact_resamples(r);
  if (t->tests == 1) {
    const char *what = dss_view_title(the_one_test(r));
    if (least > 0.05)
      dss_finding_say(w, DSS_FINDING_TEXT,
                      "One test was made, of %s, but so few %s can give no p under %.2g: it could "
                      "not become significant.",
                      what, of_what, least);
    else
      dss_finding_say(w, DSS_FINDING_TEXT,
                      "One test was made, of %s, so there is nothing to correct for: q is p.",
                      what);
    return;
  }
  if (least > 0.05) {
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "%zu tests were made, but so few %s can give no p under %.2g: none could become "
        "significant.",
        t->tests, of_what, least);
    return;
  }
  dss_finding_say(
      w, DSS_FINDING_TEXT,
      "%zu tests were made, of every statistic in every group. Were there no difference anywhere, "
      "about %.*f of them would still have p < 0.05; here %s. After correction (Benjamini and "
      "Hochberg) %s.",
      t->tests, expected < 10.0 ? 1 : 0, expected, how_many(t->tests_p, "have", "has", "", one),
      how_many(t->tests_q,
               "have q < 0.05, which is meant to hold the expected share of false ones "
               "among them to 5%",
               "has q < 0.05", t->tests_q ? "" : " q < 0.05", two));
  if (!dss_fact_exact(r))
    snprintf(enough, sizeof enough, " With --permutations %.0f one could.",
             ceil(40.0 * (double)t->tests));
  if ((double)t->tests * least > 0.05)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "To pass that correction alone, a test would need p < %.2g, which so few %s cannot give: "
        "only many that are small together can pass it.%s",
        0.05 / (double)t->tests, of_what, enough);
  if (t->tests_q > 0) strictest(w);
}

/* --- p-values and intervals -------------------------------------------------------------- */

/* Half the width of the Monte-Carlo interval of a p near 0.05. With `after` exceedances asked for
 * its smaller tail is counted up to these, and no further. */
static double near_the_limit(uint64_t resamples, uint64_t after) {
  double all = 2.0 * 1.96 * sqrt(0.025 * 0.975 / (double)resamples);
  return after > 0 ? fmax(all, 0.05 * 1.96 / sqrt((double)after)) : all;
}

static void monte_carlo(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  uint64_t resamples = dss_results_resamples(r);
  const dss_tally *t = &w->tally;
  if (dss_fact_exact(r) && resamples == 1) {
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "By these axes there is only one arrangement of the raters, so there is nothing to hold "
        "the "
        "observed one against.");
    return;
  }
  if (dss_fact_exact(r)) {
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "p-values are exact: all %" PRIu64
        " distinct arrangements of the raters were visited, so another seed gives the same.",
        resamples);
    return;
  }
  uint64_t after = dss_fact_count(r, "stop_after");
  double about = near_the_limit(resamples, after), least = dss_fact_least_p(r);
  if (after > 0)
    dss_finding_say(w, DSS_FINDING_TEXT,
                    "p-values were counted in up to %" PRIu64
                    " random shuffles: a test stops once %" PRIu64
                    " of them have reached it on each side, looked at after every %u. A p near "
                    "0.05 is known to "
                    "about \xc2\xb1%.1g, and none can be under %.2g.",
                    resamples, after, DSS_STOP_EVERY, about, least);
  else
    dss_finding_say(w, DSS_FINDING_TEXT,
                    "p-values were counted in %" PRIu64
                    " random shuffles. A p near 0.05 is known to about \xc2\xb1%.1g, and none can "
                    "be under %.2g.",
                    resamples, about, least);
  if (t->least > 1)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "%zu tests have the smallest p that so many shuffles can give: which of them is the surest "
        "only more permutations would tell.",
        t->least);
  if (t->undecided > 0)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "For %zu test%s the shuffles do not settle on which side of 0.05 p is (its Monte-Carlo "
        "interval holds 0.05): %s would.",
        t->undecided, dss_finding_plural(t->undecided),
        after > 0 ? "more permutations with a larger --stop-after" : "more permutations");
}

static void meaning(const dss_finding_writer *w) {
  dss_finding_say(
      w, DSS_FINDING_TEXT,
      "p is how often shuffling alone gives a value as far out as the observed one, on either "
      "side. It is not the probability that a group is like the others, and says nothing about how "
      "large a difference is%s.",
      w->view->intervals.n_columns > 0 ? ": for that read the estimates with their intervals"
                                       : ": for that read the estimates");
}

static void intervals(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  static const char *const about[][2] = {
      {"raters", "the value for all raters like these, on the same items, may lie"},
      {"items", "the value of the same raters, over all items like these, may lie"},
      {"both", "the value for all raters like these, over all items like these, may lie"}};
  const char *over = dss_fact_text(r, "over"), *what = "";
  if (w->view->intervals.n_columns == 0) {
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "No intervals were made, so there is no telling how precise the estimates are; gai "
        "--bootstrap 2000 makes them.");
    return;
  }
  for (size_t i = 0; i < 3; i++)
    if (strcmp(over, about[i][0]) == 0) what = about[i][1];
  dss_finding_say(w, DSS_FINDING_TEXT,
                  "The brackets are 95%% intervals of the estimates: where %s. They stand apart "
                  "from the tests, "
                  "and hold for one estimate at a time, not for the largest among many.",
                  what);
}

void dss_findings_sure(const dss_finding_writer *w) {
  dss_finding_say(w, DSS_FINDING_HEADING, "How sure that is");
  if (w->tally.tests > 0) {
    multiplicity(w);
    meaning(w);
    monte_carlo(w);
  }
  intervals(w);
}

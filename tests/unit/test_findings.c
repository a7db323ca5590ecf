/* The report's summary in words: each sentence where it belongs, and nowhere else. */
#include "findings_cases.h"

typedef struct fixture {
  dss_context *context;
  dss_results *r;
} fixture;

static fixture begin(size_t n_questions, size_t n_groups, unsigned metrics, uint64_t resamples) {
  fixture f = {.context = dss_context_new()};
  f.r = quiet(f.context, n_questions, n_groups, metrics, resamples);
  return f;
}

static void end(fixture *f) {
  dss_results_free(f->r);
  dss_context_free(f->context);
}

/* Of the quiet results. */
#define UP "\xe2\x86\x91"
#define DOWN "\xe2\x86\x93"
#define PARTS " (IRR 0.500 " UP ", XRR 0.500 " UP ")"

Test(findings, none_stands_out) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 9999);
  expect(findings(f.r),
         TEXTS("LEAD No group stands out by GAI or by IRR-XRR: of 3 groups that could be tested, "
               "none is significant after correction for the 12 tests that were made (q < 0.05).\n",
               "# What stands out\nNothing, after correction. That is no proof that there is no "
               "difference",
               "40 raters gave 400 ratings of 10 items on 1 question: harm.\n",
               "along 1 axis (team) into 3 groups. ",
               "12 tests were made, of every statistic in every group. Were there no difference "
               "anywhere, about 0.6 of them would still have p < 0.05; here none has. After "
               "correction (Benjamini and Hochberg) none has q < 0.05.\n",
               "who the raters are was shuffled among all of them",
               "p-values were counted in 9999 random shuffles. A p near 0.05 is known to about "
               "\xc2\xb1"
               "0.006, and none can be under 0.0002.\n",
               "No intervals were made"),
         TEXTS("before correction only", "cannot be said", "strictest", "Groups of different axes",
               "To pass that correction alone", "Monte-Carlo interval", "smallest p"));
  end(&f);
}

Test(findings, above_and_below_the_surest_first) {
  fixture f = begin(1, 5, DSS_METRICS_GAI, 9999);
  significant(f.r, 0, 1, DSS_GAI, 0.002, 0.02, 1)->estimate = 1.25;
  significant(f.r, 0, 2, DSS_DIFFERENCE, 0.0002, 0.001, 1)->estimate = 0.2;
  significant(f.r, 0, 3, DSS_GAI, 0.003, 0.03, -1)->estimate = 0.75;
  f.r->groups[2].raters = 4;
  significant(f.r, 0, 2, DSS_IRR, 0.0002, 0.001, 1);
  dss_cell *irr = significant(f.r, 0, 4, DSS_IRR, 0.0002, 0.001, 1);
  irr->p_maxt = 0.01;
  expect(
      findings(f.r),
      TEXTS("LEAD 3 of the 5 groups that could be tested stand out by GAI or by IRR-XRR after "
            "correction for the 20 tests that were made (q < 0.05): g2; g1; g3.\n",
            "Above chance: their agreement among themselves is larger, beside that with everyone "
            "else, than in random groups of their size.\n"
            "- g2 (4 raters, very few): IRR-XRR 0.200 (IRR 0.500 " UP "**, XRR 0.500 " UP
            "), p 0.0002, q 0.001\n"
            "- g1 (10 raters): GAI 1.250" PARTS ", p 0.002, q 0.02\n"
            "Below chance: their agreement among themselves is smaller, beside that with "
            "everyone else, than in random groups of their size.\n"
            "- g3 (10 raters): GAI 0.750" PARTS ", p 0.003, q 0.03; IRR itself is above the "
            "median of its shuffles, so it is XRR that makes the finding\n",
            "Other statistics with q < 0.05: IRR in 2 groups. Alone they tell",
            "here 5 have. After correction (Benjamini and Hochberg) 5 have q < 0.05, which is "
            "meant to hold the expected share of false ones among them to 5%.",
            "maxT, bounds the chance of even one false finding among all tests by 5%; it leaves "
            "1.\n",
            "3 tests have the smallest p"),
      TEXTS("No group stands out", "Nothing, after correction", "before correction only"));
  end(&f);
}

Test(findings, many_are_cut_short) {
  fixture f = begin(1, 20, DSS_METRICS_GAI, 99999);
  for (size_t g = 0; g < 20; g++)
    significant(f.r, 0, g, DSS_GAI, 0.001, 0.002, 1);
  expect(findings(f.r),
         TEXTS("(q < 0.05): g0; g1; g2; and 17 more.\n",
               "- g11 (10 raters): GAI 0.500" PARTS
               ", p 0.001, q 0.002\n- and 8 more, which are marked in "
               "the table\n"),
         TEXTS("- g12 ("));
  for (size_t g = 13; g < 20; g++)
    significant(f.r, 0, g, DSS_GAI, 0.5, 0.6, 1);
  expect(findings(f.r), TEXTS("- and 1 more, which is marked in the table\n"), TEXTS("- g12 ("));
  end(&f);
}

Test(findings, before_correction_is_no_finding) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 9999);
  significant(f.r, 0, 0, DSS_GAI, 0.03, 0.2, 1);
  cell_of(f.r, 0, 0, DSS_GAI)->p_high = 0.051;
  expect(
      findings(f.r),
      TEXTS("LEAD No group stands out",
            "# What stands out before correction only\nOne group has p < 0.05 but not q < 0.05. "
            "Among 12 tests chance alone gives such values, so it is no finding; it may be worth "
            "a study of its own.\n- g0 (10 raters): GAI 0.500 " UP PARTS ", p 0.03, q 0.2\n",
            "here 1 has. After correction (Benjamini and Hochberg) none has q < 0.05.",
            "For 1 test the shuffles do not settle on which side of 0.05 p is"),
      TEXTS("These have"));
  significant(f.r, 0, 1, DSS_GAI, 0.04, 0.2, -1);
  expect(findings(f.r),
         TEXTS("These have p < 0.05 but not q < 0.05.", "they are no finding",
               "- g1 (10 raters): GAI 0.500 " DOWN PARTS ", p 0.04, q 0.2; IRR itself is above"),
         TEXTS("One group has"));
  end(&f);
}

Test(findings, what_cannot_be_said) {
  fixture f = begin(1, 5, DSS_METRICS_GAI, 9999);
  undefine(f.r, 0, 0, DSS_REASON_TOO_FEW_RATERS);
  undefine(f.r, 0, 1, DSS_REASON_NO_SHARED_UNITS);
  undefine(f.r, 0, 2, DSS_REASON_NO_SHARED_UNITS);
  dss_cell *gai = cell_of(f.r, 0, 3, DSS_GAI);
  gai->estimate = gai->p = gai->q_bh = NAN;
  gai->reason = DSS_REASON_XRR_NOT_POSITIVE;
  expect(
      findings(f.r),
      TEXTS("of 2 groups that could be tested, none", " Of 3 more groups nothing can be said.\n",
            "# What cannot be said\n1 group has fewer than 2 raters, the minimum of this run, and "
            "so it has no numbers: g0.\nIn 1 group XRR is not positive: there GAI has no reading, "
            "and "
            "IRR-XRR is to be read.\n2 groups could not be tested:\n- 2 groups: no item rated by "
            "both sides\n"),
      TEXTS("g1", "g2"));
  end(&f);
}

Test(findings, groups_of_too_few_have_names) {
  fixture f = begin(2, 12, DSS_METRICS_GAI, 9999);
  for (size_t q = 0; q < 2; q++)
    for (size_t g = 0; g < 10; g++)
      undefine(f.r, q, g, DSS_REASON_TOO_FEW_RATERS);
  expect(findings(f.r),
         TEXTS("\n10 groups have fewer than 2 raters, the minimum of this run, and so they have no "
               "numbers: g0, g1, g2, g3, g4, g5, g6, g7 and 2 more.\n"),
         TEXTS("20 groups", "g8"));
  end(&f);
}

/* A sentence for each kind of statistic beside GAI: none is said of another kind. */
Test(findings, other_statistics_by_what_they_tell) {
  static const struct {
    dss_statistic statistic;
    const char *said;
  } cases[] = {{DSS_PLURALITY, "0.05: Plurality in 1 group. Alone they tell how much raters"},
               {DSS_XRR, "0.05: XRR in 1 group. They tell whether a group agrees with everyone"},
               {DSS_PAIR_GAI, "0.05: Pair GAI in 1 group. They are findings as those of GAI"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    fixture f = begin(1, 3, DSS_METRICS_ALL | DSS_METRICS_PAIR_GAI, 9999);
    significant(f.r, 0, 0, cases[i].statistic, 0.001, 0.01, 1);
    for (size_t j = 0; j < sizeof cases / sizeof *cases; j++)
      expect(findings(f.r), TEXTS(cases[i].said),
             j == i ? TEXTS("q < 0.05: IRR") : TEXTS(strstr(cases[j].said, " group. ") + 7));
    end(&f);
  }
}

Test(findings, nothing_could_be_tested) {
  fixture f = begin(1, 2, DSS_METRICS_GAI, 9999);
  undefine(f.r, 0, 0, DSS_REASON_NO_SHARED_UNITS);
  undefine(f.r, 0, 1, DSS_REASON_NO_SHARED_UNITS);
  expect(findings(f.r),
         TEXTS("LEAD Nothing can be said: none of the 2 groups could be tested by GAI or by "
               "IRR-XRR. Why not is below.\n",
               "- 2 groups: no item rated by both sides\n"),
         TEXTS("# What stands out", "tests were made", "p is how often", "largest GAI"));
  end(&f);
}

Test(findings, one_group) {
  fixture f = begin(1, 1, DSS_METRICS_GAI, 9999);
  expect(findings(f.r), TEXTS("of 1 group that could be tested, none is significant"),
         TEXTS("The largest GAI"));
  undefine(f.r, 0, 0, DSS_REASON_NO_SHARED_UNITS);
  expect(findings(f.r), TEXTS("LEAD Nothing can be said: the one group could not be tested"),
         TEXTS("none of the"));
  /* One whose only test is of something else, which is said to be that. */
  dss_cell *irr = cell_of(f.r, 0, 0, DSS_IRR);
  irr->estimate = 0.5;
  irr->p = irr->q_bh = irr->p_low = irr->p_high = 1.0;
  f.r->resamples = 1;
  set_key(f.r, DSS_KEY_arrangements, "all");
  expect(findings(f.r),
         TEXTS("the one group could not be tested by GAI or by IRR-XRR.",
               "One test was made, of IRR, but so few arrangements can give no p under 1: it could "
               "not become significant.\n"),
         TEXTS("nothing to correct for"));
  end(&f);
}

Test(findings, one_test) {
  fixture f = begin(1, 1, DSS_STATISTIC_BIT(DSS_IRR), 9999);
  expect(findings(f.r),
         TEXTS("LEAD No group stands out: of 1 group",
               "One test was made, of IRR, so there is nothing to correct for: q is p.\n",
               "GAI is not in this run"),
         TEXTS("by GAI or by", "tests were made,"));
  end(&f);
}

Test(findings, no_permutations) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 0);
  for (size_t i = 0; i < 12; i++)
    f.r->cells[i].p = f.r->cells[i].q_bh = f.r->cells[i].p_low = f.r->cells[i].p_high = NAN;
  expect(findings(f.r),
         TEXTS("LEAD Nothing was tested: this run made no permutations. The numbers describe 3 "
               "groups; whether they are more than chance cannot be said from them.\n"),
         TEXTS("What stands out", "shuffle", "p is how often", "tests were made", "significant",
               "could not be tested"));
  end(&f);
}

Test(findings, every_arrangement) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 700);
  set_key(f.r, DSS_KEY_arrangements, "all");
  expect(findings(f.r),
         TEXTS("p-values are exact: all 700 distinct arrangements of the raters were visited, so "
               "another seed gives the same.\n"),
         TEXTS("random shuffles", "--permutations"));
  f.r->resamples = 1;
  expect(findings(f.r),
         TEXTS("By these axes there is only one arrangement of the raters",
               "LEAD No group stands out by GAI or by IRR-XRR, and none could: 3 groups could be "
               "tested, but so few arrangements can give no p under 1.\n",
               "12 tests were made, but so few arrangements can give no p under 1: none could"),
         TEXTS("p-values are exact", "resamples can give"));
  expect(methods(f.r),
         TEXTS("there is only one distinct arrangement of the raters' whole profiles"),
         TEXTS("all 1 ", "an exact permutation test"));
  end(&f);
}

Test(findings, tests_that_stopped) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 50000);
  set_key(f.r, DSS_KEY_stop_after, "20");
  significant(f.r, 0, 0, DSS_GAI, 0.001, 0.012, 1);
  expect(findings(f.r),
         TEXTS("p-values were counted in up to 50000 random shuffles: a test stops once 20 of "
               "them have reached it on each side, looked at after every 4096. A p near 0.05 is "
               "known to about \xc2\xb1"
               "0.02, and none can be under 4e-05.\n",
               "maxT, is not there: it needs every resample of every test"),
         TEXTS("it leaves"));
  cell_of(f.r, 0, 1, DSS_GAI)->p_low = 0.049; /* its p_high is 0.55 */
  expect(findings(f.r),
         TEXTS("For 1 test the shuffles do not settle on which side of 0.05 p is (its Monte-Carlo "
               "interval holds 0.05): more permutations with a larger --stop-after would.\n"),
         TEXTS("For 2"));
  f.r->resamples = 99; /* less than the 20 would take */
  expect(findings(f.r),
         TEXTS("A p near 0.05 is known to about \xc2\xb1"
               "0.06,"),
         TEXTS("0.02, and"));
  end(&f);
}

Test(findings, too_few_resamples) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 19);
  expect(
      findings(f.r),
      TEXTS("12 tests were made, but so few resamples can give no p under 0.1: none could become "
            "significant.\n",
            "LEAD No group stands out by GAI or by IRR-XRR, and none could: 3 groups could be "
            "tested, but so few resamples can give no p under 0.1.\n"),
      TEXTS("Were there no difference", "arrangements"));
  f.r->resamples = 400; /* p of 0.005 are there, but 12 of them make q 0.06 */
  expect(
      findings(f.r),
      TEXTS("To pass that correction alone, a test would need p < 0.0042, which so few resamples "
            "cannot give: only many that are small together can pass it. With --permutations 480 "
            "one could.\n"),
      TEXTS("so few arrangements"));
  set_key(f.r, DSS_KEY_arrangements, "all");
  expect(findings(f.r), TEXTS("which so few arrangements cannot give"),
         TEXTS("With --permutations"));
  end(&f);
}

Test(findings, schemes) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 9999);
  set_key(f.r, DSS_KEY_scheme, "strata:site");
  expect(findings(f.r),
         TEXTS("shuffled among those with the same value of site, who alone are taken to be "
               "exchangeable"),
         TEXTS("among all of them"));
  set_key(f.r, DSS_KEY_scheme, "within:gender");
  expect(
      findings(f.r),
      TEXTS("What a group shows is what it adds beyond gender, not whether gender itself makes a "
            "difference."),
      TEXTS("among all of them", "exchangeable"));
  end(&f);
}

Test(findings, several_questions) {
  fixture f = begin(2, 2, DSS_METRICS_GAI, 9999);
  significant(f.r, 1, 1, DSS_GAI, 0.001, 0.01, 1);
  undefine(f.r, 0, 0, DSS_REASON_NO_VARIATION);
  expect(findings(f.r),
         TEXTS("LEAD 1 of the 3 groups by question that could be tested stands out",
               "(q < 0.05): g1 on tone. Of "
               "1 more group by question nothing",
               "- g1 on tone (10 raters): GAI", "on 2 questions: harm and tone.",
               "1 group by question could not be tested:\n- 1 group by question: no variation"),
         TEXTS("groups that could", " row"));
  end(&f);
}

Test(findings, without_gai_every_statistic_judges) {
  fixture f = begin(1, 3, DSS_STATISTIC_BIT(DSS_IRR) | DSS_STATISTIC_BIT(DSS_PLURALITY), 9999);
  significant(f.r, 0, 2, DSS_PLURALITY, 0.001, 0.006, -1);
  expect(findings(f.r),
         TEXTS("LEAD 1 of the 3 groups that could be tested stands out after correction",
               "Below chance: in these groups a statistic is smaller than in random groups",
               "- g2 (10 raters): Plurality 0.500, below chance, p 0.001, q 0.006\n",
               "GAI is not in this run"),
         TEXTS("by GAI or by", "Other statistics", "largest GAI"));
  end(&f);
}

Test(findings, the_largest_index) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 9999);
  significant(f.r, 0, 1, DSS_GAI, 0.03, 0.1, 1)->estimate = 9.0;
  dss_results_derive_dsi(f.r);
  expect(findings(f.r),
         TEXTS("The largest GAI of all is 9.000, of g1, on the axis team (p < 0.05, not after "
               "correction). The largest of 3 is large by chance too.\n"),
         TEXTS("XRR is near 0 there", "; XRR is near 0"));
  f.r->details[1].xrr_nonpositive = 0.2;
  expect(findings(f.r),
         TEXTS("large by chance too. XRR is near 0 there, and a ratio to it jumps: read IRR-XRR.\n",
               "LEAD No group stands out by GAI or by IRR-XRR"),
         TEXTS("(not significant)", "- g1 (10 raters)", "where a ratio has no reading"));
  significant(f.r, 0, 1, DSS_GAI, 0.0003, 0.01, 1);
  expect(findings(f.r),
         TEXTS("GAI has q < 0.05 in 1 group whose XRR is near 0, where a ratio has no reading: "
               "IRR-XRR judges there."),
         TEXTS("- g1 (10 raters)"));
  significant(f.r, 0, 1, DSS_DIFFERENCE, 0.0004, 0.02, 1);
  expect(findings(f.r),
         TEXTS("- g1 (10 raters): IRR-XRR 0.500" PARTS
               ", p 0.0004, q 0.02; XRR is near 0, and GAI (9.000, q 0.01) has no reading\n"),
         TEXTS("read IRR-XRR (0"));
  end(&f);
}

/* A ratio to an XRR that is not told from 0, by any of the signs of it. */
Test(findings, a_ratio_to_nothing_is_in_doubt) {
  static const char doubt[] = "GAI has q < 0.05 in 1 group whose XRR is near 0";
  fixture f = begin(1, 2, DSS_METRICS_GAI, 9999);
  dss_cell *gai = significant(f.r, 0, 0, DSS_GAI, 0.001, 0.01, 1);
  dss_cell *irr = significant(f.r, 0, 0, DSS_IRR, 0.2, 0.3, -1);
  dss_cell *xrr = significant(f.r, 0, 0, DSS_XRR, 0.001, 0.01, -1);
  gai->estimate = 2.622;
  irr->estimate = 0.074;
  xrr->estimate = 0.028;
  expect(findings(f.r),
         TEXTS("- g0 (10 raters): GAI 2.622 (IRR 0.074 " DOWN ", XRR 0.028 " DOWN
               "**), p 0.001, q 0.01; IRR itself is below the median of its shuffles, so it is XRR "
               "that makes the finding\n"),
         TEXTS(doubt, "XRR is near 0 there"));
  xrr->ci_method = "bca";
  xrr->ci_low = -0.056;
  xrr->ci_high = 0.139;
  expect(findings(f.r), TEXTS(doubt, "XRR is near 0 there"), TEXTS("]"));
  xrr->ci_low = 0.002;
  expect(findings(f.r), TEXTS("GAI 2.622"), TEXTS(doubt));
  f.r->details[0].fieller_kind = DSS_SET_OUTSIDE;
  expect(findings(f.r), TEXTS(doubt), TEXTS("["));
  f.r->details[0].fieller_kind = DSS_SET_BOUNDED;
  expect(findings(f.r), TEXTS("GAI 2.622"), TEXTS(doubt));
  gai->ci_withheld = (dss_withheld)(DSS_WITHHELD_NONE + 1);
  expect(findings(f.r), TEXTS(doubt), TEXTS("["));
  end(&f);
}

/* What says that an interval is not to be trusted stands beside it. */
Test(findings, intervals_keep_their_doubts) {
  fixture f = begin(1, 2, DSS_METRICS_GAI, 9999);
  set_key(f.r, DSS_KEY_bootstrap, "400");
  set_key(f.r, DSS_KEY_interval, "bca");
  dss_cell *cell = significant(f.r, 0, 0, DSS_GAI, 0.001, 0.01, 1);
  cell->ci_low = 0.6;
  cell->ci_high = 0.7;
  cell->ci_method = "percentile";
  cell->ci_misses = true;
  cell->boot_flagged = true;
  cell->boot_undefined = 36;
  expect(findings(f.r), TEXTS("GAI 0.500 [0.600, 0.700] !?9.0% (IRR"), TEXTS("] p"));
  end(&f);
}

Test(findings, intervals_are_said) {
  static const char *const over[][2] = {
      {"raters", "where the value for all raters like these, on the same items, may lie."},
      {"items", "where the value of the same raters, over all items like these, may lie."},
      {"both", "where the value for all raters like these, over all items like these, may lie."}};
  fixture f = begin(1, 2, DSS_METRICS_GAI, 9999);
  set_key(f.r, DSS_KEY_bootstrap, "400");
  dss_cell *cell = significant(f.r, 0, 0, DSS_GAI, 0.001, 0.01, 1);
  cell->ci_low = 0.4;
  cell->ci_high = 0.6;
  cell->ci_method = "percentile";
  set_key(f.r, DSS_KEY_interval, "bca");
  for (size_t i = 0; i < 3; i++) {
    set_key(f.r, DSS_KEY_over, over[i][0]);
    expect(
        findings(f.r),
        TEXTS(over[i][1], "- g0 (10 raters): GAI 0.500 [0.400, 0.600]" PARTS ", p 0.001, q 0.01\n"),
        TEXTS("No intervals were made"));
  }
  end(&f);
}

/* A name's marks are ours: one that brings its own, or is long, does no harm. */
Test(findings, names_cannot_forge_marks) {
  fixture f = begin(1, 2, DSS_METRICS_GAI, 9999);
  free(f.r->groups[0].name);
  f.r->groups[0].name = malloc(401);
  memset(f.r->groups[0].name, 'x', 400);
  memcpy(f.r->groups[0].name, DSS_NAME_END "a" DSS_NAME_BEGIN, 3);
  f.r->groups[0].name[400] = '\0';
  significant(f.r, 0, 0, DSS_GAI, 0.001, 0.01, 1);
  char *page = report(f.context, f.r, DSS_REPORT_HTML, true);
  cr_expect(strstr(page, "<li><bdi> a xxxx"), "%s", page);
  size_t opened = 0, closed = 0;
  for (const char *at = page; (at = strstr(at, "<bdi>")) != NULL; at++)
    opened++;
  for (const char *at = page; (at = strstr(at, "</bdi>")) != NULL; at++)
    closed++;
  cr_expect_eq(opened, closed);
  free(page);
  end(&f);
}

/* --- methods ----------------------------------------------------------------------------- */

Test(methods, say_this_runs_settings) {
  fixture f = begin(1, 3, DSS_METRICS_GAI, 9999);
  set_key(f.r, DSS_KEY_permutations, "9999");
  expect(methods(f.r),
         TEXTS("40 raters gave 400 ratings of 10 items on: harm (nominal, 2 levels).",
               "9999 random permutations of the raters' whole profiles among all raters, the "
               "ratings staying where they are (seed 7, Philox4x32-10",
               "Over all 12 tests p-values were corrected", "Krippendorff, K. (2011)",
               "Prabhakaran", "Wong, K.", "Phipson", "Computed with dissensus 0.1.0.",
               "step-down maxT"),
         TEXTS("Besag", "Efron", "Luxburg", "Knijnenburg", "stopped", "an exact", "Owen"));
  set_key(f.r, DSS_KEY_scheme, "within:gender");
  set_key(f.r, DSS_KEY_stop_after, "20");
  set_key(f.r, DSS_KEY_units, "common");
  expect(methods(f.r),
         TEXTS("among raters with the same value of gender", "Besag, J.", "Jennison",
               "Both use the same items",
               "A test stopped once 20 permutations had reached it on each side, looked at after "
               "every 4096; a one-sided p is then that number over the permutations it took"),
         TEXTS("maxT", "Westfall", "either side"));
  set_key(f.r, DSS_KEY_arrangements, "all");
  expect(methods(f.r), TEXTS("an exact permutation test: all 9999 distinct arrangements"),
         TEXTS("Philox", "Phipson", "Besag"));
  f.r->resamples = 0;
  expect(methods(f.r), TEXTS("No significance was assessed."),
         TEXTS("permutation", "Benjamini", "Holm"));
  end(&f);
}

Test(methods, intervals_and_other_statistics) {
  fixture f = begin(1, 3, DSS_METRICS_ALL, 9999);
  f.r->cells[0].p_tail = 1e-6;
  f.r->cells[0].ci_low = 0.1;
  f.r->cells[0].ci_high = 0.9;
  f.r->cells[0].ci_method = "bca";
  f.r->details[0].fieller_kind = DSS_SET_BOUNDED;
  set_key(f.r, DSS_KEY_bootstrap, "400");
  set_key(f.r, DSS_KEY_over, "both");
  set_key(f.r, DSS_KEY_interval, "bca");
  set_key(f.r, DSS_KEY_ties, "skip");
  set_key(f.r, DSS_KEY_filters, "topic=Bias");
  expect(methods(f.r),
         TEXTS("Only ratings with topic=Bias were used", "Plurality size", "Cross-negentropy",
               "items with a tie were left out", "(BCa, or percentile where BCa is undefined;",
               "from 400 resamples of raters, within the group and within its complement, and "
               "items, independently (Owen and Eckles, 2012), seed 7.",
               "A rater drawn several times never agrees with themselves.", "von Luxburg",
               "Knijnenburg", "Owen, A. B."),
         TEXTS("split evenly"));
  set_key(f.r, DSS_KEY_over, "items");
  expect(methods(f.r), TEXTS("from 400 resamples of items, seed 7."), TEXTS("rater drawn", "Owen"));
  end(&f);
}

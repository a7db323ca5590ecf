/* The notes under the tables: what they say, and of which test. */
#include "report_cases.h"

/* The share of resamples without a reading of GAI: none, few, and many. */
Test(report, table_says_where_xrr_is_not_positive) {
  static const struct {
    double share;
    const char *note;
  } cases[] = {{0.0, "XRR is positive in every resample in which it is defined."},
               {0.004, "XRR is not positive, and GAI has no reading, in up to 0.4% of"},
               {0.125, "Warning: XRR is not positive, and GAI has no reading, in up to 12.5% of"}};
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 2, DSS_METRICS_GAI, 999, true);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    r->details[0].xrr_nonpositive = cases[i].share;
    r->details[1].xrr_nonpositive = 0.0;
    char *text = report(context, r, DSS_REPORT_TABLE, true);
    for (size_t j = 0; j < sizeof cases / sizeof *cases; j++)
      if (i == j || cases[j].share == 0.0)
        cr_assert_eq(strstr(text, cases[j].note) != NULL, i == j, "%s", cases[j].note);
    free(text);
  }
  /* Where it is defined in none, that is no good news. */
  for (size_t g = 0; g < 2; g++) {
    dss_cell *xrr = &r->cells[dss_results_at(r, 0, g, 1)];
    r->details[g].xrr_nonpositive = 0.0;
    xrr->undefined = xrr->resamples;
  }
  char *text = report(context, r, DSS_REPORT_TABLE, true);
  cr_assert(strstr(text, "XRR is not defined in any resample of any group."));
  cr_assert(!strstr(text, "XRR is positive"));
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* What stands beside GAI is told apart, and only where it is. */
Test(report, notes_tell_statistics_of_pairs_apart) {
  dss_context *context = dss_context_new();
  static const unsigned metrics[] = {DSS_METRICS_GAI, DSS_METRICS_GAI | DSS_METRICS_PAIR_GAI};
  for (size_t i = 0; i < 2; i++) {
    dss_results *r = make(context, 2, metrics[i], 999, true);
    char *text = report(context, r, DSS_REPORT_TABLE, true);
    cr_assert_eq(strstr(text, "every two raters who share an item weigh the same") != NULL, i == 1);
    cr_assert_eq(strstr(text, "Pair IRR-XRR") != NULL, i == 1);
    free(text);
    dss_results_free(r);
  }
  dss_context_free(context);
}

/* Of several questions, the one that a note is about is named; of one level it is 1 level. */
Test(report, notes_name_the_question) {
  dss_context *context = dss_context_new();
  dss_results *r = NULL;
  must(context, dss_results_new(context, DSS_METRICS_GAI, 2, (const uint32_t[]){1, 2}, 1, 1, &r));
  for (size_t q = 0; q < 2; q++) {
    r->questions[q].name = strdup(q ? "second" : "first");
    for (uint32_t k = 0; k <= q; k++)
      r->questions[q].levels[k] = strdup("level");
    for (size_t c = 0; c < 4; c++)
      fill_cell(&r->cells[4 * q + c], 4 * q + c, 999);
    r->details[q].xrr_nonpositive = 0.125 * (double)q;
    r->details[q].percent_agreement = NAN;
  }
  r->cells[4 + 1].flagged = true; /* XRR of the second */
  r->resamples = 999;
  r->axes[0] = strdup("axis");
  r->groups[0].name = strdup("all");
  r->groups[0].raters = 9;
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    r->keys[k] = strdup("0");
  static const dss_report_format formats[] = {DSS_REPORT_TABLE, DSS_REPORT_MARKDOWN,
                                              DSS_REPORT_LATEX};
  for (size_t i = 0; i < 3; i++) {
    char *text = report(context, r, formats[i], true);
    char *to = text; /* as if it were neither wrapped nor indented */
    for (const char *at = text; *at; at++)
      if ((*at != ' ' && *at != '\n') || (to > text && to[-1] != ' '))
        *to++ = (char)(*at == '\n' ? ' ' : *at);
    *to = '\0';
    cr_expect(strstr(text, "(nominal, 1 level)") && strstr(text, "(nominal, 2 levels)"), "%s",
              text);
    cr_expect(strstr(text, "of the resamples (all, second), in over"), "%s", text);
    cr_expect(strstr(text, "(first: all, second)"), "%s", text);
    free(text);
  }
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, table_says_what_was_not_done) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 1, DSS_METRICS_GAI, 0, false);
  char *text = report(context, r, DSS_REPORT_TABLE, false);
  cr_assert(strstr(text, "No permutations"));
  cr_assert(strstr(text, dss_reason_text(DSS_REASON_NO_VARIATION)));
  cr_assert(strstr(text, "no group has a GAI"));
  cr_assert(!strstr(text, "Warning: XRR"));
  for (const char *at = text; *at; at++)
    cr_assert((unsigned char)*at < 0x80);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, table_says_what_stopped) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 3, DSS_METRICS_GAI, 100, true);
  free(r->keys[DSS_KEY_stop_after]);
  free(r->keys[DSS_KEY_permutations]);
  r->keys[DSS_KEY_stop_after] = strdup("20");
  r->keys[DSS_KEY_permutations] = strdup("100");
  r->cells[2].resamples = 50;
  char *text = report(context, r, DSS_REPORT_TABLE, true);
  cr_assert(strstr(text, "up to 100 resamples"), "%s", text);
  cr_assert(strstr(text, "maxT"), "%s", text);
  cr_assert(strstr(text, "Warning: No test can end early: 20 exceedances"), "%s", text);
  free(text);

  /* With more: who ended early, and whose smaller side has its 20, which are not the same. */
  free(r->keys[DSS_KEY_permutations]);
  r->keys[DSS_KEY_permutations] = strdup("10000");
  for (size_t i = 0; i < 12; i++) {
    r->cells[i].resamples = i < 2 ? 8192 : 10000;
    r->cells[i].ge_at = i < 7 ? 70 : 0; /* p_up is the smaller */
    r->cells[i].le_at = i < 9 ? 60 : 0;
  }
  r->cells[3].p_up = 0.3; /* p_down is 0.02 */
  r->cells[3].le_at = 0;
  text = unwrap(report(context, r, DSS_REPORT_TABLE, true));
  cr_assert(strstr(text,
                   "Stopping: a test ends at the first multiple of 4096 resamples at which 20 "
                   "have reached it on each side; 2 of 12 tests ended before the last resample. "
                   "The smaller one-sided p is 20 over the number of resamples up to "
                   "exceedance 20 on its side in 6 of them, else (exceedances + 1) / (resamples + "
                   "1); p is twice that, at most 1. maxT needs every resample of every test"),
            "%s", text);
  cr_assert(!strstr(text, "No test can end early"), "%s", text);
  free(text);

  /* 4096 fit the last multiple under 4097; 1 does not fit the one under 4096, 0; nor 4097 4096. */
  const char *const all[] = {"4097", "4096", "8192"}, *const after[] = {"4096", "1", "4097"};
  for (size_t i = 0; i < 3; i++) {
    free(r->keys[DSS_KEY_permutations]);
    free(r->keys[DSS_KEY_stop_after]);
    r->keys[DSS_KEY_permutations] = strdup(all[i]);
    r->keys[DSS_KEY_stop_after] = strdup(after[i]);
    text = report(context, r, DSS_REPORT_TABLE, true);
    cr_assert_eq(strstr(text, "No test can end early") != NULL, i > 0, "%s of %s", after[i],
                 all[i]);
    free(text);
  }
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, tails_are_told_beside_p) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 12, DSS_METRICS_GAI, 100, true);
  char *without = report(context, r, DSS_REPORT_TABLE, true);
  cr_assert(!strstr(without, "Pareto"));
  for (size_t i = 0; i < 7; i++) {
    r->cells[i].p_tail = 2e-5;
    r->cells[i].p_tail_low = 0;
    r->cells[i].p_tail_high = 3e-4;
  }
  char *with = unwrap(report(context, r, DSS_REPORT_TABLE, true));
  cr_assert(strstr(with, "reach 7 tests: beside p, a generalized Pareto tail"), "%s", with);
  cr_assert(strstr(with, "IRR of plain 2e-05 (0 to 0.0003); XRR of plain"), "%s", with);
  cr_assert(strstr(with, "the others are in the JSON report."), "%s", with);
  free(without);
  free(with);
  dss_results_free(r);
  dss_context_free(context);
}

static void set_key(dss_results *r, dss_result_key key, const char *text) {
  free(r->keys[key]);
  r->keys[key] = strdup(text);
}

/* What every p rests on is said where raters did not rate everything. */
Test(report, exchangeability_is_said) {
  static const struct {
    const char *scheme, *ratings;
    uint64_t resamples;
    bool said;
  } cases[] = {{"free", "60", 99, true},
               {"free", "200", 99, false},
               {"free", "60", 0, false},
               {"strata:site", "60", 99, false}};
  dss_context *context = dss_context_new();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    dss_results *r = make(context, 2, DSS_METRICS_GAI, cases[i].resamples, true);
    set_key(r, DSS_KEY_scheme, cases[i].scheme);
    set_key(r, DSS_KEY_raters, "10");
    set_key(r, DSS_KEY_items, "20");
    set_key(r, DSS_KEY_ratings, cases[i].ratings);
    char *text = report(context, r, DSS_REPORT_MARKDOWN, true);
    cr_expect_eq(strstr(text, "Warning: Scheme free takes all raters to be exchangeable, though "
                              "they rated only 30% of the items") != NULL,
                 cases[i].said, "%zu: %s", i, text);
    free(text);
    dss_results_free(r);
  }
  dss_context_free(context);
}

/* One group is one, and arrangements that were all visited are no resamples. */
Test(report, few_are_named_as_what_they_are) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 1, DSS_METRICS_GAI, 19, true);
  char *text = report(context, r, DSS_REPORT_MARKDOWN, true);
  cr_expect(strstr(text,
                   "Warning: 1 group has fewer than 5 raters (first: plain): its numbers hang "
                   "on single persons."),
            "%s", text);
  cr_expect(strstr(text, "Warning: With so few resamples no p can be under 0.1."), "%s", text);
  free(text);
  set_key(r, DSS_KEY_arrangements, "all");
  text = report(context, r, DSS_REPORT_MARKDOWN, true);
  cr_expect(strstr(text, "Warning: With so few arrangements no p can be under 0.11."), "%s", text);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* Items that were given out by group show as items that no one else rated. */
Test(report, items_of_ones_own_are_said) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 3, DSS_METRICS_GAI, 99, true);
  r->details[0].units_rated = r->details[1].units_rated = 10;
  r->details[0].units_xrr = 5;
  r->details[1].units_xrr = 4;
  char *text = report(context, r, DSS_REPORT_MARKDOWN, true);
  cr_expect(strstr(text, "Warning: 1 row shares under half of its items with anyone outside "
                         "the group (first: say"),
            "%s", text);
  free(text);
  set_key(r, DSS_KEY_units, "common"); /* then IRR has the same few items, as was asked for */
  text = report(context, r, DSS_REPORT_MARKDOWN, true);
  cr_expect(!strstr(text, "under half"), "%s", text);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* Rules of views: which levels are positive, and means that are compared exactly. */
#include <criterion/criterion.h>
#include <math.h>

#include "host/evaluate/views.h"

enum { MOST = 6 };

typedef struct made {
  dss_status status;
  char error[400];
  dss_rule rule;
} made;

/* A question of its own, called q, beside one called other. */
static made make(dss_scale scale, uint32_t n, const char *const *labels, const double *values,
                 dss_view_rule rule, const char *const *thresholds, size_t n_thresholds) {
  dss_context *context = dss_context_new();
  const char *names[] = {"a", "b", "c", "d", "e", "f"};
  const uint32_t who[] = {0, 1, 2, 3, 4, 5};
  const uint8_t code[] = {0, 1, 2, 3, 4, 5};
  dss_study *study = NULL;
  made m = {.status = DSS_OK};
  cr_assert(n <= MOST);
  cr_assert_eq(dss_study_new(context, MOST, names, MOST, names, &study), DSS_OK);
  cr_assert_eq(
      dss_study_add_question(context, study, "q", scale, n, labels, values, n, who, who, code),
      DSS_OK, "%s", dss_context_error(context));
  cr_assert_eq(
      dss_study_add_question(context, study, "other", scale, n, labels, values, n, who, who, code),
      DSS_OK);
  m.status = dss_rule_new(context, study, dss_study_question(study, 0), rule,
                          (dss_thresholds){thresholds, n_thresholds}, &m.rule);
  snprintf(m.error, sizeof m.error, "%s", m.status == DSS_OK ? "" : dss_context_error(context));
  dss_study_free(study);
  dss_context_free(context);
  return m;
}

static bool positive(const dss_rule *rule, uint32_t n, const uint32_t *counts) {
  int64_t sum = 0;
  for (uint32_t k = 0; k < n; k++)
    sum += counts[k] * rule->score[k];
  return sum >= rule->cutoff;
}

static const char *const NUMBERS[] = {"0", "0.1", "0.2", "0.7"};
static const double VALUES[] = {0, 0.1, 0.2, 0.7};

Test(views, means_of_decimals_are_exact) {
  const char *at[] = {"0.3"};
  made m = make(DSS_INTERVAL, 4, NUMBERS, VALUES, DSS_VIEW_MEAN, at, 1);
  cr_assert_eq(m.status, DSS_OK, "%s", m.error);
  /* In doubles 0.1 + 0.1 + 0.7 is less than 0.9. */
  cr_expect(positive(&m.rule, 4, (uint32_t[]){0, 2, 0, 1}));
  cr_expect(positive(&m.rule, 4, (uint32_t[]){0, 0, 4, 1}), "1.5 / 5");
  cr_expect_not(positive(&m.rule, 4, (uint32_t[]){1, 0, 7, 2}), "2.8 / 10");
  cr_expect(positive(&m.rule, 4, (uint32_t[]){0, 2000000000, 0, 1000000000}));
  cr_expect_not(positive(&m.rule, 4, (uint32_t[]){0, 2000000001, 0, 1000000000}));
  cr_expect_eq(m.rule.said[3], 0.7);
}

Test(views, a_mean_needs_numbers_within_the_scale) {
  const char *labels[] = {"low", "2"};
  const char *at[] = {"1"}, *fine[] = {"0.1234567891"}, *outside[] = {"0.8"}, *word[] = {"x"};
  made m = make(DSS_ORDINAL, 2, labels, NULL, DSS_VIEW_MEAN, at, 1);
  cr_expect_eq(m.status, DSS_ERR_USAGE);
  cr_expect_str_eq(m.error, "question 'q': the level 'low' is no number, and there is no mean; "
                            "take the rule majority or any");
  m = make(DSS_NOMINAL, 4, NUMBERS, VALUES, DSS_VIEW_MEAN, at, 1);
  cr_expect_str_eq(m.error, "question 'q': a nominal scale has no mean; take the rule majority or "
                            "any");
  m = make(DSS_INTERVAL, 4, NUMBERS, VALUES, DSS_VIEW_MEAN, fine, 1);
  cr_expect_str_eq(m.error, "question 'q': means are compared exactly, which takes levels and a "
                            "threshold of no more than 9 digits");
  m = make(DSS_INTERVAL, 4, NUMBERS, VALUES, DSS_VIEW_MEAN, outside, 1);
  cr_expect_str_eq(m.error, "question 'q': the threshold '0.8' is outside the scale; the scale's "
                            "levels are: 0, 0.1, 0.2, 0.7");
  m = make(DSS_INTERVAL, 4, NUMBERS, VALUES, DSS_VIEW_MEAN, word, 1);
  cr_expect_eq(m.status, DSS_ERR_USAGE);
}

Test(views, numbers_too_large_for_exact_sums) {
  const char *labels[] = {"0", "3000000000"}, *at[] = {"1"};
  const double values[] = {0, 3e9};
  made m = make(DSS_RATIO, 2, labels, values, DSS_VIEW_MEAN, at, 1);
  cr_expect_eq(m.status, DSS_ERR_USAGE);
  m = make(DSS_RATIO, 2, labels, values, DSS_VIEW_MAJORITY, at, 1);
  cr_expect_eq(m.status, DSS_OK, "shares know no values: %s", m.error);
}

Test(views, majority_and_any) {
  const char *labels[] = {"low", "mid", "high"}, *mid[] = {"mid"};
  made m = make(DSS_ORDINAL, 3, labels, NULL, DSS_VIEW_MAJORITY, mid, 1);
  cr_assert_eq(m.status, DSS_OK, "%s", m.error);
  cr_expect(positive(&m.rule, 3, (uint32_t[]){1, 1, 1}));
  cr_expect_not(positive(&m.rule, 3, (uint32_t[]){2, 1, 1}), "a tie");
  m = make(DSS_ORDINAL, 3, labels, NULL, DSS_VIEW_ANY, mid, 1);
  cr_expect(positive(&m.rule, 3, (uint32_t[]){9, 1, 0}));
  cr_expect_not(positive(&m.rule, 3, (uint32_t[]){9, 0, 0}));
  m = make(DSS_NOMINAL, 3, labels, NULL, DSS_VIEW_ANY, mid, 1);
  cr_expect(positive(&m.rule, 3, (uint32_t[]){9, 1, 0}));
  cr_expect_not(positive(&m.rule, 3, (uint32_t[]){9, 0, 5}), "that very level");
}

Test(views, thresholds_of_one_question_and_of_all) {
  const char *both[] = {"other=0.7", "q=0.2", "0.1"}, *of_other[] = {"other=0.7"};
  const char *last[] = {"0.1", "0.7"};
  made m = make(DSS_INTERVAL, 4, NUMBERS, VALUES, DSS_VIEW_ANY, both, 3);
  cr_assert_eq(m.status, DSS_OK, "%s", m.error);
  cr_expect_eq(m.rule.score[1], 0);
  cr_expect_eq(m.rule.score[2], 1);
  m = make(DSS_INTERVAL, 4, NUMBERS, VALUES, DSS_VIEW_ANY, of_other, 1);
  cr_expect_str_eq(m.error, "question 'q' has no threshold");
  m = make(DSS_INTERVAL, 4, NUMBERS, VALUES, DSS_VIEW_ANY, last, 2);
  cr_expect_eq(m.rule.score[2], 0, "the last one given counts");
}

Test(views, names) {
  dss_view_rule rule = DSS_VIEW_ANY;
  cr_expect(dss_view_rule_parse("mean", &rule) && rule == DSS_VIEW_MEAN);
  cr_expect_not(dss_view_rule_parse("median", &rule));
  cr_expect_null(dss_view_rule_name(DSS_N_VIEW_RULES));
  cr_expect_null(dss_classify_statistic_name(DSS_N_CLASSIFY_STATISTICS));
  unsigned gaps = 0;
  const char *bad = NULL;
  cr_expect(dss_gaps_parse("auc,fnr", &gaps, &bad));
  cr_expect_eq(gaps, 1u << DSS_CLASSIFY_AUC | 1u << DSS_CLASSIFY_FNR);
  cr_expect_not(dss_gaps_parse("fnr,fn", &gaps, &bad));
  cr_expect_str_eq(bad, "fn");
}

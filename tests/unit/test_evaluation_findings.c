/* What stands out in an evaluation: a line a comparison, by its surest row. */
#include <criterion/criterion.h>
#include <math.h>

#include "host/evaluate/evaluation.h"
#include "host/report/evaluation_comparisons.h"
#include "host/report/evaluation_findings.h"

/* A row, as far as the summary looks at it. */
typedef struct said {
  const char *axis, *group, *versus, *statistic;
  double q;
} said;

static dss_context *context;
static dss_evaluation *evaluation;
static dss_evaluation_view view;

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

/* Texts are set behind the builder's back: it wants a plan, which has only groups of a study. */
static void set_up_rows(dss_evaluation_kind kind, const said *rows, size_t n) {
  context = dss_context_new();
  must(dss_evaluation_new(context, kind, &evaluation));
  for (size_t i = 0; i < n; i++) {
    dss_row_spec spec = {.question = "harm",
                         .statistic = rows[i].statistic,
                         .axis = DSS_NOWHERE,
                         .group = DSS_NOWHERE,
                         .versus = DSS_NOWHERE,
                         .permuted = true};
    must(dss_evaluation_add(context, evaluation, NULL, &spec));
    dss_evaluation_row *row = &evaluation->rows[i];
    row->axis = rows[i].axis;
    row->group = rows[i].group;
    row->versus = rows[i].versus;
    row->cell = (dss_cell){.estimate = 1,
                           .z = 3,
                           .p = rows[i].q / 2,
                           .q_bh = rows[i].q,
                           .p_tail = NAN,
                           .ci_method = ""};
  }
  must(dss_evaluation_view_new(context, evaluation, &view));
}

static void tear_down(void) {
  dss_evaluation_view_free(&view);
  dss_evaluation_free(evaluation);
  dss_context_free(context);
}

/* Lines as "group|versus|statistic|how many rows", the surest first. */
static void expect_lines(const char *const *lines, size_t n) {
  dss_found found;
  must(dss_found_new(context, &view, &found));
  cr_expect_eq(found.n, n, "%zu lines", found.n);
  for (size_t i = 0; i < found.n && i < n; i++) {
    const dss_evaluation_row *row = found.rows[found.comparisons[i].first];
    char line[200];
    snprintf(line, sizeof line, "%s|%s|%s|%zu", row->group, row->versus, row->statistic,
             found.comparisons[i].n);
    cr_expect_str_eq(line, lines[i]);
  }
  dss_found_free(&found);
}

#define SIZE(array) (sizeof(array) / sizeof *(array))
#define ELSE DSS_EVERYONE_ELSE

Test(evaluation_findings, one_line_a_comparison, .fini = tear_down) {
  const said rows[] = {
      {"age", "", "", "anova_f", 0.04},
      {"age", "", "", "kruskal_h", 0.02},
      {"age", "X", "", "mean", 0.01},
      {"age", "X", "", "share", 0.01},
      {"age", "Y", "", "mean", 0.2}, /* does not stand out */
      {"age", "X", ELSE, "mean_difference", 0.01},
      {"age", "X", ELSE, "cliffs_delta", 0.01},
      {"age", "Y", ELSE, "mean_difference", 0.2},
      {"age", "X", "Y", "mean_difference", 0.03},
      {"age", "X", "Z", "cliffs_delta", 0.001},
      {"age", "X", "Z", "mean_difference", 0.002},
      {"site", "X", "", "mean", 0.045}, /* a group of that name, on another axis */
      {"site", "X", ELSE, "mean_difference", 0.2},
  };
  const char *const lines[] = {"X|Z|cliffs_delta|2", "X|" ELSE "|mean_difference|4",
                               "||kruskal_h|2", "X|Y|mean_difference|1", "X||mean|1"};
  set_up_rows(DSS_EVALUATION_SEVERITY, rows, SIZE(rows));
  expect_lines(lines, SIZE(lines));
}

/* Of two groups everything is one comparison; a row of the two speaks, among equally sure ones. */
Test(evaluation_findings, two_groups_are_one, .fini = tear_down) {
  const said rows[] = {{"sex", "", "", "anova_f", 0.01},
                       {"sex", "f", "", "mean", 0.01},
                       {"sex", "m", "", "mean", 0.01},
                       {"sex", "f", "m", "mean_difference", 0.01},
                       {"sex", "f", "m", "cliffs_delta", 0.01}};
  const char *const lines[] = {"f|m|mean_difference|5"};
  set_up_rows(DSS_EVALUATION_SEVERITY, rows, SIZE(rows));
  expect_lines(lines, SIZE(lines));
}

/* That telling helps, and that it is the group that counts, are two findings. */
Test(evaluation_findings, gains_stand_by_themselves, .fini = tear_down) {
  const said rows[] = {{"sex", "", "", "pearson_gain", 0.01},
                       {"sex", "", "", "mae_gain", 0.02},
                       {"sex", "f", "", "pearson_gain", 0.03},
                       {"sex", "m", "", "pearson_gain", 0.04},
                       {"sex", "", "", "pearson_specificity", 0.015}};
  const char *const lines[] = {"||pearson_gain|2", "||pearson_specificity|1", "f||pearson_gain|1",
                               "m||pearson_gain|1"};
  set_up_rows(DSS_EVALUATION_STEER, rows, SIZE(rows));
  expect_lines(lines, SIZE(lines));
}

static void keep(dss_finding_kind kind, const char *text, void *user) {
  char *all = user;
  size_t used = strlen(all);
  snprintf(all + used, 4000 - used, "%d %s\n", (int)kind, text);
}

Test(evaluation_findings, others_are_named_once_and_briefly, .fini = tear_down) {
  const said rows[] = {{"sex", "f", "m", "a", 0.01}, {"sex", "f", "", "b", 0.02},
                       {"sex", "m", "", "b", 0.02},  {"sex", "f", "", "a", 0.02},
                       {"sex", "f", "m", "c", 0.02}, {"sex", "f", "m", "d", 0.02},
                       {"sex", "f", "m", "e", 0.02}, {"sex", "f", "m", "f", 0.02},
                       {"sex", "f", "m", "g", 0.02}, {"sex", "f", "m", "h", 0.02}};
  char all[4000] = "";
  set_up_rows(DSS_EVALUATION_SEVERITY, rows, SIZE(rows));
  must(dss_evaluation_findings(context, &view, keep, all));
  cr_expect(strstr(all,
                   "Of 10 tests 10 stand out after correction for all of them (q < 0.05), in 1 "
                   "comparison."));
  cr_expect(strstr(all, "q = 0.01. Likewise: \x02"
                        "c\x03, \x02"
                        "d\x03, \x02"
                        "e\x03, \x02"
                        "f\x03, "
                        "\x02"
                        "g\x03, \x02"
                        "h\x03 and 1 more.\n"),
            "%s", all);
}

static void keep_lead(dss_finding_kind kind, const char *text, void *user) {
  if (kind == DSS_FINDING_LEAD) snprintf(user, 1000, "%s", text);
}

static void resampled(uint64_t resamples) {
  for (size_t i = 0; i < evaluation->n_rows; i++)
    evaluation->rows[i].cell.resamples = resamples;
}

/* That nothing was found is laid to the resamples where they could not have shown anything. */
Test(evaluation_findings, few_resamples_are_a_reason, .fini = tear_down) {
  const said rows[] = {{"age", "X", ELSE, "mean_difference", 0.2},
                       {"age", "Y", ELSE, "mean_difference", 0.2}};
  char lead[1000] = "";
  set_up_rows(DSS_EVALUATION_SEVERITY, rows, SIZE(rows));
  resampled(79); /* 2 tests, 2/80 each */
  must(dss_evaluation_findings(context, &view, keep_lead, lead));
  cr_expect(strstr(lead,
                   "or too few resamples: the smallest p that 79 can give, times all tests, is "
                   "0.05."),
            "%s", lead);
  resampled(80);
  must(dss_evaluation_findings(context, &view, keep_lead, lead));
  cr_expect(strstr(lead, "or there are too few ratings to tell.") && !strstr(lead, "resamples"),
            "%s", lead);
}

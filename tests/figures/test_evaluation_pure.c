/* Figures of evaluations: which there are, in what order, what they are called and show. */
#include <criterion/criterion.h>

#include "evaluation_case.h"
#include "host/figures/rows.h"
#include "plain_names.h"

#include "in_context.h"

TestSuite(evaluation_figures, .init = context_begin, .fini = context_end);

/* --- statistics ---------------------------------------------------------------------------- */

Test(evaluation_figures, statistics_are_read) {
  static const char *const texts[][2] = {{"mean", "mean"},
                                         {"fnr_gap", "FNR gap"},
                                         {"f1", "F1"},
                                         {"pearson_gain", "Pearson gain"},
                                         {"cliffs_delta", "Cliff's delta"},
                                         {"", ""},
                                         {"__x_", "  x "},
                                         {"kruskal_h", "Kruskal H"}};
  char text[DSS_MEASURE_ROOM], long_name[300];
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    cr_expect_str_eq(dss_measure_text(texts[i][0], text), texts[i][1]);
  memset(long_name, 'x', sizeof long_name);
  long_name[150] = '_';
  long_name[sizeof long_name - 1] = '\0';
  cr_expect_eq(strlen(dss_measure_text(long_name, text)), DSS_MEASURE_ROOM - 1);
}

Test(evaluation_figures, a_difference_has_a_zero) {
  static const struct {
    const char *statistic, *versus;
    bool compares;
  } rows[] = {{"mean", "", false},
              {"pearson_gain", "", true},
              {"mean_difference", DSS_EVERYONE_ELSE, true},
              {"fnr_gap", "man", true},
              {"pearson_missteered", "man", false},
              {"gamma", "", false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const dss_evaluation_row row = {.statistic = rows[i].statistic, .versus = rows[i].versus};
    cr_expect_eq(dss_measure_compares(&row), rows[i].compares, "%s", rows[i].statistic);
  }
}

/* --- lists --------------------------------------------------------------------------------- */

/* "rows mean; parts mean; ...", of the figures of all items, or of parts of them. */
static void expect_list(const evaluation_case *c, bool parts, const char *expected) {
  static const char *const kinds[] = {
      [DSS_FIGURE_ROWS] = "rows", [DSS_FIGURE_MATRIX] = "matrix", [DSS_FIGURE_PARTS] = "parts"};
  static const char *const versus[] = {"", " else", " pairs"};
  dss_evaluation *e = evaluation_make(context, c);
  dss_figure *figures = NULL;
  size_t n = 0, used = 0;
  char all[4000] = "";
  must(dss_evaluation_figures_list(context, e, &figures, &n));
  for (size_t i = 0; i < n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, figures[i].row);
    if ((*row->items != '\0') != parts) continue;
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%s %s%s%s", used ? "; " : "",
                             kinds[figures[i].kind], row->statistic, versus[dss_versus_of(row)],
                             strcmp(row->source, "Classifier B") == 0 ? " B" : "");
  }
  cr_expect_str_eq(all, expected, "%s", all);
  free(figures);
  dss_evaluation_free(e);
}

Test(evaluation_figures, lists_begin_with_what_is_looked_for) {
  evaluation_case c = usual_evaluation;
  c.n_parts = 1;
  expect_list(&c, false,
              "rows mean; parts mean; rows mean_difference else; parts mean_difference else; "
              "rows mean_difference pairs; matrix mean_difference pairs");
  expect_list(&c, true,
              "rows mean; rows mean_difference else; rows mean_difference pairs; "
              "matrix mean_difference pairs");
  c.kind = DSS_EVALUATION_CLASSIFY;
  expect_list(&c, false,
              "rows fnr_gap else; parts fnr_gap else; rows fnr_gap else B; parts fnr_gap else B; "
              "rows fnr; parts fnr; rows fnr B; parts fnr B");
  c.kind = DSS_EVALUATION_STEER;
  c.n_parts = 0;
  expect_list(&c, false,
              "rows pearson_gain; matrix pearson_missteered pairs; rows pearson; rows pearson");
}

Test(evaluation_figures, many_pairs_have_a_matrix_alone_and_two_groups_none) {
  evaluation_case c = usual_evaluation;
  c.n_parts = 0;
  c.n_groups = DSS_FOREST_GROUPS + 1;
  expect_list(&c, false, "rows mean; rows mean_difference else; matrix mean_difference pairs");
  c.n_groups = 2;
  expect_list(&c, false, "rows mean; rows mean_difference else; rows mean_difference pairs");
  c.n_groups = 1;
  expect_list(&c, false, "rows mean; rows mean_difference else");
  c.n_groups = 0;
  expect_list(&c, false, "");
}

Test(evaluation_figures, many_groups_have_pages) {
  evaluation_case c = usual_evaluation;
  c.n_parts = 0;
  c.n_groups = 150;
  dss_evaluation *e = evaluation_make(context, &c);
  dss_figure *figures = NULL;
  size_t n = 0, of_kind[DSS_FIGURE_PARTS + 1] = {0};
  must(dss_evaluation_figures_list(context, e, &figures, &n));
  for (size_t i = 0; i < n; i++)
    of_kind[figures[i].kind]++;
  /* 151 rows and 150 rows of at most 72; 150 x 150 of at most 60 x 40. */
  cr_expect_eq(of_kind[DSS_FIGURE_ROWS], 6);
  cr_expect_eq(of_kind[DSS_FIGURE_MATRIX], 3 * 4);
  cr_expect_eq(n, 18);
  free(figures);
  dss_evaluation_free(e);
}

/* --- rows and tables ----------------------------------------------------------------------- */

static const dss_evaluation_row *row_of(const dss_evaluation *e, const char *statistic,
                                        dss_versus versus) {
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    if (strcmp(row->statistic, statistic) == 0 && dss_versus_of(row) == versus) return row;
  }
  cr_assert(false, "no row of %s", statistic);
  return NULL;
}

static size_t number_of_row(const dss_evaluation *e, const char *statistic, dss_versus versus) {
  return (size_t)(row_of(e, statistic, versus) - e->rows);
}

static dss_family family_of(const dss_evaluation *e, const char *statistic) {
  dss_rows rows;
  dss_family family = {0};
  must(dss_rows_make(context, e, &rows));
  must(dss_family_make(context, &rows, number_of_row(e, statistic, DSS_VERSUS_NONE), &family));
  dss_rows_free(&rows);
  return family;
}

static dss_table pairs_of(const dss_evaluation *e, const char *statistic) {
  dss_rows rows;
  dss_table table;
  must(dss_rows_make(context, e, &rows));
  must(dss_table_of_pairs(context, &rows, number_of_row(e, statistic, DSS_VERSUS_GROUP), &table));
  dss_rows_free(&rows);
  return table;
}

Test(evaluation_figures, a_forest_ends_with_the_whole) {
  evaluation_case c = usual_evaluation;
  dss_evaluation *e = evaluation_make(context, &c);
  dss_family family = family_of(e, "mean");
  cr_assert_eq(family.n, 6);
  cr_expect_str_eq(family.rows[0]->group, "group 1");
  cr_expect_str_eq(family.rows[5]->axis, "");
  for (size_t i = 0; i < family.n; i++)
    cr_expect(*family.rows[i]->items == '\0' && strcmp(family.rows[i]->statistic, "mean") == 0);
  dss_family_free(&family);
  dss_evaluation_free(e);
  c.kind = DSS_EVALUATION_STEER;
  e = evaluation_make(context, &c);
  family = family_of(e, "pearson");
  cr_assert_eq(family.n, 6);
  cr_expect_str_eq(family.rows[0]->group, "group 1");
  cr_expect(*family.rows[5]->group == '\0' && *family.rows[5]->axis);
  dss_family_free(&family);
  dss_evaluation_free(e);
}

Test(evaluation_figures, a_difference_stands_twice) {
  evaluation_case c = usual_evaluation;
  c.odd = false;
  dss_evaluation *e = evaluation_make(context, &c);
  dss_table table = pairs_of(e, "mean_difference");
  cr_assert(table.n_rows == 5 && table.n_columns == 5 && table.mirrored);
  for (size_t a = 0; a < 5; a++)
    for (size_t b = 0; b < 5; b++) {
      const dss_heat_value *value = &table.values[a * 5 + b];
      cr_assert_eq(value->cell == NULL, a == b, "%zu %zu", a, b);
      if (a == b) continue;
      cr_expect_eq(value->mirrored, a > b);
      double wanted = evaluation_value(&c, a, 0) - evaluation_value(&c, b, 0);
      double got = value->mirrored ? -value->cell->estimate : value->cell->estimate;
      cr_expect(fabs(got - wanted) <= 1e-12, "%zu %zu: %g, not %g", a, b, got, wanted);
    }
  dss_table_free(&table);
  dss_evaluation_free(e);
}

/* A one-sided test does not hold for the other way round. */
Test(evaluation_figures, what_is_one_sided_stands_once) {
  dss_evaluation *e = evaluation_make(context, &usual_evaluation);
  for (size_t i = 0; i < e->n_rows; i++)
    e->rows[i].upper = true;
  dss_table table = pairs_of(e, "mean_difference");
  cr_expect_not(table.mirrored);
  cr_expect_null(table.values[5].cell);
  dss_table_free(&table);
  dss_evaluation_free(e);
}

Test(evaluation_figures, the_own_predictions_are_the_diagonal) {
  evaluation_case c = usual_evaluation;
  c.kind = DSS_EVALUATION_STEER;
  dss_evaluation *e = evaluation_make(context, &c);
  dss_table table = pairs_of(e, "pearson_missteered");
  cr_assert(table.n_rows == 5 && !table.mirrored);
  for (size_t g = 0; g < 5; g++) { /* of "steered", not of "baseline" */
    cr_assert_not_null(table.values[g * 6].cell);
    double wanted = 0.4 + 0.05 * sin((double)g + 1.0);
    cr_expect(fabs(table.values[g * 6].cell->estimate - wanted) <= 1e-12);
  }
  cr_expect(fabs(table.values[5].cell->estimate - (0.2 + 0.1 * sin(3.0))) <= 1e-12);
  dss_table_free(&table);
  dss_evaluation_free(e);
}

static void expect_parts(const char *const *items, size_t n, const char *side,
                         const char *const *columns) {
  evaluation_case c = usual_evaluation;
  c.n_parts = n;
  dss_evaluation *e = evaluation_make(context, &c);
  for (size_t i = 0; i < e->n_rows; i++)
    for (size_t p = 0; p < n; p++) {
      char made[60];
      snprintf(made, sizeof made, "topic=part %zu", p + 1);
      if (strcmp(e->rows[i].items, made) == 0) e->rows[i].items = items[p];
    }
  dss_rows rows;
  dss_table table;
  must(dss_rows_make(context, e, &rows));
  must(dss_table_of_parts(context, &rows, number_of_row(e, "mean", DSS_VERSUS_NONE), &table));
  dss_rows_free(&rows);
  cr_assert_eq(table.n_columns, n + 1);
  cr_expect_str_eq(table.parts, side);
  cr_expect_str_eq(table.columns[0], DSS_ALL_ITEMS);
  for (size_t p = 0; p < n; p++) {
    cr_expect_str_eq(table.columns[p + 1], columns[p]);
    cr_expect(fabs(table.values[p + 1].cell->estimate - evaluation_value(&c, 0, p + 1)) <= 1e-12);
  }
  dss_table_free(&table);
  dss_evaluation_free(e);
}

Test(evaluation_figures, parts_of_one_attribute_are_called_by_their_values) {
  expect_parts((const char *[]){"topic=a", "topic=b=c"}, 2, "topic", (const char *[]){"a", "b=c"});
  expect_parts((const char *[]){"topic=a", "typic=b"}, 2, "items",
               (const char *[]){"topic=a", "typic=b"});
  expect_parts((const char *[]){"topic=a", "kind=b"}, 2, "items",
               (const char *[]){"topic=a", "kind=b"});
  expect_parts((const char *[]){"no sign", "topic=b"}, 2, "items",
               (const char *[]){"no sign", "topic=b"});
  expect_parts((const char *[]){"=a", "=b"}, 2, "items", (const char *[]){"=a", "=b"});
}

/* --- words --------------------------------------------------------------------------------- */

static void expect_plain_names(const dss_evaluation *e) {
  dss_figure *figures = NULL;
  size_t n = 0;
  must(dss_evaluation_figures_list(context, e, &figures, &n));
  cr_assert_gt(n, 0);
  plain_names names = plain_names_begin(n);
  for (size_t i = 0; i < n; i++) {
    dss_figure_texts texts;
    must(dss_evaluation_figure_describe(context, e, &figures[i], &texts));
    plain_names_take(&names, &texts, 199);
  }
  plain_names_end(&names);
  free(figures);
}

/* Parts and sources whose letters and digits are alike; groups of any name. */
Test(evaluation_figures, names_of_files_are_plain_and_different) {
  static const char *const alike[] = {"topic=\xd7\xa2", "topic=\xd7\x91", "topic=/../"};
  for (int kind = DSS_EVALUATION_SEVERITY; kind <= DSS_EVALUATION_STEER; kind++) {
    evaluation_case c = usual_evaluation;
    c.kind = (dss_evaluation_kind)kind;
    c.n_groups = 4;
    c.names = hostile_names;
    dss_evaluation *e = evaluation_make(context, &c);
    for (size_t i = 0; i < e->n_rows; i++) {
      dss_evaluation_row *row = &e->rows[i];
      size_t part = (size_t)(row->items[strlen(row->items) - (*row->items != '\0')] - '1');
      if (*row->items) row->items = alike[part];
      size_t last = strlen(row->source) - (*row->source != '\0');
      if (*row->source) row->source = row->source[last] == 'B' ? "\xd7\xa9 ?" : "\xd7\xa9 !";
      row->question = hostile_names[1];
      if (*row->axis) row->axis = "<axis>*../..";
    }
    expect_plain_names(e);
    dss_evaluation_free(e);
  }
}

static dss_figure_texts texts_of(const dss_evaluation *e, dss_figure_kind kind,
                                 const char *statistic, dss_versus versus) {
  dss_figure_texts texts = {0};
  const dss_figure figure = {.kind = kind, .row = number_of_row(e, statistic, versus)};
  must(dss_evaluation_figure_describe(context, e, &figure, &texts));
  return texts;
}

Test(evaluation_figures, descriptions_have_the_main_numbers) {
  dss_evaluation *e = evaluation_make(context, &usual_evaluation);
  dss_figure_texts texts = texts_of(e, DSS_FIGURE_ROWS, "mean", DSS_VERSUS_NONE);
  cr_expect_str_eq(texts.name, "q1-toxicity-a1-gender-age-v1-mean-forest");
  cr_expect_str_eq(texts.title, "toxicity: mean by gender*age");
  cr_expect(strstr(texts.description,
                   "1 of 6 rows have q < 0.05, 1 more p < 0.05. group 1 2.400 (95% interval 2.220 "
                   "to 2.620), p = 0.3, q = 0.6; group 2 3.168"),
            "%s", texts.description);
  cr_expect(strstr(texts.description, "group 3 undefined (fewer raters than the minimum)") &&
                strstr(texts.description, "all raters 2.420"),
            "%s", texts.description);
  dss_figure_texts_free(&texts);
  texts = texts_of(e, DSS_FIGURE_MATRIX, "mean_difference", DSS_VERSUS_GROUP);
  cr_expect_str_eq(texts.name, "q1-toxicity-a1-gender-age-v3-mean-difference-matrix");
  cr_expect_str_eq(texts.title, "toxicity: mean difference by gender*age, every two groups");
  cr_expect(strstr(texts.description, "group 1 with group 2 \xe2\x88\x92"
                                      "0.768"),
            "%s", texts.description);
  dss_figure_texts_free(&texts);
  texts = texts_of(e, DSS_FIGURE_PARTS, "mean", DSS_VERSUS_NONE);
  cr_expect(strstr(texts.description, "5 rows, 4 columns") &&
                strstr(texts.description, "group 1, part 1 2.250") &&
                strstr(texts.description, "; and 8 more."),
            "%s", texts.description);
  dss_figure_texts_free(&texts);
  dss_evaluation_free(e);
}

Test(evaluation_figures, what_is_not_there_is_refused) {
  evaluation_case c = usual_evaluation;
  c.n_parts = 0;
  dss_evaluation *e = evaluation_make(context, &c);
  size_t mean = number_of_row(e, "mean", DSS_VERSUS_NONE),
         f = number_of_row(e, "anova_f", DSS_VERSUS_NONE);
  const dss_figure wrong[] = {{.kind = DSS_FIGURE_ROWS, .row = e->n_rows},
                              {.kind = DSS_FIGURE_ROWS, .row = mean, .page = 1},
                              {.kind = DSS_FIGURE_ROWS, .row = f},
                              {.kind = DSS_FIGURE_ROWS, .row = 5}, /* all raters' */
                              {.kind = DSS_FIGURE_MATRIX, .row = mean},
                              {.kind = DSS_FIGURE_PARTS, .row = mean},
                              {.kind = DSS_FIGURE_FOREST, .row = mean},
                              {.kind = (dss_figure_kind)77, .row = mean}};
  cr_assert_str_eq(e->rows[5].axis, "");
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    dss_figure_texts texts;
    unsigned char *bytes;
    size_t n;
    cr_expect_eq(dss_evaluation_figure_describe(context, e, &wrong[i], &texts), DSS_ERR_USAGE,
                 "%zu", i);
    cr_expect_eq(dss_evaluation_figure_draw(context, e, &wrong[i], DSS_FIGURE_SVG, &bytes, &n),
                 DSS_ERR_USAGE);
  }
  dss_evaluation_free(e);
}

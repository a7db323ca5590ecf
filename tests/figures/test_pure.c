/* Limits, ticks, texts, names of files, grids and lists: what needs no drawing. */
#include <criterion/criterion.h>

#include "figure_cases.h"
#include "host/figures/axis.h"
#include "host/figures/grid.h"
#include "host/figures/names.h"
#include "host/figures/power.h"
#include "host/figures/scale.h"
#include "plain_names.h"

#include "in_context.h"

TestSuite(figures_pure, .init = context_begin, .fini = context_end);

static bool near(double a, double b) {
  return fabs(a - b) <= 1e-12 * fmax(1.0, fabs(b));
}

/* --- limits -------------------------------------------------------------------------------- */

Test(figures_pure, limits_leave_one_wild_value_out) {
  double values[] = {0.9, 1.1, 1.0, 1.2, 0.8, 1000.0, NAN, INFINITY};
  dss_limits l = dss_limits_robust(values, 8, DSS_FENCE_ENDS);
  cr_expect(near(l.low, 0.8) && near(l.high, 1.2), "%g %g", l.low, l.high);
  double wide[] = {0.9, 1.1, 1.0, 1.2, 0.8, 2.5};
  l = dss_limits_robust(wide, 6, DSS_FENCE_VALUES);
  cr_expect(near(l.high, 2.5), "an estimate that is only far is inside: %g", l.high);
}

Test(figures_pure, limits_are_never_a_point) {
  double same[] = {2.0, 2.0, 2.0};
  dss_limits l = dss_limits_robust(same, 3, 3.0);
  cr_expect(l.low < 2.0 && l.high > 2.0);
  l = dss_limits_robust(same, 0, 3.0);
  cr_expect(l.low == 0.0 && l.high == 1.0);
  double zero[] = {0.0};
  l = dss_limits_robust(zero, 1, 3.0);
  cr_expect(l.low < 0.0 && l.high > 0.0);
  l = dss_limits_with((dss_limits){0.0, 1.0}, NAN);
  cr_expect(l.low == 0.0 && l.high == 1.0);
}

Test(figures_pure, places_stop_at_the_ends) {
  const dss_limits l = {1.0, 3.0};
  cr_expect(near(dss_place(&l, 2.0, 10.0, 20.0), 15.0));
  cr_expect(near(dss_place(&l, 2.0, 20.0, 10.0), 15.0));
  cr_expect(dss_place(&l, -INFINITY, 10.0, 20.0) == 10.0);
  cr_expect(dss_place(&l, 1e300, 10.0, 20.0) == 20.0);
}

/* --- ticks --------------------------------------------------------------------------------- */

static void expect_ticks(double low, double high, size_t most, const char *texts) {
  char all[400] = "", text[DSS_NUMBER_ROOM];
  const dss_limits limits = {low, high};
  dss_ticks ticks = dss_ticks_nice(&limits, most);
  for (size_t i = 0; i < ticks.n; i++) {
    strcat(all, i ? " " : "");
    strcat(all, dss_number_text(ticks.at[i], ticks.decimals, text));
  }
  cr_expect_str_eq(all, texts, "%g to %g: %s", low, high, all);
}

#define M "\xe2\x88\x92"

Test(figures_pure, ticks_are_round_numbers) {
  expect_ticks(0.0, 1.0, 6, "0.0 0.2 0.4 0.6 0.8 1.0");
  expect_ticks(0.0, 1.0, 5, "0.0 0.5 1.0");
  expect_ticks(-0.31, 0.29, 8, M "0.3 " M "0.2 " M "0.1 0.0 0.1 0.2");
  expect_ticks(0.97, 1.03, 4, "0.98 1.00 1.02");
  expect_ticks(0.0, 873.0, 6, "0 200 400 600 800");
  expect_ticks(3e7, 9e7, 4, "4e+07 6e+07 8e+07");
  expect_ticks(-2e-9, 2e-9, 5, M "2e" M "09 " M "1e" M "09 0 1e" M "09 2e" M "09");
}

Test(figures_pure, ticks_lie_inside_and_are_few) {
  for (int k = 0; k < 2000; k++) {
    double low = tan((double)k * 0.37) * pow(10.0, k % 9 - 4),
           span = pow(10.0, k % 13 - 6) * (1 + k % 7);
    const dss_limits limits = {low, low + span};
    for (size_t most = 2; most <= DSS_MOST_TICKS; most++) {
      dss_ticks ticks = dss_ticks_nice(&limits, most);
      cr_assert(ticks.n <= most, "%zu of %zu", ticks.n, most);
      if (most >= 5) cr_assert(ticks.n >= 2, "%g to %g has %zu", low, low + span, ticks.n);
      for (size_t i = 0; i < ticks.n; i++)
        cr_assert(ticks.at[i] >= limits.low - 1e-6 * span &&
                  ticks.at[i] <= limits.high + 1e-6 * span);
    }
  }
}

/* --- texts --------------------------------------------------------------------------------- */

Test(figures_pure, numbers) {
  char text[DSS_NUMBER_ROOM];
  cr_expect_str_eq(dss_number_text(-0.0001, 3, text), "0.000");
  cr_expect_str_eq(dss_number_text(-1.5, 2, text), M "1.50");
  cr_expect_str_eq(dss_number_text(-1.5e300, 3, text), M "1.5e+300");
  cr_expect_str_eq(dss_number_text(NAN, 3, text), "undefined");
  cr_expect_str_eq(dss_count_text(0, text), "0");
  cr_expect_str_eq(dss_count_text(999, text), "999");
  cr_expect_str_eq(dss_count_text(1000000, text), "1,000,000");
  cr_expect_str_eq(dss_count_text(UINT64_MAX, text), "18,446,744,073,709,551,615");
  cr_expect_str_eq(dss_p_text(0.03125, text), "0.0312");
  cr_expect_str_eq(dss_p_text(2e-5, text), "2e" M "05");
}

static const char *shown(const char *label) {
  static char *text;
  free(text);
  text = NULL;
  must(dss_label_shown(context, label, &text));
  return text;
}

Test(figures_pure, labels_are_one_line_of_utf8) {
  cr_expect_str_eq(shown("a\nb\tc\033d"), "a b c d");
  cr_expect_str_eq(shown("\xe2\x80\xaex\xe2\x81\xa6y"), " x y");
  cr_expect_str_eq(shown("bad \xff\xc3"), "bad \xef\xbf\xbd\xef\xbf\xbd");
  cr_expect_str_eq(shown(""), "");
  cr_expect_str_eq(shown("\xd7\xa2<&>"), "\xd7\xa2<&>");
  shown("");
}

Test(figures_pure, slugs_have_letters_and_digits) {
  char name[80] = "q1";
  dss_slug_append(name, sizeof name, "Harm (to self)!");
  cr_expect_str_eq(name, "q1-Harm-to-self");
  dss_slug_append(name, sizeof name, "../\xd7\xa2\xd7\x91");
  cr_expect_str_eq(name, "q1-Harm-to-self");
  dss_slug_append(name, sizeof name, "abcdefghijklmnopqrstuvwxyz0123456789");
  cr_expect_str_eq(name, "q1-Harm-to-self-abcdefghijklmnopqrstuvw");
  char small[8] = "q1";
  dss_slug_append(small, sizeof small, "abcdefgh");
  cr_expect_leq(strlen(small), sizeof small - 1);
}

/* --- grids --------------------------------------------------------------------------------- */

static void expect_grid(const char *axis, const char *const *names, size_t n, size_t rows,
                        size_t columns, const char *column_names) {
  char all[200] = "";
  const figure_case c = {.n_groups = n, .axis = axis, .names = names, .defined = true};
  dss_results *r = case_make(context, &c);
  dss_grid grid;
  must(dss_grid_make(context, r, 0, &grid));
  cr_expect(grid.n_rows == rows && grid.n_columns == columns, "%s: %zu x %zu", axis, grid.n_rows,
            grid.n_columns);
  for (size_t i = 0; i < grid.n_columns; i++) {
    strcat(all, i ? "," : "");
    strcat(all, grid.columns[i]);
  }
  cr_expect_str_eq(all, column_names, "%s", all);
  if (grid.n_rows > 0)
    for (size_t g = 0; g < n; g++) {
      snprintf(all, sizeof all, "%s * %s", grid.rows[grid.row_of[g]],
               grid.columns[grid.column_of[g]]);
      cr_expect_str_eq(all, names[g]);
    }
  dss_grid_free(&grid);
  dss_results_free(r);
}

Test(figures_pure, labels_are_taken_apart) {
  const char *full[] = {"m * a", "m * b", "w * a", "w * b"};
  expect_grid("sex*age", full, 4, 2, 2, "a,b");
  const char *holes[] = {"m * a", "m * c", "w * a", "w * b", "w * c"};
  expect_grid("sex*age", holes, 5, 2, 3, "a,b,c");
  const char *first[] = {"m * b", "w * a", "w * b"};
  expect_grid("sex*age", first, 3, 2, 2, "a,b");
  const char *single[] = {"m", "w"};
  expect_grid("sex", single, 2, 0, 0, "");
  const char *three[] = {"m * a * x", "m * a * y"};
  expect_grid("sex*age*place", three, 2, 0, 0, "");
  const char *unclear[] = {"m * x * a", "m * b"};
  expect_grid("sex*age", unclear, 2, 0, 0, "");
}

/* --- lists --------------------------------------------------------------------------------- */

static size_t count_kind(const dss_figure *figures, size_t n, dss_figure_kind kind) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += figures[i].kind == kind;
  return count;
}

static void expect_counts(const figure_case *c, size_t forests, size_t planes, size_t grids,
                          size_t nulls, size_t calibrations) {
  dss_results *r = case_make(context, c);
  dss_figure *figures = NULL;
  size_t n = 0;
  must(dss_figures_list(context, r, &figures, &n));
  cr_expect_eq(count_kind(figures, n, DSS_FIGURE_FOREST), forests);
  cr_expect_eq(count_kind(figures, n, DSS_FIGURE_PLANE), planes);
  cr_expect_eq(count_kind(figures, n, DSS_FIGURE_CROSSED), grids);
  cr_expect_eq(count_kind(figures, n, DSS_FIGURE_NULL), nulls);
  cr_expect_eq(count_kind(figures, n, DSS_FIGURE_CALIBRATION), calibrations);
  cr_expect_eq(n, forests + planes + grids + nulls + calibrations);
  for (size_t i = 0; i < n; i++)
    cr_expect_eq(dss_figure_check(context, r, &figures[i]), DSS_OK);
  free(figures);
  dss_results_free(r);
}

Test(figures_pure, lists_hold_what_there_is) {
  expect_counts(&usual_case, 1, 1, 1, 10, 1);
  figure_case c = usual_case;
  c.tested = false;
  expect_counts(&c, 1, 1, 1, 0, 0);
  c.defined = false;
  expect_counts(&c, 1, 0, 1, 0, 0);
  const figure_case many = {
      .n_groups = 2000, .axis = "a*b", .rows = 40, .columns = 50, .tested = true, .defined = true};
  expect_counts(&many, 28, 1, 1, 2000, 1);
  const figure_case one = {.n_groups = 1, .axis = "a", .defined = true};
  expect_counts(&one, 1, 1, 0, 0, 0);
}

Test(figures_pure, the_surest_null_comes_first) {
  dss_results *r = case_make(context, &usual_case);
  dss_figure *figures = NULL;
  size_t n = 0, seen = 0;
  must(dss_figures_list(context, r, &figures, &n));
  const dss_cell *before = NULL;
  for (size_t i = 0; i < n; i++) {
    if (figures[i].kind != DSS_FIGURE_NULL) continue;
    const dss_cell *cell = dss_results_cell(r, 0, figures[i].group, DSS_GAI);
    if (before) cr_expect(before->q_bh <= cell->q_bh, "group %zu", figures[i].group);
    before = cell;
    seen++;
  }
  cr_expect_eq(seen, 10);
  cr_expect_eq(figures[n - 1].kind, DSS_FIGURE_CALIBRATION);
  free(figures);
  dss_results_free(r);
}

Test(figures_pure, names_of_files_are_plain_and_different) {
  figure_case c = {.n_groups = N_HOSTILE,
                   .axis = "\xd7\xa2/..",
                   .names = hostile_names,
                   .tested = true,
                   .defined = true};
  dss_results *r = case_make(context, &c);
  dss_figure *figures = NULL;
  size_t n = 0;
  must(dss_figures_list(context, r, &figures, &n));
  plain_names names = plain_names_begin(n);
  for (size_t i = 0; i < n; i++) {
    dss_figure_texts texts;
    must(dss_figure_describe(context, r, &figures[i], &texts));
    plain_names_take(&names, &texts, 119);
  }
  plain_names_end(&names);
  free(figures);
  dss_results_free(r);
}

Test(figures_pure, descriptions_have_the_main_numbers) {
  dss_results *r = case_make(context, &usual_case);
  dss_figure_texts texts;
  must(dss_figure_describe(context, r, &(dss_figure){.kind = DSS_FIGURE_FOREST}, &texts));
  cr_expect(strstr(texts.description, "row 1 * column 2 1.676 (95% interval 1.476 to 1.926)"), "%s",
            texts.description);
  cr_expect(strstr(texts.description, "undefined (XRR is not positive)"), "%s", texts.description);
  cr_expect(strstr(texts.description, "3 of 12 groups have q < 0.05, 4 more p < 0.05"), "%s",
            texts.description);
  dss_figure_texts_free(&texts);
  must(dss_figure_describe(context, r, &(dss_figure){.kind = DSS_FIGURE_NULL, .group = 1}, &texts));
  cr_expect(strstr(texts.description, "observed value 1.676, p = 0.001, q = 0.01"), "%s",
            texts.description);
  dss_figure_texts_free(&texts);
  dss_results_free(r);
}

Test(figures_pure, what_is_not_there_is_refused) {
  const dss_figure wrong[] = {{.kind = DSS_FIGURE_FOREST, .question = 1},
                              {.kind = DSS_FIGURE_FOREST, .axis = 1},
                              {.kind = DSS_FIGURE_FOREST, .page = 1},
                              {.kind = DSS_FIGURE_CROSSED, .page = 1},
                              {.kind = DSS_FIGURE_NULL, .group = 12},
                              {.kind = DSS_FIGURE_NULL, .group = 2},
                              {.kind = DSS_FIGURE_CALIBRATION, .page = 1},
                              {.kind = DSS_FIGURE_PAIRS},
                              {.kind = (dss_figure_kind)77}};
  dss_results *r = case_make(context, &usual_case);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    dss_figure_texts texts;
    cr_expect_eq(dss_figure_describe(context, r, &wrong[i], &texts), DSS_ERR_USAGE, "%zu", i);
    unsigned char *bytes;
    size_t n;
    cr_expect_eq(dss_figure_draw(context, r, &wrong[i], DSS_FIGURE_SVG, &bytes, &n), DSS_ERR_USAGE);
  }
  dss_results_free(r);
}

/* --- powers ---------------------------------------------------------------------------------- */

/* Of a small grid; ratings 0 ends the list. */
static dss_power *power_of(const uint32_t raters[2], const uint32_t ratings[2],
                           uint32_t items_per_rater) {
  static const char *const attributes[] = {"g=a,b"};
  static const double gai[] = {1.5};
  dss_power_plan plan = {.raters_per_group = raters,
                         .n_raters_per_group = raters[1] > 0 ? 2 : 1,
                         .ratings_per_item = ratings,
                         .n_ratings_per_item = ratings[0] == 0   ? 0
                                               : ratings[1] == 0 ? 1
                                                                 : 2,
                         .gai = gai,
                         .n_gai = 1};
  dss_power_test test;
  dss_power *power = NULL;
  dss_simulate_options_init(&plan.pool);
  plan.pool.items = 8;
  plan.pool.items_per_rater = items_per_rater;
  plan.pool.attributes = attributes;
  plan.pool.n_attributes = 1;
  dss_power_test_init(&test);
  test.studies = 2;
  test.permutations = 99;
  test.threads = 1;
  must(dss_power_of_plan(context, &plan, &test, &power));
  return power;
}

/* Panels, lines and points a line of a grid; a line a GAI, 1 among them. */
static void pictures(dss_power *power, dss_power_along along, size_t panels, size_t lines,
                     size_t points) {
  dss_power_picture picture;
  must(dss_power_picture_make(context, power, &picture));
  cr_assert_eq(picture.along, along);
  cr_assert_eq(picture.n_panels, panels);
  for (size_t k = 0; k < panels; k++) {
    cr_assert_eq(picture.panels[k].n_lines, lines);
    for (size_t l = 0; l < lines; l++) {
      const dss_power_line *line = &picture.panels[k].lines[l];
      cr_assert_eq(line->n, points);
      for (size_t i = 1; i < points; i++)
        cr_assert_lt(dss_power_place(dss_power_get_point(power, line->points[i - 1]), along),
                     dss_power_place(dss_power_get_point(power, line->points[i]), along));
    }
  }
  dss_power_picture_free(&picture);
  dss_power_free(power);
}

Test(figures_pure, powers_go_along_what_varies) {
  const uint32_t two[] = {4, 6}, one[] = {6, 0}, none[] = {0, 0};
  pictures(power_of(two, two, 0), DSS_POWER_RATERS, 2, 2, 2);
  pictures(power_of(two, none, 4), DSS_POWER_RATERS, 1, 2, 2); /* ratings follow from raters */
  pictures(power_of(two, one, 0), DSS_POWER_RATERS, 1, 2, 2);
  pictures(power_of(one, two, 0), DSS_POWER_RATINGS, 1, 2, 2);
  pictures(power_of(one, none, 0), DSS_POWER_GAI, 1, 1, 2);
}

Test(figures_pure, a_power_figure_has_a_format) {
  dss_figure_format format;
  cr_assert(dss_figure_format_of_path("a.b/c.pdf", &format));
  cr_assert_eq(format, DSS_FIGURE_PDF);
  cr_assert_not(dss_figure_format_of_path("svg", &format));
  cr_assert_not(dss_figure_format_of_path("a.jpeg", &format));
}

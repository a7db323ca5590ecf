/* Every kind of figure of results, pairs, powers and pools beside a picture that somebody has
 * looked at. */
#include <criterion/criterion.h>

#include "host/figures/layout.h"
#include "host/figures/palette.h"
#include "pair_case.h"
#include "reference.h"

#include "in_context.h"

TestSuite(looks, .init = context_begin, .fini = context_end);

static picture picture_of_figure(const dss_results *r, dss_figure figure) {
  unsigned char *bytes = NULL;
  size_t n = 0;
  must(dss_figure_draw(context, r, &figure, DSS_FIGURE_PNG, &bytes, &n));
  picture p = picture_from_bytes(bytes, n, REFERENCE_SIDE);
  free(bytes);
  return p;
}

static void expect_figure(const figure_case *c, dss_figure figure, const char *name) {
  dss_results *r = case_make(context, c);
  expect_reference(picture_of_figure(r, figure), name);
  dss_results_free(r);
}

Test(looks, power) {
  const uint32_t raters[] = {5, 10, 20};
  const double gai[] = {1.3, 2};
  static const char *const attributes[] = {"g=a,b"};
  dss_power_plan plan = {
      .raters_per_group = raters, .n_raters_per_group = 3, .gai = gai, .n_gai = 2};
  dss_power_test test;
  dss_power *power = NULL;
  unsigned char *bytes = NULL;
  size_t n = 0;
  dss_simulate_options_init(&plan.pool);
  plan.pool.attributes = attributes;
  plan.pool.n_attributes = 1;
  plan.pool.items = 12;
  dss_power_test_init(&test);
  test.studies = 20;
  test.permutations = 99;
  must(dss_power_of_plan(context, &plan, &test, &power));
  must(dss_power_figure_draw(context, power, DSS_FIGURE_PNG, &bytes, &n));
  expect_reference(picture_from_bytes(bytes, n, REFERENCE_SIDE), "power");
  free(bytes);
  dss_power_free(power);
}

/* --- simulated studies ----------------------------------------------------------------------- */

static dss_simulate_options pool_options(void) {
  static const char *const attributes[] = {"gender=Woman,Man,Other:0.2", "age=GenZ,GenX"};
  static const char *const questions[] = {"harm=10,20,40,20,10", "kind:nominal=1,2"};
  static const char *const effects[] = {"gender=Woman,age=GenZ: cohesion 0.5 severity 0.6"};
  dss_simulate_options options;
  dss_simulate_options_init(&options);
  options.raters = 44;
  options.items = 60;
  options.missing = 0.2;
  options.attributes = attributes;
  options.n_attributes = 2;
  options.questions = questions;
  options.n_questions = 2;
  options.effects = effects;
  options.n_effects = 1;
  return options;
}

static picture picture_of_pool(const dss_study *study, const char *truth, const dss_study *source) {
  dss_pool_check *check = NULL;
  unsigned char *bytes = NULL;
  size_t n = 0;
  must(dss_pool_check_new(context, study, truth, source, 1, &check));
  must(dss_pool_figure_draw(context, check, DSS_FIGURE_PNG, &bytes, &n));
  picture p = picture_from_bytes(bytes, n, REFERENCE_SIDE);
  free(bytes);
  dss_pool_check_free(check);
  return p;
}

/* A pool beside its model, and a pool grown from it beside it. */
Test(looks, pools) {
  dss_simulate_options options = pool_options();
  dss_expand_options expand;
  dss_study *study = NULL, *grown = NULL;
  char *truth = NULL, *fit = NULL;
  must(dss_simulate(context, &options, &study, &truth));
  expect_reference(picture_of_pool(study, truth, NULL), "pool");
  dss_expand_options_init(&expand);
  must(dss_expand(context, study, &expand, &grown, &fit));
  expect_reference(picture_of_pool(grown, fit, study), "pool-grown");
  dss_study_free(study);
  dss_study_free(grown);
  free(truth);
  free(fit);
}

/* Small groups scatter though the model has them all alike; what is beyond 72 rows is said. */
Test(looks, a_pool_of_many_groups) {
  char attribute[600] = "g=";
  const char *const attributes[] = {attribute};
  dss_simulate_options options = pool_options();
  dss_study *study = NULL;
  char *truth = NULL;
  for (int v = 0; v < 40; v++)
    snprintf(attribute + strlen(attribute), sizeof attribute - strlen(attribute), "%sgroup %d",
             v ? "," : "", v);
  options.attributes = attributes;
  options.n_attributes = 1;
  options.n_effects = 0;
  options.raters = 81;
  must(dss_simulate(context, &options, &study, &truth));
  expect_reference(picture_of_pool(study, truth, NULL), "pool-many");
  dss_study_free(study);
  free(truth);
}

/* --- results and pairs ----------------------------------------------------------------------- */

Test(looks, forest) {
  expect_figure(&usual_case, (dss_figure){.kind = DSS_FIGURE_FOREST}, "forest");
}

Test(looks, forest_of_71) {
  const figure_case c = {.n_groups = 71,
                         .axis = "a",
                         .tested = true,
                         .defined = true,
                         .significant = true,
                         .intervals = true,
                         .odd = true};
  expect_figure(&c, (dss_figure){.kind = DSS_FIGURE_FOREST}, "forest-71");
}

Test(looks, forest_without_tests) {
  figure_case c = usual_case;
  c.tested = c.intervals = c.odd = false;
  expect_figure(&c, (dss_figure){.kind = DSS_FIGURE_FOREST}, "forest-untested");
}

Test(looks, plane) {
  expect_figure(&usual_case, (dss_figure){.kind = DSS_FIGURE_PLANE}, "plane");
}

/* 30 groups, close together; every fifth is sure, three of these at the right edge, every fifth
 * other one significant by its p alone. */
static dss_results *make_crowd(void) {
  static const char *const first[] = {"woman", "man", "nonbinary"}, *const second[] = {
                                                                        "18-29", "30-44", "45-64",
                                                                        "65 or older", "unknown"};
  const figure_case c = {
      .n_groups = 30, .axis = "gender*age*region", .tested = true, .defined = true};
  dss_results *r = case_make(context, &c);
  for (size_t g = 0; g < c.n_groups; g++) {
    char name[100];
    dss_cell *gai = case_cell(r, g, DSS_GAI);
    double xrr = 0.36 + 0.035 * sin(7.0 * (double)g), far = g % 5 == 1 ? 0.25 : 0.0;
    if (g < 15 && g % 5 == 1) xrr = 0.415 + 0.001 * (double)(g % 3);
    gai->estimate = 1.0 + 0.08 * sin(4.0 * (double)g) + far;
    gai->p = g % 5 == 1 ? 0.001 : g % 5 == 3 ? 0.03 : 0.4;
    gai->q_bh = g % 5 == 1 ? 0.01 : 0.3;
    case_cell(r, g, DSS_XRR)->estimate = xrr;
    case_cell(r, g, DSS_IRR)->estimate = gai->estimate * xrr;
    snprintf(name, sizeof name, "%s * %s * %s", first[g % 3], second[g / 3 % 5],
             g < 15 ? "North" : "South");
    free(r->groups[g].name);
    r->groups[g].name = strdup(name);
  }
  return r;
}

Test(looks, plane_of_a_crowd) {
  dss_results *r = make_crowd();
  expect_reference(picture_of_figure(r, (dss_figure){.kind = DSS_FIGURE_PLANE}), "plane-crowd");
  dss_results_free(r);
}

/* The name of each group whose GAI is significant is drawn: another of the same width changes the
 * picture. The figure has names nowhere else. */
Test(looks, a_plane_names_the_significant) {
  dss_results *r = make_crowd();
  const dss_figure plane = {.kind = DSS_FIGURE_PLANE};
  picture before = picture_of_figure(r, plane);
  for (size_t g = 0; g < r->n_groups; g++) {
    if (g % 5 != 1 && g % 5 != 3) continue;
    char *place = strchr(r->groups[g].name, 'o');
    cr_assert_not_null(place);
    *place = 'e';
    picture after = picture_of_figure(r, plane);
    picture_difference d = picture_compare(&before, &after);
    cr_expect_gt(d.largest, 0.0, "%s has no name", r->groups[g].name);
    *place = 'o';
    picture_free(&after);
  }
  picture_free(&before);
  dss_results_free(r);
}

Test(looks, crossed) {
  expect_figure(&usual_case, (dss_figure){.kind = DSS_FIGURE_CROSSED}, "crossed");
}

Test(looks, crossed_of_2000) {
  const figure_case c = {.n_groups = 2000,
                         .axis = "a*b",
                         .rows = 40,
                         .columns = 50,
                         .tested = true,
                         .defined = true,
                         .significant = true};
  expect_figure(&c, (dss_figure){.kind = DSS_FIGURE_CROSSED}, "crossed-2000");
}

Test(looks, null) {
  expect_figure(&usual_case, (dss_figure){.kind = DSS_FIGURE_NULL, .group = 1}, "null");
}

Test(looks, null_not_significant) {
  expect_figure(&usual_case, (dss_figure){.kind = DSS_FIGURE_NULL, .group = 6}, "null-not");
}

Test(looks, calibration) {
  expect_figure(&usual_case, (dss_figure){.kind = DSS_FIGURE_CALIBRATION}, "calibration");
}

Test(looks, pairs) {
  temporary folder;
  temporary_begin(&folder);
  dss_pairs *pairs = pair_case(context, temporary_path(&folder, "pairs.h5"), 2);
  for (size_t axis = 0; axis < 2; axis++) {
    const dss_figure figure = {.kind = DSS_FIGURE_PAIRS, .axis = axis};
    unsigned char *bytes = NULL;
    size_t n = 0;
    must(dss_pair_figure_draw(context, pairs, &figure, DSS_FIGURE_PNG, &bytes, &n));
    expect_reference(picture_from_bytes(bytes, n, REFERENCE_SIDE),
                     axis ? "pairs-crossed" : "pairs");
    free(bytes);
  }
  dss_pairs_free(pairs);
  temporary_end(&folder);
}

/* --- sentences with names that run from right to left --------------------------------------- */

/* The heading's second line, of a name and what follows it; *width becomes the name's. */
static picture heading_of(const char *name, const char *rest, double *width) {
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 454, 60);
  cairo_t *cr = cairo_create(surface);
  dss_canvas canvas = {context, cr, pango_cairo_create_context(cr)};
  const dss_style style = {.size = DSS_SUBTITLE_SIZE, .composed = true};
  dss_sentences words = {.n = 0};
  cairo_set_source_rgb(cr, 1.0, 1.0, 1.0);
  cairo_paint(cr);
  const char *isolated = dss_name(&words, name);
  dss_say(&words, "GAI");
  dss_say(&words, "%s%s", isolated, rest);
  *width = dss_measure(&canvas, &style, isolated).width;
  dss_draw_heading(&canvas, &words);
  dss_sentences_free(&words);
  g_object_unref(canvas.pango);
  cairo_destroy(cr);
  return picture_of(surface, 1);
}

/* How much of the columns before `end` differs. */
static double difference_before(const picture *a, const picture *b, int end) {
  double sum = 0.0;
  cr_assert(a->points && b->points && a->width == b->width && end <= a->width);
  for (int y = 0; y < a->height; y++)
    for (int i = 0; i < 3 * end; i++)
      sum += fabs(a->points[y * a->width * 3 + i] - b->points[y * b->width * 3 + i]);
  return sum;
}

Test(looks, a_sentence_runs_from_left_to_right_whatever_name_it_begins_with) {
  static const char *const names[] = {
      "toxicity", "\xd7\xa9\xd7\x90\xd7\x9c\xd7\x94 \xd7\x97\xd7\xa8\xd7\x99\xd7\xa4\xd7\x94",
      "\xd8\xb3\xd8\xa4\xd8\xa7\xd9\x84"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    double width;
    picture whole = heading_of(names[i], " (ordinal, 5 levels); 12 groups", &width);
    picture alone = heading_of(names[i], "", &width);
    picture other = heading_of("WWWWWWWW", "", &(double){0.0});
    int end = (int)(DSS_MARGIN + width);
    cr_expect_gt(width, 15.0);
    cr_expect_gt(difference_before(&alone, &other, end), 1000.0, "%s is drawn", names[i]);
    cr_expect_eq(difference_before(&whole, &alone, end), 0.0, "%s is not at the left", names[i]);
    picture_free(&whole);
    picture_free(&alone);
    picture_free(&other);
  }
}

/* --- the comparison itself ----------------------------------------------------------------- */

/* Draws a kind before and after a change of the results; the pictures must not be alike. */
static void expect_seen(dss_figure figure, void (*change)(dss_results *), const char *what) {
  dss_results *r = case_make(context, &usual_case);
  picture before = picture_of_figure(r, figure);
  change(r);
  picture after = picture_of_figure(r, figure);
  cr_expect(!picture_is_alike(picture_compare(&before, &after)), "nobody would see: %s", what);
  picture_free(&before);
  picture_free(&after);
  dss_results_free(r);
}

static void move_observed(dss_results *r) {
  case_cell(r, 1, DSS_GAI)->estimate += 0.03;
}

static void lose_labels(dss_results *r) {
  for (size_t g = 0; g < r->n_groups; g++) {
    free(r->groups[g].name);
    r->groups[g].name = strdup(" ");
  }
}

static void lose_significance(dss_results *r) {
  case_cell(r, 1, DSS_GAI)->q_bh = case_cell(r, 1, DSS_GAI)->p = 0.5;
}

static void change_one_value(dss_results *r) {
  case_cell(r, 5, DSS_GAI)->estimate *= 0.8;
}

static void change_p(dss_results *r) {
  for (size_t g = 0; g < r->n_groups; g++)
    case_cell(r, g, DSS_IRR)->p *= 0.5;
}

static void move_interval(dss_results *r) {
  case_cell(r, 0, DSS_GAI)->ci_low -= 0.05;
}

Test(looks, changes_are_seen) {
  const dss_figure null = {.kind = DSS_FIGURE_NULL, .group = 1};
  expect_seen((dss_figure){.kind = DSS_FIGURE_FOREST}, lose_labels, "a forest without names");
  expect_seen((dss_figure){.kind = DSS_FIGURE_FOREST}, move_observed, "a forest's value");
  expect_seen((dss_figure){.kind = DSS_FIGURE_FOREST}, move_interval, "a forest's interval");
  expect_seen((dss_figure){.kind = DSS_FIGURE_FOREST}, lose_significance, "a forest's mark");
  expect_seen((dss_figure){.kind = DSS_FIGURE_PLANE}, lose_labels, "a plane without names");
  expect_seen((dss_figure){.kind = DSS_FIGURE_PLANE}, lose_significance, "a plane's mark");
  expect_seen((dss_figure){.kind = DSS_FIGURE_CROSSED}, change_one_value, "a cell of a heatmap");
  expect_seen(null, move_observed, "an observed value");
  expect_seen(null, lose_significance, "an observed value's mark");
  expect_seen((dss_figure){.kind = DSS_FIGURE_CALIBRATION}, change_p, "p-values");
}

/* --- colours ------------------------------------------------------------------------------- */

Test(looks, texts_have_contrast) {
  cr_expect_geq(dss_contrast(DSS_INK, DSS_PAPER), 4.5);
  cr_expect_geq(dss_contrast(DSS_SOFT_INK, DSS_PAPER), 4.5);
  cr_expect_geq(dss_contrast(DSS_SOFT_INK, 0xf6f6f6u), 4.5);
  for (int i = 0; i <= 1000; i++) {
    dss_color grounds[] = {dss_diverging_color(i / 1000.0), dss_sequential_color(i / 1000.0)};
    for (size_t k = 0; k < 2; k++)
      cr_expect_geq(dss_contrast(grounds[k], dss_color_on(grounds[k])), 4.5);
  }
  /* Graphical signs: 3:1. */
  for (int s = 0; s < DSS_N_SURENESS; s++)
    cr_expect_geq(dss_contrast(dss_sureness_color((dss_sureness)s), DSS_PAPER), 3.0);
}

Test(looks, sequential_colors_darken) {
  for (int i = 0; i < 100; i++)
    cr_expect_lt(dss_contrast(dss_sequential_color(i / 100.0), DSS_PAPER),
                 dss_contrast(dss_sequential_color((i + 1) / 100.0), DSS_PAPER));
}

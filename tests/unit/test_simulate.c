/* Simulated studies and powers from inside: small parts by hand, decisions, stops, refusals. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <sys/stat.h>

#include "dissensus/dissensus.h"
#include "host/simulate/apportion.h"
#include "host/simulate/draw.h"
#include "host/simulate/expected.h"
#include "host/simulate/latent.h"
#include "host/simulate/need.h"
#include "host/simulate/pool.h"
#include "host/simulate/trials.h"
#include "tests/unit/small_study.h"
#include "tests/unit/temporary.h"

static dss_context *context;

static void set_up(void) {
  context = dss_context_new();
}

static void tear_down(void) {
  dss_context_free(context);
}

TestSuite(simulate, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static const char *const two[] = {"g=a,b"};

static dss_simulate_options pool_options(uint32_t raters, uint32_t items) {
  dss_simulate_options options;
  dss_simulate_options_init(&options);
  options.raters = raters;
  options.items = items;
  options.attributes = two;
  options.n_attributes = 1;
  return options;
}

/* --- small parts ----------------------------------------------------------------------------- */

Test(simulate, apportions_by_largest_remainder) {
  const double shares[] = {1, 1, 1, 0.5};
  uint64_t parts[4];
  must(dss_apportion(context, 4, shares, 10, parts));
  const uint64_t expected[] = {3, 3, 3, 1}; /* 2.857 three times, 1.429 */
  for (int i = 0; i < 4; i++)
    cr_assert_eq(parts[i], expected[i]);
}

Test(simulate, isotonic_regression_pools) {
  const double y[] = {0.1, 0.5, 0.3, 0.4, 0.9, 0.8};
  const double expected[] = {0.1, 0.4, 0.4, 0.4, 0.85, 0.85};
  double out[6];
  dss_isotonic(6, y, out);
  for (int i = 0; i < 6; i++)
    cr_assert_float_eq(out[i], expected[i], 1e-15);
}

Test(simulate, crossing_is_straight_over_the_logarithm) {
  const double x[] = {10, 20, 40}, y[] = {0.2, 0.6, 1.0}, low[] = {0.9, 0.95, 1},
               high[] = {0, 0.1, 0.7};
  dss_power_bound found = dss_crossing(3, x, y, 0.8);
  cr_assert_eq(found.beyond, 0);
  cr_assert_float_eq(found.value, 20 * sqrt(2), 1e-12);
  found = dss_crossing(3, x, low, 0.8);
  cr_assert(found.beyond == -1 && found.value == 10);
  found = dss_crossing(3, x, high, 0.8);
  cr_assert(found.beyond == 1 && found.value == 40);
}

static void bounds(const double *y, double last, int last_beyond, double first, int first_beyond) {
  const double x[] = {10, 20, 40};
  dss_power_bound below = dss_last_below(3, x, y, 0.8);
  dss_power_bound reaching = dss_first_reaching(3, x, y, 0.8);
  cr_assert(below.value == last && below.beyond == last_beyond, "%g %d", below.value, below.beyond);
  cr_assert(reaching.value == first && reaching.beyond == first_beyond, "%g %d", reaching.value,
            reaching.beyond);
}

Test(simulate, bounds_are_points) {
  bounds((const double[]){0.2, 0.79, 0.8}, 20, 0, 40, 0);
  bounds((const double[]){0.8, 0.9, 1.0}, 10, -1, 10, -1);
  bounds((const double[]){0.2, 0.3, 0.4}, 40, 1, 40, 1);
}

/* Two equal halves of a normal variable agree beyond chance by 2 / pi asin rho (Sheppard). */
Test(simulate, expected_alpha_of_two_levels) {
  const double shares[] = {1, 1};
  dss_expected expected;
  must(dss_expected_make(context, DSS_NOMINAL, 2, shares, NULL, &expected));
  for (double rho = 0.1; rho < 0.85; rho += 0.1)
    cr_assert_float_eq(dss_expected_alpha(&expected, rho), 2 / acos(-1) * asin(rho), 1e-6);
  dss_expected_free(&expected);
}

Test(simulate, expected_cohesion_is_the_inverse_of_gai) {
  const double shares[] = {1, 4, 2}, values[] = {0, 1, 5};
  const dss_scale scales[] = {DSS_NOMINAL, DSS_ORDINAL, DSS_INTERVAL, DSS_RATIO};
  for (int s = 0; s < 4; s++) {
    dss_expected expected;
    double cohesion = NAN;
    must(dss_expected_make(context, scales[s], 3, shares, values, &expected));
    for (double k = -0.6; k <= 1.0; k += 0.4) {
      double gai = dss_expected_gai(&expected, 0.3, k);
      cr_assert(dss_expected_cohesion(&expected, 0.3, 2, gai, &cohesion));
      cr_assert_float_eq(cohesion, k, 1e-6);
    }
    cr_assert_not(dss_expected_cohesion(&expected, 0.3, 2, 100, &cohesion));
    dss_expected_free(&expected);
  }
}

Test(simulate, thresholds_cut_off_the_shares) {
  const double shares[] = {1, 2, 1};
  double thresholds[2];
  dss_thresholds_of(shares, 3, thresholds);
  cr_assert_float_eq(thresholds[0], -0.674489750196082, 1e-11);
  cr_assert_float_eq(thresholds[1], 0.674489750196082, 1e-11);
}

/* Loadings by hand: an effect of each sign in one cell, none in the other. */
Test(simulate, variances_are_those_of_the_model) {
  bool first[] = {true, false};
  const dss_effect effects[] = {{.has = first, .cohesion = 0.5, .name = "up"},
                                {.has = first, .cohesion = -0.2, .name = "down"}};
  dss_latent latent;
  must(dss_latent_make(context, 3, 2, 0.4, 0.1, effects, 2, &latent));
  cr_assert_float_eq(dss_latent_shared(&latent, 0, 0), 0.4 * 0.64 + 0.2, 1e-12);
  cr_assert_float_eq(dss_latent_shared(&latent, 0, 1), 0.4 * 0.8, 1e-12);
  cr_assert_float_eq(dss_latent_shared(&latent, 1, 1), 0.4, 1e-12);
  cr_assert_float_eq(latent.noise[0] * latent.noise[0], 1 - 0.1 - 0.4 * 0.64 - 0.2, 1e-12);
  dss_latent_free(&latent);
  const dss_effect much = {.has = first, .cohesion = 1.5, .name = "g=a: cohesion 1.5"};
  cr_assert_eq(dss_latent_make(context, 3, 2, 0.4, 0.1, &much, 1, &latent), DSS_ERR_USAGE);
  cr_assert(strstr(dss_context_error(context), "effect 'g=a: cohesion 1.5': too much cohesion"));
  dss_latent_free(&latent);
}

/* --- trials: what is saved changes nothing -----------------------------------------------------
 */

enum { TRIALS = 12 };

/* Each study is tested here too, with all resamples. */
typedef struct watched {
  const dss_pool *pool;
  const dss_simulate_options *options;
  uint64_t permutations;
  double alpha;
  unsigned found, made;
} watched;

static dss_status make_watched(dss_context *own, const void *what, uint64_t seed,
                               dss_study **study) {
  watched *w = (watched *)(uintptr_t)what; /* one thread */
  dss_plan_options options;
  dss_run_options run;
  dss_plan *plan = NULL;
  dss_results *results = NULL;
  must(dss_pool_study(own, w->pool, seed, 0, study));
  dss_plan_options_init(&options);
  dss_run_options_init(&run);
  options.permutations = w->permutations;
  options.seed = seed;
  run.backend = DSS_BACKEND_REFERENCE;
  must(dss_plan_new(own, *study, &options, &plan));
  must(dss_run(own, plan, &run, &results));
  w->found += dss_results_cell(results, 0, 0, DSS_GAI)->p < w->alpha;
  w->made++;
  dss_results_free(results);
  dss_plan_free(plan);
  return DSS_OK;
}

Test(simulate, first_resamples_decide_as_all_do) {
  const double cohesions[] = {0, 0.4};
  for (int i = 0; i < 2; i++) {
    dss_simulate_options options = pool_options(24, 20);
    const dss_planted planted = {"g=a", cohesions[i]};
    dss_pool pool;
    dss_power_test test;
    dss_power_point point = {0};
    dss_power_test_init(&test);
    test.studies = TRIALS;
    test.threads = 1;
    must(dss_pool_make(context, &options, &planted, &pool));
    watched w = {
        .pool = &pool, .options = &options, .permutations = test.permutations, .alpha = test.alpha};
    const dss_trials trials = {.test = &test,
                               .seed = 5,
                               .make = make_watched,
                               .what = &w,
                               .axis = "g",
                               .group = "a",
                               .group_raters = 12,
                               .total = TRIALS};
    must(dss_trials_run(context, &trials, &point));
    cr_assert_eq(w.made, TRIALS);
    cr_assert_eq(point.found, w.found);
    cr_assert(i == 0 ? w.found < 4 : w.found > 2, "%u", w.found);
    dss_pool_free(&pool);
  }
}

/* --- stops -------------------------------------------------------------------------------------
 */

static bool after_some(void *user) {
  return ++*(unsigned *)user > 3;
}

Test(simulate, power_stops_when_it_is_told_to) {
  const uint32_t raters[] = {10};
  const double gai[] = {1.5};
  dss_power_plan plan = {.pool = pool_options(0, 20),
                         .raters_per_group = raters,
                         .n_raters_per_group = 1,
                         .gai = gai,
                         .n_gai = 1};
  dss_power_test test;
  dss_power *power = NULL;
  unsigned looks = 0;
  dss_power_test_init(&test);
  test.threads = 2;
  dss_context_set_stop(context, after_some, &looks);
  cr_assert_eq(dss_power_of_plan(context, &plan, &test, &power), DSS_INTERRUPTED);
  cr_assert_null(power);
  cr_assert_eq(strncmp(dss_context_error(context), "interrupted", 11), 0);
}

Test(simulate, expansion_stops_when_it_is_told_to) {
  dss_simulate_options options = pool_options(60, 40);
  dss_expand_options growth;
  dss_study *study = NULL, *pool = NULL;
  char *truth = NULL, *fit = NULL;
  unsigned looks = 0;
  must(dss_simulate(context, &options, &study, &truth));
  dss_expand_options_init(&growth);
  dss_context_set_stop(context, after_some, &looks);
  cr_assert_eq(dss_expand(context, study, &growth, &pool, &fit), DSS_INTERRUPTED);
  cr_assert_null(pool);
  cr_assert_null(fit);
  dss_context_set_stop(context, NULL, NULL);
  must(dss_expand(context, study, &growth, &pool, &fit));
  cr_assert_eq(dss_study_n_raters(pool), 600);
  dss_study_free(study);
  dss_study_free(pool);
  free(truth);
  free(fit);
}

/* --- refusals that the command does not get to -------------------------------------------------
 */

static void refuses_pool(dss_simulate_options options, dss_status status, const char *why) {
  dss_study *study = NULL;
  char *truth = NULL;
  cr_assert_eq(dss_simulate(context, &options, &study, &truth), status, "%s", why);
  cr_assert_null(study);
  cr_assert_null(truth);
  cr_assert(strstr(dss_context_error(context), why), "'%s' has no '%s'", dss_context_error(context),
            why);
}

Test(simulate, impossible_pools_are_refused) {
  dss_simulate_options options = pool_options(1, 10);
  refuses_pool(options, DSS_ERR_USAGE, "1 raters and 10 items");
  options = pool_options(10, 10);
  options.batches = 0;
  refuses_pool(options, DSS_ERR_USAGE, "0 batches");
  options = pool_options(10, 10);
  options.missing = 1;
  refuses_pool(options, DSS_ERR_USAGE, "missing 1");
  options.missing = NAN;
  refuses_pool(options, DSS_ERR_USAGE, "missing nan");
  options = pool_options(10, 10);
  options.agreement = 0;
  refuses_pool(options, DSS_ERR_USAGE, "agreement 0");
  options.agreement = 0.95;
  refuses_pool(options, DSS_ERR_USAGE, "leniency 0.1");
  options = pool_options(4000000000u, 4000000000u);
  options.items_per_rater = 4000000;
  refuses_pool(options, DSS_ERR_MEMORY, "of memory");
}

Test(simulate, powers_that_make_no_sense_are_refused) {
  const uint32_t raters[] = {10}, one[] = {1};
  const double gai[] = {1.5};
  const char *const effects[] = {"g=a: cohesion 1"}, *const questions[] = {"x=1,1", "y=1,1"};
  dss_power_plan plan = {.pool = pool_options(0, 20), .gai = gai, .n_gai = 1};
  dss_power_test test;
  dss_power *power = NULL;
  dss_power_test_init(&test);
#define REFUSES(why)                                                                               \
  cr_assert_eq(dss_power_of_plan(context, &plan, &test, &power), DSS_ERR_USAGE);                   \
  cr_assert(strstr(dss_context_error(context), why), "%s", dss_context_error(context));            \
  cr_assert_null(power)
  REFUSES("no number of raters a group");
  plan.raters_per_group = one;
  plan.n_raters_per_group = 1;
  REFUSES("1 raters a group: at least 2");
  plan.raters_per_group = raters;
  plan.n_gai = 0;
  REFUSES("no GAI");
  plan.n_gai = 1;
  plan.pool.effects = effects;
  plan.pool.n_effects = 1;
  REFUSES("effects: the only one");
  plan.pool.n_effects = 0;
  plan.pool.questions = questions;
  plan.pool.n_questions = 2;
  REFUSES("power is of one");
  plan.pool.n_questions = 1;
  test.studies = 0;
  REFUSES("0 studies");
  test.studies = 10;
  test.power = 0.04;
  REFUSES("power 0.04");
  test.power = 0.8;
  test.permutations = 0;
  REFUSES("0 permutations");
#undef REFUSES
}

/* Nothing to fit: a study without pairs, of one level, or of raters who say the opposite. */
Test(simulate, what_cannot_be_fitted_is_refused) {
  const char *raters[] = {"a", "b"}, *items[] = {"x", "y"}, *labels[] = {"1", "2"};
  const uint32_t rater[] = {0, 1, 0, 1}, apart[] = {0, 1}, shared[] = {0, 0, 1, 1};
  const uint8_t differ[] = {0, 1}, equal[] = {1, 1}, opposed[] = {0, 1, 1, 0};
  const struct {
    size_t n;
    const uint32_t *item;
    const uint8_t *code;
    const char *why;
  } cases[] = {{2, apart, differ, "question 'q': no two raters share an item"},
               {2, shared, equal, "question 'q': the ratings do not vary"},
               {4, shared, opposed,
                "question 'q': its raters do not agree, so that GAI has no meaning and nothing can "
                "be fitted"}};
  for (int i = 0; i < 3; i++) {
    dss_study *study = NULL, *pool = NULL;
    char *fit = NULL;
    dss_expand_options options;
    dss_expand_options_init(&options);
    must(dss_study_new(context, 2, raters, 2, items, &study));
    must(dss_study_add_question(context, study, "q", DSS_ORDINAL, 2, labels, NULL, cases[i].n,
                                rater, cases[i].item, cases[i].code));
    cr_assert_eq(dss_expand(context, study, &options, &pool, &fit), DSS_ERR_DATA);
    cr_assert_str_eq(dss_context_error(context), cases[i].why);
    dss_study_free(study);
  }
}

/* A study of everything: spelled levels, unknown values, item attributes; the nominal question of
 * three levels is left out. */
Test(simulate, odd_studies_grow) {
  const uint8_t agreeing[SMALL_RATINGS] = {2, 0, 0, 1, 1, 2, 2, 1};
  dss_study *study = small_study_of(context, agreeing), *pool = NULL;
  char *fit = NULL;
  dss_expand_options options;
  dss_expand_options_init(&options);
  options.times = 4;
  options.items_times = 2;
  must(dss_expand(context, study, &options, &pool, &fit));
  cr_assert_eq(dss_study_n_raters(pool), 4 * SMALL_RATERS);
  cr_assert_eq(dss_study_n_items(pool), 2 * SMALL_ITEMS);
  cr_assert_str_eq(dss_study_item_name(pool, 3), "i/2.2");
  cr_assert_eq(dss_study_n_questions(pool), 2);
  const dss_question *question = dss_study_question(pool, 0);
  cr_assert_eq(question->n_ratings, 4 * SMALL_RATINGS);
  cr_assert_str_eq(question->labels[2], "high");
  cr_assert_eq(dss_study_question(pool, 1)->values[1], 1.5);
  cr_assert_eq(dss_study_rater_attribute(pool, 0)->codes[15], -1);
  cr_assert_str_eq(dss_study_item_attribute(pool, 0)->name, "topic");
  cr_assert(strstr(fit, "\"left_out\": [\n    \"never asked\"\n  ]"), "%s", fit);
  dss_study_free(study);
  dss_study_free(pool);
  free(fit);
}

/* --- saving ---------------------------------------------------------------------------------- */

static size_t files_in(const char *folder) {
  size_t n = 0;
  DIR *open = opendir(folder);
  while (readdir(open))
    n++;
  closedir(open);
  return n - 2; /* . and .. */
}

/* Either place is taken already, the truth's is a folder, or the study has just taken it. */
Test(simulate, study_and_truth_are_saved_together_or_not_at_all) {
  dss_simulate_options options = pool_options(4, 4);
  dss_study *study = NULL;
  char *truth = NULL, study_path[600], truth_path[600], inside[700];
  temporary t;
  temporary_begin(&t);
  snprintf(study_path, sizeof study_path, "%s", temporary_path(&t, "s.h5"));
  snprintf(truth_path, sizeof truth_path, "%s", temporary_path(&t, "t.json"));
  snprintf(inside, sizeof inside, "%s/f", truth_path);
  must(dss_simulate(context, &options, &study, &truth));

  fclose(fopen(truth_path, "w"));
  cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, false), DSS_ERR_FILE);
  cr_expect_eq(files_in(t.folder), 1);
  unlink(truth_path);

  fclose(fopen(study_path, "w"));
  cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, false), DSS_ERR_FILE);
  cr_expect_eq(files_in(t.folder), 1);
  unlink(study_path);

  cr_assert_eq(mkdir(truth_path, 0700), 0);
  fclose(fopen(inside, "w"));
  cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, true), DSS_ERR_FILE);
  cr_expect_eq(files_in(t.folder), 1);
  unlink(inside);
  rmdir(truth_path);

  cr_expect_eq(dss_pool_save(context, study, study_path, truth, study_path, false), DSS_ERR_FILE);
  cr_expect_eq(files_in(t.folder), 0);

  must(dss_pool_save(context, study, study_path, truth, truth_path, false));
  cr_expect_eq(files_in(t.folder), 2);
  free(truth);
  dss_study_free(study);
  temporary_end(&t);
}

/* Renames to this path fail, or from that one, and links where there are none to be had. */
static const char *no_rename_to, *no_rename_from;
static bool no_links;
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
  bool refused = (no_rename_to && strcmp(to, no_rename_to) == 0) ||
                 (no_rename_from && strcmp(from, no_rename_from) == 0);
  if (!refused) return __real_rename(from, to);
  errno = EIO;
  return -1;
}
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to) {
  if (!no_links) return __real_link(from, to);
  errno = EPERM;
  return -1;
}

static bool file_is(const char *path, const char *text) {
  char found[100] = "";
  FILE *file = fopen(path, "r");
  size_t n = file ? fread(found, 1, sizeof found - 1, file) : 0;
  if (file) fclose(file);
  return n == strlen(text) && strcmp(found, text) == 0;
}

static void put_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* With and without links: where the truth, or the study itself, does not reach its place at the
 * last step, what was there is there as before, and nothing else. */
Test(simulate, what_a_pool_would_have_replaced_comes_back) {
  dss_simulate_options options = pool_options(4, 4);
  dss_study *study = NULL;
  char *truth = NULL, study_path[600], truth_path[600];
  temporary t;
  temporary_begin(&t);
  snprintf(study_path, sizeof study_path, "%s", temporary_path(&t, "s.h5"));
  snprintf(truth_path, sizeof truth_path, "%s", temporary_path(&t, "t.json"));
  must(dss_simulate(context, &options, &study, &truth));
  for (int round = 0; round < 4; round++) {
    no_links = round % 2;
    no_rename_to = round < 2 ? truth_path : NULL;
    if (round >= 2) put_file(truth_path, "old truth");
    put_file(study_path, "old study");
    if (round < 2) {
      cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, true),
                   DSS_ERR_FILE);
      cr_expect(file_is(study_path, "old study"), "round %d", round);
      cr_expect_eq(files_in(t.folder), 1);
      unlink(study_path); /* where none was there is none again */
      cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, true),
                   DSS_ERR_FILE);
      cr_expect_eq(files_in(t.folder), 0);
    } else {
      must(dss_pool_save(context, study, study_path, truth, truth_path, true));
      cr_expect(!file_is(study_path, "old study") && !file_is(truth_path, "old truth"));
      cr_expect_eq(files_in(t.folder), 2);
    }
  }
  put_file(study_path, "old study");
  no_rename_to = study_path;
  no_links = false;
  cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, true), DSS_ERR_FILE);
  cr_expect(file_is(study_path, "old study"));
  cr_expect_eq(files_in(t.folder), 2);
  no_links = true; /* it has stepped aside and cannot come back: it is not lost */
  cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, true), DSS_ERR_FILE);
  cr_expect_eq(files_in(t.folder), 2);
  cr_expect(access(study_path, F_OK) != 0);
  no_rename_to = NULL;
  no_rename_from = study_path; /* nor can it step aside */
  put_file(study_path, "old study");
  cr_expect_eq(dss_pool_save(context, study, study_path, truth, truth_path, true), DSS_ERR_FILE);
  cr_expect(strstr(dss_context_error(context), "cannot keep what is there"));
  cr_expect(file_is(study_path, "old study"));
  no_rename_from = NULL;
  no_links = false;
  free(truth);
  dss_study_free(study);
  temporary_end(&t);
}

/* --- where no study has a GAI ---------------------------------------------------------------- */

static void note_done(const char *what, unsigned long long done, unsigned long long total,
                      void *user) {
  unsigned long long *most = user;
  if (strcmp(what, "studies") == 0 && done > *most && done <= total) *most = done;
}

/* Two ratings of each of two items: that is told after the first point of eight, while a few
 * studies are all simulated before it is said of them. */
Test(simulate, no_gai_anywhere_is_told_at_once) {
  static const uint32_t raters[] = {2, 3}, ratings[] = {2};
  static const double gai[] = {1.2, 1.3, 1.5};
  static const char *const attributes[] = {"g=a,b"};
  static const uint64_t studies[] = {120, 3}, most[] = {120, 24};
  dss_power_plan plan = {.raters_per_group = raters,
                         .n_raters_per_group = 2,
                         .ratings_per_item = ratings,
                         .n_ratings_per_item = 1,
                         .gai = gai,
                         .n_gai = 3};
  dss_simulate_options_init(&plan.pool);
  plan.pool.attributes = attributes;
  plan.pool.n_attributes = 1;
  plan.pool.items = 2;
  for (int i = 0; i < 2; i++) {
    dss_power_test test;
    dss_power *power = NULL;
    unsigned long long done = 0;
    dss_power_test_init(&test);
    test.studies = studies[i];
    test.threads = 1;
    dss_context_set_progress(context, note_done, &done);
    cr_expect_eq(dss_power_of_plan(context, &plan, &test, &power), DSS_ERR_DATA);
    dss_context_set_progress(context, NULL, NULL);
    cr_expect_null(power);
    cr_expect_eq(done, most[i], "%llu of %llu studies", done, (unsigned long long)most[i]);
    cr_expect(strstr(dss_context_error(context), "no simulated study has a GAI"));
  }
}

/* --- the report ------------------------------------------------------------------------------ */

Test(simulate, report_of_what_it_cannot_be_is_refused) {
  dss_simulate_options options = pool_options(8, 6);
  dss_study *study = NULL;
  char *truth = NULL;
  dss_pool_check *check = NULL;
  FILE *full = fopen("/dev/full", "w");
  must(dss_simulate(context, &options, &study, &truth));
  cr_expect_eq(dss_pool_check_new(context, study, "{}", NULL, 1, &check), DSS_ERR_DATA);
  cr_expect_eq(dss_pool_check_new(context, study, "what", NULL, 1, &check), DSS_ERR_DATA);
  cr_expect_null(check);
  must(dss_pool_check_new(context, study, truth, NULL, 1, &check));
  cr_expect_eq(dss_pool_check_n_groups(check), 2);
  cr_expect_null(dss_pool_check_group(check, 2));
  cr_expect_null(dss_pool_check_question(check, 1));
  cr_expect_null(dss_pool_check_provenance(check, "none"));
  cr_expect_eq(dss_pool_report(context, check, (dss_report_format)(DSS_REPORT_HTML + 1), stdout),
               DSS_ERR_USAGE);
  for (dss_report_format f = DSS_REPORT_TABLE; full && f <= DSS_REPORT_HTML; f++)
    cr_expect_eq(dss_pool_report(context, check, f, full), DSS_ERR_FILE);
  if (full) fclose(full);
  dss_pool_check_free(check);
  free(truth);
  dss_study_free(study);
}

/* Steering from inside: weights of 1 are what was observed, to the bit, and equal weights change
 * nothing; exchanges; the public functions. What values are is the oracle's to say. */
#include <math.h>

#include "host/evaluate/steering.h"
#include "tests/parity/designs.h"
#include "tests/unit/temporary.h"

static dss_context *context;
static temporary files;

static void set_up(void) {
  context = dss_context_new();
  temporary_begin(&files);
}

static void tear_down(void) {
  temporary_end(&files);
  dss_context_free(context);
}

TestSuite(steer, .init = set_up, .fini = tear_down);

static const design usual = {30, 25, 5, DSS_ORDINAL, 0.6, {2, 3}, 0.1, 5};

/* A row for each item and each value of "a", of "b", and of both; many ties. */
static const char *write_predictions(const design *d, bool same) {
  independent_random random = {77};
  const char *path = temporary_path(&files, "p.csv");
  FILE *file = fopen(path, "w");
  cr_assert(file);
  fprintf(file, "item,a,b,told,plain\n");
  for (uint32_t u = 1; u <= d->n_items; u++) {
    double plain = 1 + random_under(&random, 41) / 10.0;
    for (uint32_t a = 0; a <= d->sizes[0]; a++)
      for (uint32_t b = 0; b <= d->sizes[1]; b++) {
        double told = same ? plain : 1 + random_under(&random, 41) / 10.0;
        char of_a[8] = "", of_b[8] = "";
        if (a + b == 0 || random_under(&random, 12) == 0) continue;
        if (a > 0) snprintf(of_a, sizeof of_a, "%u", (unsigned)a);
        if (b > 0) snprintf(of_b, sizeof of_b, "%u", (unsigned)b);
        fprintf(file, "%u,%s,%s,%.1f,%.1f\n", (unsigned)u, of_a, of_b, told, plain);
      }
  }
  fclose(file);
  return path;
}

/* What a test works with. */
typedef struct scene {
  dss_study *study;
  dss_rated *rated;
  dss_steering steering;
  dss_steer_options options;
  unsigned char *scratch;
  double *observed, *other; /* [n_rows] */
} scene;

static void begin(scene *s, dss_steer_against against, bool same) {
  static const char *const axes[] = {"a", "b", "a,b"};
  dss_evaluation_run run;
  dss_evaluation_run_init(&run);
  run.plan.axes = axes;
  run.plan.n_axes = 3;
  dss_steer_options_init(&s->options);
  s->options.predictions = write_predictions(&usual, same);
  s->options.item = "item";
  s->options.prediction = "told";
  s->options.baseline = "plain";
  s->options.against = against;
  s->study = design_study(context, &usual, NULL, NULL);
  cr_assert_eq(dss_rated_new(context, s->study, &run, &s->rated), DSS_OK);
  cr_assert_eq(dss_steering_make(context, s->rated, &s->options, &s->steering), DSS_OK, "%s",
               dss_context_error(context));
  s->rated->plan->kernel.exchange.n_arrangements = 0;
  s->scratch = calloc(1, dss_steer_scratch(&s->steering));
  s->observed = calloc(s->steering.n_rows, sizeof *s->observed);
  s->other = calloc(s->steering.n_rows, sizeof *s->other);
  cr_assert(s->scratch && s->observed && s->other);
  dss_steer_permuted(&s->steering, DSS_RESAMPLE_NONE, 1, s->scratch, s->observed);
}

static void end(scene *s) {
  free(s->scratch);
  free(s->observed);
  free(s->other);
  dss_steering_free(&s->steering);
  dss_rated_free(s->rated);
  dss_study_free(s->study);
}

/* Every rater of a group of the axis, and every item, counts so often. */
static void weigh(scene *s, uint32_t of_rater, uint32_t of_item) {
  uint32_t *raters[3], *items = calloc(s->rated->n_items, sizeof *items);
  for (size_t a = 0; a < 3; a++) {
    raters[a] = calloc(s->rated->n_raters, sizeof **raters);
    for (uint32_t r = 0; r < s->rated->n_raters; r++)
      raters[a][r] = s->rated->plan->kernel_axes[a].group[r] < 0 ? 0 : of_rater;
  }
  for (uint32_t u = 0; u < s->rated->n_items; u++)
    items[u] = of_item;
  const dss_weighting weights = {(const uint32_t *const *)raters, NULL, items};
  dss_steer_resampled(&s->steering, &weights, s->scratch, s->other);
  for (size_t a = 0; a < 3; a++)
    free(raters[a]);
  free(items);
}

static void weights_of_one_and_more(dss_steer_against against) {
  scene s;
  size_t defined = 0;
  begin(&s, against, false);
  weigh(&s, 1, 1);
  for (size_t i = 0; i < s.steering.n_rows; i++) {
    cr_assert(memcmp(&s.observed[i], &s.other[i], sizeof(double)) == 0 ||
                  (isnan(s.observed[i]) && isnan(s.other[i])),
              "row %zu: %.17g, %.17g", i, s.observed[i], s.other[i]);
    defined += !isnan(s.observed[i]);
  }
  cr_assert(defined > 300, "%zu", defined);
  weigh(&s, 2, 3);
  for (size_t i = 0; i < s.steering.n_rows; i++)
    if (!isnan(s.observed[i])) cr_assert(fabs(s.observed[i] - s.other[i]) <= 1e-12, "row %zu", i);
  end(&s);
}

Test(steer, weights_of_ratings) {
  weights_of_one_and_more(DSS_AGAINST_RATINGS);
}

Test(steer, weights_of_means) {
  weights_of_one_and_more(DSS_AGAINST_MEANS);
}

/* Where the two predictions are one, every gain is 0 and no exchange changes that. */
Test(steer, equal_predictions_gain_nothing) {
  scene s;
  begin(&s, DSS_AGAINST_RATINGS, true);
  const dss_steer_axis *axis = &s.steering.axes[0];
  for (uint64_t b = 0; b < 5; b++) {
    dss_steer_permuted(&s.steering, b, 1, s.scratch, s.other);
    for (size_t i = 0; i < axis->n_samples; i++)
      for (size_t k = 0; k < DSS_N_STEER_STATISTICS; k++) {
        size_t row = i * dss_steer_sample_rows(&s.steering) + 2 * DSS_N_STEER_STATISTICS + k;
        cr_assert(isnan(s.observed[row]) ? isnan(s.other[row]) : s.other[row] == 0, "row %zu", row);
      }
  }
  end(&s);
}

/* Resamples are what they are however many are made at once. */
Test(steer, one_by_one_or_together) {
  scene s;
  begin(&s, DSS_AGAINST_MEANS, false);
  size_t n = s.steering.n_rows;
  double *together = calloc(4 * n, sizeof *together);
  dss_steer_permuted(&s.steering, 7, 4, s.scratch, together);
  size_t moved = 0;
  for (uint64_t b = 0; b < 4; b++) {
    dss_steer_permuted(&s.steering, 7 + b, 1, s.scratch, s.other);
    cr_assert(memcmp(s.other, together + b * n, n * sizeof *together) == 0);
    moved += memcmp(s.other, s.observed, n * sizeof *together) != 0;
  }
  cr_assert_eq(moved, 4);
  free(together);
  end(&s);
}

Test(steer, words) {
  dss_steer_against against = DSS_AGAINST_MEANS;
  cr_assert_str_eq(dss_steer_statistic_name(DSS_STEER_KAPPA), "kappa");
  cr_assert_null(dss_steer_statistic_name(DSS_N_STEER_STATISTICS));
  cr_assert(!dss_steer_against_parse("mean", &against) && against == DSS_AGAINST_MEANS);
  cr_assert(dss_steer_against_parse("ratings", &against) && against == DSS_AGAINST_RATINGS);
}

/* What the command asks for itself, a program may forget. */
Test(steer, needs_columns) {
  dss_study *study = design_study(context, &usual, NULL, NULL);
  dss_evaluation_run run;
  dss_steer_options options;
  dss_evaluation *evaluation = NULL;
  static const char *const told[] = {"a"};
  dss_evaluation_run_init(&run);
  dss_steer_options_init(&options);
  cr_assert_eq(dss_steer(context, study, &run, &options, &evaluation), DSS_ERR_USAGE);
  options.predictions = write_predictions(&usual, false);
  options.item = "item";
  options.prediction = "told";
  options.rater = "a";
  options.told = told;
  options.n_told = 1;
  cr_assert_eq(dss_steer(context, study, &run, &options, &evaluation), DSS_ERR_USAGE);
  cr_assert_null(evaluation);
  dss_study_free(study);
}

/* Every backend gives the reference's bits, on every instruction set that this machine has. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "designs.h"
#include "host/engine/plan.h"

static const char *const sets[] = {"avx512", "avx2", "portable"};
enum { N_SETS = sizeof sets / sizeof *sets };

static void compare(dss_context *context, const dss_plan *plan, const char *what) {
  enum { RESAMPLES = 70 };
  size_t columns = dss_kernel_columns(&plan->kernel);
  double *expected = malloc(RESAMPLES * columns * sizeof *expected);
  double *values = malloc(RESAMPLES * columns * sizeof *values);
  void *state;
  cr_assert_eq(dss_backend_reference.open(&plan->kernel, 2, &state), DSS_OK);
  cr_assert_eq(dss_backend_reference.values(state, 7, RESAMPLES - 1, expected), DSS_OK);
  cr_assert_eq(dss_backend_reference.values(state, DSS_RESAMPLE_NONE, 1,
                                            &expected[(RESAMPLES - 1) * columns]),
               DSS_OK);
  dss_backend_reference.close(state);
  for (size_t set = 0; set < N_SETS; set++) {
    setenv("DSS_CPU", sets[set], 1);
    memset(values, 0xa5, RESAMPLES * columns * sizeof *values);
    if (dss_backend_cpu.open(&plan->kernel, 3, &state) != DSS_OK) continue;
    cr_assert_eq(dss_backend_cpu.values(state, 7, RESAMPLES - 1, values), DSS_OK);
    cr_assert_eq(
        dss_backend_cpu.values(state, DSS_RESAMPLE_NONE, 1, &values[(RESAMPLES - 1) * columns]),
        DSS_OK);
    dss_backend_cpu.close(state);
    for (size_t i = 0; i < RESAMPLES * columns; i++)
      cr_assert(same_number(expected[i], values[i]), "%s %s: resample %zu column %zu: %a, not %a",
                what, sets[set], i / columns, i % columns, values[i], expected[i]);
  }
  free(expected);
  free(values);
}

Test(backends, random_designs) {
  dss_context *context = dss_context_new();
  independent_random random = {2024};
  for (int i = 0; i < 120; i++) {
    static const double densities[] = {0.03, 0.2, 0.6, 1.0};
    design d = {.n_raters = 2 + random_under(&random, i % 5 ? 60 : 300),
                .n_items = 1 + random_under(&random, 40),
                .n_levels = 2 + random_under(&random, i % 7 ? 8 : 14),
                .scale = (dss_scale)random_under(&random, 4),
                .density = densities[random_under(&random, 4)],
                .sizes = {1 + random_under(&random, 4), 1 + random_under(&random, i % 9 ? 5 : 60)},
                .unknown = i % 3 ? 0 : 0.2,
                .seed = 100 + (uint64_t)i};
    dss_study *study = design_study(context, &d, NULL, NULL);
    for (int variant = 0; variant < 4; variant++) {
      dss_plan_options options;
      dss_plan *plan;
      dss_plan_options_init(&options);
      options.metrics = variant % 2 ? DSS_METRICS_ALL : DSS_METRICS_GAI;
      options.all_depth = 2;
      options.permutations = variant < 2 ? 100 : 3;
      options.units = variant == 3 ? DSS_UNITS_COMMON : DSS_UNITS_OWN;
      options.ties = variant == 3 ? DSS_TIES_SKIP : DSS_TIES_SPLIT;
      if (i % 2) {
        options.scheme = DSS_SCHEME_STRATA;
        options.scheme_attribute = "b";
      }
      if (dss_plan_new(context, study, &options, &plan) != DSS_OK) continue;
      char what[200];
      snprintf(what, sizeof what,
               "design %d (%u raters, %u items, %u levels, scale %d, density %g) variant %d", i,
               d.n_raters, d.n_items, d.n_levels, (int)d.scale, d.density, variant);
      compare(context, plan, what);
      dss_plan_free(plan);
    }
    dss_study_free(study);
  }
  dss_context_free(context);
}

/* Questions of unlike shapes one after the other: nothing of one is left in the next. */
Test(backends, questions_do_not_meet) {
  enum { RATERS = 40, ITEMS = 12, LEVELS = 5 };
  dss_context *context = dss_context_new();
  const design d = {RATERS, ITEMS, LEVELS, DSS_ORDINAL, 0.5, {2, 3}, 0.1, 77};
  dss_study *study = design_study(context, &d, NULL, NULL);
  independent_random random = {5};
  uint32_t rater[RATERS * ITEMS], item[RATERS * ITEMS];
  uint8_t code[RATERS * ITEMS];
  for (uint32_t i = 0; i < RATERS * ITEMS; i++) {
    rater[i] = i % RATERS;
    item[i] = i / RATERS;
    code[i] = (uint8_t)random_under(&random, LEVELS);
  }
  cr_assert_eq(dss_study_add_question(context, study, "nominal", DSS_NOMINAL, LEVELS, numbered(),
                                      NULL, RATERS * ITEMS, rater, item, code),
               DSS_OK, "%s", dss_context_error(context));
  for (int i = 0; i < 2; i++) {
    dss_plan_options options;
    dss_plan *plan;
    dss_plan_options_init(&options);
    options.metrics = i == 0 ? DSS_METRICS_GAI : DSS_METRICS_ALL;
    options.all_depth = 2;
    options.permutations = 100;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
                 dss_context_error(context));
    compare(context, plan, "ordinal, then nominal");
    dss_plan_free(plan);
  }
  dss_study_free(study);
  dss_context_free(context);
}

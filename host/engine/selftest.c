/* Published values and a fixed permutation test, through every backend that this build has. */
#include "dissensus/selftest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dissensus/results.h"
#include "host/core/alloc.h"

/* A small design written out: rows are raters, '.' is missing, other characters are labels. */
typedef struct design {
  const char *source;
  const char *const *rows;
  uint32_t n_rows;
  uint32_t in_x; /* the first rows are group "x", the others "y" */
} design;

/* Krippendorff 2011, four observers and twelve units. */
static const char *const four_observers[] = {"123321412...", "1233224125.3", ".3332342251.",
                                             "12332441251."};
/* The example that most packages ship: three coders and fifteen units. */
static const char *const three_coders[] = {".....34121133.3", "1.213343.......", "..21344.21133.4"};
/* Wong, Paritosh and Aroyo 2021: items BB BBB AA AAA AB of one side, BB AB AB AB AA of the other.
 */
static const char *const two_sides[] = {"BBAAA", "BBAAB", ".B.A.", "BAAAA", "BBBBA"};

typedef struct golden {
  const char *check;
  const design *design;
  dss_scale scale;
  dss_statistic statistic;
  double expected, tolerance;
} golden;

static const design krippendorff = {"Krippendorff 2011", four_observers, 4, 4};
static const design coders = {"three coders", three_coders, 3, 3};
static const design wong = {"Wong et al. 2021", two_sides, 5, 3};

static const golden goldens[] = {
    {"alpha nominal", &krippendorff, DSS_NOMINAL, DSS_IRR, 0.743421, 5e-7},
    {"alpha ordinal", &krippendorff, DSS_ORDINAL, DSS_IRR, 0.815388, 5e-7},
    {"alpha interval", &krippendorff, DSS_INTERVAL, DSS_IRR, 0.849107, 5e-7},
    {"alpha ratio", &krippendorff, DSS_RATIO, DSS_IRR, 0.797403, 5e-7},
    {"alpha nominal", &coders, DSS_NOMINAL, DSS_IRR, 0.691358, 5e-7},
    {"alpha ordinal", &coders, DSS_ORDINAL, DSS_IRR, 0.806721, 5e-7},
    {"alpha interval", &coders, DSS_INTERVAL, DSS_IRR, 0.810845, 5e-7},
    {"alpha ratio", &coders, DSS_RATIO, DSS_IRR, 0.808944, 5e-7},
    {"kappa_x nominal", &wong, DSS_NOMINAL, DSS_XRR, 2.0 / 11.0, 1e-12},
};

/* --- a design as a study ------------------------------------------------------------------- */

enum { MOST_RATINGS = 64, MOST_UNITS = 16 };

static dss_status add_ratings(dss_context *context, const design *d, dss_scale scale,
                              dss_study *study) {
  const char *const labels[] = {"1", "2", "3", "4", "5"}, *const letters[] = {"A", "B"};
  const double values[] = {1, 2, 3, 4, 5};
  uint32_t rater[MOST_RATINGS], item[MOST_RATINGS];
  uint8_t code[MOST_RATINGS];
  uint64_t n = 0;
  bool lettered = d == &wong;
  for (uint32_t r = 0; r < d->n_rows; r++)
    for (uint32_t u = 0; d->rows[r][u]; u++) {
      if (d->rows[r][u] == '.') continue;
      rater[n] = r;
      item[n] = u;
      code[n++] = (uint8_t)(d->rows[r][u] - (lettered ? 'A' : '1'));
    }
  return dss_study_add_question(context, study, "q", scale, lettered ? 2 : 5,
                                lettered ? letters : labels, lettered ? NULL : values, n, rater,
                                item, code);
}

static dss_status add_groups(dss_context *context, const design *d, dss_study *study) {
  static const char *const sides[] = {"x", "y"};
  int32_t codes[8];
  for (uint32_t r = 0; r < d->n_rows; r++)
    codes[r] = r >= d->in_x;
  dss_attribute side = {.name = "side", .n_categories = 2, .categories = sides, .codes = codes};
  return dss_study_add_rater_attribute(context, study, &side);
}

static dss_status make_study(dss_context *context, const design *d, dss_scale scale,
                             dss_study **study) {
  static const char *const names[MOST_UNITS] = {"1", "2",  "3",  "4",  "5",  "6",  "7",  "8",
                                                "9", "10", "11", "12", "13", "14", "15", "16"};
  dss_study *made;
  DSS_TRY(dss_study_new(context, d->n_rows, names, (uint32_t)strlen(d->rows[0]), names, &made));
  dss_status status = add_groups(context, d, made);
  if (status == DSS_OK) status = add_ratings(context, d, scale, made);
  if (status != DSS_OK) {
    dss_study_free(made);
    return status;
  }
  *study = made;
  return DSS_OK;
}

static dss_status run_design(dss_context *context, const design *d, dss_scale scale,
                             dss_backend_choice backend, uint64_t permutations, uint64_t seed,
                             dss_results **results) {
  dss_study *study;
  dss_plan *plan = NULL;
  dss_plan_options options;
  dss_run_options run;
  dss_plan_options_init(&options);
  dss_run_options_init(&run);
  options.metrics = DSS_METRICS_ALL;
  options.permutations = permutations;
  options.seed = seed;
  run.backend = backend;
  DSS_TRY(make_study(context, d, scale, &study));
  dss_status status = dss_plan_new(context, study, &options, &plan);
  if (status == DSS_OK) status = dss_run(context, plan, &run, results);
  dss_plan_free(plan);
  dss_study_free(study);
  return status;
}

/* --- the checks ---------------------------------------------------------------------------- */

typedef struct session {
  dss_selftest_fn report;
  void *user;
  const char *backend;
  size_t failed;
} session;

static void check(session *s, const char *what, double expected, double found, double tolerance) {
  bool passed = fabs(found - expected) <= tolerance;
  s->failed += !passed;
  if (s->report) s->report(what, s->backend, expected, found, passed, s->user);
}

static dss_status check_golden(dss_context *context, session *s, const golden *g,
                               dss_backend_choice backend) {
  char what[96];
  dss_results *results;
  DSS_TRY(run_design(context, g->design, g->scale, backend, 0, 1, &results));
  snprintf(what, sizeof what, "%s, %s", g->design->source, g->check);
  check(s, what, g->expected, dss_results_cell(results, 0, 0, g->statistic)->estimate,
        g->tolerance);
  dss_results_free(results);
  return DSS_OK;
}

/* Ways to put three of five raters into x: more permutations than that, and each is visited once;
 * fewer, and they are drawn. */
enum { SPLITS = 10, SEEDS = 100 };

/* The shuffle itself: nine resamples with each of a hundred seeds of Wong's two sides, and all ten
 * arrangements. The counts were made by the Python oracle of the tests, which shares no code with
 * this library. */
static dss_status check_permutations(dss_context *context, session *s, dss_backend_choice backend) {
  uint64_t xrr_le = 0, irr_ge = 0, irr_le = 0;
  dss_results *results;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    DSS_TRY(run_design(context, &wong, DSS_NOMINAL, backend, SPLITS - 1, seed, &results));
    xrr_le += dss_results_cell(results, 0, 0, DSS_XRR)->le;
    irr_ge += dss_results_cell(results, 0, 1, DSS_IRR)->ge;
    irr_le += dss_results_cell(results, 0, 1, DSS_IRR)->le;
    dss_results_free(results);
  }
  check(s, "resamples, kappa_x of x at or below the observed", 86, (double)xrr_le, 0);
  check(s, "resamples, alpha of y at or above the observed", 823, (double)irr_ge, 0);
  check(s, "resamples, alpha of y at or below the observed", 163, (double)irr_le, 0);
  DSS_TRY(run_design(context, &wong, DSS_NOMINAL, backend, SPLITS, 1, &results));
  const dss_cell *irr = dss_results_cell(results, 0, 1, DSS_IRR);
  check(s, "all ten arrangements, alpha of y, exact p upwards", 0.9, irr->p_up, 0);
  check(s, "all ten arrangements, alpha of y, exact p downwards", 0.2, irr->p_down, 0);
  dss_results_free(results);
  return DSS_OK;
}

static dss_status run_checks(dss_context *context, session *s) {
  static const struct {
    dss_backend_choice choice;
    const char *name;
  } backends[] = {{DSS_BACKEND_REFERENCE, "reference"}, {DSS_BACKEND_CPU, "cpu"}};
  for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
    s->backend = backends[b].name;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++)
      DSS_TRY(check_golden(context, s, &goldens[i], backends[b].choice));
    DSS_TRY(check_permutations(context, s, backends[b].choice));
  }
  if (s->failed > 0)
    return dss_fail(context, DSS_ERR_INTERNAL, "%zu self-test checks failed", s->failed);
  return DSS_OK;
}

dss_status dss_selftest(dss_context *context, dss_selftest_fn report, void *user) {
  session s = {.report = report, .user = user};
  /* What the library has to say of the little designs is nobody's business. */
  dss_context *quiet = dss_context_new();
  if (!quiet) return dss_fail_memory(context, 0);
  dss_status status = run_checks(quiet, &s);
  if (status != DSS_OK) dss_fail(context, status, "%s", dss_context_error(quiet));
  dss_context_free(quiet);
  return status;
}

/* Severity and responsiveness on simulated studies: p-values are uniform where groups do not
 * differ, a planted shift is found and nothing else at the stated rate, and intervals hold the
 * truth.
 *
 * A rating of item u by rater r is how many thresholds s_u + b_r + noise lies above, all normal;
 * items have severities s, raters leanings b, whose mean is the group's shift. So the mean rating
 * of all raters and items that there could be is a sum of normal tails. A careless rater's ratings
 * are anybody's: they follow no severity. */
#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "dissensus/dissensus.h"
#include "host/engine/plan.h"
#include "host/stats/normal.h"
#include "kernels/profiles.h"
#include "tests/independent_random.h"
#include "tests/parity/chi_squared.h"

enum { LEVELS = 5, RATERS = 40, ITEMS = 30, AXES = 2 };
static const double thresholds[LEVELS - 1] = {-1.2, -0.4, 0.4, 1.2};
static const double leaning_sd = 0.5, noise_sd = 0.7, density = 0.5;

/* What is planted in the raters with `planted` = yes. */
typedef struct world {
  double shift;    /* of their leaning */
  double careless; /* share of them */
  uint32_t every;  /* planted is every so-many-th rater; 0: every other */
} world;

static void must(dss_context *context, dss_status status) {
  if (status == DSS_OK) return;
  fprintf(stderr, "%s\n", dss_context_error(context));
  abort(); /* not an assertion: threads call this */
}

/* The mean level of all ratings that there could be. */
static double true_mean(double shift) {
  double sum = 1.0, sd = sqrt(1.0 + leaning_sd * leaning_sd + noise_sd * noise_sd);
  for (int k = 0; k < LEVELS - 1; k++)
    sum += 1.0 - dss_normal_cdf((thresholds[k] - shift) / sd);
  return sum;
}

typedef struct ratings {
  uint64_t n;
  uint32_t rater[RATERS * ITEMS], item[RATERS * ITEMS];
  uint8_t code[RATERS * ITEMS];
} ratings;

static uint8_t rate(double latent) {
  uint8_t code = 0;
  for (int k = 0; k < LEVELS - 1; k++)
    code = (uint8_t)(code + (latent > thresholds[k]));
  return code;
}

static void draw_ratings(const world *w, const int32_t *planted, independent_random *random,
                         ratings *to) {
  double severity[ITEMS];
  for (uint32_t u = 0; u < ITEMS; u++)
    severity[u] = random_normal(random);
  for (uint32_t r = 0; r < RATERS; r++) {
    double leaning = leaning_sd * random_normal(random) + (planted[r] ? w->shift : 0.0);
    bool careless = planted[r] && random_unit(random) < w->careless;
    for (uint32_t u = 0; u < ITEMS; u++) {
      if (random_unit(random) >= density) continue;
      double of_item = careless ? random_normal(random) : severity[u];
      to->rater[to->n] = r;
      to->item[to->n] = u;
      to->code[to->n++] = rate(of_item + leaning + noise_sd * random_normal(random));
    }
  }
}

/* Attributes "planted", of every other rater, and "site", which means nothing. */
static dss_study *draw_study(dss_context *context, const world *w, uint64_t number) {
  static const char *const levels[] = {"1", "2", "3", "4", "5"}, *const two[] = {"no", "yes"},
                           *const sites[] = {"N", "E", "S", "W"};
  const double values[LEVELS] = {1, 2, 3, 4, 5};
  char text[RATERS][12];
  const char *names[RATERS];
  int32_t planted[RATERS], site[RATERS];
  independent_random random = {977 * number + 5};
  ratings *drawn = calloc(1, sizeof *drawn);
  for (uint32_t r = 0; r < RATERS; r++) {
    snprintf(text[r], sizeof text[r], "%u", r);
    names[r] = text[r];
    planted[r] = w->every ? r % w->every == 0 : r % 2 == 1;
    site[r] = (int32_t)random_under(&random, 4);
  }
  draw_ratings(w, planted, &random, drawn);
  dss_study *study;
  must(context, dss_study_new(context, RATERS, names, ITEMS, names, &study));
  must(context, dss_study_add_rater_attribute(context, study,
                                              &(dss_attribute){"planted", 2, two, planted, false}));
  must(context, dss_study_add_rater_attribute(context, study,
                                              &(dss_attribute){"site", 4, sites, site, false}));
  must(context, dss_study_add_question(context, study, "harm", DSS_ORDINAL, LEVELS, levels, values,
                                       drawn->n, drawn->rater, drawn->item, drawn->code));
  free(drawn);
  return study;
}

/* --- runs ---------------------------------------------------------------------------------- */

typedef dss_evaluation *(*compute_fn)(dss_context *, const dss_study *, const dss_evaluation_run *);

static dss_evaluation *severity(dss_context *context, const dss_study *study,
                                const dss_evaluation_run *run) {
  dss_severity_options options;
  dss_evaluation *found;
  dss_severity_options_init(&options);
  must(context, dss_severity(context, study, run, &options, &found));
  return found;
}

static dss_evaluation *response(dss_context *context, const dss_study *study,
                                const dss_evaluation_run *run) {
  dss_response_options options;
  dss_evaluation *found;
  dss_response_options_init(&options);
  must(context, dss_response(context, study, run, &options, &found));
  return found;
}

typedef void (*judge_fn)(const dss_evaluation *evaluation, void *tally);

/* Evaluates many studies, and hands each to `judge`, one at a time. */
static void evaluate(const world *w, unsigned studies, compute_fn compute, uint64_t permutations,
                     uint64_t bootstrap, judge_fn judge, void *tally) {
#pragma omp parallel for schedule(dynamic)
  for (unsigned n = 0; n < studies; n++) {
    dss_context *context = dss_context_new();
    dss_study *study = draw_study(context, w, n);
    dss_evaluation_run run;
    dss_evaluation_run_init(&run);
    run.threads = 1;
    run.plan.permutations = permutations;
    run.plan.bootstrap = bootstrap;
    run.plan.seed = n;
    dss_evaluation *found = compute(context, study, &run);
#pragma omp critical
    judge(found, tally);
    dss_evaluation_free(found);
    dss_study_free(study);
    dss_context_free(context);
  }
}

/* The first row with these; group "": of the axis. */
static const dss_cell *find(const dss_evaluation *e, const char *statistic, const char *axis,
                            const char *group, const char *versus) {
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    if (strcmp(row->statistic, statistic) == 0 && strcmp(row->axis, axis) == 0 &&
        strcmp(row->group, group) == 0 && strcmp(row->versus, versus) == 0)
      return &row->cell;
  }
  cr_assert_fail("no %s of %s, %s", statistic, axis, group);
  return NULL;
}

/* --- under the null ------------------------------------------------------------------------ */

enum { NULL_STUDIES = 800, NULL_PERMUTATIONS = 199, CELLS = 10 };

typedef struct place {
  const char *statistic, *axis, *group, *versus;
} place;

static const place severity_places[] = {
    {"mean", "planted", "yes", ""},
    {"share", "site", "N", ""},
    {"mean_difference", "site", "N", DSS_EVERYONE_ELSE},
    {"mean_difference", "site", "N", "E"},
    {"cliffs_delta", "planted", "no", "yes"},
    {"anova_f", "site", "", ""},
    {"kruskal_h", "site", "", ""},
};
static const place response_places[] = {
    {"gamma", "planted", "yes", ""},
    {"somers_d_difference", "site", "E", DSS_EVERYONE_ELSE},
    {"tau_b_difference", "site", "N", "E"},
    {"information", "site", "S", ""},
};
enum { MOST_PLACES = 7 };

typedef struct uniform {
  const place *places;
  size_t n;
  uint32_t counts[MOST_PLACES][CELLS];
  unsigned studies, any_maxt, any_q; /* with any test at 5% */
} uniform;

static bool any_under(const dss_evaluation *e, bool maxt) {
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_cell *cell = &dss_evaluation_get(e, i)->cell;
    if ((maxt ? cell->p_maxt : cell->q_bh) < 0.05) return true; /* not so of NaN */
  }
  return false;
}

static void judge_null(const dss_evaluation *e, void *tally) {
  uniform *u = tally;
  for (size_t i = 0; i < u->n; i++) {
    const place *at = &u->places[i];
    double p = find(e, at->statistic, at->axis, at->group, at->versus)->p_up;
    u->counts[i][(int)ceil(p * CELLS - 1e-9) - 1]++; /* p is one of 1/200 .. 200/200 */
  }
  u->studies++;
  u->any_maxt += any_under(e, true);
  u->any_q += any_under(e, false);
}

static void check_null(compute_fn compute, const place *places, size_t n) {
  uniform u = {.places = places, .n = n};
  evaluate(&(world){0}, NULL_STUDIES, compute, NULL_PERMUTATIONS, 0, judge_null, &u);
  cr_assert_eq(u.studies, NULL_STUDIES);
  for (size_t i = 0; i < n; i++)
    assert_uniform(u.counts[i], CELLS, places[i].statistic);
  /* Of every study's tests any at all: 5% and four standard errors. */
  double most = NULL_STUDIES * 0.05 + 4 * sqrt(NULL_STUDIES * 0.05 * 0.95);
  cr_assert(u.any_maxt <= most, "%u studies of %d with a false maxT", u.any_maxt, NULL_STUDIES);
  cr_assert(u.any_q <= most, "%u studies of %d with a false q", u.any_q, NULL_STUDIES);
  cr_log_info("false: maxT %u, q %u of %d\n", u.any_maxt, u.any_q, NULL_STUDIES);
}

Test(severity, p_values_are_uniform_under_the_null) {
  check_null(severity, severity_places, sizeof severity_places / sizeof *severity_places);
}

Test(response, p_values_are_uniform_under_the_null) {
  check_null(response, response_places, sizeof response_places / sizeof *response_places);
}

/* --- what is planted ----------------------------------------------------------------------- */

enum { PLANTED_STUDIES = 200, PLANTED_PERMUTATIONS = 999 };

typedef struct finds {
  const char *statistic;
  int direction;
  unsigned planted, nothing, tests_of_nothing; /* found at 5% */
} finds;

static void judge_planted(const dss_evaluation *e, void *tally) {
  finds *f = tally;
  /* Two groups are compared once, "no" with "yes": what is planted shows with the other sign. */
  const dss_cell *cell = find(e, f->statistic, "planted", "no", "yes");
  f->planted += cell->p < 0.05 && cell->direction == -f->direction;
  for (const char *const *site = (const char *const[]){"N", "E", "S", "W", NULL}; *site; site++) {
    f->nothing += find(e, f->statistic, "site", *site, DSS_EVERYONE_ELSE)->p < 0.05;
    f->tests_of_nothing++;
  }
}

static void check_planted(const world *w, compute_fn compute, finds f) {
  evaluate(w, PLANTED_STUDIES, compute, PLANTED_PERMUTATIONS, 0, judge_planted, &f);
  double n = f.tests_of_nothing;
  cr_log_info("%s: %u of %d, and %u of %g where nothing is\n", f.statistic, f.planted,
              PLANTED_STUDIES, f.nothing, n);
  cr_assert(f.planted >= 0.95 * PLANTED_STUDIES, "%s found in %u of %d studies", f.statistic,
            f.planted, PLANTED_STUDIES);
  /* A site's tests are dependent within a study: the error of as many as studies. */
  cr_assert(f.nothing <= n * (0.05 + 4 * sqrt(0.05 * 0.95 / PLANTED_STUDIES)),
            "%s found %u times of %g where nothing is", f.statistic, f.nothing, n);
}

Test(severity, a_planted_shift_is_found) {
  check_planted(&(world){.shift = 0.8}, severity,
                (finds){.statistic = "mean_difference", .direction = 1});
  check_planted(&(world){.shift = -0.8}, severity,
                (finds){.statistic = "cliffs_delta", .direction = -1});
}

Test(response, careless_raters_are_found) {
  check_planted(&(world){.careless = 0.7}, response,
                (finds){.statistic = "gamma_difference", .direction = -1});
  check_planted(&(world){.careless = 0.7}, response,
                (finds){.statistic = "information_difference", .direction = -1});
}

/* --- intervals ----------------------------------------------------------------------------- */

enum { COVERED_STUDIES = 400, COVERED_RESAMPLES = 400 };
static const double covered_shift = 0.4;

typedef struct coverage {
  unsigned studies, mean, difference;
} coverage;

static bool holds(const dss_cell *cell, double truth) {
  return cell->ci_low <= truth && truth <= cell->ci_high;
}

static void judge_coverage(const dss_evaluation *e, void *tally) {
  coverage *c = tally;
  double mean = true_mean(covered_shift), other = true_mean(0);
  c->mean += holds(find(e, "mean", "planted", "yes", ""), mean);
  c->difference += holds(find(e, "mean_difference", "planted", "no", "yes"), other - mean);
  c->studies++;
}

Test(severity, intervals_hold_the_truth) {
  coverage c = {0};
  evaluate(&(world){.shift = covered_shift}, COVERED_STUDIES, severity, 0, COVERED_RESAMPLES,
           judge_coverage, &c);
  double mean = (double)c.mean / c.studies, difference = (double)c.difference / c.studies;
  cr_log_info("coverage: mean %.3f, difference %.3f\n", mean, difference);
  /* Over raters and items at once a product of weights is mildly conservative (Owen and Eckles). */
  cr_assert(mean >= 0.915 && mean <= 0.99, "the mean: %.3f", mean);
  cr_assert(difference >= 0.92 && difference <= 0.995, "the difference: %.3f", difference);
}

/* --- intervals of responsiveness ----------------------------------------------------------- */

/* These have no formula here: the truth is the mean over many studies of the same world, each with
 * this one's number of raters and items, whose consensus is as noisy. Groups are of 10 and 30
 * raters: tables of unlike size are pulled up unlike. */
enum { TRUTH_STUDIES = 1200, RESPONSE_STUDIES = 300 };

static const place response_intervals[] = {
    {"gamma", "", "", ""},
    {"somers_d", "", "", ""},
    {"tau_b", "", "", ""},
    {"gamma", "planted", "yes", ""},
    {"somers_d", "planted", "yes", ""},
    {"tau_b", "planted", "yes", ""},
    {"gamma_difference", "planted", "no", "yes"},
    {"somers_d_difference", "planted", "no", "yes"},
    {"tau_b_difference", "planted", "no", "yes"},
    {"rising_difference", "planted", "no", "yes"},
};
static const place response_withheld[] = {
    {"information", "", "", ""},
    {"information_share", "", "", ""},
    {"rising", "", "", ""},
    {"information", "planted", "yes", ""},
    {"information_share", "planted", "yes", ""},
    {"rising", "planted", "yes", ""},
    {"information_difference", "planted", "no", "yes"},
    {"information_share_difference", "planted", "no", "yes"},
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct held {
  unsigned studies, held[COUNT(response_intervals)];
  double sum[COUNT(response_intervals)], truth[COUNT(response_intervals)];
} held;

static const dss_cell *find_place(const dss_evaluation *e, const place *p) {
  return find(e, p->statistic, p->axis, p->group, p->versus);
}

static void judge_response(const dss_evaluation *e, void *tally) {
  held *h = tally;
  for (size_t i = 0; i < COUNT(response_intervals); i++) {
    const dss_cell *cell = find_place(e, &response_intervals[i]);
    h->sum[i] += cell->estimate;
    h->held[i] += holds(cell, h->truth[i]);
  }
  for (size_t i = 0; i < COUNT(response_withheld) && h->truth[0] != 0; i++) {
    const dss_cell *cell = find_place(e, &response_withheld[i]);
    if (cell->ci_withheld != DSS_WITHHELD_BIASED || *cell->ci_method) abort();
  }
  h->studies++;
}

Test(response, intervals_hold_the_truth) {
  const world w = {.careless = 0.3, .every = 4};
  held many = {0}, h = {0};
  evaluate(&w, TRUTH_STUDIES, response, 0, 0, judge_response, &many);
  for (size_t i = 0; i < COUNT(response_intervals); i++)
    h.truth[i] = many.sum[i] / many.studies;
  evaluate(&w, RESPONSE_STUDIES, response, 0, COVERED_RESAMPLES, judge_response, &h);
  for (size_t i = 0; i < COUNT(response_intervals); i++) {
    const place *p = &response_intervals[i];
    double share = (double)h.held[i] / h.studies;
    cr_log_info("coverage: %s of %s %.3f, %.3f of the studies\n", p->statistic,
                *p->group ? p->group : "all", h.truth[i], share);
    cr_expect(share >= 0.91 && share <= 0.999, "%s of %s: %.3f", p->statistic, p->group, share);
  }
}

/* --- profiles ------------------------------------------------------------------------------ */

/* Vectors carry what the scalar code carries, for every scheme, where arrangements are drawn and
 * where all are visited. */
Test(profiles, vectors_carry_what_the_scalar_code_does) {
  dss_context *context = dss_context_new();
  dss_study *study = draw_study(context, &(world){0}, 3);
  for (int scheme = 0; scheme < 3; scheme++) {
    dss_plan_options options;
    dss_plan *plan;
    dss_plan_options_init(&options);
    options.scheme = (dss_scheme)scheme;
    options.scheme_attribute = scheme ? "site" : NULL;
    options.seed = UINT64_C(0x123456789abcdef) + (uint64_t)scheme;
    must(context, dss_plan_new(context, study, &options, &plan));
    const dss_exchange *e = &plan->kernel.exchange;
    dss_profiles *profiles = dss_profiles_open(e);
    cr_assert_not_null(profiles);
    uint32_t labels[RATERS], scalar[RATERS], carried[RATERS], slots[RATERS];
    uint32_t *scratch = calloc(dss_profiles_scratch(profiles), sizeof *scratch);
    for (uint32_t r = 0; r < RATERS; r++)
      labels[r] = 7 * r + 1;
    for (uint64_t b = 0; b <= 1000; b++) {
      uint64_t resample = b == 1000 ? DSS_RESAMPLE_NONE : b * UINT64_C(0x100000001);
      memset(carried, 0xa5, sizeof carried);
      dss_profiles_carry(profiles, resample, labels, scratch, carried);
      dss_exchange_profiles(e, resample, slots, scalar);
      for (uint32_t r = 0; r < e->n_raters; r++)
        cr_assert_eq(carried[r], labels[scalar[r]], "scheme %d, b %zu", scheme, (size_t)b);
    }
    free(scratch);
    dss_profiles_close(profiles);
    dss_plan_free(plan);
  }
  dss_study_free(study);
  dss_context_free(context);
}

/* A call that the caller stops ends with DSS_INTERRUPTED wherever it looks up, and leaves nothing.
 * Each task is run until it is through, a look later each time: every place has its turn. */
#include <criterion/criterion.h>

#include "dissensus/dissensus.h"
#include "tests/parity/designs.h"
#include "tests/unit/temporary.h"

static const design usual = {40, 60, 5, DSS_ORDINAL, 0.5, {2, 3}, 0.1, 1};
enum { MOST_LOOKS = 5000 };

static dss_context *context;
static temporary place;

static void set_up(void) {
  context = dss_context_new();
  temporary_begin(&place);
}

static void tear_down(void) {
  dss_context_free(context);
  temporary_end(&place);
}

TestSuite(stop, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

/* --- patience -------------------------------------------------------------------------------- */

typedef struct patience {
  unsigned looks, most;
} patience;

static bool is_over(void *user) {
  patience *p = user;
  return ++p->looks > p->most;
}

typedef dss_status (*task_fn)(void *user);

/* Runs the task with ever more patience until it ends well; how often it was stopped. leaves: files
 * in the folder while it was. */
static unsigned stop_everywhere(task_fn task, void *user, size_t leaves) {
  for (unsigned most = 0; most < MOST_LOOKS; most++) {
    patience p = {.most = most};
    dss_context_set_stop(context, is_over, &p);
    dss_status status = task(user);
    dss_context_set_stop(context, NULL, NULL);
    if (status == DSS_OK) return most;
    cr_assert_eq(status, DSS_INTERRUPTED, "look %u: %s", most, dss_context_error(context));
    cr_assert_eq(strncmp(dss_context_error(context), "interrupted", 11), 0);
    /* One more where the loop inside leaves it to the one outside to say so. */
    cr_assert_leq(p.looks, most + 2, "look %u: it went on for %u more", most, p.looks - most - 1);
    cr_assert_eq(temporary_count(&place), leaves, "look %u left a file", most);
  }
  cr_assert_fail("never ends");
  return 0;
}

/* --- studies --------------------------------------------------------------------------------- */

typedef struct job {
  const dss_study *study;
  char in[512], out[512];
  dss_plan_options plan;
  dss_run_options run;
  dss_results *results;
} job;

static void name_files(job *j, const char *in, const char *out) {
  snprintf(j->in, sizeof j->in, "%s", temporary_path(&place, in));
  snprintf(j->out, sizeof j->out, "%s", temporary_path(&place, out));
}

static dss_status save(void *user) {
  job *j = user;
  return dss_study_save(context, j->study, j->in, false);
}

static dss_status open_it(void *user) {
  job *j = user;
  dss_study *study = NULL;
  dss_status status = dss_study_open(context, j->in, &study);
  cr_assert_eq(status == DSS_OK, study != NULL);
  dss_study_free(study);
  return status;
}

static dss_status import(void *user) {
  static const char *const ratings[] = {"x:ordinal", "y:ordinal"};
  job *j = user;
  dss_import_options options;
  dss_study *study = NULL;
  dss_import_options_init(&options);
  options.input = j->in;
  options.rater = "rater";
  options.item = "item";
  options.ratings = ratings;
  options.n_ratings = 2;
  dss_status status = dss_import(context, &options, &study);
  cr_assert_eq(status == DSS_OK, study != NULL);
  dss_study_free(study);
  return status;
}

Test(stop, studies) {
  job j = {.study = design_study(context, &usual, NULL, NULL)};
  name_files(&j, "study.h5", "");
  cr_expect_geq(stop_everywhere(save, &j, 0), 3);
  cr_expect_geq(stop_everywhere(open_it, &j, 1), 5);
  dss_study_free((dss_study *)j.study);
}

Test(stop, import) {
  job j = {0};
  name_files(&j, "t.csv", "");
  FILE *file = fopen(j.in, "w");
  cr_assert(file);
  fputs("rater,item,x,y\n", file);
  for (int i = 0; i < 30000; i++)
    fprintf(file, "r%d,i%d,%d,%d\n", i % 300, i / 300, i % 5, i % 3);
  cr_assert_eq(fclose(file), 0);
  cr_expect_geq(stop_everywhere(import, &j, 1), 5);
}

/* --- runs ------------------------------------------------------------------------------------ */

static dss_status run(void *user) {
  job *j = user;
  dss_plan *plan = NULL;
  dss_results *results = NULL;
  dss_status status = dss_plan_new(context, j->study, &j->plan, &plan);
  if (status == DSS_OK) status = dss_run(context, plan, &j->run, &results);
  cr_assert_eq(status == DSS_OK, results != NULL);
  dss_plan_free(plan);
  dss_results_free(j->results);
  j->results = results;
  return status;
}

static job usual_job(void) {
  job j = {.study = design_study(context, &usual, NULL, NULL)};
  dss_plan_options_init(&j.plan);
  dss_run_options_init(&j.run);
  j.plan.permutations = 300;
  j.plan.bootstrap = 1500; /* more than a step's 1024 */
  j.run.threads = 2;
  j.run.backend = DSS_BACKEND_CPU;
  return j;
}

static void end_job(job *j) {
  dss_results_free(j->results);
  dss_study_free((dss_study *)j->study);
}

Test(stop, runs) {
  job j = usual_job();
  j.plan.metrics = DSS_METRICS_GAI | DSS_METRICS_PAIR_GAI;
  cr_expect_geq(stop_everywhere(run, &j, 0), 10);
  end_job(&j);
}

static dss_status calibrate(void *user) {
  job *j = user;
  dss_plan *plan;
  dss_calibration made;
  dss_status status = dss_plan_new(context, j->study, &j->plan, &plan);
  if (status != DSS_OK) return status;
  status = dss_calibrate(context, plan, &j->run, 0.01, &made);
  dss_plan_free(plan);
  return status;
}

Test(stop, calibration) {
  job j = usual_job();
  cr_expect_geq(stop_everywhere(calibrate, &j, 0), 3);
  end_job(&j);
}

/* --- checkpoints and parts ------------------------------------------------------------------- */

static void expect_same(const job *a, const job *b) {
  size_t groups = dss_results_n_groups(a->results);
  for (size_t g = 0; g < groups; g++)
    for (int s = 0; s < DSS_N_STATISTICS; s++) {
      const dss_cell *x = dss_results_cell(a->results, 0, g, (dss_statistic)s);
      const dss_cell *y = dss_results_cell(b->results, 0, g, (dss_statistic)s);
      cr_assert_eq(!x, !y);
      if (!x) continue;
      cr_assert_eq(x->ge, y->ge);
      cr_assert_eq(x->resamples, y->resamples);
      cr_assert_eq(memcmp(&x->null_mean, &y->null_mean, sizeof x->null_mean), 0);
      cr_assert_eq(memcmp(&x->ci_low, &y->ci_low, sizeof x->ci_low), 0);
    }
}

/* Stopped while it reads its checkpoint and later, until it is through: as if it had never been. */
Test(stop, a_checkpoint_is_kept) {
  job whole = usual_job(), j = usual_job();
  must(run(&whole));
  j.run.batch.checkpoint = place.folder;
  j.run.batch.resume = true;
  unsigned stops = 0, kept = 0;
  dss_status status = DSS_INTERRUPTED;
  for (; status == DSS_INTERRUPTED && stops < 1000; stops++) {
    patience p = {.most = 4 * stops};
    dss_context_set_stop(context, is_over, &p);
    status = run(&j);
    dss_context_set_stop(context, NULL, NULL);
    if (status != DSS_INTERRUPTED) break;
    kept += strstr(dss_context_error(context), "checkpoint is in") != NULL;
    cr_assert(kept == 0 || temporary_count(&place) > 0);
  }
  must(status);
  cr_expect_gt(stops, kept);
  cr_expect_geq(kept, 2);
  expect_same(&whole, &j);
  dss_checkpoint_remove(&j.run.batch);
  cr_expect_eq(temporary_count(&place), 0);
  end_job(&whole);
  end_job(&j);
}

/* The cpu backend looks up in the midst of a step, whichever kernel is at work: what it leaves off
 * counts for nothing. */
static void stop_in_the_midst(const design *d) {
  job whole = {.study = design_study(context, d, NULL, NULL)}, j;
  dss_plan_options_init(&whole.plan);
  dss_run_options_init(&whole.run);
  whole.plan.permutations = 20000;
  whole.run.threads = 2;
  whole.run.backend = DSS_BACKEND_CPU;
  j = whole;
  must(run(&whole));
  j.run.batch.checkpoint = place.folder;
  j.run.batch.resume = true;
  unsigned stops = 0;
  dss_status status = DSS_INTERRUPTED;
  for (; status == DSS_INTERRUPTED && stops < 1000; stops++) {
    patience p = {.most = 3 * stops};
    dss_context_set_stop(context, is_over, &p);
    status = run(&j);
    dss_context_set_stop(context, NULL, NULL);
    cr_assert_leq(p.looks, p.most + 4, "it went on for %u looks", p.looks - p.most);
  }
  must(status);
  cr_expect_geq(stops, 4);
  expect_same(&whole, &j);
  dss_checkpoint_remove(&j.run.batch);
  dss_results_free(j.results);
  end_job(&whole);
}

Test(stop, narrow_items_in_the_midst) {
  stop_in_the_midst(&(const design){512, 512, 5, DSS_NOMINAL, 0.1, {2, 3}, 0.1, 1});
}

Test(stop, wide_items_in_the_midst) {
  stop_in_the_midst(&(const design){300, 512, 5, DSS_ORDINAL, 0.3, {2, 3}, 0.1, 1});
}

Test(stop, dense_items_in_the_midst) {
  stop_in_the_midst(&(const design){100, 512, 5, DSS_NOMINAL, 1.0, {2, 3}, 0.0, 1});
}

static dss_status merge(void *user) {
  job *j = user;
  const char *const parts[] = {j->in, j->out};
  dss_results *results = NULL;
  dss_status status = dss_merge(context, parts, 2, 2, NULL, &results);
  cr_assert_eq(status == DSS_OK, results != NULL);
  dss_results_free(results);
  return status;
}

Test(stop, merging) {
  job j = usual_job();
  name_files(&j, "a.h5", "b.h5");
  j.run.batch.n_shards = 2;
  for (j.run.batch.shard = 0; j.run.batch.shard < 2; j.run.batch.shard++) {
    must(run(&j));
    must(dss_results_save(context, j.results, j.run.batch.shard == 0 ? j.in : j.out, false));
  }
  cr_expect_geq(stop_everywhere(merge, &j, 2), 10);
  end_job(&j);
}

/* --- pairs ----------------------------------------------------------------------------------- */

static dss_status make_pairs(void *user) {
  static const char *const axes[] = {"a"};
  job *j = user;
  dss_pairs_options options;
  dss_pairs_job *pairs = NULL;
  dss_pairs_options_init(&options);
  options.axes = axes;
  options.n_axes = 1;
  options.permutations = 500;
  options.backend = DSS_BACKEND_CPU;
  dss_status status = dss_pairs_begin(context, j->study, &options, j->out, false, &pairs);
  if (status == DSS_OK) status = dss_pairs_run(context, pairs);
  dss_pairs_job_free(pairs);
  return status;
}

Test(stop, pairs) {
  static const design many = {500, 40, 5, DSS_ORDINAL, 0.2, {2, 3}, 0.1, 1}; /* two tiles */
  job j = {.study = design_study(context, &many, NULL, NULL)};
  name_files(&j, "", "pairs.h5");
  cr_expect_geq(stop_everywhere(make_pairs, &j, 0), 5);
  cr_expect_eq(temporary_count(&place), 1);
  end_job(&j);
}

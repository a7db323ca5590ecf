/* What waits beside a run's checkpoints until its results are in place: nobody else touches it, and
 * what was damaged meanwhile is not written. */
#include <criterion/criterion.h>
#include <string.h>

#include "designs.h"
#include "dissensus/dissensus.h"
#include "tests/unit/temporary.h"

typedef struct fixture {
  dss_context *context;
  dss_study *study;
  dss_plan *plan;
  dss_run_options options;
  temporary t;
  char results[512];
} fixture;

static void begin(fixture *f) {
  static const design all = {30, 40, 5, DSS_NOMINAL, 0.4, {2, 3}, 0.1, 1};
  dss_plan_options options;
  f->context = dss_context_new();
  f->study = design_study(f->context, &all, NULL, NULL);
  dss_plan_options_init(&options);
  options.permutations = 5000;
  cr_assert_eq(dss_plan_new(f->context, f->study, &options, &f->plan), DSS_OK, "%s",
               dss_context_error(f->context));
  temporary_begin(&f->t);
  dss_run_options_init(&f->options);
  f->options.save_null = true;
  f->options.batch.checkpoint = f->t.folder;
  f->options.batch.resume = true;
}

static void end(fixture *f) {
  temporary_end(&f->t);
  dss_plan_free(f->plan);
  dss_study_free(f->study);
  dss_context_free(f->context);
}

static dss_results *run(fixture *f) {
  dss_results *results = NULL;
  cr_assert_eq(dss_run(f->context, f->plan, &f->options, &results), DSS_OK, "%s",
               dss_context_error(f->context));
  return results;
}

static dss_status write_values(fixture *f, const dss_results *results, const char *name) {
  dss_results_writer *writer = NULL;
  cr_assert_eq(dss_results_writer_create(f->context, temporary_path(&f->t, name), true, &writer),
               DSS_OK);
  dss_status status = dss_checkpoint_values(f->context, &f->options.batch, results, writer);
  if (status == DSS_OK) status = dss_results_writer_finish(f->context, writer, results);
  dss_results_writer_free(writer);
  return status;
}

Test(checkpoint, is_locked_until_the_results_are_freed) {
  fixture f;
  begin(&f);
  dss_results *results = run(&f), *other = NULL;
  for (int again = 0; again < 2; again++) {
    cr_assert_eq(dss_run(f.context, f.plan, &f.options, &other), DSS_ERR_FILE);
    cr_assert(strstr(dss_context_error(f.context), ": another run keeps its checkpoints here"),
              "%s", dss_context_error(f.context));
  }
  cr_assert_eq(write_values(&f, results, "first.h5"), DSS_OK, "%s", dss_context_error(f.context));
  dss_results_free(results);
  results = run(&f);
  dss_checkpoint_remove(&f.options.batch);
  /* Its lock went with the checkpoints: whoever comes now makes another. */
  other = run(&f);
  dss_results_free(results);
  dss_results_free(other);
  end(&f);
}

Test(checkpoint, values_damaged_at_the_very_end_are_not_written) {
  fixture f;
  begin(&f);
  dss_results *results = run(&f);
  FILE *rows = fopen(temporary_path(&f.t, "run.rows"), "r+b");
  cr_assert(rows);
  cr_assert(fseek(rows, 1000, SEEK_SET) == 0 && fputc('x', rows) == 'x');
  fclose(rows);
  cr_assert_eq(write_values(&f, results, "out.h5"), DSS_ERR_DATA);
  cr_assert(
      strstr(dss_context_error(f.context), "run.rows: is damaged: not what the checkpoint counted"),
      "%s", dss_context_error(f.context));
  cr_assert_neq(access(temporary_path(&f.t, "out.h5"), F_OK), 0);
  dss_results_free(results);
  end(&f);
}

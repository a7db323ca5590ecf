/* toy_evaluation STUDY EVALUATION PERMUTATIONS BOOTSTRAP OVER SEED THREADS AXIS...: the evaluation
 * of tests/evaluation_toy.h, for test_evaluation.py to redo. */
#include <stdio.h>

#include "tests/evaluation_toy.h"

static dss_status write_toy(dss_context *context, int argc, char **argv) {
  dss_study *study = NULL;
  dss_evaluation *evaluation = NULL;
  dss_evaluation_run run;
  dss_evaluation_run_init(&run);
  run.plan.permutations = strtoull(argv[3], NULL, 10);
  run.plan.bootstrap = strtoull(argv[4], NULL, 10);
  if (!dss_over_parse(argv[5], &run.plan.over)) return DSS_ERR_USAGE;
  run.plan.seed = strtoull(argv[6], NULL, 10);
  run.threads = (unsigned)strtoul(argv[7], NULL, 10);
  run.plan.axes = (const char *const *)(argv + 8);
  run.plan.n_axes = (size_t)argc - 8;
  run.command = "toy";
  dss_status status = dss_study_open(context, argv[1], &study);
  if (status == DSS_OK) status = toy_evaluate(context, study, &run, &evaluation);
  if (status == DSS_OK) status = dss_evaluation_save(context, evaluation, argv[2], true);
  dss_evaluation_free(evaluation);
  dss_study_free(study);
  return status;
}

int main(int argc, char **argv) {
  if (argc < 9) {
    fputs("toy_evaluation: too few arguments\n", stderr);
    return DSS_ERR_USAGE;
  }
  dss_context *context = dss_context_new();
  dss_status status = write_toy(context, argc, argv);
  if (status != DSS_OK) fprintf(stderr, "toy_evaluation: %s\n", dss_context_error(context));
  dss_context_free(context);
  return status;
}

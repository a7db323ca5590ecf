/* Pairs with the backend AUTO, whose GPU fails: whenever that is, the cpu goes on, the log says so,
 * and the file holds the numbers of a run by the cpu alone. And what is asked of GPUs: which ones,
 * and how much of their memory. */
#include <cuda_runtime_api.h>

#include "dissensus/dissensus.h"
#include "simt.h"
#include "tests/parity/designs.h"
#include "unit/temporary.h"

/* Two tiles of raters, and items enough for AUTO to take a GPU, few of which anyone rated. */
enum { RATERS = 300, ITEMS = 230000, RATED = 60, RESAMPLES = 260 };

static dss_context *context;
static temporary folder;
static dss_study *study;
static char said[2048]; /* what the log has of backends */
static size_t lines;

static void note(dss_log_level level, const char *line, void *user) {
  if (!strstr(line, "backend")) return;
  snprintf(said, sizeof said, "%s", line);
  lines++;
}

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static void make_study(void) {
  static char text[ITEMS][8];
  static const char *names[ITEMS];
  static uint32_t rater[RATERS * RATED], item[RATERS * RATED];
  static uint8_t code[RATERS * RATED];
  static const double values[] = {1, 2};
  static int32_t groups[RATERS];
  independent_random random = {7};
  uint64_t n = 0;
  for (int i = 0; i < ITEMS; i++) {
    snprintf(text[i], sizeof text[i], "%d", i);
    names[i] = text[i];
  }
  for (uint32_t r = 0; r < RATERS; r++) {
    groups[r] = (int32_t)(r % 7) - 1;
    for (uint32_t u = 0; u < RATED; u++) {
      if (random_unit(&random) < 0.7) continue;
      rater[n] = r;
      item[n] = u;
      code[n++] = (uint8_t)random_under(&random, 2);
    }
  }
  must(dss_study_new(context, RATERS, names, ITEMS, names, &study));
  must(dss_study_add_rater_attribute(context, study,
                                     &(dss_attribute){"group", 6, names, groups, false}));
  must(dss_study_add_question(context, study, "q", DSS_NOMINAL, 2, names, values, n, rater, item,
                              code));
}

static void set_up(void) {
  context = dss_context_new();
  dss_context_set_log(context, note, NULL);
  temporary_begin(&folder);
  make_study();
}

static void tear_down(void) {
  dss_study_free(study);
  dss_context_free(context);
  temporary_end(&folder);
}

TestSuite(pairs_change, .init = set_up, .fini = tear_down);

static dss_pairs_options options_of(dss_backend_choice backend) {
  static const char *const axis = "group";
  dss_pairs_options options;
  dss_pairs_options_init(&options);
  options.axes = &axis;
  options.n_axes = 1;
  options.permutations = RESAMPLES;
  options.backend = backend;
  options.threads = 2;
  return options;
}

static simt_settings usual(void) {
  simt_settings settings;
  simt_environment(&settings);
  return settings;
}

static dss_status run(const dss_pairs_options *options, const simt_settings *settings,
                      const char *path) {
  dss_pairs_job *job = NULL;
  simt_set(settings);
  *said = '\0';
  lines = 0;
  dss_status status = dss_pairs_begin(context, study, options, path, true, &job);
  if (status == DSS_OK) status = dss_pairs_run(context, job);
  dss_pairs_job_free(job);
  cr_assert(simt_nothing_left());
  return status;
}

static dss_pairs *made(const dss_pairs_options *options, const simt_settings *settings,
                       const char *name) {
  dss_pairs *pairs = NULL;
  const char *path = temporary_path(&folder, name);
  must(run(options, settings, path));
  must(dss_pairs_open(context, path, &pairs));
  return pairs;
}

static void assert_same_test(const dss_pair_test *a, const dss_pair_test *b) {
  cr_assert(same_number(a->value, b->value) && same_number(a->p, b->p));
  cr_assert(same_number(a->null_mean, b->null_mean));
  cr_assert_eq(a->ge, b->ge);
  cr_assert_eq(a->undefined, b->undefined);
}

static void assert_same(dss_pairs *a, dss_pairs *b) {
  enum { CELLS = RATERS * RATERS };
  static double x[CELLS], y[CELLS];
  for (int s = 0; s < DSS_N_PAIR_STATISTICS; s++) {
    dss_pair_statistic statistic = (dss_pair_statistic)s;
    cr_assert_eq(dss_pairs_has(a, statistic), dss_pairs_has(b, statistic));
    if (!dss_pairs_has(a, statistic)) continue;
    must(dss_pairs_read(context, a, statistic, 0, RATERS, 0, RATERS, x));
    must(dss_pairs_read(context, b, statistic, 0, RATERS, 0, RATERS, y));
    for (size_t i = 0; i < CELLS; i++)
      cr_assert(same_number(x[i], y[i]), "%s %zu", dss_pair_statistic_name(statistic), i);
  }
  for (size_t i = 0; i < dss_pairs_n_blocks(b); i++) {
    const dss_pair_block *of = dss_pairs_block(a, i), *to = dss_pairs_block(b, i);
    cr_assert_eq(of->pairs, to->pairs);
    cr_assert(same_number(of->distance, to->distance) && same_number(of->kappa, to->kappa));
  }
  if (dss_pairs_n_axes(b) == 0) return;
  const dss_pair_axis *of = dss_pairs_axis(a, 0), *to = dss_pairs_axis(b, 0);
  cr_assert_eq(of->resamples, RESAMPLES);
  assert_same_test(&of->anosim, &to->anosim);
  assert_same_test(&of->permanova, &to->permanova);
}

static void assert_backend(const dss_pairs *pairs, const char *wanted) {
  const char *found = dss_pairs_provenance(pairs, "backend");
  cr_assert_str_eq(found, wanted, "'%s', not '%s'", found, wanted);
}

/* What the whole run launches, so that a device can be lost anywhere in it. */
static uint64_t launches(const dss_pairs_options *options, dss_pairs *by_cpu) {
  const simt_settings settings = usual();
  simt_counts counts;
  dss_pairs *pairs = made(options, &settings, "whole.h5");
  simt_count(&counts);
  assert_backend(pairs, "cuda");
  cr_assert_eq(lines, 0, "%s", said);
  assert_same(by_cpu, pairs);
  dss_pairs_free(pairs);
  return counts.launches; /* products, too */
}

static void lose_everywhere(const dss_pairs_options *options, dss_pairs *by_cpu, uint64_t least) {
  uint64_t all = launches(options, by_cpu), step = all / 4 + 1;
  cr_assert_geq(all, least, "%zu", (size_t)all);
  for (uint64_t at = 1; at <= all; at = at == all || at + step < all ? at + step : all) {
    simt_settings settings = usual();
    settings.lost_at = at;
    dss_pairs *pairs = made(options, &settings, "lost.h5");
    cr_assert_eq(lines, 1, "%zu lines, lost at %zu of %zu: %s", lines, (size_t)at, (size_t)all,
                 said);
    cr_assert(strstr(said, "backend cpu goes on, because backend cuda failed: "), "%s", said);
    assert_backend(pairs, "cuda, then cpu");
    assert_same(by_cpu, pairs);
    dss_pairs_free(pairs);
  }
}

Test(pairs_change, a_gpu_that_is_lost) {
  const simt_settings settings = usual();
  dss_pairs_options options = options_of(DSS_BACKEND_CPU);
  dss_pairs *by_cpu = made(&options, &settings, "cpu.h5");
  assert_backend(by_cpu, "cpu");
  cr_assert_gt(dss_pairs_totals(by_cpu).counted, 1000);
  options.backend = DSS_BACKEND_AUTO;
  lose_everywhere(&options, by_cpu, 9);
  options.memory =
      (uint64_t)46 << 20; /* batches of fewer arrangements, another number on the cpu */
  lose_everywhere(&options, by_cpu, 9);
  options.n_axes = 0; /* matrices only, in small products */
  options.memory = (uint64_t)8800 << 10;
  lose_everywhere(&options, by_cpu, 100);
  dss_pairs_free(by_cpu);
}

/* Whichever of several it is, with parts on their way on all of them. */
Test(pairs_change, one_of_several_gpus_that_is_lost) {
  simt_settings settings = usual();
  dss_pairs_options options = options_of(DSS_BACKEND_CPU);
  dss_pairs *by_cpu = made(&options, &settings, "cpu.h5");
  options.device_bytes = 700 << 10; /* many parts */
  settings.devices = 3;
  for (uint64_t at = 4; at <= 100; at += 24) {
    settings.lost_at = at;
    options.backend = DSS_BACKEND_AUTO;
    dss_pairs *pairs = made(&options, &settings, "lost.h5");
    assert_backend(pairs, "cuda, then cpu");
    assert_same(by_cpu, pairs);
    dss_pairs_free(pairs);
    options.backend = DSS_BACKEND_CUDA;
    cr_assert_eq(run(&options, &settings, temporary_path(&folder, "no.h5")), DSS_ERR_DEVICE);
    const char *error = dss_context_error(context);
    cr_assert(strncmp(error, "backend cuda: ", 14) == 0 && /* the runtime's word, or cuBLAS's */
                  (strstr(error, "LaunchFailure") || strstr(error, "failed to execute")),
              "%s", error);
  }
  dss_pairs_free(by_cpu);
}

static dss_status run_beside(const dss_pairs_options *options, const char *path) {
  dss_pairs_job *job = NULL;
  dss_status status = dss_pairs_begin(context, study, options, path, true, &job);
  if (status == DSS_OK) status = dss_pairs_run(context, job);
  dss_pairs_job_free(job);
  return status;
}

/* One that others have filled takes no part; where all are, it is said. */
Test(pairs_change, a_gpu_without_room) {
  enum { ROOM = 1 << 22 };
  simt_settings settings = usual();
  dss_pairs_options options = options_of(DSS_BACKEND_CPU);
  dss_pairs *by_cpu = made(&options, &settings, "cpu.h5"), *pairs = NULL;
  options.backend = DSS_BACKEND_CUDA;
  settings.devices = 2;
  settings.device_bytes = ROOM;
  simt_set(&settings);
  const char *path = temporary_path(&folder, "cuda.h5");
  void *filled[2];
  for (int i = 0; i < 2; i++) {
    cr_assert_eq(cudaSetDevice(i), cudaSuccess);
    cr_assert_eq(cudaMalloc(&filled[i], ROOM - 20000), cudaSuccess);
    dss_status status = run_beside(&options, path);
    cr_assert_eq(status, i == 0 ? DSS_OK : DSS_ERR_MEMORY, "%d: %s", i, dss_context_error(context));
  }
  cr_assert(strstr(dss_context_error(context), "the pairs' tests need 1 MiB of GPU memory"), "%s",
            dss_context_error(context));
  for (int i = 0; i < 2; i++)
    cudaFree(filled[i]);
  cr_assert(simt_nothing_left());
  must(dss_pairs_open(context, path, &pairs));
  assert_same(by_cpu, pairs);
  dss_pairs_free(pairs);
  dss_pairs_free(by_cpu);
}

/* Of one that does not begin, nothing is said but that. */
Test(pairs_change, a_gpu_that_does_not_begin) {
  simt_settings settings = usual();
  dss_pairs_options options = options_of(DSS_BACKEND_AUTO);
  static const struct {
    uint64_t bytes;
    int devices, driver, major;
    const char *line;
  } cases[] = {
      {40000, 1, 0, 9, "because backend cuda failed: the pairs' tests need 1 MiB of GPU memory"},
      {1 << 26, 1, 0, 7, "backend cpu, because backend cuda cannot run this: SIMT"},
      {1 << 26, 1, 11000, 9, "cannot run this: the GPU driver is too old"},
      {1 << 26, 0, 0, 9, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    settings.device_bytes = cases[i].bytes;
    settings.devices = cases[i].devices;
    settings.driver = cases[i].driver ? cases[i].driver : usual().driver;
    settings.major = cases[i].major;
    dss_pairs *pairs = made(&options, &settings, "not-begun.h5");
    cr_assert_eq(lines, *cases[i].line != '\0', "%s", said);
    cr_assert(strstr(said, cases[i].line), "'%s', not '%s'", said, cases[i].line);
    assert_backend(pairs, "cpu");
    dss_pairs_free(pairs);
  }
}

/* What the tests will need is asked for before matrices are made, and of two needs the larger. */
Test(pairs_change, a_gpu_without_room_for_tests) {
  enum { TILE = 256 * 256 * sizeof(double) };
  simt_settings settings = usual();
  dss_pairs_options options = options_of(DSS_BACKEND_CUDA);
  const char *path = temporary_path(&folder, "no.h5");
  simt_counts counts;
  for (uint64_t bytes = TILE / 64; bytes <= TILE; bytes *= 4) {
    options.device_bytes = bytes;
    cr_assert_eq(run(&options, &settings, path), DSS_ERR_MEMORY, "%zu", (size_t)bytes);
    simt_count(&counts);
    cr_assert(strstr(dss_context_error(context), "the pairs' tests need 1 MiB of GPU memory"), "%s",
              dss_context_error(context));
    cr_assert_eq(counts.launches, 0); /* products, too */
  }
  options.device_bytes = 1 << 20;
  dss_pairs *pairs = made(&options, &settings, "cuda.h5");
  assert_backend(pairs, "cuda");
  dss_pairs_free(pairs);
}

/* CUDA is no AUTO: nothing is left of a run whose device is lost. And a run for which the cpu would
 * have no memory does not begin. */
Test(pairs_change, what_ends_a_run) {
  simt_settings settings = usual();
  dss_pairs_options options = options_of(DSS_BACKEND_CUDA);
  const char *path = temporary_path(&folder, "no.h5");
  settings.lost_at = 3;
  cr_assert_eq(run(&options, &settings, path), DSS_ERR_DEVICE);
  cr_assert(strstr(dss_context_error(context), "backend cuda: "));
  settings.lost_at = 9;
  cr_assert_eq(run(&options, &settings, path), DSS_ERR_DEVICE);
  options.backend = DSS_BACKEND_AUTO;
  options.memory = (uint64_t)40 << 20;
  cr_assert_eq(run(&options, &settings, path), DSS_ERR_MEMORY);
  cr_assert(strstr(dss_context_error(context), "the smallest memory that would do is"));
  cr_assert_eq(lines, 0);
  options = options_of(DSS_BACKEND_CUDA);
  settings.lost_at = 0;
  options.device = 3;
  cr_assert_eq(run(&options, &settings, path), DSS_ERR_DEVICE);
  cr_assert(strstr(dss_context_error(context), "there is no GPU 2: 1 is visible"));
  cr_assert_eq(temporary_count(&folder), 0);
}

/* No more of the memory than was allowed, whichever the device. */
Test(pairs_change, the_gpu_that_was_asked_for) {
  simt_settings settings = usual();
  dss_pairs_options options = options_of(DSS_BACKEND_CPU);
  dss_pairs *by_cpu = made(&options, &settings, "cpu.h5");
  options.backend = DSS_BACKEND_CUDA;
  settings.devices = 2;
  options.device = 2;
  for (uint64_t kib = 2048; kib >= 1024; kib /= 2) {
    simt_counts counts;
    options.device_bytes = kib << 10;
    dss_pairs *pairs = made(&options, &settings, "cuda.h5");
    simt_count(&counts);
    cr_assert_leq(counts.most_bytes, options.device_bytes);
    cr_assert_gt(counts.most_bytes, options.device_bytes / 8);
    assert_same(by_cpu, pairs);
    dss_pairs_free(pairs);
  }
  options.device_bytes = 100000;
  cr_assert_eq(run(&options, &settings, temporary_path(&folder, "no.h5")), DSS_ERR_MEMORY);
  dss_pairs_free(by_cpu);
}

/* Pairs of raters: products by BLAS against a scalar loop, one way to count against the other, and
 * what the public functions promise. */
#include <criterion/criterion.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>

#include "dissensus/devices.h"
#include "host/engine/pairs.h"
#include "kernels/cpu/pairs_walk.h"
#include "tests/parity/designs.h"
#include "unit/temporary.h"

static dss_context *context;
static temporary folder;

static void set_up(void) {
  context = dss_context_new();
  temporary_begin(&folder);
  signal(SIGXFSZ, SIG_IGN);
}

static void tear_down(void) {
  dss_context_free(context);
  temporary_end(&folder);
}

TestSuite(pairs, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

/* The backend that is held against the reference. */
#ifdef DSS_TEST_CUDA
#define FAST dss_pair_cuda
#else
#define FAST (&dss_pair_backend_cpu)
#endif

/* --- products ------------------------------------------------------------------------------ */

enum { MOST_LAYERS = 6, MOST_TERMS = 12 };

typedef struct random_problem {
  dss_pair_problem problem;
  uint64_t *ptr;
  uint32_t *item;
  uint8_t *code;
  int8_t layers[MOST_LAYERS * DSS_MAX_LEVELS];
  dss_pair_term terms[MOST_TERMS];
} random_problem;

static void make_ratings(random_problem *p, independent_random *random, uint32_t n_raters,
                         uint32_t n_items, uint32_t n_levels, double density) {
  size_t room = (size_t)n_raters * n_items;
  p->ptr = calloc(n_raters + 1, sizeof *p->ptr);
  p->item = calloc(room, sizeof *p->item);
  p->code = calloc(room, sizeof *p->code);
  uint64_t n = 0;
  for (uint32_t r = 0; r < n_raters; r++) {
    for (uint32_t u = 0; u < n_items; u++) {
      if (random_unit(random) >= density) continue;
      p->item[n] = u;
      p->code[n++] = (uint8_t)random_under(random, n_levels);
    }
    p->ptr[r + 1] = n;
  }
  p->problem = (dss_pair_problem){.n_raters = n_raters,
                                  .n_items = n_items,
                                  .rater_ptr = p->ptr,
                                  .item = p->item,
                                  .code = p->code,
                                  .n_levels = n_levels,
                                  .layers = p->layers,
                                  .terms = p->terms};
}

/* Targets of one to three terms. */
static void make_terms(random_problem *p, independent_random *random) {
  p->problem.n_layers = 1 + random_under(random, MOST_LAYERS);
  for (size_t i = 0; i < (size_t)p->problem.n_layers * p->problem.n_levels; i++)
    p->layers[i] = (int8_t)((int)random_under(random, 256) - 128);
  while (p->problem.n_terms + 3 <= MOST_TERMS) {
    for (uint32_t more = 1 + random_under(random, 3); more > 0; more--)
      p->terms[p->problem.n_terms++] =
          (dss_pair_term){random_under(random, p->problem.n_layers),
                          random_under(random, p->problem.n_layers), p->problem.n_targets};
    p->problem.n_targets++;
  }
}

static void free_problem(random_problem *p) {
  free(p->ptr);
  free(p->item);
  free(p->code);
}

/* Counts of a part, by either kind of backend. */
static dss_status make_counts(const dss_pair_backend *backend, void *state, uint32_t n_targets,
                              const dss_pair_part *part, int32_t *out) {
  dss_pair_made made = {0};
  if (backend->product) return backend->product(state, part, out);
  dss_status status = backend->start(state, part);
  if (status == DSS_OK) status = backend->take(state, &made);
  if (status != DSS_OK) return status;
  for (size_t i = 0; i < (size_t)n_targets * part->rows; i++)
    memcpy(out + i * part->columns, made.counts + i * made.stride, part->columns * sizeof *out);
  return DSS_OK;
}

static int32_t *product(const dss_pair_backend *backend, const dss_pair_problem *p,
                        dss_pair_shape shape, unsigned threads, dss_pair_part part) {
  size_t count = (size_t)p->n_targets * part.rows * part.columns;
  int32_t *out = malloc(count * sizeof *out);
  void *state = NULL;
  for (size_t i = 0; i < count; i++)
    out[i] = INT32_MIN; /* poison */
  cr_assert_eq(backend->open(p, NULL, &shape, &(dss_resources){.threads = threads}, &state),
               DSS_OK);
  /* Twice: a state is used for many parts. */
  for (int i = 0; i < 2; i++)
    cr_assert_eq(make_counts(backend, state, p->n_targets, &part, out), DSS_OK);
  backend->close(state);
  return out;
}

Test(pairs, products_are_those_of_a_scalar_loop) {
  static const uint32_t items_at_once[] = {1, 7, 64, 1000};
  size_t compared = 0, not_zero = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    independent_random random = {seed};
    random_problem p = {0};
    make_ratings(&p, &random, 2 + random_under(&random, 60), 1 + random_under(&random, 300),
                 1 + random_under(&random, 9), seed % 3 ? 0.7 : 0.05);
    make_terms(&p, &random);
    uint32_t n = p.problem.n_raters, row = random_under(&random, n),
             column = random_under(&random, n);
    dss_pair_part part = {row, 1 + random_under(&random, n - row), column,
                          1 + random_under(&random, n - column)};
    if (seed % 5 == 0) { /* on the diagonal */
      part.first_column = part.first_row;
      part.columns = part.rows;
    }
    dss_pair_shape shape = {part.rows, part.columns, items_at_once[seed % 4], 0};
    int32_t *wanted = product(&dss_pair_backend_reference, &p.problem, shape, 1, part);
    int32_t *found = product(FAST, &p.problem, shape, 1 + seed % 3, part);
    size_t count = (size_t)p.problem.n_targets * part.rows * part.columns;
    int32_t *walked = calloc(count, sizeof *walked);
    dss_pair_walk *walk = dss_pair_walk_new(&p.problem);
    dss_pair_walk_product(walk, 1 + seed % 3, part.first_row, part.rows, part.first_column,
                          part.columns, walked);
    for (size_t i = 0; i < count; i++) {
      cr_assert_eq(found[i], wanted[i], "seed %d, entry %zu", (int)seed, i);
      cr_assert_eq(walked[i], wanted[i], "seed %d, entry %zu, walked", (int)seed, i);
      not_zero += wanted[i] != 0;
      compared++;
    }
    dss_pair_walk_free(walk);
    free(walked);
    free(wanted);
    free(found);
    free_problem(&p);
  }
  cr_assert_gt(not_zero, 10000);
  cr_assert_gt(compared, not_zero);
}

/* Sums that a float holds just so, and the next ones, which it does not. */
Test(pairs, products_are_exact_at_the_bound_of_floats) {
  static const struct {
    int8_t value;
    uint32_t items;
  } cases[] = {{64, 4095},  {64, 4096},   {64, 4097},   {127, 1040},
               {127, 1041}, {127, 60001}, {-128, 1024}, {-128, 50000}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    independent_random random = {1};
    random_problem p = {0};
    make_ratings(&p, &random, 3, cases[c].items, 1, 1.5);
    p.problem.n_layers = p.problem.n_targets = 1;
    p.problem.n_terms = 2; /* the second adds as much again to the same target */
    p.layers[0] = cases[c].value;
    int32_t *found = product(FAST, &p.problem, (dss_pair_shape){3, 3, 1 << 17, 0}, 1,
                             (dss_pair_part){0, 3, 0, 3});
    int32_t wanted = 2 * (int32_t)cases[c].items * cases[c].value * cases[c].value;
    for (int i = 0; i < 9; i++)
      cr_assert_eq(found[i], wanted, "%d items of %d", (int)cases[c].items, cases[c].value);
    free(found);
    free_problem(&p);
  }
  volatile float plain = 0; /* what would come of it without tiles */
  for (int i = 0; i < 60001; i++)
    plain += 127.0f * 127.0f;
  cr_assert_neq((int32_t)plain, 60001 * 127 * 127);
}

/* --- forms --------------------------------------------------------------------------------- */

static int32_t *random_labels(independent_random *random, size_t n, uint32_t groups, bool unknown) {
  int32_t *labels = malloc(n * sizeof *labels);
  for (size_t i = 0; i < n; i++)
    labels[i] = unknown && random_unit(random) < 0.2 ? -1 : (int32_t)random_under(random, groups);
  return labels;
}

/* Batches of one state, the largest first; then fewer arrangements of the same. */
static uint64_t *all_forms(const dss_pair_backend *backend, const dss_pair_forms *f,
                           const uint32_t *sources, unsigned threads) {
  size_t count = (size_t)f->n_matrices * f->batch * dss_pair_forms_width(f);
  uint64_t *sums = malloc(2 * count * sizeof *sums);
  const dss_resources resources = {.threads = threads};
  dss_pair_forms fewer = *f;
  void *state = NULL;
  memset(sums, 0x5a, 2 * count * sizeof *sums); /* poison */
  fewer.batch = f->batch / 2;
  fewer.n_matrices = 1;
  cr_assert_eq(backend->forms_open(f, &resources, &state), DSS_OK);
  cr_assert_eq(backend->forms_deal(state, sources, f->batch), DSS_OK);
  cr_assert_eq(backend->forms(state, f, sums), DSS_OK);
  if (fewer.batch > 0) {
    cr_assert_eq(backend->forms_deal(state, sources + f->n_raters, fewer.batch), DSS_OK);
    cr_assert_eq(backend->forms(state, &fewer, sums + count), DSS_OK);
  }
  backend->forms_close(state);
  return sums;
}

Test(pairs, forms_are_those_of_a_scalar_loop) {
  for (uint64_t seed = 1; seed <= 30; seed++) {
    independent_random random = {seed};
    dss_pair_forms f = {.rows = 1 + random_under(&random, 40),
                        .columns = 1 + random_under(&random, 40),
                        .first_row = random_under(&random, 30),
                        .first_column = random_under(&random, 30),
                        .n_raters = 70,
                        .n_matrices = 1 + seed % DSS_PAIR_MOST_MATRICES,
                        .n_groups = seed % 7 == 0 ? 700 : 1 + random_under(&random, 7),
                        .with_known = seed % 2,
                        .batch = seed == 29 ? 2500 : 1 + random_under(&random, 200)};
    double *matrices[DSS_PAIR_MOST_MATRICES];
    for (uint32_t m = 0; m < f.n_matrices; m++) {
      matrices[m] = malloc((size_t)f.rows * f.columns * sizeof **matrices);
      for (size_t i = 0; i < (size_t)f.rows * f.columns; i++)
        matrices[m][i] = m ? (double)random_under(&random, 1u << 22)
                           : floor(random_unit(&random) * 17179869184.0); /* 2^34 */
    }
    int32_t *group = random_labels(&random, f.n_raters, f.n_groups, seed % 2);
    uint32_t *sources = malloc((size_t)f.batch * f.n_raters * sizeof *sources);
    for (size_t i = 0; i < (size_t)f.batch * f.n_raters; i++)
      sources[i] = random_under(&random, f.n_raters);
    f.matrices = (const double *const *)matrices;
    f.group = group;
    size_t count = (size_t)f.n_matrices * f.batch * dss_pair_forms_width(&f);
    uint64_t *wanted = all_forms(&dss_pair_backend_reference, &f, sources, 1), total = 0;
    uint64_t *found = all_forms(FAST, &f, sources, 1 + seed % 3);
    for (size_t i = 0; i < 2 * count; i++)
      cr_assert_eq(found[i], wanted[i], "seed %d, sum %zu", (int)seed, i);
    for (size_t i = 0; i < count; i++)
      total += wanted[i] != 0;
    cr_assert_gt(total, 0);
    for (uint32_t m = 0; m < f.n_matrices; m++)
      free(matrices[m]);
    free(wanted);
    free(found);
    free(group);
    free(sources);
  }
}

/* --- two ways to count --------------------------------------------------------------------- */

static const design designs[] = {
    {90, 70, 2, DSS_NOMINAL, 0.5, {2, 3}, 0.1, 1},
    {300, 90, 6, DSS_NOMINAL, 0.3, {2, 3}, 0.0, 2},
    {300, 200, 5, DSS_ORDINAL, 0.9, {2, 2}, 0.2, 4},
    {80, 60, 9, DSS_ORDINAL, 0.2, {3, 1}, 0.0, 5},
    {70, 80, 7, DSS_INTERVAL, 0.6, {2, 2}, 0.1, 7},
    {40, 300, 200, DSS_INTERVAL, 0.9, {2, 2}, 0, 9},
    {60, 90, 5, DSS_RATIO, 0.7, {2, 2}, 0, 3},
    {60, 90, 12, DSS_RATIO, 0.7, {2, 2}, 0, 6},
    {60, 90, 6, DSS_INTERVAL, 0.5, {2, 2}, 0, 8},
};
enum { N_DESIGNS = sizeof designs / sizeof *designs };

static void compare_strips(const dss_pair_strip *a, const dss_pair_strip *b) {
  cr_assert(a->first_row == b->first_row && a->rows == b->rows);
  cr_assert(a->first_column == b->first_column && a->columns == b->columns);
  for (size_t i = 0; i < (size_t)a->rows * a->columns; i++) {
    cr_assert_eq(a->shared[i], b->shared[i]);
    cr_assert_eq(a->agreements[i], b->agreements[i]);
    cr_assert(same_number(a->distance[i], b->distance[i]));
    cr_assert(same_number(a->kappa[i], b->kappa[i]));
    cr_assert(same_number(a->correlation[i], b->correlation[i]));
  }
}

static void make_plan(const dss_study *study, dss_pair_way way, dss_pair_plan *plan,
                      dss_pair_runner *runner, dss_pair_maker **maker) {
  dss_pairs_options options;
  dss_pairs_options_init(&options);
  must(dss_pair_plan_make(context, study, &options, plan));
  must(dss_pair_plan_products(context, plan, way));
  options.backend = DSS_BACKEND_CPU;
  must(dss_pair_runner_choose(context, study, plan, &options, runner));
  must(dss_pair_maker_open(context, runner, 0, 0, maker));
}

enum { N_WAYS = 3 };

Test(pairs, all_ways_to_count_give_the_same_bits) {
  static const dss_pair_way ways[N_WAYS] = {DSS_PAIR_BY_TABLE, DSS_PAIR_BY_LISTS,
                                            DSS_PAIR_BY_MARGINS};
  for (size_t d = 0; d < N_DESIGNS; d++) {
    dss_study *study = design_study(context, &designs[d], NULL, NULL);
    dss_pair_plan plans[N_WAYS];
    dss_pair_runner runners[N_WAYS];
    dss_pair_maker *makers[N_WAYS] = {NULL};
    for (int i = 0; i < N_WAYS; i++)
      make_plan(study, ways[i], &plans[i], &runners[i], &makers[i]);
    cr_assert(plans[0].products.by_table && plans[1].products.by_lists);
    cr_assert_eq(plans[2].products.by_table, plans[2].scale.kind == DSS_PAIR_REAL, "design %zu", d);
    for (bool more = true; more;) {
      dss_pair_strip strips[N_WAYS];
      for (int i = 0; i < N_WAYS; i++)
        must(dss_pair_maker_next(context, makers[i], &strips[i], &more));
      for (int i = 1; more && i < N_WAYS; i++)
        compare_strips(&strips[0], &strips[i]);
    }
    for (int i = 0; i < N_WAYS; i++) {
      dss_pair_maker_free(makers[i]);
      dss_pair_plan_free(&plans[i]);
    }
    dss_study_free(study);
  }
}

Test(pairs, the_cheaper_way_is_taken) {
  enum { T, M, L }; /* table, margins, lists */
  static const int way[N_DESIGNS] = {T, M, T, M, M, M, T, L, T};
  for (size_t d = 0; d < N_DESIGNS; d++) {
    dss_study *study = design_study(context, &designs[d], NULL, NULL);
    dss_pairs_options options;
    dss_pair_plan plan;
    dss_pairs_options_init(&options);
    must(dss_pair_plan_make(context, study, &options, &plan));
    cr_assert_eq(plan.products.by_table, way[d] == T, "design %zu", d);
    cr_assert_eq(plan.products.by_lists, way[d] == L, "design %zu", d);
    dss_pair_plan_free(&plan);
    dss_study_free(study);
  }
}

/* --- the public functions -------------------------------------------------------------------- */

static dss_status run(const dss_study *study, const dss_pairs_options *options, const char *path) {
  dss_pairs_job *job = NULL;
  dss_status status = dss_pairs_begin(context, study, options, path, false, &job);
  if (status == DSS_OK) status = dss_pairs_run(context, job);
  dss_pairs_job_free(job);
  return status;
}

static void check_blocks(dss_pairs *whole, dss_pairs *half, dss_pair_statistic statistic) {
  static const uint32_t blocks[][4] = {{0, 300, 0, 300},  {270, 25, 3, 200}, {3, 200, 270, 25},
                                       {100, 90, 120, 1}, {299, 1, 0, 300},  {5, 0, 5, 9}};
  for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
    const uint32_t *at = blocks[b];
    size_t count = (size_t)at[1] * at[3];
    double *x = malloc((count + 1) * sizeof *x), *y = malloc((count + 1) * sizeof *y);
    for (size_t i = 0; i <= count; i++)
      x[i] = y[i] = -77.0;
    must(dss_pairs_read(context, whole, statistic, at[0], at[1], at[2], at[3], x));
    must(dss_pairs_read(context, half, statistic, at[0], at[1], at[2], at[3], y));
    for (size_t i = 0; i < count; i++) {
      cr_assert_neq(x[i], -77.0);
      cr_assert(same_number(x[i], y[i]), "block %zu, entry %zu", b, i);
    }
    cr_assert_eq(x[count], -77.0);
    free(x);
    free(y);
  }
}

Test(pairs, blocks_of_both_kinds_of_files) {
  dss_study *study = design_study(context, &designs[2], NULL, NULL);
  dss_pairs_options options;
  dss_pairs_options_init(&options);
  char paths[2][512];
  dss_pairs *files[2] = {NULL, NULL};
  for (int half = 0; half < 2; half++) {
    options.half = half;
    strcpy(paths[half], temporary_path(&folder, half ? "half.h5" : "whole.h5"));
    must(run(study, &options, paths[half]));
    must(dss_pairs_open(context, paths[half], &files[half]));
    cr_assert_eq(dss_pairs_is_half(files[half]), (bool)half);
  }
  for (int s = 0; s < DSS_N_PAIR_STATISTICS; s++)
    check_blocks(files[0], files[1], (dss_pair_statistic)s);
  double x;
  cr_assert_eq(dss_pairs_read(context, files[0], DSS_PAIR_KAPPA, 300, 1, 0, 1, &x), DSS_ERR_USAGE);
  cr_assert_eq(dss_pairs_read(context, files[0], DSS_PAIR_KAPPA, 0, 1, UINT32_MAX, 2, &x),
               DSS_ERR_USAGE);
  cr_assert_eq(dss_pairs_read(context, files[0], DSS_N_PAIR_STATISTICS, 0, 1, 0, 1, &x),
               DSS_ERR_USAGE);
  cr_assert_str_eq(dss_pairs_rater(files[0], 299), "300");
  cr_assert_null(dss_pairs_rater(files[0], 300));
  cr_assert_eq(dss_pairs_n_raters(files[0]), 300);
  cr_assert_eq(dss_pairs_totals(files[0]).pairs, 300 * 299 / 2);
  cr_assert_eq(dss_pairs_n_axes(files[0]), 0);
  cr_assert_null(dss_pairs_block(files[0], 0));
  cr_assert_str_eq(dss_pairs_provenance(files[0], "scale"), "ordinal");
  cr_assert_null(dss_pairs_provenance(files[0], "no such"));
  for (int half = 0; half < 2; half++)
    dss_pairs_free(files[half]);
  dss_study_free(study);
}

static void refused(const dss_study *study, const dss_pairs_options *options, dss_status wanted,
                    const char *message) {
  size_t files = temporary_count(&folder);
  cr_assert_eq(run(study, options, temporary_path(&folder, "no.h5")), wanted);
  cr_assert(strstr(dss_context_error(context), message), "'%s', not '%s'",
            dss_context_error(context), message);
  cr_assert_eq(temporary_count(&folder), files);
}

Test(pairs, what_cannot_be_done_is_refused_in_a_line) {
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_pairs_options good, options;
  dss_pairs_options_init(&good);
  const char *axis = "a", *no_axis = "zebra", *no_filter = "a=9";
  good.axes = &axis;
  good.n_axes = 1;
  good.permutations = 3;
  options = good;
  options.question = "no such";
  refused(study, &options, DSS_ERR_USAGE, "no question 'no such'");
  options = good;
  options.axes = &no_axis;
  refused(study, &options, DSS_ERR_USAGE, "no attribute 'zebra'");
  options = good;
  options.where = &no_filter;
  options.n_where = 1;
  refused(study, &options, DSS_ERR_USAGE, "no value '9'");
  options = good;
  options.min_shared = 0;
  refused(study, &options, DSS_ERR_USAGE, "at least 1 shared item");
  options = good;
  options.permutations = ((uint64_t)1 << 40) + 1;
  refused(study, &options, DSS_ERR_USAGE, "2^40");
  options = good;
  options.backend = DSS_BACKEND_CUDA;
  size_t gpus = 0;
  char why[256];
  cr_assert_eq(dss_devices(context, NULL, 0, &gpus, why), DSS_OK);
  if (gpus == 0) refused(study, &options, DSS_ERR_DEVICE, "cuda");
  options = good;
  options.memory = 1 << 20;
  refused(study, &options, DSS_ERR_MEMORY, "the smallest memory that would do is");
  const uint8_t code = 0;
  const uint32_t zero = 0;
  must(dss_study_add_question(context, study, "q2", DSS_NOMINAL, 1, &axis, NULL, 1, &zero, &zero,
                              &code));
  refused(study, &good, DSS_ERR_USAGE, "2 questions");
  options = good;
  options.question = "q";
  const char *path = temporary_path(&folder, "pairs.h5");
  dss_pairs_job *job = NULL;
  must(dss_pairs_begin(context, study, &options, path, false, &job));
  must(dss_pairs_run(context, job));
  cr_assert_eq(dss_pairs_run(context, job), DSS_ERR_USAGE);
  dss_pairs_job_free(job);
  cr_assert_eq(run(study, &options, path), DSS_ERR_FILE); /* it is there already */
  cr_assert_eq(temporary_count(&folder), 1);
  dss_study_free(study);
}

/* Of one tile and of two: the size that a refusal names is enough, and the numbers are the same. */
Test(pairs, the_smallest_memory_does) {
  for (size_t d = 0; d < 2; d++) {
    dss_study *study = design_study(context, &designs[d], NULL, NULL);
    dss_pairs_options options;
    const char *axis = "a", *path = temporary_path(&folder, d ? "two.h5" : "one.h5");
    dss_pairs *pairs = NULL;
    double anosim[2];
    char unit[4];
    unsigned long long size;
    dss_pairs_options_init(&options);
    options.axes = &axis;
    options.n_axes = 1;
    options.permutations = 5;
    options.backend = DSS_BACKEND_CPU;
    for (int small = 0; small < 2; small++) {
      must(run(study, &options, path));
      must(dss_pairs_open(context, path, &pairs));
      anosim[small] = dss_pairs_axis(pairs, 0)->anosim.null_mean;
      dss_pairs_free(pairs);
      unlink(path);
      options.memory = 1 << 20;
      cr_assert_eq(run(study, &options, path), DSS_ERR_MEMORY);
      const char *is = strstr(dss_context_error(context), "would do is ");
      cr_assert(is && sscanf(is, "would do is %llu%3s", &size, unit) == 2);
      options.memory = size << (strcmp(unit, "KiB") == 0 ? 10 : 20);
    }
    cr_assert(same_number(anosim[0], anosim[1]) && !isnan(anosim[0]));
    dss_study_free(study);
  }
}

/* A file that may not grow beyond a limit, as on a disk that fills up: while matrices are written,
 * in the middle, at the very end. */
Test(pairs, a_full_disk_leaves_nothing_behind) {
  dss_study *study = design_study(context, &designs[2], NULL, NULL);
  dss_pairs_options options;
  const char *axis = "a";
  dss_pairs_options_init(&options);
  options.axes = &axis;
  options.n_axes = 1;
  options.permutations = 5;
  const char *path = temporary_path(&folder, "pairs.h5");
  must(run(study, &options, path));
  FILE *file = fopen(path, "rb");
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  fclose(file);
  unlink(path);
  struct rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  for (int part = 0; part < 12; part++) {
    struct rlimit now = {part < 11 ? (rlim_t)(size * part / 11) : (rlim_t)size - 1,
                         before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
    dss_status status = run(study, &options, path);
    setrlimit(RLIMIT_FSIZE, &before);
    cr_assert_eq(status, DSS_ERR_FILE, "part %d", part);
    cr_assert(strstr(dss_context_error(context), "cannot write"), "%s", dss_context_error(context));
    cr_assert_eq(temporary_count(&folder), 0, "part %d", part);
  }
  must(run(study, &options, path));
  dss_study_free(study);
}

static void read_everything(dss_pairs *pairs, double *block) {
  uint32_t n = dss_pairs_n_raters(pairs);
  for (int s = 0; s < DSS_N_PAIR_STATISTICS; s++)
    for (uint32_t r = 0; dss_pairs_has(pairs, (dss_pair_statistic)s) && r < n; r += 10)
      if (dss_pairs_read(context, pairs, (dss_pair_statistic)s, r, 1, 0, n, block) != DSS_OK)
        return;
}

/* A byte here, some there: either nobody notices or it is refused in a line that names the file. */
Test(pairs, damaged_files_are_read_or_refused) {
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_pairs_options options;
  const char *axis = "a";
  dss_pairs_options_init(&options);
  options.axes = &axis;
  options.n_axes = 1;
  options.permutations = 5;
  char path[512];
  strcpy(path, temporary_path(&folder, "pairs.h5"));
  must(run(study, &options, path));
  FILE *file = fopen(path, "r+b");
  fseek(file, 0, SEEK_END);
  uint32_t size = (uint32_t)ftell(file);
  double *block = calloc(designs[0].n_raters, sizeof *block);
  independent_random random = {17};
  size_t refusals = 0;
  for (int i = 0; i < 600; i++) {
    long at = (long)random_under(&random, i % 2 ? size : 4096);
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ (1 << random_under(&random, 8)), file);
    fflush(file);
    dss_pairs *pairs = NULL;
    dss_status status = dss_pairs_open(context, path, &pairs);
    if (status == DSS_OK) read_everything(pairs, block);
    if (status != DSS_OK) cr_assert(strstr(dss_context_error(context), path));
    refusals += status != DSS_OK;
    dss_pairs_free(pairs);
    fseek(file, at, SEEK_SET);
    fputc(byte, file);
    fflush(file);
  }
  fclose(file);
  cr_assert_gt(refusals, 200);
  free(block);
  dss_study_free(study);
}

/* So are files of another kind. */
Test(pairs, other_files_are_refused) {
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_pairs *pairs = NULL;
  const char *path = temporary_path(&folder, "study.h5");
  must(dss_study_save(context, study, path, false));
  cr_assert_eq(dss_pairs_open(context, path, &pairs), DSS_ERR_DATA);
  cr_assert(strstr(dss_context_error(context), "expected dissensus-pairs"));
  cr_assert_eq(dss_pairs_open(context, temporary_path(&folder, "none.h5"), &pairs), DSS_ERR_FILE);
  cr_assert_null(pairs);
  dss_study_free(study);
}

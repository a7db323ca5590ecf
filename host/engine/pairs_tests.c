/* ANOSIM and PERMANOVA on the mean distances, by permutation: docs/pairs.md, "Tests".
 *
 * Both need, under each arrangement, sums over the pairs within each group: of distances, of their
 * ranks and of ones. Distances are whole steps of a power of two, 2^22 at most, so every sum is an
 * integer, and a table of the steps' counts gives the ranks without sorting. The sums of a batch of
 * arrangements are quadratic forms that a backend takes tile by tile (kernels/pairs.h). */
#include <math.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/stats/pvalues.h"
#include "pairs.h"

enum { STEPS = 1 << DSS_PAIR_STEP_BITS };
enum { OF_DISTANCES, OF_RANKS, OF_PAIRS, N_MATRICES };
#define TILE_CELLS ((size_t)DSS_PAIR_TILE * DSS_PAIR_TILE)

/* Sums over pairs, each pair counted twice. */
typedef struct axis_tests {
  const dss_kernel_axis *axis;
  uint32_t n_groups, width; /* width: one more than the groups where values are unknown */
  uint32_t *sizes;          /* [n_groups] raters, which no arrangement changes */
  uint32_t known;           /* their sum */
  dss_u128 *sums;           /* [N_MATRICES][batch][width] */
  double anosim_sum, permanova_sum;
} axis_tests;

typedef struct tests {
  dss_context *context;
  dss_pair_runner *runner;
  const dss_pair_plan *plan;
  const dss_pair_backend *backend; /* whose the state is */
  dss_pair_tile_fn tile_fn;
  void *user;
  uint32_t n_raters, batch;
  void *state;
  bool open;
  double steps_a_unit; /* a power of two */
  uint64_t *rank;      /* [STEPS + 1] twice the mean rank of the pairs of that many steps */
  uint64_t n_pairs;    /* that have a rank */
  uint32_t n_matrices; /* that take part: where every pair counts, sizes tell how many there are */
  dss_u128 totals[N_MATRICES];
  double *tile, *matrices[N_MATRICES];
  uint32_t *sources, *scratch; /* [batch][n_raters], [n_raters] */
  uint64_t *block;             /* [N_MATRICES][batch][largest width] */
  axis_tests *axes;
  size_t n_axes;
} tests;

/* --- memory ------------------------------------------------------------------------------ */

static uint32_t width_of(const dss_kernel_axis *axis) {
  return axis->n_groups + 1;
}

static uint32_t most_width(const dss_pair_plan *plan) {
  uint32_t most = 1;
  for (size_t a = 0; a < plan->plan->kernel.n_axes; a++)
    if (width_of(&plan->plan->kernel.axes[a]) > most) most = width_of(&plan->plan->kernel.axes[a]);
  return most;
}

static dss_pair_forms largest_forms(const dss_pair_plan *plan, uint64_t batch) {
  return (dss_pair_forms){.n_raters = plan->problem.n_raters,
                          .rows = DSS_PAIR_TILE,
                          .columns = DSS_PAIR_TILE,
                          .n_matrices = N_MATRICES,
                          .n_groups = most_width(plan) - 1,
                          .with_known = true,
                          .batch = batch < UINT32_MAX ? (uint32_t)batch : UINT32_MAX};
}

uint64_t dss_pair_tests_bytes(const dss_pair_plan *plan, const dss_pair_backend *backend,
                              const dss_resources *resources, uint64_t batch) {
  dss_pair_forms largest = largest_forms(plan, batch);
  uint64_t widths = 0;
  for (size_t a = 0; a < plan->plan->kernel.n_axes; a++)
    widths += width_of(&plan->plan->kernel.axes[a]);
  uint64_t each = (uint64_t)plan->problem.n_raters * sizeof(uint32_t) +
                  N_MATRICES * (most_width(plan) * sizeof(uint64_t) + widths * sizeof(dss_u128));
  uint64_t forms = backend->forms_bytes(&largest, resources);
  if (forms > UINT64_MAX / 2) return UINT64_MAX;
  return (STEPS + 1) * sizeof(uint64_t) + (1 + N_MATRICES) * TILE_CELLS * sizeof(double) + forms +
         batch * each + (uint64_t)plan->problem.n_raters * sizeof(uint32_t);
}

uint64_t dss_pair_tests_least(const dss_pair_runner *runner) {
  dss_pair_forms largest = largest_forms(runner->plan, runner->room.batch);
  bool asks = runner->plan->tested && runner->backend->forms_least;
  return asks ? runner->backend->forms_least(&largest) : 0;
}

dss_status dss_pair_tests_try(dss_context *context, dss_pair_runner *runner) {
  dss_pair_forms largest = largest_forms(runner->plan, runner->room.batch);
  void *state;
  if (dss_pair_tests_least(runner) == 0) return DSS_OK;
  dss_status status = runner->backend->forms_open(&largest, &runner->room.resources, &state);
  if (status != DSS_OK) return dss_pair_failed(context, runner, status);
  runner->backend->forms_close(state);
  return DSS_OK;
}

static dss_status make_axis(tests *t, size_t a) {
  axis_tests *of = &t->axes[a];
  const dss_kernel_axis *axis = &t->plan->plan->kernel.axes[a];
  *of = (axis_tests){.axis = axis, .n_groups = axis->n_groups};
  DSS_TRY(DSS_ALLOC(t->context, &of->sizes, axis->n_groups));
  for (uint32_t r = 0; r < t->n_raters; r++)
    if (axis->group[r] >= 0) {
      of->sizes[axis->group[r]]++;
      of->known++;
    }
  of->width = axis->n_groups + (of->known < t->n_raters);
  return DSS_OK;
}

static dss_status allocate(tests *t) {
  DSS_TRY(DSS_ALLOC(t->context, &t->rank, (size_t)STEPS + 1));
  DSS_TRY(DSS_ALLOC(t->context, &t->tile, TILE_CELLS));
  for (int m = 0; m < N_MATRICES; m++)
    DSS_TRY(DSS_ALLOC(t->context, &t->matrices[m], TILE_CELLS));
  DSS_TRY(DSS_ALLOC(t->context, &t->scratch, t->n_raters));
  t->n_axes = t->plan->plan->kernel.n_axes;
  DSS_TRY(DSS_ALLOC(t->context, &t->axes, t->n_axes));
  for (size_t a = 0; a < t->n_axes; a++)
    DSS_TRY(make_axis(t, a));
  return DSS_OK;
}

static dss_status try_backend(tests *t) {
  const dss_pair_room *room = &t->runner->room;
  size_t batch = t->batch = room->batch;
  dss_pair_forms largest = largest_forms(t->plan, batch);
  DSS_TRY(DSS_ALLOC(t->context, &t->sources, batch * t->n_raters));
  DSS_TRY(DSS_ALLOC(t->context, &t->block, N_MATRICES * batch * most_width(t->plan)));
  for (size_t a = 0; a < t->n_axes; a++)
    DSS_TRY(DSS_ALLOC(t->context, &t->axes[a].sums, N_MATRICES * batch * t->axes[a].width));
  t->backend = t->runner->backend;
  dss_status status = t->backend->forms_open(&largest, &room->resources, &t->state);
  if (status != DSS_OK) return dss_pair_failed(t->context, t->runner, status);
  t->open = t->runner->opened = true;
  return DSS_OK;
}

static void clear(void *memory) {
  void **pointer = memory;
  free(*pointer);
  *pointer = NULL;
}

static void close_backend(tests *t) {
  if (t->open) t->backend->forms_close(t->state);
  t->open = false;
  clear(&t->sources);
  clear(&t->block);
  for (size_t a = 0; t->axes && a < t->n_axes; a++)
    clear(&t->axes[a].sums);
}

/* The runner's backend, and what has the size of a batch in its room. */
static dss_status open_backend(tests *t) {
  dss_status status = try_backend(t);
  if (status == DSS_OK) return DSS_OK;
  close_backend(t);
  DSS_TRY(dss_pair_take_over(t->context, t->runner, status));
  return try_backend(t);
}

static void release(tests *t) {
  close_backend(t);
  for (size_t a = 0; t->axes && a < t->n_axes; a++)
    free(t->axes[a].sizes);
  for (int m = 0; m < N_MATRICES; m++)
    free(t->matrices[m]);
  free(t->axes);
  free(t->rank);
  free(t->tile);
  free(t->scratch);
}

/* --- ranks --------------------------------------------------------------------------------- */

static uint32_t steps_of(const tests *t, double distance) {
  return (uint32_t)rint(distance * t->steps_a_unit);
}

/* Counts the pairs by their steps. */
static dss_status count_steps(tests *t) {
  uint32_t tiles = dss_pair_n_tiles(t->plan);
  for (uint32_t i = 0; i < tiles; i++)
    for (uint32_t j = i; j < tiles; j++) {
      size_t columns = dss_pair_tile_raters(t->plan, j);
      DSS_TRY(t->tile_fn(t->user, i, j, t->tile));
      for (uint32_t r = 0; r < dss_pair_tile_raters(t->plan, i); r++)
        for (size_t c = i == j ? r + 1 : 0; c < columns; c++)
          if (t->tile[r * columns + c] >= 0.0) t->rank[steps_of(t, t->tile[r * columns + c])]++;
    }
  return DSS_OK;
}

/* From counts to ranks: equal ones share their mean rank (twice it is a whole number). */
static dss_status make_ranks(tests *t, double largest) {
  int exponent;
  frexp(largest, &exponent);
  t->steps_a_unit = ldexp(1.0, DSS_PAIR_STEP_BITS - exponent);
  DSS_TRY(count_steps(t));
  uint64_t below = 0;
  for (uint32_t s = 0; s <= STEPS; s++) {
    uint64_t here = t->rank[s];
    t->rank[s] = 2 * below + here + 1;
    t->totals[OF_DISTANCES] += (dss_u128)2 * here * s;
    t->totals[OF_RANKS] += (dss_u128)2 * here * t->rank[s];
    t->totals[OF_PAIRS] += (dss_u128)2 * here;
    below += here;
  }
  t->n_pairs = below;
  bool complete = below == (uint64_t)t->n_raters * (t->n_raters - 1) / 2;
  t->n_matrices = complete ? OF_PAIRS : N_MATRICES;
  return DSS_OK;
}

/* --- sums ---------------------------------------------------------------------------------- */

static void fill_matrices(tests *t, size_t cells) {
  for (size_t i = 0; i < cells; i++) {
    bool counts = t->tile[i] >= 0.0;
    uint32_t steps = counts ? steps_of(t, t->tile[i]) : 0;
    t->matrices[OF_DISTANCES][i] = steps;
    t->matrices[OF_RANKS][i] = counts ? (double)t->rank[steps] : 0.0;
    t->matrices[OF_PAIRS][i] = counts;
  }
}

/* Adds the tile in the matrices to one axis's sums. Off the diagonal a pair is there once. */
static dss_status add_tile(tests *t, axis_tests *of, uint32_t count, uint32_t i, uint32_t j) {
  dss_pair_forms f = {.n_raters = t->n_raters,
                      .first_row = i * DSS_PAIR_TILE,
                      .rows = dss_pair_tile_raters(t->plan, i),
                      .first_column = j * DSS_PAIR_TILE,
                      .columns = dss_pair_tile_raters(t->plan, j),
                      .n_matrices = t->n_matrices,
                      .n_groups = of->n_groups,
                      .with_known = of->width > of->n_groups,
                      .batch = count,
                      .matrices = (const double *const *)t->matrices,
                      .group = of->axis->group};
  dss_status status = t->backend->forms(t->state, &f, t->block);
  if (status != DSS_OK) return dss_pair_failed(t->context, t->runner, status);
  for (uint32_t m = 0; m < t->n_matrices; m++)
    for (size_t k = 0; k < (size_t)count * of->width; k++)
      of->sums[(size_t)m * t->batch * of->width + k] +=
          (dss_u128)t->block[(size_t)m * count * of->width + k] * (i == j ? 1 : 2);
  return DSS_OK;
}

/* Each pair twice. */
static dss_u128 pairs_among(uint32_t raters) {
  return raters > 0 ? (dss_u128)raters * (raters - 1) : 0;
}

/* Where every pair counts. */
static void fill_pairs(const tests *t, axis_tests *of, uint32_t count) {
  dss_u128 *sums = of->sums + (size_t)OF_PAIRS * t->batch * of->width;
  for (uint32_t b = 0; b < count; b++, sums += of->width) {
    for (uint32_t g = 0; g < of->n_groups; g++)
      sums[g] = pairs_among(of->sizes[g]);
    if (of->width > of->n_groups) sums[of->n_groups] = pairs_among(of->known);
  }
}

static dss_status sum_batch(tests *t, uint32_t count) {
  uint32_t tiles = dss_pair_n_tiles(t->plan);
  for (size_t a = 0; a < t->n_axes; a++)
    memset(t->axes[a].sums, 0,
           (size_t)N_MATRICES * t->batch * t->axes[a].width * sizeof *t->axes[a].sums);
  dss_status status = t->backend->forms_deal(t->state, t->sources, count);
  if (status != DSS_OK) return dss_pair_failed(t->context, t->runner, status);
  for (uint32_t i = 0; i < tiles; i++) {
    DSS_TRY(dss_go_on(t->context));
    for (uint32_t j = i; j < tiles; j++) {
      DSS_TRY(t->tile_fn(t->user, i, j, t->tile));
      fill_matrices(t, (size_t)dss_pair_tile_raters(t->plan, i) * dss_pair_tile_raters(t->plan, j));
      for (size_t a = 0; a < t->n_axes; a++)
        DSS_TRY(add_tile(t, &t->axes[a], count, i, j));
    }
  }
  for (size_t a = 0; a < t->n_axes && t->n_matrices == OF_PAIRS; a++)
    fill_pairs(t, &t->axes[a], count);
  return DSS_OK;
}

/* --- statistics ---------------------------------------------------------------------------- */

static const dss_u128 *sums_of(const tests *t, const axis_tests *of, int m, uint32_t b) {
  return of->sums + ((size_t)m * t->batch + b) * of->width;
}

/* Over all pairs whose raters' values are both known. */
static dss_u128 total_of(const tests *t, const axis_tests *of, int m, uint32_t b) {
  return of->width > of->n_groups ? sums_of(t, of, m, b)[of->n_groups] : t->totals[m];
}

/* (mean rank between groups - mean rank within) / (pairs / 2), Clarke 1993. Ranks come doubled. */
static double anosim(const tests *t, const axis_tests *of, uint32_t b) {
  dss_u128 ranks = 0, pairs = 0;
  for (uint32_t g = 0; g < of->n_groups; g++) {
    ranks += sums_of(t, of, OF_RANKS, b)[g];
    pairs += sums_of(t, of, OF_PAIRS, b)[g];
  }
  dss_u128 other_ranks = total_of(t, of, OF_RANKS, b) - ranks;
  dss_u128 other_pairs = total_of(t, of, OF_PAIRS, b) - pairs;
  if (pairs == 0 || other_pairs == 0) return NAN;
  double between = dss_exact_to_double(other_ranks) / dss_exact_to_double(other_pairs);
  double within = dss_exact_to_double(ranks) / dss_exact_to_double(pairs);
  return (between - within) / (double)t->n_pairs;
}

/* The sum of squares of so many raters whose pairs' mean squared distance is sum / pairs. */
static double squares(uint32_t raters, dss_u128 sum, dss_u128 pairs) {
  return ((double)raters - 1.0) / 2.0 * (dss_exact_to_double(sum) / dss_exact_to_double(pairs));
}

/* ((SS_T - SS_W) / (a - 1)) / (SS_W / (N - a)), Anderson 2001. */
static double permanova(const tests *t, const axis_tests *of, uint32_t b) {
  double groups = (double)of->n_groups, known = (double)of->known, inside = 0.0;
  dss_u128 pairs = total_of(t, of, OF_PAIRS, b);
  if (of->n_groups < 2 || of->known <= of->n_groups || pairs == 0) return NAN;
  double total = squares(of->known, total_of(t, of, OF_DISTANCES, b), pairs);
  for (uint32_t g = 0; g < of->n_groups; g++) {
    if (of->sizes[g] < 2) continue;
    dss_u128 of_group = sums_of(t, of, OF_PAIRS, b)[g];
    if (of_group == 0) return NAN;
    inside += squares(of->sizes[g], sums_of(t, of, OF_DISTANCES, b)[g], of_group);
  }
  if (!(inside > 0.0)) return NAN;
  return ((total - inside) / (groups - 1.0)) / (inside / (known - groups));
}

/* An undefined resample is an exceedance, so that the test stays valid. */
static void count_value(dss_pair_test *test, double value, double *sum) {
  test->undefined += isnan(value);
  test->ge += isnan(value) || value >= test->value;
  if (!isnan(value)) *sum += value;
}

static void take_batch(tests *t, uint64_t first, uint32_t count, dss_pair_summary *summary) {
  for (size_t a = 0; a < t->n_axes; a++) {
    dss_pair_axis *to = &summary->axes[a];
    axis_tests *of = &t->axes[a];
    for (uint32_t b = 0; b < count; b++) {
      double r = anosim(t, of, b), f = permanova(t, of, b);
      if (first + b == 0) { /* the observed arrangement */
        to->anosim.value = r;
        to->permanova.value = f;
        continue;
      }
      count_value(&to->anosim, r, &of->anosim_sum);
      count_value(&to->permanova, f, &of->permanova_sum);
    }
  }
}

/* Without an observed value there is nothing to exceed. */
static void finish_test(dss_pair_test *test, uint64_t resamples, bool exact, double sum) {
  uint64_t defined = resamples - test->undefined;
  test->null_mean = defined > 0 ? sum / (double)defined : NAN;
  if (isnan(test->value)) test->ge = 0;
  test->p =
      isnan(test->value) || resamples == 0 ? NAN : dss_p_one_sided(test->ge, resamples, exact);
}

/* --- the whole --------------------------------------------------------------------------- */

/* Number 0 is the observed arrangement, b + 1 resample b. A batch in which a GPU fails is made
 * again from its first. */
static dss_status run_batches(tests *t, dss_pair_summary *summary) {
  const dss_exchange *e = &t->plan->plan->kernel.exchange;
  uint64_t total = t->plan->plan->permutations + 1;
  for (uint64_t first = 0; first < total;) {
    uint32_t count = total - first < t->batch ? (uint32_t)(total - first) : t->batch;
    for (uint32_t b = 0; b < count; b++)
      dss_exchange_profiles(e, first + b == 0 ? DSS_RESAMPLE_NONE : first + b - 1, t->scratch,
                            t->sources + (size_t)b * t->n_raters);
    dss_status status = sum_batch(t, count);
    if (status != DSS_OK) {
      DSS_TRY(dss_pair_take_over(t->context, t->runner, status));
      close_backend(t);
      DSS_TRY(open_backend(t));
      continue;
    }
    take_batch(t, first, count, summary);
    first += count;
    dss_progress(t->context, "permutations", first, total);
  }
  return DSS_OK;
}

static dss_status run_tests(tests *t, double largest, dss_pair_summary *summary) {
  uint64_t resamples = t->plan->plan->permutations;
  bool exact = t->plan->plan->kernel.exchange.n_arrangements > 0;
  DSS_TRY(allocate(t));
  DSS_TRY(open_backend(t));
  DSS_TRY(make_ranks(t, largest));
  DSS_TRY(run_batches(t, summary));
  for (size_t a = 0; a < t->n_axes; a++) {
    dss_pair_axis *axis = &summary->axes[a];
    axis->resamples = resamples;
    axis->exact = exact;
    finish_test(&axis->anosim, resamples, exact, t->axes[a].anosim_sum);
    finish_test(&axis->permanova, resamples, exact, t->axes[a].permanova_sum);
  }
  return DSS_OK;
}

dss_status dss_pair_tests_run(dss_context *context, dss_pair_runner *runner, double largest,
                              dss_pair_tile_fn tile, void *user, dss_pair_summary *summary) {
  tests t = {.context = context,
             .runner = runner,
             .plan = runner->plan,
             .tile_fn = tile,
             .user = user,
             .n_raters = runner->plan->problem.n_raters};
  dss_status status = run_tests(&t, largest, summary);
  release(&t);
  return status;
}

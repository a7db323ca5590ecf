/* The CPU backend: SIMD over resamples, chosen for the machine when it runs.
 *
 * A thread takes 64 resamples: it makes their profiles, counts every item's ratings by cell, adds
 * up each group's exact sums, and hands them to the formulas. layout.h says what is prepared once;
 * narrow.h and wide.h are the two ways to count and sum. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "kernels/common/batches.h"
#include "profiles.h"

/* --- the instruction set -------------------------------------------------------------------- */

/* Best first. */
static const dss_cpu_kernels *const all_kernels[] = {
#ifdef DSS_CPU_X86
    &dss_cpu_avx512, &dss_cpu_avx2,
#endif
    &dss_cpu_portable};

static bool machine_has(const dss_cpu_kernels *kernels) {
#ifdef DSS_CPU_X86
  __builtin_cpu_init();
  if (kernels == &dss_cpu_avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vnni");
  if (kernels == &dss_cpu_avx2) return __builtin_cpu_supports("avx2");
#endif
  return true;
}

/* DSS_CPU names one of those that the machine has; NULL: it does not. */
static const dss_cpu_kernels *choose_kernels(void) {
  const char *forced = getenv("DSS_CPU");
  for (size_t i = 0; i < sizeof all_kernels / sizeof *all_kernels; i++)
    if (machine_has(all_kernels[i]) &&
        (!forced || !*forced || strcmp(forced, all_kernels[i]->name) == 0))
      return all_kernels[i];
  return NULL;
}

/* --- memory ---------------------------------------------------------------------------------- */

typedef struct cpu_state {
  const dss_kernel_plan *plan;
  const dss_cpu_kernels *kernels;
  dss_cpu_layout *layout;
  unsigned threads;
  dss_cpu_scratch *scratches; /* [threads] */
} cpu_state;

static void *aligned(size_t count, size_t size) {
  if (size && count > (SIZE_MAX - 64) / size) return NULL;
  size_t bytes = (count * size + 63) / 64 * 64;
  void *made = aligned_alloc(64, bytes ? bytes : 64);
  if (made) memset(made, 0, bytes);
  return made;
}

static size_t sums_count(const dss_cpu_layout *layout, size_t lanes) {
  return layout->plan->n_groups * layout->most_slots * lanes;
}

static size_t totals_count(const dss_cpu_layout *layout, size_t lanes) {
  return lanes * (layout->most_rows + 1) * layout->most_row;
}

/* own, complement and cross pairs, votes; and marginals of own, complement and both sides of cross.
 * One pair more than there are, for collapsed sums of a single level. */
static size_t wide_count_of(uint32_t levels) {
  return 3 * (dss_n_pairs(levels) + 1) + levels;
}

static bool scratch_make(dss_cpu_scratch *s, const dss_cpu_layout *layout, size_t lanes) {
  size_t n = layout->plan->exchange.n_raters, levels = layout->most_levels;
  s->draws = aligned(n + 32, sizeof *s->draws);
  s->scratch = aligned(n, sizeof *s->scratch);
  s->source = aligned(n * lanes, sizeof *s->source);
  s->labels = aligned(layout->n_bases * n * lanes, 1);
  s->counts = aligned(1, dss_cpu_counts_bytes(layout, lanes));
  s->totals = aligned(totals_count(layout, lanes), sizeof *s->totals);
  s->sums = aligned(sums_count(layout, lanes), sizeof *s->sums);
  s->carried = aligned(sums_count(layout, lanes), sizeof *s->carried);
  s->integers = aligned(4 * levels, sizeof *s->integers);
  s->wide = aligned(wide_count_of(layout->most_levels), sizeof *s->wide);
  if (!s->draws || !s->scratch || !s->source || !s->labels || !s->counts || !s->totals ||
      !s->sums || !s->carried || !s->integers || !s->wide)
    return false;
  size_t pairs = dss_n_pairs(layout->most_levels) + 1;
  s->group.own.count = s->integers;
  s->group.complement.count = s->integers + levels;
  s->group.cross.x_count = s->integers + 2 * levels;
  s->group.cross.y_count = s->integers + 3 * levels;
  s->group.own.pair = s->wide;
  s->group.complement.pair = s->wide + pairs;
  s->group.cross.pair = s->wide + 2 * pairs;
  s->group.votes.count = s->wide + 3 * pairs;
  return true;
}

static void scratch_free(dss_cpu_scratch *s) {
  free(s->draws);
  free(s->scratch);
  free(s->source);
  free(s->labels);
  free(s->counts);
  free(s->totals);
  free(s->sums);
  free(s->carried);
  free(s->integers);
  free(s->wide);
}

static void cpu_close(void *opaque) {
  cpu_state *state = opaque;
  if (!state) return;
  for (unsigned t = 0; state->scratches && t < state->threads; t++)
    scratch_free(&state->scratches[t]);
  free(state->scratches);
  dss_cpu_layout_free(state->layout);
  free(state);
}

static dss_status cpu_open(const dss_kernel_plan *plan, unsigned threads, void **opaque) {
  const dss_cpu_kernels *kernels = choose_kernels();
  if (!kernels) return DSS_ERR_DEVICE;
  cpu_state *state = calloc(1, sizeof *state);
  if (!state) return DSS_ERR_MEMORY;
  state->plan = plan;
  state->kernels = kernels;
  state->threads = threads > 0 ? threads : 1;
  state->layout = dss_cpu_layout_make(plan);
  state->scratches = calloc(state->threads, sizeof *state->scratches);
  bool made = state->layout && state->scratches;
  for (unsigned t = 0; made && t < state->threads; t++)
    made = scratch_make(&state->scratches[t], state->layout, kernels->lanes);
  if (!made) {
    cpu_close(state);
    return DSS_ERR_MEMORY;
  }
  *opaque = state;
  return DSS_OK;
}

/* --- resamples ------------------------------------------------------------------------------- */

static dss_status cpu_values(void *opaque, uint64_t first, uint64_t count, double *out) {
  cpu_state *state = opaque;
  size_t columns = dss_kernel_columns(state->plan);
  int threads = (int)state->threads;
#pragma omp parallel num_threads(threads)
  {
    dss_cpu_scratch *mine = &state->scratches[omp_get_thread_num()];
#pragma omp for schedule(dynamic, 1)
    for (uint64_t i = 0; i < count; i += state->kernels->lanes) {
      uint64_t most = state->kernels->lanes;
      unsigned lanes = (unsigned)(count - i < most ? count - i : most);
      dss_cpu_profiles(state->layout, state->kernels, first + i, lanes, mine);
      for (size_t q = 0; q < state->plan->n_questions; q++)
        state->kernels->question(state->layout, q, mine, lanes, &out[i * columns]);
    }
  }
  return DSS_OK;
}

static int batch_values(void *state, uint64_t first, uint64_t count, double *out) {
  return cpu_values(state, first, count, out);
}

static dss_status cpu_run(void *state, uint64_t first, uint64_t count,
                          dss_accumulators *accumulators) {
  return (dss_status)dss_run_batches(batch_values, state, first, count, accumulators,
                                     DSS_ERR_MEMORY);
}

/* --- the backend table ----------------------------------------------------------------------- */

static dss_status cpu_probe(const dss_kernel_plan *plan, unsigned threads,
                            dss_backend_report *report) {
  memset(report, 0, sizeof *report);
  return DSS_OK;
}

const dss_backend dss_backend_cpu = {
    .name = "cpu",
    .probe = cpu_probe,
    .open = cpu_open,
    .run = cpu_run,
    .values = cpu_values,
    .close = cpu_close,
};

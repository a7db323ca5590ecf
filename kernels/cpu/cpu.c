/* The CPU backend: SIMD over resamples, chosen for the machine when it runs.
 *
 * A thread takes a block of resamples, as many as a vector has bytes, or eight blocks together: it
 * makes their profiles, counts every item's ratings by cell, adds up each group's exact sums, and
 * hands them to the formulas. layout.h says what is prepared once; tabled.h, narrow.h, slices.h
 * with whole.h, and wide.h are the ways to count and sum. */
#include <omp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "kernels/common/batches.h"
#include "profiles.h"
#include "report.h"
#include "slicing.h"
#include "sparse_lanes.h"
#include "tabled.h"

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

/* Whether the sparse kernel goes with these kernels on this machine. */
static bool has_sparse(const dss_cpu_kernels *kernels) {
#ifdef DSS_CPU_X86
  return kernels == &dss_cpu_avx512 && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("gfni");
#else
  (void)kernels;
  return false;
#endif
}

const dss_cpu_kernels *dss_cpu_choose_kernels(void) {
  const char *forced = getenv("DSS_CPU");
  for (size_t i = 0; i < sizeof all_kernels / sizeof *all_kernels; i++)
    if (machine_has(all_kernels[i]) &&
        (!forced || !*forced || strcmp(forced, all_kernels[i]->name) == 0))
      return all_kernels[i];
  return NULL;
}

static void say_missing(dss_backend_report *report) {
  size_t room = sizeof report->why;
  int used =
      snprintf(report->why, room, "DSS_CPU forces '%s', but this machine has ", getenv("DSS_CPU"));
  const char *between = "";
  for (size_t i = 0; i < sizeof all_kernels / sizeof *all_kernels; i++) {
    if (!machine_has(all_kernels[i]) || used < 0 || (size_t)used >= room) continue;
    used +=
        snprintf(report->why + used, room - (size_t)used, "%s%s", between, all_kernels[i]->name);
    between = ", ";
  }
}

/* --- plans that are left to the reference ----------------------------------------------------- */

/* The kernels multiply weights by counts in 64 bits: w[k] x one item's ratings; and the narrow one
 * counts all ratings of a group and level in 32. */
enum { SUM_BITS = 62 };
#define MOST_RATINGS UINT32_MAX

static unsigned bits_of(const dss_tables *tables) {
  unsigned bits = tables->weight_bits;
  for (uint64_t reach = 1; reach < tables->max_unit; reach *= 2)
    bits++;
  return bits;
}

/* A question so large, or with an item so large, that sums do not fit; NULL: there is none. */
static const dss_kernel_question *too_large(const dss_kernel_plan *plan) {
  for (size_t q = 0; q < plan->n_questions; q++)
    if (bits_of(&plan->questions[q].tables) > SUM_BITS ||
        plan->questions[q].n_ratings > MOST_RATINGS)
      return &plan->questions[q];
  return NULL;
}

static dss_status probe_reference(const dss_kernel_plan *plan, const dss_resources *resources,
                                  const dss_kernel_question *large, dss_backend_report *report) {
  dss_status status = dss_backend_reference.probe(plan, resources, report);
  snprintf(report->method, sizeof report->method, "scalar walk over rating lists, the reference's");
  if (large->n_ratings > MOST_RATINGS)
    snprintf(report->why, sizeof report->why,
             "a question has %llu ratings, and the kernels count up to %lu",
             (unsigned long long)large->n_ratings, (unsigned long)MOST_RATINGS);
  else
    snprintf(report->why, sizeof report->why,
             "an item has %lu ratings: its sums need %u bits, and the kernels have %d",
             (unsigned long)large->tables.max_unit, bits_of(&large->tables), SUM_BITS);
  return status;
}

/* --- memory ---------------------------------------------------------------------------------- */

typedef struct cpu_state {
  const dss_kernel_plan *plan;
  void *reference; /* state of the reference, which does everything; or NULL */
  const dss_cpu_kernels *kernels;
  dss_cpu_layout *layout;
  unsigned threads;           /* that have a scratch */
  dss_cpu_scratch *scratches; /* [threads] */
  dss_cpu_watch watch;
} cpu_state;

/* One array of a thread's scratch: where its pointer stands, and how large it is. */
typedef struct block {
  size_t offset, count, size;
} block;
enum { N_BLOCKS = 20 };

static size_t sparse_scratch(const dss_cpu_layout *layout) {
#ifdef DSS_CPU_X86
  if (layout->has_sparse) return dss_cpu_sparse_scratch(layout);
#endif
  (void)layout;
  return 0;
}

/* Vectors a quarter of any question's groups. */
static size_t most_held(const dss_cpu_layout *layout) {
  size_t most = 0;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    size_t held = question->n_narrow > 0
                      ? dss_cpu_held(question->slots.n_pairs, dss_cpu_halves(question->tables))
                      : 0;
    if (held > most) most = held;
  }
  return most;
}

static void blocks_of(const dss_cpu_layout *layout, size_t lanes, block blocks[N_BLOCKS]) {
  size_t n = layout->plan->exchange.n_raters, levels = layout->most_levels;
  size_t sums = layout->sum_blocks * layout->plan->n_groups * layout->most_slots * lanes;
  size_t held = layout->plan->n_groups * 4 * most_held(layout) * lanes;
  size_t totals = lanes * (layout->most_rows + 1) * layout->most_row;
  /* own, complement and cross pairs, votes. One pair more than there are, for collapsed sums of a
   * single level. */
  size_t wide = 3 * (dss_n_pairs(layout->most_levels) + 1) + levels;
#define BLOCK(field, count, type)                                                                  \
  { offsetof(dss_cpu_scratch, field), (count), sizeof(type) }
  const block all[N_BLOCKS] = {
      BLOCK(draws, dss_cpu_drawn((uint32_t)n), uint32_t),
      BLOCK(scratch, n, uint32_t),
      BLOCK(source, n, uint32_t),
      BLOCK(words, dss_cpu_word_count(layout) * lanes * dss_cpu_words(n), uint32_t),
      BLOCK(all_labels, layout->n_blocks * layout->n_bases * n * lanes, uint8_t),
      BLOCK(counts, dss_cpu_counts_bytes(layout, lanes), uint8_t),
      BLOCK(totals, totals, uint32_t),
      BLOCK(all_sums, sums, uint64_t),
      BLOCK(all_carried, sums, dss_u128),
      BLOCK(tabled, dss_cpu_tabled_scratch(layout, lanes), uint8_t),
      BLOCK(planes, dss_cpu_planes_bytes(layout, lanes), uint8_t),
      BLOCK(rows, dss_cpu_slices_bytes(layout, lanes), uint8_t),
      BLOCK(sparse, sparse_scratch(layout), uint8_t),
      BLOCK(marginals, dss_cpu_marginals(layout, lanes), uint32_t),
      BLOCK(more, dss_cpu_more_bytes(layout, lanes), uint8_t),
      BLOCK(records, dss_cpu_record_count(layout), dss_cpu_tile_records),
      BLOCK(held, held, uint8_t),
      BLOCK(held_pairs, layout->plan->n_groups, uint8_t),
      /* marginals of own, complement and both sides of cross */
      BLOCK(integers, 4 * levels, uint64_t),
      BLOCK(wide, wide, dss_u128),
  };
#undef BLOCK
  memcpy(blocks, all, sizeof all);
}

/* Whole vectors, at least one; 0: more than there can be. */
static size_t block_bytes(const block *b) {
  if (b->count > (SIZE_MAX - 64) / b->size) return 0;
  size_t bytes = (b->count * b->size + 63) / 64 * 64;
  return bytes ? bytes : 64;
}

static uint64_t scratch_bytes(const dss_cpu_layout *layout, size_t lanes) {
  block blocks[N_BLOCKS];
  uint64_t bytes = sizeof(dss_cpu_scratch);
  blocks_of(layout, lanes, blocks);
  for (size_t i = 0; i < N_BLOCKS; i++)
    bytes += block_bytes(&blocks[i]);
  return bytes;
}

static void scratch_free(dss_cpu_scratch *s) {
  free(s->draws);
  free(s->scratch);
  free(s->source);
  free(s->words);
  free(s->all_labels);
  free(s->counts);
  free(s->totals);
  free(s->all_sums);
  free(s->all_carried);
  free(s->tabled);
  free(s->planes);
  free(s->rows);
  free(s->sparse);
  free(s->marginals);
  free(s->more);
  free(s->records);
  free(s->held);
  free(s->held_pairs);
  free(s->integers);
  free(s->wide);
  memset(s, 0, sizeof *s);
}

static void place_sums(dss_cpu_scratch *s, const dss_cpu_layout *layout) {
  size_t levels = layout->most_levels, pairs = dss_n_pairs(layout->most_levels) + 1;
  s->group.own.count = s->integers;
  s->group.complement.count = s->integers + levels;
  s->group.cross.x_count = s->integers + 2 * levels;
  s->group.cross.y_count = s->integers + 3 * levels;
  s->group.own.pair = s->wide;
  s->group.complement.pair = s->wide + pairs;
  s->group.cross.pair = s->wide + 2 * pairs;
  s->group.votes.count = s->wide + 3 * pairs;
}

/* false: out of memory, and nothing is held. */
static bool scratch_make(dss_cpu_scratch *s, const dss_cpu_layout *layout, size_t lanes) {
  block blocks[N_BLOCKS];
  blocks_of(layout, lanes, blocks);
  for (size_t i = 0; i < N_BLOCKS; i++) {
    size_t bytes = block_bytes(&blocks[i]);
    void *made = bytes ? aligned_alloc(64, bytes) : NULL;
    if (!made) {
      scratch_free(s);
      return false;
    }
    memset(made, 0, bytes);
    memcpy((char *)s + blocks[i].offset, &made, sizeof made);
  }
  place_sums(s, layout);
  dss_cpu_at_block(layout, lanes, 0, s);
  return true;
}

static void cpu_close(void *opaque) {
  cpu_state *state = opaque;
  if (!state) return;
  if (state->reference) dss_backend_reference.close(state->reference);
  for (unsigned t = 0; t < state->threads; t++)
    scratch_free(&state->scratches[t]);
  free(state->scratches);
  dss_cpu_layout_free(state->layout);
  free(state);
}

static dss_status make_layout(const dss_kernel_plan *plan, const dss_cpu_kernels *kernels,
                              dss_backend_report *report, dss_cpu_layout **layout) {
  *layout = dss_cpu_layout_make(plan, has_sparse(kernels), kernels->reads_records);
  if (*layout) return DSS_OK;
  snprintf(report->why, sizeof report->why, "out of memory for the ratings' layout");
  return DSS_ERR_MEMORY;
}

static void describe(const dss_cpu_layout *layout, const dss_cpu_kernels *kernels, unsigned threads,
                     dss_backend_report *report) {
  dss_cpu_describe(layout, kernels->name, kernels->lanes, report);
  report->host_bytes = sizeof(cpu_state) + dss_cpu_layout_bytes(layout) +
                       threads * scratch_bytes(layout, kernels->lanes);
}

static unsigned threads_of(const dss_resources *resources) {
  return resources->threads > 0 ? resources->threads : 1;
}

/* As many threads as there is memory for; at least one. */
static dss_status open_lanes(cpu_state *state, unsigned threads, dss_backend_report *report) {
  dss_status status = make_layout(state->plan, state->kernels, report, &state->layout);
  if (status != DSS_OK) return status;
  describe(state->layout, state->kernels, threads, report);
  state->scratches = calloc(threads, sizeof *state->scratches);
  if (!state->scratches) return DSS_ERR_MEMORY;
  while (state->threads < threads &&
         scratch_make(&state->scratches[state->threads], state->layout, state->kernels->lanes))
    state->scratches[state->threads++].watch = &state->watch;
  return state->threads > 0 ? DSS_OK : DSS_ERR_MEMORY;
}

static dss_status open_reference(cpu_state *state, const dss_resources *resources,
                                 const dss_kernel_question *large, dss_backend_report *report) {
  dss_status status = probe_reference(state->plan, resources, large, report);
  if (status != DSS_OK) return status;
  return dss_backend_reference.open(state->plan, resources, &state->reference);
}

static dss_status cpu_probe_and_open(const dss_kernel_plan *plan, const dss_resources *resources,
                                     dss_backend_report *report, void **opaque) {
  memset(report, 0, sizeof *report);
  const dss_cpu_kernels *kernels = dss_cpu_choose_kernels();
  if (!kernels) {
    say_missing(report);
    return DSS_ERR_DEVICE;
  }
  cpu_state *state = calloc(1, sizeof *state);
  if (!state) return DSS_ERR_MEMORY;
  state->plan = plan;
  state->kernels = kernels;
  state->watch.stop = resources->stop;
  state->watch.user = resources->stop_user;
  const dss_kernel_question *large = too_large(plan);
  dss_status status = large ? open_reference(state, resources, large, report)
                            : open_lanes(state, threads_of(resources), report);
  if (status != DSS_OK) {
    cpu_close(state);
    return status;
  }
  *opaque = state;
  return DSS_OK;
}

static dss_status cpu_open(const dss_kernel_plan *plan, const dss_resources *resources,
                           void **opaque) {
  dss_backend_report report;
  return cpu_probe_and_open(plan, resources, &report, opaque);
}

/* --- resamples ------------------------------------------------------------------------------- */

/* Resamples that a thread takes together: as many as it can, but so that all threads have some. */
static size_t step_of(const cpu_state *state, uint64_t count) {
  size_t lanes = state->kernels->lanes, blocks = state->layout->n_blocks;
  uint64_t share = (count + state->threads - 1) / state->threads;
  uint64_t filled = (share + lanes - 1) / lanes;
  return (filled < blocks ? (size_t)filled : blocks) * lanes;
}

static void one_question(const cpu_state *state, size_t q, dss_cpu_scratch *s, unsigned n,
                         double *out) {
#ifdef DSS_CPU_X86
  if (state->layout->questions[q].sparse) {
    dss_cpu_sparse_values(state->layout, q, s, n, out);
    return;
  }
#endif
  state->kernels->question(state->layout, q, s, n, out);
}

/* Resamples first .. first + n - 1. */
static void one_step(const cpu_state *state, uint64_t first, size_t n, dss_cpu_scratch *s,
                     double *out) {
  size_t lanes = state->kernels->lanes;
  for (size_t done = 0; done < n; done += lanes) {
    size_t now = n - done < lanes ? n - done : lanes;
    dss_cpu_at_block(state->layout, lanes, done / lanes, s);
    dss_cpu_profiles(state->layout, state->kernels, first + done, (unsigned)now, s);
  }
  for (size_t q = 0; q < state->plan->n_questions; q++)
    one_question(state, q, s, (unsigned)n, out);
}

/* The calling thread has the first step, as it alone may ask whether to go on; the others are for
 * whoever comes, as OpenMP may give fewer threads than it was asked for. */
static dss_status cpu_values(void *opaque, uint64_t first, uint64_t count, double *out) {
  cpu_state *state = opaque;
  if (state->reference) return dss_backend_reference.values(state->reference, first, count, out);
  size_t columns = dss_kernel_columns(state->plan);
  int threads = (int)state->threads;
  size_t step = step_of(state, count);
  uint64_t steps = (count + step - 1) / step;
  atomic_uint_fast64_t next = 1;
#pragma omp parallel num_threads(threads)
  {
    int thread = omp_get_thread_num();
    dss_cpu_scratch *mine = &state->scratches[thread];
    mine->asks = thread == 0;
    for (uint64_t k = thread ? atomic_fetch_add(&next, 1) : 0; k < steps;
         k = atomic_fetch_add(&next, 1)) {
      uint64_t i = k * step;
      size_t n = count - i < step ? (size_t)(count - i) : step;
      one_step(state, first + i, n, mine, &out[i * columns]);
    }
  }
  return atomic_load(&state->watch.given_up) ? DSS_INTERRUPTED : DSS_OK;
}

static int batch_values(void *state, uint64_t first, uint64_t count, double *out) {
  return cpu_values(state, first, count, out);
}

static dss_status cpu_run(void *opaque, uint64_t first, uint64_t count,
                          dss_accumulators *accumulators) {
  cpu_state *state = opaque;
  if (state->reference)
    return dss_backend_reference.run(state->reference, first, count, accumulators);
  return (dss_status)dss_run_batches(batch_values, state, first, count, accumulators,
                                     DSS_ERR_MEMORY);
}

/* --- the backend table ----------------------------------------------------------------------- */

static dss_status cpu_probe(const dss_kernel_plan *plan, const dss_resources *resources,
                            dss_backend_report *report) {
  memset(report, 0, sizeof *report);
  const dss_cpu_kernels *kernels = dss_cpu_choose_kernels();
  if (!kernels) {
    say_missing(report);
    return DSS_ERR_DEVICE;
  }
  const dss_kernel_question *large = too_large(plan);
  if (large) return probe_reference(plan, resources, large, report);
  dss_cpu_layout *layout;
  dss_status status = make_layout(plan, kernels, report, &layout);
  if (status != DSS_OK) return status;
  describe(layout, kernels, threads_of(resources), report);
  dss_cpu_layout_free(layout);
  return DSS_OK;
}

const dss_backend dss_backend_cpu = {
    .name = "cpu",
    .probe = cpu_probe,
    .open = cpu_open,
    .probe_and_open = cpu_probe_and_open,
    .run = cpu_run,
    .values = cpu_values,
    .close = cpu_close,
};

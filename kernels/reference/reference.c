/* The scalar reference: written to be read, and the judge of every other backend.
 *
 * A resample shuffles the raters' profiles, then walks question by question, axis by axis, item by
 * item: count the item's ratings by group and category, the complement is the axis's total less the
 * group, add the item to each group's exact sums. Formulas come last. One thread takes one
 * resample.
 *
 * Cost of a resample: axes x ratings counts and axes x items x groups x K^2 / 2 sums. */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/backend.h"
#include "kernels/common/batches.h"

/* What one thread needs for one resample. */
typedef struct scratch {
  uint32_t *slots, *source; /* [n_raters] */
  int32_t *group;           /* [n_raters] on an axis, by the profile that the rater carries */
  uint32_t *counts;         /* [groups of an axis][K] of one item */
  uint32_t *complement;     /* [K] */
  uint32_t *total;          /* [K] of one item, over the axis's groups */
  dss_group_sums *sums;     /* [groups of an axis] */
  uint64_t *integers;       /* backing of the sums' arrays */
  dss_u128 *wide;
  size_t n_integers, n_wide; /* in all */
} scratch;

typedef struct reference_state {
  const dss_kernel_plan *plan;
  unsigned threads;
  scratch *scratches; /* [threads] */
} reference_state;

typedef struct widths {
  uint32_t groups, levels; /* largest of any axis, of any question */
} widths;

static widths largest(const dss_kernel_plan *plan) {
  widths w = {1, 1};
  for (size_t a = 0; a < plan->n_axes; a++)
    if (plan->axes[a].n_groups > w.groups) w.groups = plan->axes[a].n_groups;
  for (size_t q = 0; q < plan->n_questions; q++)
    if (plan->questions[q].tables.n_levels > w.levels)
      w.levels = plan->questions[q].tables.n_levels;
  return w;
}

static void scratch_free(scratch *s) {
  free(s->slots);
  free(s->source);
  free(s->group);
  free(s->counts);
  free(s->complement);
  free(s->total);
  free(s->sums);
  free(s->integers);
  free(s->wide);
}

static bool scratch_make(scratch *s, const dss_kernel_plan *plan) {
  widths w = largest(plan);
  s->n_integers = w.groups * dss_sums_integers(w.levels);
  s->n_wide = w.groups * dss_sums_wide(w.levels);
  s->slots = calloc(plan->exchange.n_raters, sizeof *s->slots);
  s->source = calloc(plan->exchange.n_raters, sizeof *s->source);
  s->group = calloc(plan->exchange.n_raters, sizeof *s->group);
  s->counts = calloc((size_t)w.groups * w.levels, sizeof *s->counts);
  s->complement = calloc(w.levels, sizeof *s->complement);
  s->total = calloc(w.levels, sizeof *s->total);
  s->sums = calloc(w.groups, sizeof *s->sums);
  s->integers = calloc(s->n_integers, sizeof *s->integers);
  s->wide = calloc(s->n_wide, sizeof *s->wide);
  return s->slots && s->source && s->group && s->counts && s->complement && s->total && s->sums &&
         s->integers && s->wide;
}

/* Zero sums for the groups of an axis, their arrays laid out for K levels. */
static void clear_sums(scratch *s, uint32_t n_groups, uint32_t levels) {
  size_t integers = dss_sums_integers(levels), wide = dss_sums_wide(levels);
  memset(s->integers, 0, n_groups * integers * sizeof *s->integers);
  memset(s->wide, 0, n_groups * wide * sizeof *s->wide);
  for (uint32_t g = 0; g < n_groups; g++)
    s->sums[g] = dss_sums_over(levels, &s->integers[g * integers], &s->wide[g * wide]);
}

/* counts[g][c] and total[c] of item u under the shuffled profiles. */
static void count_item(scratch *s, const dss_kernel_question *question, const dss_kernel_axis *axis,
                       uint32_t u) {
  uint32_t levels = question->tables.n_levels;
  memset(s->counts, 0, (size_t)axis->n_groups * levels * sizeof *s->counts);
  memset(s->total, 0, levels * sizeof *s->total);
  for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
    int32_t group = s->group[question->rater[i]];
    if (group < 0) continue; /* an unknown value takes no part in the axis */
    s->counts[(size_t)group * levels + question->code[i]]++;
    s->total[question->code[i]]++;
  }
}

/* The sums of every tested group of one axis for one question. */
static void sum_axis(scratch *s, const dss_kernel_plan *plan, const dss_kernel_question *question,
                     const dss_kernel_axis *axis) {
  const dss_tables *tables = &question->tables;
  uint32_t levels = tables->n_levels;
  clear_sums(s, axis->n_groups, levels);
  for (uint32_t r = 0; r < plan->exchange.n_raters; r++)
    s->group[r] = axis->group[s->source[r]];
  for (uint32_t u = 0; u < question->n_items; u++) {
    count_item(s, question, axis, u);
    for (uint32_t g = 0; g < axis->n_groups; g++) {
      if (!plan->tested[axis->first_group + g]) continue;
      const uint32_t *x = &s->counts[(size_t)g * levels];
      uint32_t m = 0, others = 0;
      for (uint32_t c = 0; c < levels; c++) {
        m += x[c];
        s->complement[c] = s->total[c] - x[c];
        others += s->complement[c];
      }
      if (m == 0 && !plan->choice.complement) continue;
      dss_sums_add(&s->sums[g], tables, &plan->choice, x, m, s->complement, others);
    }
  }
}

static void shuffle(scratch *s, const dss_kernel_plan *plan, uint64_t b) {
  dss_exchange_profiles(&plan->exchange, b, s->slots, s->source);
}

/* Every value of resample b; out [n_questions][n_groups][n_statistics]. */
static void resample(scratch *s, const dss_kernel_plan *plan, uint64_t b, double *out) {
  size_t columns = dss_kernel_columns(plan);
  for (size_t i = 0; i < columns; i++)
    out[i] = NAN;
  shuffle(s, plan, b);
  for (size_t q = 0; q < plan->n_questions; q++) {
    const dss_kernel_question *question = &plan->questions[q];
    for (size_t a = 0; a < plan->n_axes; a++) {
      const dss_kernel_axis *axis = &plan->axes[a];
      sum_axis(s, plan, question, axis);
      for (uint32_t g = 0; g < axis->n_groups; g++) {
        size_t group = axis->first_group + g;
        if (!plan->tested[group]) continue;
        dss_values values = dss_values_of(&question->tables, &plan->choice, &s->sums[g]);
        dss_put_values(plan->metrics, &values,
                       &out[(q * plan->n_groups + group) * plan->n_statistics]);
      }
    }
  }
}

/* --- the backend table -------------------------------------------------------------------- */

static dss_status reference_probe(const dss_kernel_plan *plan, const dss_resources *resources,
                                  dss_backend_report *report) {
  widths w = largest(plan);
  memset(report, 0, sizeof *report);
  strcpy(report->method, "scalar walk over rating lists");
  strcpy(report->why, "the reference has one method");
  report->host_bytes =
      resources->threads * (12 * (uint64_t)plan->exchange.n_raters +
                            w.groups * (4 * (uint64_t)w.levels + sizeof(dss_group_sums) +
                                        8 * (uint64_t)dss_sums_integers(w.levels) +
                                        16 * (uint64_t)dss_sums_wide(w.levels)));
  return DSS_OK;
}

static void reference_close(void *opaque) {
  reference_state *state = opaque;
  if (!state) return;
  for (unsigned t = 0; state->scratches && t < state->threads; t++)
    scratch_free(&state->scratches[t]);
  free(state->scratches);
  free(state);
}

static dss_status reference_open(const dss_kernel_plan *plan, const dss_resources *resources,
                                 void **opaque) {
  reference_state *state = calloc(1, sizeof *state);
  if (!state) return DSS_ERR_MEMORY;
  state->plan = plan;
  state->threads = resources->threads > 0 ? resources->threads : 1;
  state->scratches = calloc(state->threads, sizeof *state->scratches);
  bool made = state->scratches != NULL;
  for (unsigned t = 0; made && t < state->threads; t++)
    made = scratch_make(&state->scratches[t], plan);
  if (!made) {
    reference_close(state);
    return DSS_ERR_MEMORY;
  }
  *opaque = state;
  return DSS_OK;
}

static dss_status reference_values(void *opaque, uint64_t first, uint64_t count, double *out) {
  reference_state *state = opaque;
  size_t columns = dss_kernel_columns(state->plan);
  int threads = (int)state->threads;
#pragma omp parallel num_threads(threads)
  {
    scratch *mine = &state->scratches[omp_get_thread_num()];
#pragma omp for schedule(dynamic, 1)
    for (uint64_t i = 0; i < count; i++)
      resample(mine, state->plan, first + i, &out[i * columns]);
  }
  return DSS_OK;
}

static int batch_values(void *state, uint64_t first, uint64_t count, double *out) {
  return (int)reference_values(state, first, count, out);
}

static dss_status reference_run(void *state, uint64_t first, uint64_t count,
                                dss_accumulators *accumulators) {
  return (dss_status)dss_run_batches(batch_values, state, first, count, accumulators,
                                     DSS_ERR_MEMORY);
}

const dss_backend dss_backend_reference = {
    .name = "reference",
    .probe = reference_probe,
    .open = reference_open,
    .run = reference_run,
    .values = reference_values,
    .close = reference_close,
};

dss_status dss_reference_observe(const dss_kernel_plan *plan, dss_sums_fn see, void *user) {
  scratch s = {0};
  if (!scratch_make(&s, plan)) {
    scratch_free(&s);
    return DSS_ERR_MEMORY;
  }
  shuffle(&s, plan, DSS_RESAMPLE_NONE);
  for (size_t q = 0; q < plan->n_questions; q++)
    for (size_t a = 0; a < plan->n_axes; a++) {
      sum_axis(&s, plan, &plan->questions[q], &plan->axes[a]);
      for (uint32_t g = 0; g < plan->axes[a].n_groups; g++)
        if (plan->tested[plan->axes[a].first_group + g])
          see(q, plan->axes[a].first_group + g, &s.sums[g], user);
    }
  scratch_free(&s);
  return DSS_OK;
}

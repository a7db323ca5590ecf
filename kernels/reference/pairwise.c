/* Pairwise estimators, written to be read: a thread takes a resample and goes over every pair, axis
 * by axis. */
#include "kernels/pairwise.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

typedef struct scratch {
  uint32_t *slots, *source; /* [n_raters] */
  dss_pairwise_sums *sums;  /* [groups of an axis] */
  uint32_t *count, *known;  /* [groups of an axis][K], [K] of all of them */
} scratch;

typedef struct reference_state {
  const dss_pairwise_plan *plan;
  unsigned threads;
  scratch *scratches; /* [threads] */
} reference_state;

static void scratch_free(scratch *s) {
  free(s->slots);
  free(s->source);
  free(s->sums);
  free(s->count);
  free(s->known);
}

static bool scratch_make(scratch *s, const dss_pairwise_plan *p) {
  size_t groups = 1, levels = 1, raters = p->plan->exchange.n_raters;
  for (size_t a = 0; a < p->plan->n_axes; a++)
    if (p->plan->axes[a].n_groups > groups) groups = p->plan->axes[a].n_groups;
  for (size_t q = 0; q < p->plan->n_questions; q++)
    if (p->questions[q].scale.n_levels > levels) levels = p->questions[q].scale.n_levels;
  s->slots = calloc(raters, sizeof *s->slots);
  s->source = calloc(raters, sizeof *s->source);
  s->sums = calloc(groups, sizeof *s->sums);
  s->count = calloc(groups * levels, sizeof *s->count);
  s->known = calloc(levels, sizeof *s->known);
  return s->slots && s->source && s->sums && s->count && s->known;
}

/* Adds rater r's pairs to the sums of group g, which r is in. source: whose profile a rater
 * carries; NULL: everybody their own. */
static void add_pairs(const dss_pairwise_question *q, const dss_kernel_axis *axis,
                      const uint32_t *source, uint32_t r, int32_t g, dss_pairwise_sums *sums) {
  for (uint64_t i = q->ptr[r]; i < q->ptr[r + 1]; i++) {
    int32_t other = axis->group[source ? source[q->other[i]] : q->other[i]];
    if (other < 0) continue; /* an unknown value takes no part in the axis */
    if (other == g) {
      sums->own_steps += q->steps[i];
      sums->own_pairs++;
    } else {
      sums->cross_steps += q->steps[i];
      sums->cross_pairs++;
    }
  }
}

static void add_levels(const dss_pairwise_question *q, uint32_t r, uint32_t *count) {
  for (uint32_t c = 0; c < q->scale.n_levels; c++)
    count[c] += q->count[(size_t)r * q->scale.n_levels + c];
}

static void sum_axis(scratch *s, const dss_pairwise_question *q, const dss_kernel_axis *axis,
                     uint32_t n_raters) {
  uint32_t levels = q->scale.n_levels;
  memset(s->sums, 0, axis->n_groups * sizeof *s->sums);
  memset(s->count, 0, (size_t)axis->n_groups * levels * sizeof *s->count);
  memset(s->known, 0, levels * sizeof *s->known);
  for (uint32_t r = 0; r < n_raters; r++) {
    int32_t g = axis->group[s->source[r]];
    if (g < 0) continue;
    add_pairs(q, axis, s->source, r, g, &s->sums[g]);
    add_levels(q, r, &s->count[(size_t)g * levels]);
    add_levels(q, r, s->known);
  }
}

static void put_group(scratch *s, const dss_pairwise_question *q, unsigned metrics, uint32_t g,
                      double *out) {
  uint32_t levels = q->scale.n_levels;
  dss_pairwise_values v = dss_pairwise_values_of(&q->scale, q->step, &s->sums[g],
                                                 &s->count[(size_t)g * levels], s->known);
  dss_pairwise_put(metrics, &v, out);
}

static void resample(scratch *s, const dss_pairwise_plan *p, uint64_t b, double *out) {
  const dss_kernel_plan *plan = p->plan;
  dss_exchange_profiles(&plan->exchange, b, s->slots, s->source);
  for (size_t i = 0; i < plan->n_questions * plan->n_groups * p->n_statistics; i++)
    out[i] = NAN;
  for (size_t q = 0; q < plan->n_questions; q++)
    for (size_t a = 0; a < plan->n_axes; a++) {
      const dss_kernel_axis *axis = &plan->axes[a];
      sum_axis(s, &p->questions[q], axis, plan->exchange.n_raters);
      for (uint32_t g = 0; g < axis->n_groups; g++) {
        size_t group = axis->first_group + g;
        if (plan->tested[group])
          put_group(s, &p->questions[q], p->metrics, g,
                    &out[(q * plan->n_groups + group) * p->n_statistics]);
      }
    }
}

static void reference_close(void *opaque) {
  reference_state *state = opaque;
  if (!state) return;
  for (unsigned t = 0; state->scratches && t < state->threads; t++)
    scratch_free(&state->scratches[t]);
  free(state->scratches);
  free(state);
}

static dss_status reference_open(const dss_pairwise_plan *plan, const dss_resources *resources,
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
  const dss_pairwise_plan *p = state->plan;
  size_t columns = p->plan->n_questions * p->plan->n_groups * p->n_statistics;
  int threads = (int)state->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (uint64_t i = 0; i < count; i++)
    resample(&state->scratches[omp_get_thread_num()], p, first + i, &out[i * columns]);
  return DSS_OK;
}

const dss_pairwise_backend dss_pairwise_reference = {
    .name = "reference",
    .open = reference_open,
    .values = reference_values,
    .close = reference_close,
};

static const dss_kernel_axis *axis_of(const dss_kernel_plan *plan, size_t group) {
  size_t a = 0;
  while (a + 1 < plan->n_axes && plan->axes[a + 1].first_group <= group)
    a++;
  return &plan->axes[a];
}

void dss_pairwise_observe(const dss_pairwise_plan *plan, size_t question, size_t group,
                          dss_pairwise_sums *sums, dss_pairwise_values *values) {
  const dss_pairwise_question *q = &plan->questions[question];
  const dss_kernel_axis *axis = axis_of(plan->plan, group);
  int32_t mine = (int32_t)(group - axis->first_group);
  uint32_t own[UINT8_MAX + 1] = {0}, known[UINT8_MAX + 1] = {0}; /* codes are bytes */
  memset(sums, 0, sizeof *sums);
  for (uint32_t r = 0; r < plan->plan->exchange.n_raters; r++) {
    if (axis->group[r] < 0) continue;
    add_levels(q, r, known);
    if (axis->group[r] != mine) continue;
    add_levels(q, r, own);
    add_pairs(q, axis, NULL, r, mine, sums);
  }
  *values = dss_pairwise_values_of(&q->scale, q->step, sums, own, known);
}

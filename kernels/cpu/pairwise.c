/* Pairwise estimators, a block of resamples at a time: labels as 16-bit numbers, a lane each.
 *
 * Steps and a one for the pair go into one 64-bit sum a rater, so a pair costs two comparisons and
 * eight masked additions for 64 resamples (AVX-512). Pairs within groups are added up; what a rater
 * has with anybody is known beforehand, so pairs across groups are what is left. Where everybody's
 * value is known, each pair is seen from one side only. */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/pairwise.h"
#include "lanes.h"

enum { UNKNOWN = UINT16_MAX };

/* One thread's, for a block; groups are those of the axis at hand. */
typedef struct scratch {
  uint32_t *slots, *source; /* [n_raters], [lanes][n_raters] */
  uint16_t *labels;         /* [n_raters][lanes] */
  uint64_t *sums;           /* [groups][own steps, own pairs, all steps, all pairs][lanes] */
  uint32_t *count;          /* [groups + 1][K][lanes]; the last: of all known raters */
  uint32_t *own, *known;    /* [K] of one lane */
} scratch;
enum { OWN_STEPS, OWN_PAIRS, ALL_STEPS, ALL_PAIRS, N_SUMS };

typedef struct cpu_state {
  const dss_pairwise_plan *plan;
  const dss_cpu_kernels *kernels;
  unsigned shift;    /* a rater's number of pairs stands above its steps */
  uint64_t **all;    /* [n_questions][n_raters] steps and pairs of a rater with anybody */
  uint8_t *complete; /* [n_axes] every value is known */
  unsigned threads;
  scratch *scratches; /* [threads] */
  void *reference;    /* an axis has more groups than labels can name; or NULL */
} cpu_state;

/* --- memory -------------------------------------------------------------------------------- */

static void scratch_free(scratch *s) {
  free(s->slots);
  free(s->source);
  free(s->labels);
  free(s->sums);
  free(s->count);
  free(s->own);
  free(s->known);
}

static uint32_t most_groups(const dss_kernel_plan *plan) {
  uint32_t most = 1;
  for (size_t a = 0; a < plan->n_axes; a++)
    if (plan->axes[a].n_groups > most) most = plan->axes[a].n_groups;
  return most;
}

static bool scratch_make(scratch *s, const dss_pairwise_plan *p, size_t lanes) {
  size_t raters = p->plan->exchange.n_raters, groups = most_groups(p->plan), levels = 1;
  for (size_t q = 0; q < p->plan->n_questions; q++)
    if (p->questions[q].scale.n_levels > levels) levels = p->questions[q].scale.n_levels;
  s->slots = calloc(raters, sizeof *s->slots);
  s->source = calloc(raters * lanes, sizeof *s->source);
  s->labels = calloc(raters * lanes, sizeof *s->labels);
  s->sums = calloc(groups * N_SUMS * lanes, sizeof *s->sums);
  s->count = calloc((groups + 1) * levels * lanes, sizeof *s->count);
  s->own = calloc(levels, sizeof *s->own);
  s->known = calloc(levels, sizeof *s->known);
  return s->slots && s->source && s->labels && s->sums && s->count && s->own && s->known;
}

static void cpu_close(void *opaque) {
  cpu_state *state = opaque;
  if (!state) return;
  for (unsigned t = 0; state->scratches && t < state->threads; t++)
    scratch_free(&state->scratches[t]);
  for (size_t q = 0; state->all && q < state->plan->plan->n_questions; q++)
    free(state->all[q]);
  dss_pairwise_reference.close(state->reference);
  free(state->scratches);
  free(state->all);
  free(state->complete);
  free(state);
}

static bool add_rows(cpu_state *state, size_t q) {
  const dss_pairwise_question *question = &state->plan->questions[q];
  uint32_t n = state->plan->plan->exchange.n_raters;
  uint64_t one = (uint64_t)1 << state->shift, *row = calloc(n, sizeof *row);
  state->all[q] = row;
  for (uint32_t r = 0; row && r < n; r++)
    for (uint64_t i = question->ptr[r]; i < question->ptr[r + 1]; i++)
      row[r] += question->steps[i] + one;
  return row != NULL;
}

static void find_complete(cpu_state *state) {
  const dss_kernel_plan *plan = state->plan->plan;
  for (size_t a = 0; a < plan->n_axes; a++) {
    state->complete[a] = 1;
    for (uint32_t r = 0; r < plan->exchange.n_raters; r++)
      if (plan->axes[a].group[r] < 0) state->complete[a] = 0;
  }
}

static bool fill_state(cpu_state *state) {
  const dss_pairwise_plan *p = state->plan;
  state->shift = 64 - dss_pairwise_count_bits(p->plan->exchange.n_raters);
  state->all = calloc(p->plan->n_questions, sizeof *state->all);
  state->complete = calloc(p->plan->n_axes + 1, sizeof *state->complete);
  state->scratches = calloc(state->threads, sizeof *state->scratches);
  bool made = state->all && state->complete && state->scratches;
  for (size_t q = 0; made && q < p->plan->n_questions; q++)
    made = add_rows(state, q);
  for (unsigned t = 0; made && t < state->threads; t++)
    made = scratch_make(&state->scratches[t], p, state->kernels->lanes);
  if (made) find_complete(state);
  return made;
}

static dss_status cpu_open(const dss_pairwise_plan *plan, const dss_resources *resources,
                           void **opaque) {
  cpu_state *state = calloc(1, sizeof *state);
  if (!state) return DSS_ERR_MEMORY;
  *state = (cpu_state){.plan = plan,
                       .kernels = dss_cpu_choose_kernels(),
                       .threads = resources->threads > 0 ? resources->threads : 1};
  dss_status status = DSS_OK;
  if (!state->kernels)
    status = DSS_ERR_DEVICE;
  else if (most_groups(plan->plan) >= UNKNOWN)
    status = dss_pairwise_reference.open(plan, resources, &state->reference);
  else if (!fill_state(state))
    status = DSS_ERR_MEMORY;
  if (status == DSS_OK)
    *opaque = state;
  else
    cpu_close(state);
  return status;
}

/* --- sums ----------------------------------------------------------------------------------- */

static void fill_labels(const cpu_state *state, const dss_kernel_axis *axis, scratch *s) {
  size_t lanes = state->kernels->lanes, n = state->plan->plan->exchange.n_raters;
  for (size_t l = 0; l < lanes; l++)
    for (size_t r = 0; r < n; r++) {
      int32_t group = axis->group[s->source[l * n + r]];
      s->labels[r * lanes + l] = group < 0 ? UNKNOWN : (uint16_t)group;
    }
}

/* Adds rater r's pairs to the groups that r is in. With an axis of unknown values in it `others`
 * are those of unknown value, whose pairs are neither within nor across groups. */
static void add_rater(const cpu_state *state, scratch *s, uint32_t r, const uint64_t *own,
                      uint64_t all, const uint64_t *others) {
  size_t lanes = state->kernels->lanes;
  uint64_t low = ((uint64_t)1 << state->shift) - 1;
  const uint16_t *label = &s->labels[r * lanes];
  for (size_t l = 0; l < lanes; l++) {
    if (label[l] == UNKNOWN) continue;
    uint64_t *to = &s->sums[(size_t)label[l] * N_SUMS * lanes + l];
    uint64_t known = all - (others ? others[l] : 0);
    to[OWN_STEPS * lanes] += own[l] & low;
    to[OWN_PAIRS * lanes] += own[l] >> state->shift;
    to[ALL_STEPS * lanes] += known & low;
    to[ALL_PAIRS * lanes] += known >> state->shift;
  }
}

static void sum_pairs(const cpu_state *state, size_t q, size_t a, scratch *s) {
  const dss_pairwise_question *question = &state->plan->questions[q];
  uint64_t own[64], unknown[64], one = (uint64_t)1 << state->shift;
  uint16_t nobody[64];
  size_t lanes = state->kernels->lanes;
  bool complete = state->complete[a];
  memset(nobody, 0xff, sizeof nobody);
  memset(s->sums, 0, state->plan->plan->axes[a].n_groups * N_SUMS * lanes * sizeof *s->sums);
  for (uint32_t r = 0; r < state->plan->plan->exchange.n_raters; r++) {
    uint64_t first = complete ? question->middle[r] : question->ptr[r];
    uint64_t n = question->ptr[r + 1] - first;
    const uint32_t *other = &question->other[first];
    const uint64_t *steps = &question->steps[first];
    state->kernels->add_pairs(s->labels, &s->labels[r * lanes], other, steps, n, one, own);
    if (!complete) state->kernels->add_pairs(s->labels, nobody, other, steps, n, one, unknown);
    add_rater(state, s, r, own, state->all[q][r], complete ? NULL : unknown);
  }
}

static void count_levels(const cpu_state *state, size_t q, uint32_t n_groups, scratch *s) {
  const dss_pairwise_question *question = &state->plan->questions[q];
  size_t lanes = state->kernels->lanes, levels = question->scale.n_levels;
  memset(s->count, 0, (n_groups + 1) * levels * lanes * sizeof *s->count);
  for (uint32_t r = 0; r < state->plan->plan->exchange.n_raters; r++)
    for (size_t l = 0; l < lanes; l++) {
      uint16_t label = s->labels[r * lanes + l];
      if (label == UNKNOWN) continue;
      for (size_t c = 0; c < levels; c++)
        s->count[(label * levels + c) * lanes + l] += question->count[r * levels + c];
    }
  uint32_t *known = &s->count[n_groups * levels * lanes];
  for (size_t i = 0; i < n_groups * levels * lanes; i++)
    known[i % (levels * lanes)] += s->count[i];
}

/* --- values --------------------------------------------------------------------------------- */

static dss_pairwise_values values_at(const cpu_state *state, const dss_pairwise_question *q,
                                     const scratch *s, uint32_t n_groups, uint32_t g, size_t lane,
                                     bool complete) {
  size_t lanes = state->kernels->lanes, levels = q->scale.n_levels;
  const uint64_t *at = &s->sums[(size_t)g * N_SUMS * lanes + lane];
  uint64_t sides = complete ? 2 : 1; /* each pair was seen from one of them */
  dss_pairwise_sums sums = {.own_steps = at[OWN_STEPS * lanes] * sides,
                            .own_pairs = at[OWN_PAIRS * lanes] * sides};
  sums.cross_steps = at[ALL_STEPS * lanes] - sums.own_steps;
  sums.cross_pairs = at[ALL_PAIRS * lanes] - sums.own_pairs;
  for (size_t c = 0; c < levels; c++) {
    s->own[c] = s->count[(g * levels + c) * lanes + lane];
    s->known[c] = s->count[(n_groups * levels + c) * lanes + lane];
  }
  return dss_pairwise_values_of(&q->scale, q->step, &sums, s->own, s->known);
}

static void put_axis(const cpu_state *state, size_t q, size_t a, size_t n, const scratch *s,
                     double *out) {
  const dss_pairwise_plan *p = state->plan;
  const dss_kernel_axis *axis = &p->plan->axes[a];
  size_t columns = p->plan->n_questions * p->plan->n_groups * p->n_statistics;
  for (uint32_t g = 0; g < axis->n_groups; g++) {
    size_t group = axis->first_group + g;
    double *to = &out[(q * p->plan->n_groups + group) * p->n_statistics];
    for (size_t lane = 0; lane < n; lane++, to += columns) {
      dss_pairwise_values v = {NAN, NAN, NAN, NAN, NAN, NAN};
      if (p->plan->tested[group])
        v = values_at(state, &p->questions[q], s, axis->n_groups, g, lane, state->complete[a]);
      dss_pairwise_put(p->metrics, &v, to);
    }
  }
}

/* n resamples, at most as many as there are lanes; the lanes left over repeat the last. */
static void one_block(const cpu_state *state, uint64_t first, size_t n, scratch *s, double *out) {
  const dss_kernel_plan *plan = state->plan->plan;
  size_t raters = plan->exchange.n_raters;
  for (size_t l = 0; l < state->kernels->lanes; l++)
    if (l < n)
      dss_exchange_profiles(&plan->exchange, first + l, s->slots, &s->source[l * raters]);
    else
      memcpy(&s->source[l * raters], &s->source[(n - 1) * raters], raters * sizeof *s->source);
  for (size_t a = 0; a < plan->n_axes; a++) {
    fill_labels(state, &plan->axes[a], s);
    for (size_t q = 0; q < plan->n_questions; q++) {
      sum_pairs(state, q, a, s);
      count_levels(state, q, plan->axes[a].n_groups, s);
      put_axis(state, q, a, n, s, out);
    }
  }
}

static dss_status cpu_values(void *opaque, uint64_t first, uint64_t count, double *out) {
  cpu_state *state = opaque;
  const dss_pairwise_plan *p = state->plan;
  if (state->reference) return dss_pairwise_reference.values(state->reference, first, count, out);
  size_t columns = p->plan->n_questions * p->plan->n_groups * p->n_statistics;
  size_t lanes = state->kernels->lanes;
  int threads = (int)state->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (uint64_t i = 0; i < count; i += lanes) {
    size_t n = count - i < lanes ? (size_t)(count - i) : lanes;
    one_block(state, first + i, n, &state->scratches[omp_get_thread_num()], &out[i * columns]);
  }
  return DSS_OK;
}

const dss_pairwise_backend dss_pairwise_cpu = {
    .name = "cpu",
    .open = cpu_open,
    .values = cpu_values,
    .close = cpu_close,
};

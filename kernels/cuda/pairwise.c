/* Statistics of pairs of raters beside those of items: their lists on a GPU, the memory that they
 * take, and the sums of one question after the other, word of labels by word. */
#include "pairwise.h"

#include <stdlib.h>
#include <string.h>

#include "gpu.h"
#include "trouble.h"

/* --- memory ----------------------------------------------------------------------------------- */

static uint32_t level_pairs(const dss_pairwise_question *q) {
  return (q->scale.n_levels + 1) / 2;
}

uint64_t dss_cu_pairwise_fixed(const dss_pairwise_plan *pairs) {
  uint64_t n = pairs->plan->exchange.n_raters, bytes = 0;
  for (size_t i = 0; i < pairs->plan->n_questions; i++) {
    const dss_pairwise_question *q = &pairs->questions[i];
    uint64_t levels = q->scale.n_levels;
    bytes += q->n_pairs * (sizeof(uint32_t) + sizeof(uint64_t)) +
             (n + 1) * (3 + level_pairs(q)) * sizeof(uint64_t) +
             levels * (levels + 1) * sizeof(double) + 4096; /* what allocations round up */
  }
  return bytes;
}

/* Groups of the axes of a word, and rows of levels. */
static void count_rows(const dss_cu_design *d, uint32_t word, uint32_t *n_rows,
                       uint32_t *n_levels) {
  *n_rows = *n_levels = 0;
  for (size_t a = 0; a < d->plan->n_axes; a++) {
    if (d->axes[a].axis.word != word) continue;
    *n_rows += d->axes[a].axis.n_groups;
    *n_levels += d->axes[a].axis.n_groups + 1;
  }
}

static void find_most(const dss_cu_design *d, uint64_t *sums, uint64_t *levels) {
  uint64_t most = 0;
  *sums = *levels = 0;
  for (size_t q = 0; q < d->plan->n_questions; q++)
    if (level_pairs(&d->pairs->questions[q]) > most) most = level_pairs(&d->pairs->questions[q]);
  for (uint32_t w = 0; w < d->n_words; w++) {
    uint32_t rows, rows_of_levels;
    count_rows(d, w, &rows, &rows_of_levels);
    if (rows * (uint64_t)DSS_CU_PAIRWISE > *sums) *sums = rows * (uint64_t)DSS_CU_PAIRWISE;
    if (rows_of_levels * most > *levels) *levels = rows_of_levels * most;
  }
}

uint64_t dss_cu_pairwise_a_resample(const dss_cu_design *d) {
  uint64_t sums, levels;
  if (!d->pairs) return 0;
  find_most(d, &sums, &levels);
  return (sums + levels) * sizeof(uint64_t);
}

dss_status dss_cu_pairwise_take(dss_cu_gpu *gpu) {
  uint64_t sums, levels, n = gpu->design.resamples;
  if (!gpu->design.pairs) return DSS_OK;
  find_most(&gpu->design, &sums, &levels);
  DSS_CU_TRY(dss_cu_take(gpu, n * sums * sizeof *gpu->pair_sums, "sums of pairs",
                         (void **)&gpu->pair_sums));
  return dss_cu_take(gpu, n * levels * sizeof *gpu->pair_levels, "levels of pairs",
                     (void **)&gpu->pair_levels);
}

/* --- what stays on the device ----------------------------------------------------------------- */

/* The host's side of a question, by place. */
typedef struct turned {
  uint64_t *ptr, *middle, *steps, *total, *count, *all;
  uint32_t *other;
} turned;

static bool turned_make(turned *t, uint64_t n, uint64_t pairs, uint64_t width) {
  t->ptr = calloc(n + 1, sizeof *t->ptr);
  t->middle = calloc(n + 1, sizeof *t->middle);
  t->steps = calloc(pairs + 1, sizeof *t->steps);
  t->total = calloc(n + 1, sizeof *t->total);
  t->count = calloc(n * width + 1, sizeof *t->count);
  t->all = calloc(width, sizeof *t->all);
  t->other = calloc(pairs + 1, sizeof *t->other);
  return t->ptr && t->middle && t->steps && t->total && t->count && t->all && t->other;
}

static void turned_free(turned *t) {
  free(t->ptr);
  free(t->middle);
  free(t->steps);
  free(t->total);
  free(t->count);
  free(t->all);
  free(t->other);
}

/* The others of higher place, or those of lower, of who stands at `place`, from entry n on; returns
 * where they end. */
static uint64_t turn_side(const dss_cu_gpu *gpu, const dss_pairwise_question *q, uint32_t place,
                          bool higher, uint64_t n, turned *t) {
  const dss_exchange *e = &gpu->design.plan->exchange;
  uint32_t r = e->order[place];
  unsigned shift = 64 - dss_pairwise_count_bits(e->n_raters);
  for (uint64_t i = q->ptr[r]; i < q->ptr[r + 1]; i++) {
    uint32_t other = gpu->place[q->other[i]];
    if ((other > place) != higher) continue;
    t->other[n] = other * DSS_WARP;
    t->steps[n] = q->steps[i] + ((uint64_t)1 << shift);
    t->total[place] += t->steps[n++];
  }
  return n;
}

/* Levels in twos: the even one below. */
static void turn_levels(const dss_cu_gpu *gpu, const dss_pairwise_question *q, uint32_t place,
                        turned *t) {
  uint32_t width = level_pairs(q), r = gpu->design.plan->exchange.order[place];
  for (uint32_t c = 0; c < q->scale.n_levels; c++) {
    uint64_t given = (uint64_t)q->count[(size_t)r * q->scale.n_levels + c] << 32 * (c % 2);
    t->count[(size_t)place * width + c / 2] += given;
    t->all[c / 2] += given;
  }
}

static void turn(const dss_cu_gpu *gpu, const dss_pairwise_question *q, turned *t) {
  uint64_t n = 0;
  for (uint32_t place = 0; place < gpu->design.plan->exchange.n_raters; place++) {
    n = t->middle[place] = turn_side(gpu, q, place, true, n, t);
    n = t->ptr[place + 1] = turn_side(gpu, q, place, false, n, t);
    turn_levels(gpu, q, place, t);
  }
}

static dss_status send_turned(dss_cu_gpu *gpu, const dss_pairwise_question *q, const turned *t,
                              dss_cu_pairwise *to) {
  uint64_t n = gpu->design.plan->exchange.n_raters, levels = q->scale.n_levels;
  DSS_CU_SEND(to->ptr, t->ptr, n + 1, "lists of pairs");
  DSS_CU_SEND(to->middle, t->middle, n, "lists of pairs");
  DSS_CU_SEND(to->other, t->other, q->n_pairs, "lists of pairs");
  DSS_CU_SEND(to->steps, t->steps, q->n_pairs, "lists of pairs");
  DSS_CU_SEND(to->total, t->total, n, "lists of pairs");
  DSS_CU_SEND(to->count, t->count, n * level_pairs(q), "levels");
  DSS_CU_SEND(to->all, t->all, level_pairs(q), "levels");
  to->scale = q->scale;
  DSS_CU_SEND(to->scale.rank, q->scale.rank, levels, "ranks");
  DSS_CU_SEND(to->scale.distance, q->scale.distance, levels * levels, "distances");
  to->scale.code = NULL; /* no correlation here */
  to->scale.value = NULL;
  return DSS_OK;
}

static dss_status send_question(dss_cu_gpu *gpu, const dss_pairwise_question *q,
                                dss_cu_pairwise *to) {
  const dss_pairwise_plan *pairs = gpu->design.pairs;
  uint32_t n = pairs->plan->exchange.n_raters;
  turned t = {0};
  *to = (dss_cu_pairwise){.step = q->step,
                          .n_level_pairs = level_pairs(q),
                          .shift = 64 - dss_pairwise_count_bits(n),
                          .metrics = pairs->metrics,
                          .n_statistics = (uint32_t)pairs->n_statistics,
                          .width = gpu->design.width};
  dss_status status = DSS_ERR_MEMORY;
  if (turned_make(&t, n, q->n_pairs, level_pairs(q))) {
    turn(gpu, q, &t);
    status = send_turned(gpu, q, &t, to);
  }
  turned_free(&t);
  return status;
}

dss_status dss_cu_pairwise_send(dss_cu_gpu *gpu) {
  const dss_pairwise_plan *pairs = gpu->design.pairs;
  if (!pairs) return DSS_OK;
  gpu->pairwise = calloc(pairs->plan->n_questions + 1, sizeof *gpu->pairwise);
  if (!gpu->pairwise) return DSS_ERR_MEMORY;
  for (size_t q = 0; q < pairs->plan->n_questions; q++)
    DSS_CU_TRY(send_question(gpu, &pairs->questions[q], &gpu->pairwise[q]));
  return DSS_OK;
}

/* --- a chunk ---------------------------------------------------------------------------------- */

/* The axes of a word, and where their values of question q go; false: none has a tested group. */
static bool lay_out(const dss_cu_gpu *gpu, size_t q, uint32_t word, dss_cu_pairwise *p) {
  const dss_cu_design *d = &gpu->design;
  bool tested = false;
  p->word = word;
  p->known = true;
  p->n_axes = p->n_rows = p->n_levels = 0;
  for (size_t a = 0; a < d->plan->n_axes; a++) {
    const dss_cu_lists *axis = &d->axes[a];
    if (axis->axis.word != word) continue;
    uint64_t column = (q * d->plan->n_groups + axis->first_group) * d->width;
    p->axis[p->n_axes++] = (dss_cu_pairwise_axis){.axis = axis->axis,
                                                  .known = axis->known,
                                                  .tested = gpu->tested + axis->first_group,
                                                  .first_row = p->n_rows,
                                                  .first_levels = p->n_levels,
                                                  .value = gpu->values + column * d->resamples};
    p->n_rows += axis->axis.n_groups;
    p->n_levels += axis->axis.n_groups + 1;
    p->known &= axis->known;
    tested |= axis->n_tested > 0;
  }
  return tested;
}

static dss_status clear(const dss_cu_gpu *gpu, const dss_cu_pairwise *p) {
  uint64_t sums = (uint64_t)p->n_rows * DSS_CU_PAIRWISE * p->stride;
  uint64_t levels = (uint64_t)p->n_resamples * p->n_levels * p->n_level_pairs;
  DSS_CU_TRY(
      dss_cu_check(cudaMemsetAsync(p->sums, 0, sums * sizeof *p->sums, gpu->stream), "sums"));
  return dss_cu_check(cudaMemsetAsync(p->levels, 0, levels * sizeof *p->levels, gpu->stream),
                      "levels");
}

dss_status dss_cu_pairwise_make(dss_cu_gpu *gpu, size_t question, uint32_t n) {
  dss_cu_pairwise p = gpu->pairwise[question];
  p.labels = gpu->labels;
  p.n_resamples = n;
  p.stride = gpu->design.resamples;
  p.sums = gpu->pair_sums;
  p.levels = gpu->pair_levels;
  for (uint32_t word = 0; word < gpu->design.n_words; word++) {
    if (!lay_out(gpu, question, word, &p)) continue;
    DSS_CU_TRY(clear(gpu, &p));
    DSS_CU_TRY(dss_cu_check(dss_cu_pairwise_add(&p, gpu->stream), "starting the kernel of pairs"));
    DSS_CU_TRY(dss_cu_check(dss_cu_pairwise_put(&p, gpu->stream), "starting the kernel of pairs"));
  }
  return DSS_OK;
}

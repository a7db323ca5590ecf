/* dissensus-gpu-pairs [RATERS ITEMS LEVELS TILE]: how fast the cuda backend makes the products of
 * rater-pair matrices, as JSON: a tile of TILE x TILE raters of a made-up nominal question that
 * half of all raters and items share, with the terms that dissensus pairs uses for it. Whole calls
 * are timed, from ratings to counts on the host, the fastest of several. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/pairs.h"

enum { ROUNDS = 3, MOST_LEVELS = 16 };

typedef struct made_up {
  dss_pair_problem problem;
  uint64_t *rater_ptr;
  uint32_t *item;
  uint8_t *code;
  int8_t layers[(MOST_LEVELS + 1) * MOST_LEVELS];
  dss_pair_term terms[3 * MOST_LEVELS];
} made_up;

static uint32_t next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

static bool make_ratings(made_up *m, uint32_t raters, uint32_t items, uint32_t levels) {
  uint64_t state = 1, n = 0;
  m->rater_ptr = calloc((size_t)raters + 1, sizeof *m->rater_ptr);
  m->item = malloc((size_t)raters * items * sizeof *m->item);
  m->code = malloc((size_t)raters * items);
  if (!m->rater_ptr || !m->item || !m->code) return false;
  for (uint32_t r = 0; r < raters; r++) {
    for (uint32_t u = 0; u < items; u++) {
      if (next(&state) % 2) continue;
      m->item[n] = u;
      m->code[n++] = (uint8_t)(next(&state) % levels);
    }
    m->rater_ptr[r + 1] = n;
  }
  return true;
}

/* Layer c marks level c, the last layer any; both raters' margins, then agreements. */
static void make_terms(made_up *m, uint32_t levels) {
  dss_pair_problem *p = &m->problem;
  p->n_layers = levels + 1;
  p->n_targets = 2 * levels + 1;
  for (uint32_t c = 0; c < levels; c++) {
    m->layers[c * levels + c] = 1;
    m->layers[levels * levels + c] = 1;
    m->terms[p->n_terms++] = (dss_pair_term){c, levels, c};
  }
  for (uint32_t c = 0; c < levels; c++)
    m->terms[p->n_terms++] = (dss_pair_term){levels, c, levels + c};
  for (uint32_t c = 0; c < levels; c++)
    m->terms[p->n_terms++] = (dss_pair_term){c, c, 2 * levels};
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static dss_status fastest(const dss_pair_problem *p, uint32_t tile, int32_t *out, double *seconds) {
  const dss_pair_shape shape = {tile, tile, p->n_items};
  const dss_resources resources = {.threads = 1};
  void *state = NULL;
  dss_status status = dss_pair_cuda->open(p, &shape, &resources, &state);
  for (int i = 0; status == DSS_OK && i <= ROUNDS; i++) {
    double begun = now();
    status = dss_pair_cuda->product(state, 0, tile, p->n_raters - tile, tile, out);
    double took = now() - begun;
    if (i == 1 || (i > 1 && took < *seconds)) *seconds = took; /* the first warms up */
  }
  if (state) dss_pair_cuda->close(state);
  return status;
}

static dss_status measure(made_up *m, uint32_t tile) {
  dss_pair_problem *p = &m->problem;
  double seconds = 0.0;
  int32_t *out = malloc((size_t)p->n_targets * tile * tile * sizeof *out);
  if (!out) return DSS_ERR_MEMORY;
  dss_status status = fastest(p, tile, out, &seconds);
  double operations = 2.0 * p->n_terms * tile * tile * p->n_items;
  if (status == DSS_OK)
    printf("{\"raters\": %u, \"items\": %u, \"levels\": %u, \"tile\": %u, \"terms\": %u,\n"
           " \"seconds\": %.6g, \"operations_per_second\": %.4g}\n",
           p->n_raters, p->n_items, p->n_levels, tile, p->n_terms, seconds,
           seconds > 0 ? operations / seconds : 0.0);
  free(out);
  return status;
}

static uint32_t number(int argc, char **argv, int i, uint32_t usual) {
  return argc > 4 ? (uint32_t)strtoul(argv[i], NULL, 10) : usual;
}

int main(int argc, char **argv) {
  uint32_t raters = number(argc, argv, 1, 20000), items = number(argc, argv, 2, 10000);
  uint32_t levels = number(argc, argv, 3, 5), tile = number(argc, argv, 4, 8192);
  made_up m = {.problem = {.n_raters = raters, .n_items = items, .n_levels = levels}};
  dss_status status = DSS_ERR_DEVICE;
  if (levels < 2 || levels > MOST_LEVELS || tile < 1 || tile > raters || items < 1) {
    fprintf(stderr, "dissensus-gpu-pairs: 2 to %d levels, a tile of at most all raters\n",
            MOST_LEVELS);
    return 2;
  }
  if (dss_pair_cuda) status = make_ratings(&m, raters, items, levels) ? DSS_OK : DSS_ERR_MEMORY;
  m.problem.rater_ptr = m.rater_ptr;
  m.problem.item = m.item;
  m.problem.code = m.code;
  m.problem.layers = m.layers;
  m.problem.terms = m.terms;
  make_terms(&m, levels);
  if (status == DSS_OK) status = measure(&m, tile);
  if (status != DSS_OK)
    fprintf(stderr, "dissensus-gpu-pairs: %s\n",
            dss_pair_cuda ? dss_pair_cuda->failure() : "this build has no cuda backend");
  free(m.rater_ptr);
  free(m.item);
  free(m.code);
  return status == DSS_OK ? (fflush(stdout) == 0 ? 0 : 4) : 5;
}

/* dissensus-gpu-pairs [RATERS ITEMS LEVELS]: how fast one GPU makes the matrices over pairs
 * of raters of a made-up nominal question, of which everybody rated half of the items, as JSON:
 *
 * "seconds": every part of the matrices on and above the diagonal, as the engine asks for them,
 * until its statistics lie in the host's memory; the fastest of several rounds. What goes before, a
 * start with the ratings sent and the layers made, is "open_seconds". "strip_seconds": the same
 * until the host has put them into strips for the file's writer. Some pairs of each are held
 * against the host's own, bit by bit.
 *
 * Operations are those of the pairs that are asked for: 2 a term, item and pair. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/engine/pairs.h"

enum { ROUNDS = 3, PROBES = 16, FIRST_GPU = 1 };

typedef struct measured {
  double open_seconds, seconds, strip_seconds;
  uint64_t probed;
} measured;

static uint32_t next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- a question ------------------------------------------------------------------------------- */

static dss_status make_ratings(dss_context *context, dss_pair_plan *plan) {
  dss_pair_problem *p = &plan->problem;
  uint64_t state = 1, n = 0;
  uint64_t *ptr = calloc((size_t)p->n_raters + 1, sizeof *ptr);
  uint32_t *item = malloc((size_t)p->n_raters * p->n_items * sizeof *item);
  uint8_t *code = malloc((size_t)p->n_raters * p->n_items);
  p->rater_ptr = ptr;
  p->item = item;
  p->code = code;
  if (!ptr || !item || !code) return dss_fail(context, DSS_ERR_MEMORY, "no memory for ratings");
  for (uint32_t r = 0; r < p->n_raters; r++) {
    for (uint32_t u = 0; u < p->n_items; u++) {
      if (next(&state) % 2) continue;
      item[n] = u;
      code[n++] = (uint8_t)(next(&state) % p->n_levels);
    }
    ptr[r + 1] = n;
    if (n - ptr[r] > plan->most_ratings) plan->most_ratings = (uint32_t)(n - ptr[r]);
  }
  plan->n_ratings = n;
  return dss_pair_plan_products(context, plan, DSS_PAIR_BY_CHOICE);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static bool next_part(const dss_pair_runner *runner, dss_pair_place *place, dss_pair_part *part) {
  while (!dss_pair_next_part(runner->plan, &runner->room, place, part))
    if (!dss_pair_next_strip(runner->plan, &runner->room, place)) return false;
  return true;
}

static dss_status all_parts(const dss_pair_runner *runner, void *state) {
  const dss_pair_backend *cuda = dss_pair_cuda;
  uint32_t depth = cuda->depth(state), on_way = 0;
  dss_pair_place place = {0};
  dss_pair_part part;
  dss_pair_made made;
  bool more = next_part(runner, &place, &part);
  while (more || on_way > 0) {
    dss_status status;
    if (more && on_way < depth) {
      status = cuda->start(state, &part);
      on_way++;
      more = next_part(runner, &place, &part);
    } else {
      status = cuda->take(state, &made);
      on_way--;
    }
    if (status != DSS_OK) return status;
  }
  return DSS_OK;
}

static dss_status time_parts(dss_context *context, dss_pair_runner *runner, measured *m) {
  const dss_pair_shape shape = dss_pair_room_shape(&runner->room);
  const dss_pair_reading reading = dss_pair_reading_of(runner->plan);
  const dss_pair_problem *p = &runner->plan->problem;
  void *state = NULL;
  double begun = now();
  dss_status status = dss_pair_cuda->open(p, &reading, &shape, &runner->room.resources, &state);
  m->open_seconds = now() - begun;
  for (int i = 0; status == DSS_OK && i <= ROUNDS; i++) { /* the first warms up */
    begun = now();
    status = all_parts(runner, state);
    double took = now() - begun;
    if (i == 1 || (i > 1 && took < m->seconds)) m->seconds = took;
  }
  if (state) dss_pair_cuda->close(state);
  return status == DSS_OK ? DSS_OK : dss_pair_failed(context, runner, status);
}

static bool same(double a, double b) {
  return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static dss_status probe(dss_context *context, const dss_pair_plan *plan, const dss_pair_strip *s,
                        uint32_t *words, uint64_t *random, measured *m) {
  for (int i = 0; i < PROBES; i++, m->probed++) {
    uint32_t r = next(random) % s->rows, c = next(random) % s->columns;
    size_t at = (size_t)r * s->columns + c;
    dss_pair_values v =
        dss_pair_values_by_lists(plan, s->first_row + r, s->first_column + c, words);
    if (v.shared == s->shared[at] && v.agreements == s->agreements[at] &&
        same(v.distance, s->distance[at]) && same(v.kappa, s->kappa[at]))
      continue;
    return dss_fail(context, DSS_ERR_DATA, "raters %u and %u: kappa is %.17g, not %.17g",
                    s->first_row + r, s->first_column + c, s->kappa[at], v.kappa);
  }
  return DSS_OK;
}

/* Once: probing is not counted. */
static dss_status time_strips(dss_context *context, dss_pair_runner *runner, uint32_t *words,
                              measured *m) {
  const dss_pair_plan *plan = runner->plan;
  uint64_t random = 7;
  dss_pair_maker *maker;
  DSS_TRY(dss_pair_maker_open(context, runner, 0, 0, &maker));
  dss_status status = DSS_OK;
  for (bool more = true; status == DSS_OK && more;) {
    dss_pair_strip s;
    double begun = now();
    status = dss_pair_maker_next(context, maker, &s, &more);
    m->strip_seconds += now() - begun;
    if (status == DSS_OK && more) status = probe(context, plan, &s, words, &random, m);
  }
  dss_pair_maker_free(maker);
  return status;
}

/* --- all -------------------------------------------------------------------------------------- */

static void print(const dss_pair_plan *plan, const dss_pair_room *room, const measured *m) {
  const dss_pair_problem *p = &plan->problem;
  double pairs = (double)p->n_raters * ((double)p->n_raters - 1.0) / 2.0;
  double operations = 2.0 * p->n_terms * p->n_items * pairs;
  printf("{\"raters\": %u, \"items\": %u, \"levels\": %u, \"part\": [%u, %u], \"terms\": %u,\n",
         p->n_raters, p->n_items, p->n_levels, room->rows, room->side, p->n_terms);
  printf(" \"open_seconds\": %.6g, \"seconds\": %.6g, \"strip_seconds\": %.6g, \"probed\": %llu,\n",
         m->open_seconds, m->seconds, m->strip_seconds, (unsigned long long)m->probed);
  printf(" \"pairs_per_second\": %.4g, \"operations_per_second\": %.4g,\n"
         " \"strip_operations_per_second\": %.4g}\n",
         pairs / m->seconds, operations / m->seconds, operations / m->strip_seconds);
}

static dss_status measure(dss_context *context, dss_pair_plan *plan) {
  dss_pairs_options options;
  dss_pair_runner runner;
  measured m = {0};
  dss_pairs_options_init(&options);
  options.backend = DSS_BACKEND_CUDA;
  options.device = FIRST_GPU;
  options.memory = (uint64_t)8 << 30;
  DSS_TRY(make_ratings(context, plan));
  DSS_TRY(dss_pair_runner_choose(context, NULL, plan, &options, &runner));
  uint32_t *words = calloc(dss_pair_words(plan), sizeof *words);
  if (!words) return dss_fail(context, DSS_ERR_MEMORY, "no memory for counts");
  dss_status status = time_parts(context, &runner, &m);
  if (status == DSS_OK) status = time_strips(context, &runner, words, &m);
  if (status == DSS_OK) print(plan, &runner.room, &m);
  free(words);
  return status;
}

static uint32_t number(int argc, char **argv, int i, uint32_t usual) {
  return argc > 3 ? (uint32_t)strtoul(argv[i], NULL, 10) : usual;
}

int main(int argc, char **argv) {
  uint32_t levels = number(argc, argv, 3, 5);
  dss_pair_problem problem = {.n_raters = number(argc, argv, 1, 20000),
                              .n_items = number(argc, argv, 2, 10000),
                              .n_levels = levels};
  if (problem.n_raters < 2 || problem.n_items < 1 || levels < 2 || levels > DSS_MAX_LEVELS) {
    fprintf(stderr, "dissensus-gpu-pairs: 2 raters, an item and 2 to %u levels at least\n",
            DSS_MAX_LEVELS);
    return 2;
  }
  dss_context *context = dss_context_new();
  dss_plan whole = {.kernel = {.exchange = {.n_raters = problem.n_raters}}};
  dss_pair_plan plan = {.plan = &whole,
                        .shared = true,
                        .problem = problem,
                        .scale = {.kind = DSS_PAIR_NOMINAL, .n_levels = levels, .unit = 1.0},
                        .most_distance = 1.0};
  dss_status status = context ? measure(context, &plan) : DSS_ERR_MEMORY;
  if (status != DSS_OK)
    fprintf(stderr, "dissensus-gpu-pairs: %s\n",
            context ? dss_context_error(context) : "no memory");
  dss_pair_plan_free(&plan);
  dss_context_free(context);
  return status == DSS_OK ? (fflush(stdout) == 0 ? 0 : 4) : 5;
}

#include "pairwise_find.h"

#include <omp.h>
#include <stdatomic.h>

#include "host/core/alloc.h"

/* What making the matrices may take. */
#define ROOM ((uint64_t)1 << 30)

/* Raters at a time, for whom threads walk. */
enum { BLOCK = 512 };

/* About, in nanoseconds of one core: a pair of the matrices, most of which share nothing; to see a
 * pair once in an item; a rating of two raters whose lists are walked side by side
 * (docs/performance.md). */
#define MATRIX_PAIR 75.0
#define SEEN_PAIR 2.0
#define WALKED_RATING 2.0

double dss_pairs_seen(const dss_kernel_question *question) {
  double seen = 0.0;
  for (uint32_t u = 0; u < question->n_items; u++) {
    double size = (double)(question->item_ptr[u + 1] - question->item_ptr[u]);
    seen += size * (size - 1) / 2;
  }
  return seen;
}

bool dss_pairs_find_walks(const dss_pair_plan *plan) {
  const dss_kernel_question *q = &plan->plan->kernel.questions[plan->question];
  double n = plan->problem.n_raters, all = n * (n - 1) / 2, seen = dss_pairs_seen(q);
  double found = seen < all ? seen : all, walked = 2.0 * (double)q->n_ratings / n;
  return SEEN_PAIR * seen + WALKED_RATING * walked * found < MATRIX_PAIR * all;
}

/* --- by matrices ----------------------------------------------------------------------------- */

/* The strip's part above the diagonal. */
static dss_status take_strip(dss_context *context, const dss_pair_strip *s, dss_found_pairs *f) {
  DSS_TRY(DSS_GROW(context, &f->pairs, &f->capacity, f->n + (size_t)s->rows * s->columns));
  for (uint32_t r = 0; r < s->rows; r++)
    for (uint32_t c = 0; c < s->columns; c++) {
      size_t at = (size_t)r * s->columns + c;
      if (s->first_column + c > s->first_row + r && s->shared[at] > 0)
        f->pairs[f->n++] = (dss_found_pair){s->first_row + r, s->first_column + c, s->distance[at]};
    }
  return DSS_OK;
}

/* Strips come in an order in which each rater's others ascend, on either side. */
static dss_status by_matrices(dss_context *context, const dss_pair_plan *plan, unsigned threads,
                              dss_found_pairs *f) {
  const dss_pairs_options options = {
      .memory = ROOM, .threads = threads, .backend = DSS_BACKEND_CPU};
  uint64_t tiles = dss_pair_n_tiles(plan), all = tiles * (tiles + 1) / 2, done = 0;
  dss_pair_runner runner;
  dss_pair_maker *maker;
  DSS_TRY(dss_pair_runner_choose(context, NULL, plan, &options, &runner));
  DSS_TRY(dss_pair_maker_open(context, &runner, 0, 0, &maker));
  dss_status status = DSS_OK;
  for (bool more = true; status == DSS_OK;) {
    dss_pair_strip strip;
    status = dss_pair_maker_next(context, maker, &strip, &more);
    if (status != DSS_OK || !more) break;
    status = take_strip(context, &strip, f);
    done += dss_pair_strip_tiles(&strip);
    dss_progress(context, "pairs", done, all);
    if (status == DSS_OK) status = dss_go_on(context);
  }
  dss_pair_maker_free(maker);
  return status;
}

/* --- by walking ------------------------------------------------------------------------------ */

/* One thread's. */
typedef struct walker {
  uint32_t *words; /* of dss_pair_values_by_lists */
  uint32_t *seen;  /* [n_raters] one more than the rater with whom it was seen last */
  uint32_t *others;
  size_t capacity;
} walker;

static void walker_free(walker *w) {
  free(w->words);
  free(w->seen);
  free(w->others);
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* The raters of higher number who share an item with rater r, in order; SIZE_MAX: out of memory. */
static size_t find_others(const dss_pair_plan *plan, uint32_t r, walker *w) {
  const dss_kernel_question *q = &plan->plan->kernel.questions[plan->question];
  const dss_pair_problem *p = &plan->problem;
  size_t n = 0;
  for (uint64_t i = p->rater_ptr[r]; i < p->rater_ptr[r + 1]; i++)
    for (uint64_t k = q->item_ptr[p->item[i]]; k < q->item_ptr[p->item[i] + 1]; k++) {
      uint32_t s = q->rater[k];
      if (s <= r || w->seen[s] == r + 1) continue;
      w->seen[s] = r + 1;
      w->others = dss_grown(w->others, &w->capacity, n + 1, sizeof *w->others);
      if (w->capacity <= n) return SIZE_MAX;
      w->others[n++] = s;
    }
  if (n > 0) qsort(w->others, n, sizeof *w->others, ascending);
  return n;
}

/* Rater r's pairs into an array of its own. */
static bool walk(const dss_pair_plan *plan, uint32_t r, walker *w, dss_found_pairs *row) {
  size_t n = find_others(plan, r, w);
  if (n == SIZE_MAX) return false;
  row->pairs = dss_zeroed(n, sizeof *row->pairs);
  if (!row->pairs) return false;
  for (size_t i = 0; i < n; i++) {
    dss_pair_values v = dss_pair_values_by_lists(plan, r, w->others[i], w->words);
    row->pairs[i] = (dss_found_pair){r, w->others[i], v.distance};
  }
  row->n = n;
  return true;
}

/* Raters first .. first + n - 1, whose pairs then follow those found before. */
static dss_status walk_block(dss_context *context, const dss_pair_plan *plan, unsigned threads,
                             walker *walkers, uint32_t first, uint32_t n, dss_found_pairs *f) {
  dss_found_pairs rows[BLOCK] = {{0}};
  atomic_bool made = true;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 8)
  for (uint32_t i = 0; i < n; i++)
    if (!walk(plan, first + i, &walkers[omp_get_thread_num()], &rows[i])) made = false;
  size_t all = f->n;
  for (uint32_t i = 0; i < n; i++)
    all += rows[i].n;
  dss_status status = made ? DSS_GROW(context, &f->pairs, &f->capacity, all)
                           : dss_fail_memory(context, plan->n_ratings * sizeof(uint32_t));
  for (uint32_t i = 0; i < n; i++) {
    if (status == DSS_OK && rows[i].n > 0)
      memcpy(&f->pairs[f->n], rows[i].pairs, rows[i].n * sizeof *f->pairs);
    if (status == DSS_OK) f->n += rows[i].n;
    free(rows[i].pairs);
  }
  return status;
}

static dss_status by_walking(dss_context *context, const dss_pair_plan *plan, unsigned threads,
                             walker *walkers, dss_found_pairs *f) {
  uint32_t raters = plan->problem.n_raters;
  for (unsigned t = 0; t < threads; t++) {
    DSS_TRY(DSS_ALLOC(context, &walkers[t].words, dss_pair_words(plan)));
    DSS_TRY(DSS_ALLOC(context, &walkers[t].seen, raters));
  }
  for (uint32_t first = 0; first < raters; first += BLOCK) {
    uint32_t n = raters - first < BLOCK ? raters - first : BLOCK;
    DSS_TRY(walk_block(context, plan, threads, walkers, first, n, f));
    dss_progress(context, "pairs", first + n, raters);
    DSS_TRY(dss_go_on(context));
  }
  return DSS_OK;
}

dss_status dss_pairs_find(dss_context *context, const dss_pair_plan *plan, unsigned threads,
                          dss_found_pairs *found) {
  if (!dss_pairs_find_walks(plan)) return by_matrices(context, plan, threads, found);
  const dss_run_options options = {.threads = threads};
  walker *walkers;
  threads = dss_run_threads(&options);
  DSS_TRY(DSS_ALLOC(context, &walkers, threads));
  dss_status status = by_walking(context, plan, threads, walkers, found);
  for (unsigned t = 0; t < threads; t++)
    walker_free(&walkers[t]);
  free(walkers);
  return status;
}

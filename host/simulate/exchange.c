#include "exchange.h"

#include "draw.h"
#include "host/core/alloc.h"

/* Raters joined by items, as trees of which a rater with itself above is the root. */
static uint32_t root_of(uint32_t *above, uint32_t r) {
  for (; above[r] != r; r = above[r])
    above[r] = above[above[r]];
  return r;
}

/* The lower rater becomes the root, so that one comes before all others of its tree. */
static void join(uint32_t *above, uint32_t a, uint32_t b) {
  a = root_of(above, a);
  b = root_of(above, b);
  if (a < b)
    above[b] = a;
  else
    above[a] = b;
}

static void join_all(const dss_study *study, uint32_t *above) {
  for (uint32_t r = 0; r < dss_study_n_raters(study); r++)
    above[r] = r;
  for (size_t q = 0; q < dss_study_n_questions(study); q++) {
    const dss_question *question = dss_study_question(study, q);
    for (uint32_t u = 0; u < dss_study_n_items(study); u++)
      for (uint64_t i = question->item_ptr[u] + 1; i < question->item_ptr[u + 1]; i++)
        join(above, question->rater[i - 1], question->rater[i]);
  }
}

/* Raters by tree: tree r has those at start[r] .. start[r + 1] - 1, none where r is no root. */
static void sort_trees(uint32_t n, uint32_t *above, uint32_t *start, uint32_t *sorted) {
  for (uint32_t r = 0; r < n; r++)
    start[root_of(above, r) + 1]++;
  for (uint32_t r = 0; r < n; r++)
    start[r + 1] += start[r];
  for (uint32_t r = 0; r < n; r++)
    sorted[start[root_of(above, r)]++] = r;
  for (uint32_t r = n; r > 0; r--) /* each start was moved to its end */
    start[r] = start[r - 1];
  start[0] = 0;
}

dss_status dss_exchange_lists(dss_context *context, const dss_study *study, uint32_t times,
                              uint64_t seed, uint32_t *taker) {
  uint32_t n = dss_study_n_raters(study), *above = NULL, *start = NULL, *sorted = NULL,
           *takers = NULL;
  dss_status status = DSS_ALLOC(context, &above, n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &start, (size_t)n + 1);
  if (status == DSS_OK) status = DSS_ALLOC(context, &sorted, n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &takers, n);
  if (status == DSS_OK) {
    join_all(study, above);
    sort_trees(n, above, start, sorted);
    memcpy(takers, sorted, n * sizeof *takers);
  }
  for (uint32_t k = 0; status == DSS_OK && k < times; k++) {
    dss_draw stream = dss_draw_from(seed, DSS_DRAW_LIST, k, 0);
    for (uint32_t r = 0; k > 0 && r < n; r++)
      dss_draw_shuffle(&stream, takers + start[r], start[r + 1] - start[r]);
    for (uint32_t i = 0; i < n; i++)
      taker[(size_t)sorted[i] * times + k] = takers[i];
  }
  free(above);
  free(start);
  free(sorted);
  free(takers);
  return status;
}

#include "consensus.h"

#include "host/core/alloc.h"

/* An item's ratings of one level, which have one consensus. Means of up to 2^20 whole numbers of up
 * to 2^10 that differ never round to one double, and equal ones always do. */
typedef struct rated_level {
  double consensus;
  uint64_t ratings;
  uint32_t item, level;
} rated_level;

static int compare(const void *left, const void *right) {
  const rated_level *a = left, *b = right;
  if (a->consensus != b->consensus) return a->consensus < b->consensus ? -1 : 1;
  if (a->item != b->item) return a->item < b->item ? -1 : 1;
  return a->level < b->level ? -1 : a->level > b->level;
}

/* All (item, level) that have a rating with a consensus; how many. counts [n_levels]: scratch. */
static size_t list(const dss_rated *rated, const dss_rated_question *q, const double *values,
                   uint64_t *counts, rated_level *list, uint64_t *alone) {
  uint32_t n_levels = q->question->n_levels;
  size_t n = 0;
  for (uint32_t u = 0; u < rated->n_items; u++) {
    uint64_t all = q->item_ptr[u + 1] - q->item_ptr[u];
    double sum = 0;
    if (all == 1) ++*alone;
    if (all < 2) continue;
    memset(counts, 0, n_levels * sizeof *counts);
    for (uint64_t i = q->item_ptr[u]; i < q->item_ptr[u + 1]; i++)
      counts[q->code[i]]++;
    for (uint32_t k = 0; k < n_levels; k++)
      sum += values[k] * (double)counts[k];
    for (uint32_t k = 0; k < n_levels; k++)
      if (counts[k] > 0)
        list[n++] = (rated_level){(sum - values[k]) / (double)(all - 1), counts[k], u, k};
  }
  return n;
}

/* The bin of each of the sorted list, in bin [n_items][n_levels]; how many bins have a rating. */
static uint32_t cut(const rated_level *list, size_t n, uint32_t bins, uint32_t n_levels,
                    uint32_t *bin) {
  uint64_t all = 0, before = 0, last = UINT64_MAX;
  uint32_t used = 0;
  for (size_t i = 0; i < n; i++)
    all += list[i].ratings;
  for (size_t first = 0, end; first < n; first = end) {
    uint64_t here = 0;
    for (end = first; end < n && list[end].consensus == list[first].consensus; end++)
      here += list[end].ratings;
    uint64_t place = (uint64_t)((dss_u128)(2 * before + here) * bins / (2 * all));
    used += place != last;
    last = place;
    before += here;
    for (size_t i = first; i < end; i++)
      bin[(size_t)list[i].item * n_levels + list[i].level] = used - 1;
  }
  return used;
}

static void copy(const dss_rated *rated, const dss_rated_question *q, const uint32_t *bin,
                 dss_consensus *c) {
  uint32_t n_levels = q->question->n_levels;
  uint64_t n = 0;
  for (uint32_t u = 0; u < rated->n_items; u++) {
    uint64_t first = q->item_ptr[u], end = q->item_ptr[u + 1];
    for (uint64_t i = first; end - first > 1 && i < end; i++) {
      c->ratings.rater[n] = q->rater[i];
      c->ratings.level[n++] = q->code[i] * c->n_bins + bin[(size_t)u * n_levels + q->code[i]];
    }
    c->ratings.item_ptr[u + 1] = n;
  }
}

/* What it works in. */
typedef struct work_room {
  uint64_t *counts;  /* [n_levels] */
  rated_level *list; /* one a rating at most, or n_items x n_levels */
  uint32_t *bin;     /* [n_items][n_levels] */
} work_room;

static dss_status make(dss_context *context, const dss_rated *rated, const dss_rated_question *q,
                       const double *values, uint32_t bins, work_room *room, dss_consensus *c) {
  size_t cells = (size_t)rated->n_items * q->question->n_levels;
  DSS_TRY(DSS_ALLOC(context, &room->counts, q->question->n_levels));
  DSS_TRY(DSS_ALLOC(context, &room->list, q->n_ratings < cells ? q->n_ratings : cells));
  DSS_TRY(DSS_ALLOC(context, &room->bin, cells));
  DSS_TRY(DSS_ALLOC(context, &c->ratings.item_ptr, (size_t)rated->n_items + 1));
  DSS_TRY(DSS_ALLOC(context, &c->ratings.rater, q->n_ratings));
  DSS_TRY(DSS_ALLOC(context, &c->ratings.level, q->n_ratings));
  size_t n = list(rated, q, values, room->counts, room->list, &c->alone);
  if (n == 0)
    return dss_fail(context, DSS_ERR_DATA,
                    "question '%s': no item has two ratings, so that there is no consensus",
                    q->question->name);
  if (room->list[0].item == room->list[n - 1].item) /* still in the order of items */
    return dss_fail(context, DSS_ERR_DATA,
                    "question '%s': only one item has two ratings; whether ratings follow severity "
                    "takes two such items at least",
                    q->question->name);
  qsort(room->list, n, sizeof *room->list, compare);
  c->n_bins = cut(room->list, n, bins, q->question->n_levels, room->bin);
  copy(rated, q, room->bin, c);
  return DSS_OK;
}

dss_status dss_consensus_make(dss_context *context, const dss_rated *rated,
                              const dss_rated_question *question, const double *values,
                              uint32_t bins, dss_consensus *consensus) {
  work_room room = {0};
  dss_status status = make(context, rated, question, values, bins, &room, consensus);
  free(room.counts);
  free(room.list);
  free(room.bin);
  return status;
}

void dss_consensus_free(dss_consensus *c) {
  free(c->ratings.item_ptr);
  free(c->ratings.rater);
  free(c->ratings.level);
}

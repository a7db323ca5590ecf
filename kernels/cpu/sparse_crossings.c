#include "sparse_visits.h"

#include <stdlib.h>

/* A crossing in the making. */
typedef struct draft {
  uint32_t pair, number; /* of levels; its number among the visit's, rating by rating */
  dss_sparse_counted counted;
} draft;

static uint32_t pair_of(uint32_t a, uint32_t b, uint32_t levels) {
  uint32_t c = a < b ? a : b, k = a < b ? b : a;
  return c * levels - c * (c + 1) / 2 + k - c - 1;
}

static int by_pair(const void *a, const void *b) {
  const draft *x = a, *y = b;
  unsigned x_class = dss_sparse_class(x->counted), y_class = dss_sparse_class(y->counted);
  if (x->pair != y->pair) return x->pair < y->pair ? -1 : 1;
  if (x_class != y_class) return x_class < y_class ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/* Ratings by level of an item, at most DSS_SPARSE_UNIT; returns how many levels it has. */
static uint32_t count_levels(const dss_kernel_question *question, uint64_t begin, uint64_t end,
                             uint8_t count[DSS_SPARSE_LEVELS]) {
  uint32_t n = 0;
  for (uint32_t c = 0; c < DSS_SPARSE_LEVELS; c++)
    count[c] = 0;
  for (uint64_t i = begin; i < end; i++)
    n += count[question->code[i]]++ == 0;
  return n;
}

uint64_t dss_sparse_count_crossings(const dss_kernel_question *question) {
  uint64_t n = 0;
  for (uint32_t u = 0; u < question->n_items; u++) {
    uint64_t begin = question->item_ptr[u], end = question->item_ptr[u + (size_t)1];
    uint8_t count[DSS_SPARSE_LEVELS];
    uint32_t present = count_levels(question, begin, end, count);
    n += present > 1 ? (end - begin) * (present - 1) : 0;
  }
  return n;
}

/* A visit's rating number `at`: its peers, and its crossings into drafts [n ..]. */
static uint32_t put_rating(const dss_kernel_question *question, const dss_sparse_visit *visit,
                           const dss_sparse_seen *rating, uint8_t at, dss_cpu_sparse *s,
                           draft *drafts, uint32_t n) {
  uint32_t levels = question->tables.n_levels, others = (uint32_t)rating->apart + rating->alike;
  uint8_t count[DSS_SPARSE_LEVELS];
  count_levels(question, rating->begin, rating->begin + others + 1, count);
  dss_sparse_mixed *mixed = &s->mixed[visit->first + at];
  *mixed = (dss_sparse_mixed){.peer = (uint32_t)s->n_peers,
                              .crossing = visit->first_crossing + n,
                              .at = at,
                              .alike = rating->alike,
                              .n_peers = (uint8_t)others};
  dss_sparse_put_peers(question, s, rating, rating->level);
  for (uint32_t c = 0; c < levels; c++) {
    if (c == rating->level || count[c] == 0) continue;
    dss_sparse_put_peers(question, s, rating, c);
    mixed->n_crossings++;
    s->crossings[visit->first_crossing + n].peers = count[c];
    drafts[n] =
        (draft){pair_of(c, rating->level, levels), n, {count[c], (uint8_t)(others - count[c])}};
    n++;
  }
  return n;
}

/* Crossings of a visit by pair of levels, in the order in which their terms are added up. */
static void order_crossings(const dss_kernel_question *question, const dss_sparse_visit *visit,
                            dss_cpu_sparse *s, dss_sparse_known *known, draft *drafts, uint32_t n) {
  size_t n_pairs = dss_n_pairs(question->tables.n_levels);
  size_t v = (size_t)(visit - s->visits);
  dss_sparse_counted counted[DSS_SPARSE_CROSSINGS];
  qsort(drafts, n, sizeof *drafts, by_pair);
  for (uint32_t i = 0; i < n; i++) {
    counted[i] = drafts[i].counted;
    s->crossings[visit->first_crossing + drafts[i].number].slot = (uint8_t)i;
    s->term[visit->first_crossing + i] = dss_sparse_term_of(s, known, counted[i]);
  }
  for (uint32_t pair = 0, begin = 0; pair < n_pairs; pair++) {
    uint32_t end = begin;
    while (end < n && drafts[end].pair == pair)
      end++;
    dss_sparse_crossed *crossed = &s->crossed[v * n_pairs + pair];
    *crossed = (dss_sparse_crossed){.first_run = s->n_runs, .first = (uint8_t)begin};
    crossed->n_runs = (uint8_t)dss_sparse_put_runs(s, &counted[begin], end - begin);
    begin = end;
  }
}

void dss_sparse_put_crossings(const dss_kernel_question *question, const dss_sparse_seen *seen,
                              dss_cpu_sparse *s) {
  dss_sparse_known known = {{{0}}};
  draft drafts[DSS_SPARSE_CROSSINGS];
  dss_sparse_visit *visit = NULL;
  uint32_t n = 0, first_crossing = 0;
  for (uint64_t i = 0; i < s->n_ratings; i++) {
    bool full = visit && (visit->n == DSS_SPARSE_VISIT ||
                          n + question->tables.n_levels - 1 > DSS_SPARSE_CROSSINGS);
    dss_sparse_visit *next = dss_sparse_visit_of(s, visit, full, seen[i].rater, i);
    if (next != visit) {
      if (visit) order_crossings(question, visit, s, &known, drafts, n);
      first_crossing += n;
      n = 0;
      visit = next;
      visit->first_crossing = first_crossing;
    }
    n = put_rating(question, visit, &seen[i], (uint8_t)visit->n++, s, drafts, n);
  }
  if (visit) order_crossings(question, visit, s, &known, drafts, n);
}

#include "sparse_visits.h"

#include <stdlib.h>

/* --- terms and runs --------------------------------------------------------------------------- */

/* Whether (x, a) takes six bits. */
static bool is_wide(dss_sparse_counted counted) {
  return dss_sparse_bits(counted.apart) + dss_sparse_bits(counted.alike) > 5;
}

static uint32_t size_of(dss_sparse_counted counted) {
  return (uint32_t)counted.apart + counted.alike + 1;
}

static bool is_small(dss_sparse_counted counted) {
  return size_of(counted) <= DSS_SPARSE_SMALL;
}

/* First those with whom nobody disagrees; then those of small items; and of these, or the others,
 * last those whose (x, a) is wide. */
unsigned dss_sparse_class(dss_sparse_counted counted) {
  if (counted.apart == 0) return 0;
  return 1u + 2u * !is_small(counted) + is_wide(counted);
}

static uint32_t root_of(dss_sparse_counted counted) {
  return is_small(counted) ? DSS_SPARSE_ROOT / 3 : DSS_SPARSE_ROOT;
}

static uint32_t own_term(uint32_t root, uint32_t x, uint32_t m) {
  return m > 1 ? x * root / (m - 1) : 0;
}

static uint32_t cross_term(uint32_t root, uint32_t apart, uint32_t x, uint32_t m, uint32_t size) {
  return m < size ? (apart - x) * (root / m + root / (size - m)) : 0;
}

static void fill_term(dss_sparse_counted counted, dss_sparse_term *term) {
  unsigned bits = dss_sparse_bits(counted.apart);
  uint32_t root = root_of(counted), step = 1u << (bits + dss_sparse_bits(counted.alike));
  for (uint32_t x = 0; x <= counted.apart; x++)
    for (uint32_t a = 0; a <= counted.alike; a++)
      for (uint32_t at = x | a << bits; at < 64; at += step) {
        term->own[at] = (int16_t)own_term(root, x, x + a + 1);
        term->cross[at] = (int16_t)cross_term(root, counted.apart, x, x + a + 1, size_of(counted));
      }
}

uint16_t dss_sparse_term_of(dss_cpu_sparse *s, dss_sparse_known *known,
                            dss_sparse_counted counted) {
  uint16_t *number = &known->term[counted.apart][counted.alike];
  if (*number == 0) {
    fill_term(counted, &s->terms[s->n_terms]);
    *number = (uint16_t)++s->n_terms;
  }
  return (uint16_t)(*number - 1);
}

/* A rating adds most to own where all others are of the group, and to cross where it is alone. */
uint32_t dss_sparse_put_runs(dss_cpu_sparse *s, const dss_sparse_counted *counted, uint32_t n) {
  uint32_t own = 0, cross = 0, first = s->n_runs;
  dss_sparse_run *run = NULL;
  bool small = true;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t root = root_of(counted[i]), apart = counted[i].apart;
    uint32_t most = cross_term(root, apart, 0, 1, size_of(counted[i]));
    bool wide = is_wide(counted[i]), triple = run && small && !is_small(counted[i]);
    bool own_full = run && (triple || own + root > UINT16_MAX);
    if (own_full) {
      run->own_full = true;
      run->triple = triple;
      own = 0;
    }
    if (!run || own_full || cross + most > UINT16_MAX || (run->n_wide > 0 && !wide)) {
      run = &s->runs[s->n_runs++];
      *run = (dss_sparse_run){0};
      cross = 0;
    }
    run->n_narrow += !wide;
    run->n_wide += wide;
    own += root;
    cross += most;
    small = is_small(counted[i]);
  }
  if (run) {
    run->own_full = true;
    run->triple = small;
  }
  return s->n_runs - first;
}

/* --- ratings by rater ------------------------------------------------------------------------- */

static dss_sparse_counted counted_of(const dss_sparse_seen *rating) {
  return (dss_sparse_counted){rating->apart, rating->alike};
}

static int by_rater(const void *a, const void *b) {
  const dss_sparse_seen *x = a, *y = b;
  unsigned x_class = dss_sparse_class(counted_of(x)), y_class = dss_sparse_class(counted_of(y));
  if (x->rater != y->rater) return x->rater < y->rater ? -1 : 1;
  if (x_class != y_class) return x_class < y_class ? -1 : 1;
  if (x->apart != y->apart) return x->apart < y->apart ? -1 : 1;
  if (x->alike != y->alike) return x->alike < y->alike ? -1 : 1;
  return (x->item > y->item) - (x->item < y->item);
}

void dss_sparse_see(const dss_kernel_question *question, dss_cpu_sparse *s, dss_sparse_seen *seen) {
  uint64_t n = 0;
  for (uint64_t size = 2, u = 0; size <= DSS_SPARSE_UNIT;) {
    if (u == question->n_items) { /* by size, so that loops over an item's ratings are alike */
      s->size_end[size++] = s->n_items;
      u = 0;
      continue;
    }
    uint64_t begin = question->item_ptr[u], end = question->item_ptr[++u];
    if (end - begin != size) continue;
    for (uint64_t k = begin; k < end; k++) {
      dss_sparse_seen *rating = &seen[n];
      uint32_t alike = 0;
      for (uint64_t other = begin; other < end; other++)
        alike += question->code[other] == question->code[k];
      *rating = (dss_sparse_seen){.rater = question->rater[k],
                                  .item = s->n_items,
                                  .at = k,
                                  .begin = begin,
                                  .apart = (uint8_t)(end - begin - alike),
                                  .alike = (uint8_t)(alike - 1),
                                  .level = question->code[k]};
      s->item_rater[n++] = question->rater[k];
    }
    s->item_ptr[++s->n_items] = n;
  }
  s->n_ratings = n;
  qsort(seen, n, sizeof *seen, by_rater);
}

void dss_sparse_put_peers(const dss_kernel_question *question, dss_cpu_sparse *s,
                          const dss_sparse_seen *rating, uint32_t level) {
  uint64_t end = rating->begin + size_of(counted_of(rating));
  for (uint64_t k = rating->begin; k < end; k++)
    if (k != rating->at && question->code[k] == level) s->peers[s->n_peers++] = question->rater[k];
}

/* --- visits ----------------------------------------------------------------------------------- */

dss_sparse_visit *dss_sparse_visit_of(dss_cpu_sparse *s, dss_sparse_visit *last, bool full,
                                      uint32_t rater, uint64_t first) {
  if (last && last->rater == rater && !full) return last;
  dss_sparse_visit *visit = &s->visits[s->n_visits++];
  *visit = (dss_sparse_visit){.rater = rater, .first = (uint32_t)first};
  return visit;
}

/* The runs of a visit's ratings that have terms. */
static void put_runs(dss_cpu_sparse *s, dss_sparse_visit *visit, const dss_sparse_seen *seen) {
  dss_sparse_counted counted[DSS_SPARSE_VISIT];
  uint32_t n = visit->n - visit->unanimous;
  for (uint32_t i = 0; i < n; i++)
    counted[i] = counted_of(&seen[visit->first + visit->unanimous + i]);
  visit->first_run = s->n_runs;
  visit->n_runs = dss_sparse_put_runs(s, counted, n);
}

static int by_peers(const void *a, const void *b) {
  const dss_sparse_rating *x = a, *y = b;
  if (x->apart != y->apart) return x->apart < y->apart ? -1 : 1;
  if (x->alike != y->alike) return x->alike < y->alike ? -1 : 1;
  if (x->visit != y->visit) return x->visit < y->visit ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

/* Those who disagree first. */
static void put_both_peers(const dss_kernel_question *question, dss_cpu_sparse *s,
                           const dss_sparse_seen *rating) {
  for (uint32_t c = 0; c < question->tables.n_levels; c++)
    if (c != rating->level) dss_sparse_put_peers(question, s, rating, c);
  dss_sparse_put_peers(question, s, rating, rating->level);
}

/* The ratings of the batch that begins with visit v. */
static void put_batch(const dss_kernel_question *question, const dss_sparse_seen *seen, uint32_t v,
                      dss_cpu_sparse *s) {
  const dss_sparse_visit *first = &s->visits[v];
  dss_sparse_rating *ratings = &s->ratings[first->first];
  size_t n = 0;
  for (uint8_t k = 0; k < DSS_SPARSE_BATCH && v + k < s->n_visits; k++)
    for (uint8_t i = 0; i < first[k].n; i++) {
      const dss_sparse_seen *rating = &seen[first->first + n];
      ratings[n++] = (dss_sparse_rating){.visit = k,
                                         .at = i,
                                         .apart = rating->apart,
                                         .alike = rating->alike,
                                         .apart_bits = (uint8_t)dss_sparse_bits(rating->apart)};
    }
  qsort(ratings, n, sizeof *ratings, by_peers);
  for (size_t i = 0; i < n; i++) {
    ratings[i].peer = (uint32_t)s->n_peers;
    put_both_peers(question, s, &seen[first[ratings[i].visit].first + ratings[i].at]);
  }
}

void dss_sparse_put_visits(const dss_kernel_question *question, const dss_sparse_seen *seen,
                           dss_cpu_sparse *s) {
  dss_sparse_known known = {{{0}}};
  dss_sparse_visit *visit = NULL;
  for (uint64_t i = 0; i < s->n_ratings; i++) {
    bool full = visit && visit->n == DSS_SPARSE_VISIT;
    visit = dss_sparse_visit_of(s, visit, full, seen[i].rater, i);
    visit->n++;
    visit->unanimous += seen[i].apart == 0;
    s->term[i] = dss_sparse_term_of(s, &known, counted_of(&seen[i]));
  }
  for (uint32_t v = 0; v < s->n_visits; v++)
    put_runs(s, &s->visits[v], seen);
  for (uint32_t v = 0; v < s->n_visits; v += DSS_SPARSE_BATCH)
    put_batch(question, seen, v, s);
}

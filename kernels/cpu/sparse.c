#include "sparse.h"

#include <stdlib.h>
#include <string.h>

/* --- whether it serves ---------------------------------------------------------------------- */

/* Bits of a number from 0 to n. */
static unsigned bits_to(uint64_t n) {
  return dss_log2_ceiling(n + 1);
}

static uint32_t item_size(const dss_kernel_question *question, uint32_t u) {
  return (uint32_t)(question->item_ptr[u + (size_t)1] - question->item_ptr[u]);
}

static uint32_t largest_item(const dss_kernel_question *question) {
  uint32_t most = 0;
  for (uint32_t u = 0; u < question->n_items; u++)
    if (item_size(question, u) > most) most = item_size(question, u);
  return most;
}

/* A field in the first of words from .. end - 1 that has room. */
static bool place_number(dss_sparse_record *record, uint8_t *used, uint32_t from, uint32_t end,
                         uint64_t most, dss_sparse_field *field) {
  unsigned bits = bits_to(most);
  for (uint32_t word = from; word < end; word++)
    if (used[word] + bits <= 64) {
      *field = (dss_sparse_field){(uint16_t)(64 * word + used[word]), (uint8_t)bits};
      used[word] = (uint8_t)(used[word] + bits);
      if (word / 2 + 1 > record->n_parts) record->n_parts = word / 2 + 1;
      return true;
    }
  return false;
}

/* Which bytes a visit's ratings of a level are in. */
static void mark_bytes(dss_sparse_record *record, dss_sparse_field field) {
  unsigned bits = field.bits < DSS_SPARSE_VISIT_BITS ? field.bits : DSS_SPARSE_VISIT_BITS;
  for (unsigned at = field.at; at < field.at + bits; at++) {
    bool known = false;
    for (uint32_t i = 0; i < record->n_bytes; i++)
      known = known || record->bytes[i] == at / 8;
    if (!known) record->bytes[record->n_bytes++] = (uint8_t)(at / 8);
  }
}

/* The terms of an item's ratings are together at most the item's size. false: it is too much. */
static bool make_record(const dss_kernel_question *question, dss_sparse_record *record) {
  enum { WORDS = 2 * DSS_SPARSE_PARTS };
  uint64_t level[DSS_SPARSE_LEVELS] = {0}, most = question->n_ratings * DSS_SPARSE_ROOT;
  uint8_t used[WORDS] = {0};
  memset(record, 0, sizeof *record);
  for (uint64_t i = 0; i < question->n_ratings; i++)
    level[question->code[i]]++;
  bool fits = place_number(record, used, 0, 1, most, &record->own) &&
              place_number(record, used, 1, 2, most, &record->cross);
  for (uint32_t c = 0; fits && c < question->tables.n_levels; c++) {
    fits = place_number(record, used, 0, WORDS, level[c], &record->level[c]);
    if (fits) mark_bytes(record, record->level[c]);
  }
  return fits;
}

/* Bytes that a thread needs for 512 resamples, about. */
static double thread_bytes(const dss_cpu_layout *layout, const dss_kernel_question *question,
                           const dss_sparse_record *record) {
  const double resamples = DSS_SPARSE_BLOCKS * 64, plane = resamples / 8;
  double groups = 1;
  for (size_t a = 0; a < layout->plan->n_axes; a++)
    if (layout->plan->axes[a].n_groups > groups) groups = layout->plan->axes[a].n_groups;
  double bits = bits_to((uint32_t)groups - 1) + 1; /* of labels, and members */
  double rater = resamples * (double)(layout->n_bases + 1) + plane * bits;
  double sums = groups * resamples * record->n_parts * 16;
  return rater * layout->plan->exchange.n_raters + 2 * plane * question->n_items + sums;
}

static bool can_take(const dss_cpu_layout *layout, const dss_kernel_question *question,
                     const dss_cpu_slots *slots) {
  const dss_sums_choice *choice = &layout->plan->choice;
  if (!slots->collapsed || choice->common_units || choice->complement || choice->plurality ||
      choice->entropy || choice->cross_entropy || choice->votes)
    return false;
  if (question->tables.n_levels > DSS_SPARSE_LEVELS || largest_item(question) > DSS_SPARSE_UNIT)
    return false;
  /* Sums of weights, at most Phi a rating, stay in 64 bits. */
  if (question->n_ratings > (uint64_t)1 << (62 - question->tables.weight_bits)) return false;
  dss_sparse_record record;
  if (!make_record(question, &record)) return false;
  for (size_t a = 0; a < layout->plan->n_axes; a++)
    if (layout->plan->axes[a].n_groups > DSS_SPARSE_CELLS) return false;
  for (size_t p = 0; p < layout->n_parts; p++)
    if (layout->parts[p].row[layout->parts[p].n_groups] != DSS_NO_ROW) return false;
  return thread_bytes(layout, question, &record) <= DSS_SPARSE_MOST;
}

/* Vector operations for 64 resamples, as sparse.h and narrow.h count them. */
bool dss_cpu_sparse_pays(const dss_cpu_layout *layout, const dss_kernel_question *question,
                         const dss_cpu_slots *slots) {
  if (!can_take(layout, question, slots)) return false;
  double ratings = (double)question->n_ratings, items = question->n_items;
  double raters = layout->plan->exchange.n_raters, size = items > 0 ? ratings / items : 0;
  double sparse = 0, narrow = 0;
  for (size_t a = 0; a < layout->plan->n_axes; a++) {
    uint32_t groups = layout->plan->axes[a].n_groups;
    double bits = groups > 0 ? bits_to(groups - 1) : 0;
    sparse += ratings * (16 + size * (bits + 2) / 8) + raters * 280;
    sparse += groups * items * (size + 10) / 8;
    narrow += groups * items * 80;
  }
  return sparse < narrow;
}

/* --- making it ------------------------------------------------------------------------------- */

typedef struct seen_rating {
  uint32_t rater, item; /* the item as numbered here */
  uint64_t at, begin;   /* itself and its item's first rating, in the question */
  uint8_t apart, alike, level;
} seen_rating;

/* Whether (x, a) takes six bits. */
static bool is_wide(uint32_t apart, uint32_t alike) {
  return bits_to(apart) + bits_to(alike) > 5;
}

static bool is_small(uint32_t apart, uint32_t alike) {
  return apart + alike + 1 <= DSS_SPARSE_SMALL;
}

/* Of a rater's ratings first those with whom nobody disagrees; then those of small items; and of
 * these, or the others, last those whose (x, a) is wide. */
static unsigned class_of(const seen_rating *rating) {
  if (rating->apart == 0) return 0;
  return 1 + 2 * !is_small(rating->apart, rating->alike) + is_wide(rating->apart, rating->alike);
}

static int by_rater(const void *a, const void *b) {
  const seen_rating *x = a, *y = b;
  if (x->rater != y->rater) return x->rater < y->rater ? -1 : 1;
  if (class_of(x) != class_of(y)) return class_of(x) < class_of(y) ? -1 : 1;
  if (x->apart != y->apart) return x->apart < y->apart ? -1 : 1;
  if (x->alike != y->alike) return x->alike < y->alike ? -1 : 1;
  return (x->item > y->item) - (x->item < y->item);
}

/* Items with two ratings or more, and their ratings sorted by rater into seen [n_ratings]. */
static void see_ratings(const dss_kernel_question *question, dss_cpu_sparse *s, seen_rating *seen) {
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
      seen_rating *rating = &seen[n];
      uint32_t alike = 0;
      for (uint64_t other = begin; other < end; other++)
        alike += question->code[other] == question->code[k];
      *rating = (seen_rating){.rater = question->rater[k],
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

static uint32_t root_of(uint32_t apart, uint32_t alike) {
  return is_small(apart, alike) ? DSS_SPARSE_ROOT / 3 : DSS_SPARSE_ROOT;
}

static uint32_t own_term(uint32_t root, uint32_t x, uint32_t m) {
  return m > 1 ? x * root / (m - 1) : 0;
}

static uint32_t cross_term(uint32_t root, uint32_t apart, uint32_t x, uint32_t m, uint32_t size) {
  return m < size ? (apart - x) * (root / m + root / (size - m)) : 0;
}

static void fill_term(uint32_t apart, uint32_t alike, dss_sparse_term *term) {
  uint32_t root = root_of(apart, alike), step = 1u << (bits_to(apart) + bits_to(alike));
  for (uint32_t x = 0; x <= apart; x++)
    for (uint32_t a = 0; a <= alike; a++)
      for (uint32_t at = x | a << bits_to(apart); at < 64; at += step) {
        term->own[at] = (int16_t)own_term(root, x, x + a + 1);
        term->cross[at] = (int16_t)cross_term(root, apart, x, x + a + 1, apart + alike + 1);
      }
}

/* The term of ratings with so many peers apart and alike; made where it is new. */
static uint16_t term_of(dss_cpu_sparse *s, uint16_t known[][DSS_SPARSE_UNIT], uint32_t apart,
                        uint32_t alike) {
  uint16_t *number = &known[apart][alike];
  if (*number == 0) {
    fill_term(apart, alike, &s->terms[s->n_terms]);
    *number = (uint16_t)++s->n_terms;
  }
  return (uint16_t)(*number - 1);
}

static void put_peers(const dss_kernel_question *question, dss_cpu_sparse *s,
                      const seen_rating *rating) {
  uint64_t end = rating->begin + rating->apart + rating->alike + 1;
  for (int alike = 0; alike < 2; alike++)
    for (uint64_t k = rating->begin; k < end; k++)
      if (k != rating->at && (question->code[k] == rating->level) == (alike == 1))
        s->peers[s->n_peers++] = question->rater[k];
}

/* The ratings of a visit that have terms, in runs. A rating adds most to own where all others are
 * of the group, and to cross where it is alone. */
static void put_runs(dss_cpu_sparse *s, dss_sparse_visit *visit, const seen_rating *seen) {
  uint32_t own = 0, cross = 0;
  dss_sparse_run *run = NULL;
  bool small = true;
  visit->first_run = s->n_runs;
  for (uint32_t i = visit->unanimous; i < visit->n; i++) {
    uint32_t apart = seen[visit->first + i].apart, alike = seen[visit->first + i].alike;
    uint32_t root = root_of(apart, alike), most = cross_term(root, apart, 0, 1, apart + alike + 1);
    bool wide = is_wide(apart, alike), triple = run && small && !is_small(apart, alike);
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
    small = is_small(apart, alike);
  }
  if (run) {
    run->own_full = true;
    run->triple = small;
  }
  visit->n_runs = s->n_runs - visit->first_run;
}

static int by_peers(const void *a, const void *b) {
  const dss_sparse_rating *x = a, *y = b;
  if (x->apart != y->apart) return x->apart < y->apart ? -1 : 1;
  if (x->alike != y->alike) return x->alike < y->alike ? -1 : 1;
  if (x->visit != y->visit) return x->visit < y->visit ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

/* The ratings of the batch that begins with visit v. */
static void put_batch(const dss_kernel_question *question, const seen_rating *seen, uint32_t v,
                      dss_cpu_sparse *s) {
  const dss_sparse_visit *first = &s->visits[v];
  dss_sparse_rating *ratings = &s->ratings[first->first];
  size_t n = 0;
  for (uint8_t k = 0; k < DSS_SPARSE_BATCH && v + k < s->n_visits; k++)
    for (uint8_t i = 0; i < first[k].n; i++) {
      const seen_rating *rating = &seen[first->first + n];
      ratings[n++] = (dss_sparse_rating){.visit = k,
                                         .at = i,
                                         .apart = rating->apart,
                                         .alike = rating->alike,
                                         .apart_bits = (uint8_t)bits_to(rating->apart)};
    }
  qsort(ratings, n, sizeof *ratings, by_peers);
  for (size_t i = 0; i < n; i++) {
    ratings[i].peer = (uint32_t)s->n_peers;
    put_peers(question, s, &seen[first[ratings[i].visit].first + ratings[i].at]);
  }
}

/* Visits of at most DSS_SPARSE_VISIT ratings, and what they hold. */
static void put_visits(const dss_kernel_question *question, const seen_rating *seen,
                       dss_cpu_sparse *s) {
  uint32_t levels = question->tables.n_levels, listed = 0;
  uint16_t known[DSS_SPARSE_UNIT][DSS_SPARSE_UNIT] = {{0}};
  dss_sparse_visit *visit = NULL;
  for (uint64_t i = 0; i < s->n_ratings; i++) {
    const seen_rating *rating = &seen[i];
    if (!visit || visit->rater != rating->rater || visit->n == DSS_SPARSE_VISIT) {
      visit = &s->visits[s->n_visits++];
      *visit = (dss_sparse_visit){.rater = rating->rater, .first = (uint32_t)i};
    }
    visit->n++;
    visit->unanimous += rating->apart == 0;
    s->term[i] = term_of(s, known, rating->apart, rating->alike);
  }
  for (uint32_t v = 0; v < s->n_visits; v++)
    put_runs(s, &s->visits[v], seen);
  for (uint32_t v = 0; v < s->n_visits; v += DSS_SPARSE_BATCH)
    put_batch(question, seen, v, s);
  for (uint32_t v = 0; v < s->n_visits; v++)
    for (uint32_t c = 0; c < levels; c++) {
      uint32_t begin = listed;
      for (uint32_t k = 0; k < s->visits[v].n; k++)
        if (seen[s->visits[v].first + k].level == c) s->by_level[listed++] = (uint8_t)k;
      s->of_level[(size_t)v * levels + c] = (uint8_t)(listed - begin);
    }
}

/* counts [n][K] by level and bit. */
static bool make_lists(dss_sparse_lists *lists, const uint32_t *counts, uint32_t n,
                       uint32_t levels) {
  uint32_t most = 0;
  uint64_t marks = 0;
  for (size_t i = 0; i < (size_t)n * levels; i++) {
    most = counts[i] > most ? counts[i] : most;
    marks += (uint64_t)__builtin_popcount(counts[i]);
  }
  lists->bits = bits_to(most);
  lists->ptr = calloc((size_t)levels * lists->bits + 1, sizeof *lists->ptr);
  lists->list = calloc(marks + 1, sizeof *lists->list);
  if (!lists->ptr || !lists->list) return false;
  uint32_t at = 0;
  for (uint32_t c = 0; c < levels; c++)
    for (uint32_t b = 0; b < lists->bits; b++) {
      for (uint32_t i = 0; i < n; i++)
        if (counts[(size_t)i * levels + c] >> b & 1) lists->list[at++] = i;
      lists->ptr[c * lists->bits + b + 1] = at;
    }
  return true;
}

static bool make_marginals(const dss_kernel_plan *plan, const seen_rating *seen, uint32_t levels,
                           dss_cpu_sparse *s) {
  uint32_t n = plan->exchange.n_raters;
  uint32_t *of_raters = calloc((size_t)n * levels + 1, sizeof *of_raters);
  uint32_t *of_items = calloc((size_t)s->n_items * levels + 1, sizeof *of_items);
  bool good = of_raters && of_items;
  for (uint64_t i = 0; good && i < s->n_ratings; i++) {
    of_raters[(size_t)seen[i].rater * levels + seen[i].level]++;
    of_items[(size_t)seen[i].item * levels + seen[i].level]++;
  }
  good = good && make_lists(&s->of_raters, of_raters, n, levels) &&
         make_lists(&s->of_items, of_items, s->n_items, levels);
  free(of_raters);
  free(of_items);
  return good;
}

static bool make_arrays(const dss_kernel_plan *plan, const dss_kernel_question *question,
                        dss_cpu_sparse *s) {
  size_t n = question->n_ratings + 1, levels = question->tables.n_levels;
  uint64_t peers = 0;
  for (uint32_t u = 0; u < question->n_items; u++)
    peers += (uint64_t)item_size(question, u) * (item_size(question, u) - 1);
  s->n_peers_room = peers + 1;
  s->n_visits_room = plan->exchange.n_raters + n / DSS_SPARSE_VISIT + 1;
  s->item_ptr = calloc((size_t)question->n_items + 1, sizeof *s->item_ptr);
  s->item_rater = calloc(n, sizeof *s->item_rater);
  s->visits = calloc(s->n_visits_room, sizeof *s->visits);
  s->runs = calloc(n, sizeof *s->runs);
  s->term = calloc(n, sizeof *s->term);
  s->ratings = calloc(n, sizeof *s->ratings);
  s->by_level = calloc(n, sizeof *s->by_level);
  s->of_level = calloc(s->n_visits_room * levels, sizeof *s->of_level);
  s->peers = calloc(s->n_peers_room, sizeof *s->peers);
  s->terms = aligned_alloc(64, DSS_SPARSE_UNIT * DSS_SPARSE_UNIT * sizeof *s->terms);
  if (!s->item_ptr || !s->item_rater || !s->visits || !s->runs || !s->term || !s->ratings ||
      !s->by_level || !s->of_level || !s->peers || !s->terms)
    return false;
  memset(s->terms, 0, DSS_SPARSE_UNIT * DSS_SPARSE_UNIT * sizeof *s->terms);
  return true;
}

dss_cpu_sparse *dss_cpu_sparse_make(const dss_kernel_plan *plan,
                                    const dss_kernel_question *question) {
  dss_cpu_sparse *s = calloc(1, sizeof *s);
  seen_rating *seen = calloc(question->n_ratings + 1, sizeof *seen);
  bool good = s && seen && make_arrays(plan, question, s) && make_record(question, &s->record);
  if (good) {
    see_ratings(question, s, seen);
    put_visits(question, seen, s);
    good = make_marginals(plan, seen, question->tables.n_levels, s);
  }
  free(seen);
  if (good) return s;
  dss_cpu_sparse_free(s);
  return NULL;
}

void dss_cpu_sparse_free(dss_cpu_sparse *s) {
  if (!s) return;
  free(s->item_ptr);
  free(s->item_rater);
  free(s->visits);
  free(s->runs);
  free(s->term);
  free(s->ratings);
  free(s->by_level);
  free(s->of_level);
  free(s->peers);
  free(s->terms);
  free(s->of_raters.ptr);
  free(s->of_raters.list);
  free(s->of_items.ptr);
  free(s->of_items.list);
  free(s);
}

static uint64_t list_bytes(const dss_sparse_lists *lists, uint32_t n_levels) {
  uint64_t entries = (uint64_t)n_levels * lists->bits;
  return (entries + 1) * sizeof *lists->ptr +
         ((uint64_t)lists->ptr[entries] + 1) * sizeof *lists->list;
}

uint64_t dss_cpu_sparse_bytes(const dss_cpu_sparse *s, const dss_kernel_question *question) {
  uint64_t levels = question->tables.n_levels;
  uint64_t bytes = sizeof *s + ((uint64_t)question->n_items + 1) * sizeof *s->item_ptr;
  bytes += (question->n_ratings + 1) * (sizeof *s->item_rater + sizeof *s->runs + sizeof *s->term +
                                        sizeof *s->ratings + sizeof *s->by_level);
  bytes += s->n_peers_room * sizeof *s->peers;
  bytes += s->n_visits_room * (sizeof *s->visits + levels * sizeof *s->of_level);
  bytes += DSS_SPARSE_UNIT * DSS_SPARSE_UNIT * sizeof *s->terms;
  return bytes + list_bytes(&s->of_raters, question->tables.n_levels) +
         list_bytes(&s->of_items, question->tables.n_levels);
}

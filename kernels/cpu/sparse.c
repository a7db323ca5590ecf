#include "sparse.h"

#include <stdlib.h>
#include <string.h>

#include "sparse_visits.h"

/* --- whether it serves ---------------------------------------------------------------------- */

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
  unsigned bits = dss_sparse_bits(most);
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

/* The terms of an item's ratings, and those of its ratings of two levels, are together at most as
 * many as these ratings. false: it is too much. */
static bool make_record(const dss_kernel_question *question, bool collapsed,
                        dss_sparse_record *record) {
  enum { WORDS = 2 * DSS_SPARSE_PARTS };
  uint64_t level[DSS_SPARSE_LEVELS] = {0}, most = question->n_ratings * DSS_SPARSE_ROOT;
  uint8_t used[WORDS] = {0};
  memset(record, 0, sizeof *record);
  for (uint64_t i = 0; i < question->n_ratings; i++)
    level[question->code[i]]++;
  bool fits = true;
  if (collapsed) {
    fits = place_number(record, used, 0, 1, most, &record->own) &&
           place_number(record, used, 1, 2, most, &record->cross);
  } else {
    fits = dss_sparse_bits(most) <= DSS_SPARSE_PAIR_BITS;
    record->by_pair = true;
    record->n_pairs = (uint32_t)dss_n_pairs(question->tables.n_levels);
  }
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
  double bits = dss_sparse_bits((uint32_t)groups - 1) + 1; /* of labels, and members */
  double rater = resamples * (double)(layout->n_bases + 1) + plane * bits;
  double sums = groups * resamples * dss_sparse_parts(record) * 16;
  return rater * layout->plan->exchange.n_raters + 2 * plane * question->n_items + sums;
}

static bool can_take(const dss_cpu_layout *layout, const dss_kernel_question *question,
                     const dss_cpu_slots *slots) {
  const dss_sums_choice *choice = &layout->plan->choice;
  if (choice->common_units || choice->complement || choice->plurality || choice->entropy ||
      choice->cross_entropy || choice->votes)
    return false;
  if (question->tables.n_levels > DSS_SPARSE_LEVELS || largest_item(question) > DSS_SPARSE_UNIT)
    return false;
  /* Sums of weights, at most Phi a rating, stay in 64 bits. */
  if (question->n_ratings > (uint64_t)1 << (62 - question->tables.weight_bits)) return false;
  dss_sparse_record record;
  if (!make_record(question, slots->collapsed, &record)) return false;
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
  double terms = 16 * ratings, rater = 280, item = 80; /* of a group, the last one */
  if (!slots->collapsed) {
    double pairs = (double)slots->n_pairs, parts = pairs / 2 + 1;
    terms = 16 * (double)dss_sparse_count_crossings(question) + ratings * (2 + size / 4);
    rater = 63 * pairs + 217 * parts;
    item += 14 * pairs;
  }
  double sparse = 0, narrow = 0;
  for (size_t a = 0; a < layout->plan->n_axes; a++) {
    uint32_t groups = layout->plan->axes[a].n_groups;
    double bits = groups > 0 ? dss_sparse_bits(groups - 1) : 0;
    sparse += terms + ratings * size * (bits + 2) / 8 + raters * rater;
    sparse += groups * items * (size + 10) / 8;
    narrow += groups * items * item;
  }
  return sparse < narrow;
}

/* --- making it ------------------------------------------------------------------------------- */

/* Each visit's ratings by level. */
static void put_levels(const dss_sparse_seen *seen, uint32_t levels, dss_cpu_sparse *s) {
  uint32_t listed = 0;
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
  lists->bits = dss_sparse_bits(most);
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

static bool make_marginals(const dss_kernel_plan *plan, const dss_sparse_seen *seen,
                           uint32_t levels, dss_cpu_sparse *s) {
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

/* What terms are made of: crossings, or else ratings. */
static bool make_crossings(const dss_kernel_question *question, dss_cpu_sparse *s) {
  size_t n = question->n_ratings + 1;
  s->n_terms_room = n;
  if (!s->record.by_pair) {
    s->ratings = calloc(n, sizeof *s->ratings);
    return s->ratings != NULL;
  }
  s->n_terms_room = dss_sparse_count_crossings(question) + 1;
  /* A visit that ends before it has all of its rater's ratings, or DSS_SPARSE_VISIT of them. */
  s->n_visits_room += s->n_terms_room / (DSS_SPARSE_CROSSINGS - DSS_SPARSE_LEVELS);
  s->mixed = calloc(n, sizeof *s->mixed);
  s->crossings = calloc(s->n_terms_room, sizeof *s->crossings);
  s->crossed = calloc(s->n_visits_room * s->record.n_pairs + 1, sizeof *s->crossed);
  return s->mixed && s->crossings && s->crossed;
}

static bool make_arrays(const dss_kernel_plan *plan, const dss_kernel_question *question,
                        dss_cpu_sparse *s) {
  size_t n = question->n_ratings + 1, levels = question->tables.n_levels;
  uint64_t peers = 0;
  for (uint32_t u = 0; u < question->n_items; u++)
    peers += (uint64_t)item_size(question, u) * (item_size(question, u) - 1);
  s->n_peers_room = peers + 1;
  s->n_visits_room = plan->exchange.n_raters + n / DSS_SPARSE_VISIT + 1;
  if (!make_crossings(question, s)) return false;
  s->item_ptr = calloc((size_t)question->n_items + 1, sizeof *s->item_ptr);
  s->item_rater = calloc(n, sizeof *s->item_rater);
  s->visits = calloc(s->n_visits_room, sizeof *s->visits);
  s->runs = calloc(s->n_terms_room, sizeof *s->runs);
  s->term = calloc(s->n_terms_room, sizeof *s->term);
  s->by_level = calloc(n, sizeof *s->by_level);
  s->of_level = calloc(s->n_visits_room * levels, sizeof *s->of_level);
  s->peers = calloc(s->n_peers_room, sizeof *s->peers);
  s->terms = aligned_alloc(64, DSS_SPARSE_UNIT * DSS_SPARSE_UNIT * sizeof *s->terms);
  if (!s->item_ptr || !s->item_rater || !s->visits || !s->runs || !s->term || !s->by_level ||
      !s->of_level || !s->peers || !s->terms)
    return false;
  memset(s->terms, 0, DSS_SPARSE_UNIT * DSS_SPARSE_UNIT * sizeof *s->terms);
  return true;
}

dss_cpu_sparse *dss_cpu_sparse_make(const dss_kernel_plan *plan,
                                    const dss_kernel_question *question, bool collapsed) {
  dss_cpu_sparse *s = calloc(1, sizeof *s);
  dss_sparse_seen *seen = calloc(question->n_ratings + 1, sizeof *seen);
  bool good =
      s && seen && make_record(question, collapsed, &s->record) && make_arrays(plan, question, s);
  if (good) {
    dss_sparse_see(question, s, seen);
    if (collapsed)
      dss_sparse_put_visits(question, seen, s);
    else
      dss_sparse_put_crossings(question, seen, s);
    put_levels(seen, question->tables.n_levels, s);
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
  free(s->mixed);
  free(s->crossings);
  free(s->crossed);
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
  bytes += (question->n_ratings + 1) * (sizeof *s->item_rater + sizeof *s->by_level);
  bytes += s->n_terms_room * (sizeof *s->runs + sizeof *s->term);
  if (s->record.by_pair)
    bytes += (question->n_ratings + 1) * sizeof *s->mixed + s->n_terms_room * sizeof *s->crossings +
             (s->n_visits_room * s->record.n_pairs + 1) * sizeof *s->crossed;
  else
    bytes += (question->n_ratings + 1) * sizeof *s->ratings;
  bytes += s->n_peers_room * sizeof *s->peers;
  bytes += s->n_visits_room * (sizeof *s->visits + levels * sizeof *s->of_level);
  bytes += DSS_SPARSE_UNIT * DSS_SPARSE_UNIT * sizeof *s->terms;
  return bytes + list_bytes(&s->of_raters, question->tables.n_levels) +
         list_bytes(&s->of_items, question->tables.n_levels);
}

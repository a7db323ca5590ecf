#include "tabled.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/common/sums.h"

/* --- patterns ------------------------------------------------------------------------------- */

/* An item that a table could have. */
typedef struct candidate {
  uint8_t count[DSS_TABLED_LEVELS]; /* ratings by level */
  uint32_t number;
} candidate;

/* false: the item has too many states, or adds nothing. */
static bool count_item(const dss_kernel_question *question, bool more, uint32_t u, candidate *c) {
  uint64_t begin = question->item_ptr[u], end = question->item_ptr[u + (size_t)1];
  uint32_t states = 1;
  if (end - begin >= DSS_TABLED_STATES || end - begin < (more ? 1 : 2)) return false;
  memset(c, 0, sizeof *c);
  c->number = u;
  for (uint64_t i = begin; i < end; i++)
    c->count[question->code[i]]++;
  for (uint32_t k = 0; k < question->tables.n_levels && states <= DSS_TABLED_STATES; k++)
    states *= c->count[k] + 1u;
  return states <= DSS_TABLED_STATES;
}

static int by_count(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  int order = memcmp(x->count, y->count, sizeof x->count);
  return order ? order : (x->number > y->number) - (x->number < y->number);
}

static int patterns_by_count(const void *a, const void *b) {
  const dss_tabled_pattern *x = a, *y = b;
  return memcmp(x->count, y->count, sizeof x->count);
}

static int more_items_first(const void *a, const void *b) {
  const dss_tabled_pattern *x = a, *y = b;
  if (x->n_items != y->n_items) return x->n_items > y->n_items ? -1 : 1;
  return patterns_by_count(a, b);
}

static dss_tabled_pattern pattern_of(const candidate *c, uint32_t n_levels) {
  dss_tabled_pattern p = {.n_states = 1};
  memcpy(p.count, c->count, sizeof p.count);
  for (uint32_t k = 0; k < n_levels; k++) {
    p.radix[k] = (uint8_t)p.n_states; /* 256 of a level without ratings: never used */
    p.n_states *= c->count[k] + 1u;
  }
  return p;
}

static bool starts_pattern(const candidate *c, uint32_t i) {
  return i == 0 || memcmp(c[i].count, c[i - 1].count, sizeof c->count) != 0;
}

/* Those of n candidates, sorted, by how many items have them as far as there is room for records.
 */
static bool find_patterns(dss_cpu_tabled *t, const candidate *c, uint32_t n, uint32_t n_levels) {
  uint32_t n_all = 0;
  for (uint32_t i = 0; i < n; i++)
    n_all += starts_pattern(c, i);
  t->patterns = calloc(n_all, sizeof *t->patterns);
  if (!t->patterns) return false;
  dss_tabled_pattern *next = t->patterns;
  for (uint32_t i = 0; i < n; i++) {
    if (starts_pattern(c, i)) *next++ = pattern_of(&c[i], n_levels);
    next[-1].n_items++;
  }
  qsort(t->patterns, n_all, sizeof *t->patterns, more_items_first);
  for (uint32_t i = 0; i < n_all; i++) {
    dss_tabled_pattern p = t->patterns[i];
    if (t->n_records + p.n_states > DSS_TABLED_RECORDS) continue;
    p.first = t->n_records;
    t->n_records += p.n_states;
    t->patterns[t->n_patterns++] = p;
  }
  qsort(t->patterns, t->n_patterns, sizeof *t->patterns, patterns_by_count);
  return true;
}

/* The items of these patterns, in their order. */
static void take_items(dss_cpu_tabled *t, const candidate *c, uint32_t n) {
  uint32_t p = 0;
  for (uint32_t i = 0; i < n && p < t->n_patterns; i++) {
    int order;
    while ((order = memcmp(t->patterns[p].count, c[i].count, sizeof c->count)) < 0 &&
           p + 1 < t->n_patterns)
      p++;
    if (order != 0) continue;
    t->item[t->n_items] = c[i].number;
    t->pattern[t->n_items++] = p;
  }
}

/* --- what a group adds ------------------------------------------------------------------------ */

/* A question's walk over states; its arrays. */
typedef struct walk {
  const dss_tables *tables;
  const dss_sums_choice *choice;
  const dss_cpu_slots *slots;
  uint64_t *integers; /* of one item's sums */
  dss_u128 *wide;
  uint64_t *nothing, *numbers; /* [slots] of an item without ratings of the group, and of one */
  int64_t *low;                /* [slots] least number beyond nothing, or 0 */
  uint64_t *bits, *most;       /* [slots] all bits, and the largest, of numbers beyond these */
} walk;

static void put_pairs(const walk *w, const dss_u128 *pair, uint64_t *to) {
  size_t n = dss_n_pairs(w->tables->n_levels);
  if (w->slots->collapsed) to[0] = 0;
  for (size_t i = 0; i < n; i++)
    if (w->slots->collapsed)
      to[0] += (uint64_t)pair[i];
    else
      to[i] = (uint64_t)pair[i];
}

/* What the wide kernel holds in DSS_PRODUCT_SLOTS slots. */
static void put_product(dss_u128 product, uint64_t *to) {
  const uint64_t low = ((uint64_t)1 << DSS_PRODUCT_BITS) - 1;
  to[0] = (uint64_t)product & low;
  to[1] = (uint64_t)(product >> DSS_PRODUCT_BITS) & low;
  to[2] = (uint64_t)(product >> 2 * DSS_PRODUCT_BITS);
}

/* One item's sums as a group's slots have them. */
static void put_slots(const walk *w, const dss_group_sums *sums, uint64_t *to) {
  const dss_cpu_slots *s = w->slots;
  const dss_sums_choice *choice = w->choice;
  for (uint32_t c = 0; c < w->tables->n_levels; c++) {
    if (choice->alpha) to[s->own_count + c] = sums->own.count[c];
    if (choice->cross) to[s->x_count + c] = sums->cross.x_count[c];
    if (choice->cross) to[s->y_count + c] = sums->cross.y_count[c];
    if (choice->complement) to[s->complement_count + c] = sums->complement.count[c];
    if (choice->votes) to[s->vote_count + c] = (uint64_t)sums->votes.count[c];
  }
  if (choice->alpha) put_pairs(w, sums->own.pair, &to[s->own_pair]);
  if (choice->cross) put_pairs(w, sums->cross.pair, &to[s->cross_pair]);
  if (choice->complement) put_pairs(w, sums->complement.pair, &to[s->complement_pair]);
  if (s->rated != SIZE_MAX) to[s->rated] = sums->rated;
  if (s->shared != SIZE_MAX) to[s->shared] = sums->votes.shared;
  if (choice->plurality) to[s->plurality] = (uint64_t)sums->plurality;
  if (choice->entropy) put_product((dss_u128)sums->entropy, &to[s->entropy]);
  if (choice->cross_entropy) put_product((dss_u128)sums->cross_entropy, &to[s->cross_entropy]);
  if (choice->votes) to[s->vote_units] = sums->votes.units;
  if (choice->votes) put_product(sums->votes.agreement, &to[s->vote_agreement]);
}

/* What a group adds on an item in one of its states. false: logarithms add less than 0. */
static bool add_state(const walk *w, const dss_tabled_pattern *p, uint32_t state, uint64_t *to) {
  uint32_t levels = w->tables->n_levels, m = 0, s = 0;
  uint32_t x[DSS_TABLED_LEVELS], y[DSS_TABLED_LEVELS];
  for (uint32_t c = 0; c < levels; c++) {
    x[c] = state % (p->count[c] + 1u);
    state /= p->count[c] + 1u;
    y[c] = p->count[c] - x[c];
    m += x[c];
    s += y[c];
  }
  memset(w->integers, 0, dss_sums_integers(levels) * sizeof *w->integers);
  memset(w->wide, 0, dss_sums_wide(levels) * sizeof *w->wide);
  dss_group_sums sums = dss_sums_over(levels, w->integers, w->wide);
  dss_sums_add(&sums, w->tables, w->choice, x, m, y, s);
  put_slots(w, &sums, to);
  return sums.entropy >= 0 && sums.cross_entropy >= 0;
}

/* --- fields ----------------------------------------------------------------------------------- */

/* The least numbers of all slots, then how far they go beyond. false: not to be tabled. */
static bool measure(const dss_cpu_tabled *t, walk *w) {
  size_t n = w->slots->n;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t p = 0; p < t->n_patterns; p++) {
      if (!add_state(w, &t->patterns[p], 0, w->nothing)) return false;
      for (uint32_t state = 1; state < t->patterns[p].n_states; state++) {
        if (!add_state(w, &t->patterns[p], state, w->numbers)) return false;
        for (size_t i = 0; i < n; i++) {
          int64_t beyond = (int64_t)(w->numbers[i] - w->nothing[i]);
          if (pass == 0 && beyond < w->low[i]) w->low[i] = beyond;
          if (pass == 0) continue;
          uint64_t number = (uint64_t)beyond - (uint64_t)w->low[i];
          w->bits[i] |= number;
          if (number > w->most[i]) w->most[i] = number;
        }
      }
    }
  return true;
}

/* Bits that n_items numbers take together. */
static unsigned field_bits(uint64_t most, uint32_t n_items) {
  unsigned bits = 0;
  for (dss_u128 sum = (dss_u128)most * n_items; sum > 0; sum >>= 1)
    bits++;
  return bits;
}

/* Places the slots' fields, each in the first word with room; returns how many words that takes, 0
 * where one does not fit. A last field, behind those of the slots, counts items. fields NULL: only
 * the number is wanted. used [slots + 1] is scratch. */
static uint32_t place_fields(const walk *w, uint32_t n_items, bool counts, uint8_t *used,
                             dss_tabled_field *fields, uint32_t *n_fields) {
  uint32_t words = 0;
  size_t n = w->slots->n;
  *n_fields = 0;
  memset(used, 0, n + 1);
  for (size_t i = 0; i < n + counts; i++) {
    uint64_t all = i < n ? w->bits[i] : 1;
    if (all == 0) continue;
    unsigned shift = (unsigned)__builtin_ctzll(all);
    unsigned bits = field_bits(i < n ? w->most[i] >> shift : 1, n_items);
    if (bits > 64) return 0;
    uint32_t word = 0;
    while (used[word] + bits > 64)
      word++;
    if (fields)
      fields[*n_fields] = (dss_tabled_field){(uint32_t)i, word, used[word], (uint8_t)shift,
                                             bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1};
    ++*n_fields;
    used[word] = (uint8_t)(used[word] + bits);
    if (word + 1 > words) words = word + 1;
  }
  uint32_t rounded = (words + DSS_TABLED_FOUR - 1) / DSS_TABLED_FOUR * DSS_TABLED_FOUR;
  return rounded ? rounded : DSS_TABLED_FOUR;
}

/* As few words as can be, for as many items as these have room. */
static bool make_fields(dss_cpu_tabled *t, const walk *w) {
  size_t n = w->slots->n;
  uint8_t *used = malloc(n + 2);
  t->fields = calloc(n + 1, sizeof *t->fields);
  t->lows = calloc(n + 1, sizeof *t->lows);
  if (!used || !t->fields || !t->lows) {
    free(used);
    return false;
  }
  for (size_t i = 0; i < n; i++)
    if (w->low[i] < 0) t->lows[t->n_lows++] = (dss_tabled_low){(uint32_t)i, w->low[i]};
  t->most_items = DSS_TABLED_ITEMS;
  t->words = place_fields(w, t->most_items, t->n_lows > 0, used, NULL, &t->n_fields);
  for (uint32_t more = 2 * t->most_items + 1; t->words > 0 && more < UINT16_MAX;
       more = 2 * more + 1)
    if (place_fields(w, more, t->n_lows > 0, used, NULL, &t->n_fields) == t->words)
      t->most_items = more;
  if (t->words > 0) place_fields(w, t->most_items, t->n_lows > 0, used, t->fields, &t->n_fields);
  if (t->n_lows > 0 && t->words > 0) t->rated = t->fields[--t->n_fields];
  free(used);
  return true;
}

/* --- records ---------------------------------------------------------------------------------- */

static bool make_records(dss_cpu_tabled *t, walk *w) {
  size_t bytes = (t->n_records * t->words * sizeof *t->records + 63) / 64 * 64;
  t->records = aligned_alloc(64, bytes);
  if (!t->records) return false;
  memset(t->records, 0, bytes);
  for (uint32_t p = 0; p < t->n_patterns; p++) {
    add_state(w, &t->patterns[p], 0, w->nothing);
    for (uint32_t state = 1; state < t->patterns[p].n_states; state++) {
      uint64_t *record = &t->records[(t->patterns[p].first + state) * t->words];
      add_state(w, &t->patterns[p], state, w->numbers);
      for (uint32_t f = 0; f < t->n_fields; f++) {
        const dss_tabled_field *field = &t->fields[f];
        uint64_t beyond = w->numbers[field->slot] - w->nothing[field->slot];
        record[field->word] |= (beyond - (uint64_t)w->low[field->slot]) >> field->shift
                                                                               << field->at;
      }
      if (t->n_lows > 0) record[t->rated.word] |= (uint64_t)1 << t->rated.at;
    }
  }
  return true;
}

static bool add_step(dss_cpu_tabled *t, uint32_t first, size_t slots) {
  dss_tabled_step *steps = realloc(t->steps, (t->n_steps + (size_t)1) * sizeof *steps);
  if (!steps) return false;
  t->steps = steps;
  steps[t->n_steps] = (dss_tabled_step){first, first, calloc(slots + 1, sizeof(uint64_t))};
  return steps[t->n_steps++].nothing != NULL;
}

/* Items as far as their sums certainly fit 64 bits, then on. */
static bool make_steps(dss_cpu_tabled *t, const dss_kernel_question *question,
                       const dss_cpu_question *q, walk *w) {
  uint64_t held = q->most_ratings + 1; /* a step begins */
  size_t n = w->slots->n;
  for (uint32_t i = 0; i < t->n_items; i++) {
    uint32_t u = t->item[i];
    uint64_t size = question->item_ptr[u + (size_t)1] - question->item_ptr[u] + q->item_charge;
    if (held + size > q->most_ratings) {
      if (!add_step(t, i, n)) return false;
      held = 0;
    }
    held += size;
    dss_tabled_step *step = &t->steps[t->n_steps - 1];
    step->end = i + 1;
    add_state(w, &t->patterns[t->pattern[i]], 0, w->nothing);
    for (size_t k = 0; k < n; k++)
      step->nothing[k] += w->nothing[k];
  }
  uint64_t all = question->n_ratings + question->n_items * q->item_charge;
  t->fits = all <= q->most_ratings;
  return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool walk_make(walk *w, uint32_t levels, size_t slots) {
  w->integers = calloc(dss_sums_integers(levels) + 1, sizeof *w->integers);
  w->wide = calloc(dss_sums_wide(levels) + 1, sizeof *w->wide);
  w->nothing = calloc(slots + 1, sizeof *w->nothing);
  w->numbers = calloc(slots + 1, sizeof *w->numbers);
  w->low = calloc(slots + 1, sizeof *w->low);
  w->bits = calloc(slots + 1, sizeof *w->bits);
  w->most = calloc(slots + 1, sizeof *w->most);
  return w->integers && w->wide && w->nothing && w->numbers && w->low && w->bits && w->most;
}

static void walk_free(walk *w) {
  free(w->integers);
  free(w->wide);
  free(w->nothing);
  free(w->numbers);
  free(w->low);
  free(w->bits);
  free(w->most);
}

/* The question's items that a table could have; NULL: out of memory, or n is 0. */
static candidate *find_candidates(const dss_kernel_question *question, bool more, uint32_t *n) {
  candidate found, *candidates;
  *n = 0;
  for (uint32_t u = 0; u < question->n_items; u++)
    *n += count_item(question, more, u, &found);
  if (*n == 0 || !(candidates = calloc(*n, sizeof *candidates))) return NULL;
  for (uint32_t u = 0, i = 0; i < *n; u++)
    i += count_item(question, more, u, &candidates[i]);
  qsort(candidates, *n, sizeof *candidates, by_count);
  return candidates;
}

static bool make_items(dss_cpu_tabled *t, const candidate *c, uint32_t n, uint32_t n_levels) {
  t->item = calloc(n, sizeof *t->item);
  t->pattern = calloc(n, sizeof *t->pattern);
  if (!t->item || !t->pattern || !find_patterns(t, c, n, n_levels)) return false;
  take_items(t, c, n);
  return true;
}

static bool make_tables(dss_cpu_tabled *t, const dss_kernel_plan *plan,
                        const dss_kernel_question *question, const dss_cpu_question *q,
                        bool *serves) {
  walk w = {.tables = &question->tables, .choice = &plan->choice, .slots = &q->slots};
  bool good = walk_make(&w, question->tables.n_levels, q->slots.n);
  *serves = good && measure(t, &w);
  if (*serves) good = make_fields(t, &w);
  *serves = *serves && t->words > 0;
  if (*serves && good) good = make_records(t, &w) && make_steps(t, question, q, &w);
  walk_free(&w);
  return good;
}

bool dss_cpu_tabled_make(const dss_kernel_plan *plan, const dss_kernel_question *question,
                         const dss_cpu_question *q, dss_cpu_tabled **tabled) {
  uint32_t n;
  *tabled = NULL;
  if (question->tables.n_levels > DSS_TABLED_LEVELS) return true;
  candidate *candidates = find_candidates(question, q->more, &n);
  if (!candidates) return n == 0;
  dss_cpu_tabled *t = calloc(1, sizeof *t);
  bool serves = false;
  bool good = t && make_items(t, candidates, n, question->tables.n_levels) &&
              make_tables(t, plan, question, q, &serves);
  free(candidates);
  if (good && serves)
    *tabled = t;
  else
    dss_cpu_tabled_free(t);
  return good;
}

void dss_cpu_tabled_free(dss_cpu_tabled *t) {
  if (!t) return;
  for (uint32_t i = 0; i < t->n_steps; i++)
    free(t->steps[i].nothing);
  free(t->steps);
  free(t->fields);
  free(t->lows);
  free(t->records);
  free(t->patterns);
  free(t->pattern);
  free(t->item);
  free(t);
}

uint64_t dss_cpu_tabled_bytes(const dss_cpu_tabled *t, size_t slots) {
  uint64_t bytes = sizeof *t + t->n_items * (sizeof *t->item + sizeof *t->pattern);
  bytes += t->n_patterns * sizeof *t->patterns;
  bytes += (slots + 1) * (sizeof *t->fields + sizeof *t->lows);
  bytes += t->n_records * t->words * sizeof *t->records;
  return bytes + t->n_steps * (sizeof *t->steps + (slots + 1) * sizeof *t->steps->nothing);
}

size_t dss_cpu_tabled_scratch(const dss_cpu_layout *layout, size_t lanes) {
  size_t words = 0;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_tabled *t = layout->questions[q].tabled;
    if (t && t->words > words) words = t->words;
  }
  if (words == 0) return 0;
  return (dss_cpu_tabled_rows(layout) * DSS_TABLED_TILE +
          layout->plan->n_groups * words * sizeof(uint64_t)) *
         lanes;
}

/* The sparse kernel (sparse.h) for AVX-512 with GFNI and VBMI, 512 resamples at a time, one axis
 * after the other. */
#include <math.h>
#include <string.h>

#include "collapsed.h"
#include "planes.h"
#include "sparse_lanes.h"

enum {
  BLOCKS = DSS_SPARSE_BLOCKS,
  VISIT = DSS_SPARSE_VISIT,
  NUMBERS =
      16, /* what a rater leaves behind in one resample: digits of own, of cross, then levels */
  DIGITS = DSS_SPARSE_OWN + DSS_SPARSE_CROSS,
  MOST_BITS = 8 /* of a group's number within its axis */
};

/* The thread's memory while one axis is at work. */
typedef struct axis_work {
  const dss_cpu_layout *layout;
  const dss_cpu_sparse *sparse;
  const dss_kernel_axis *axis;
  unsigned label_bits;
  uint32_t levels;
  uint8_t *labels;  /* [n_raters][BLOCKS][64] group within the axis */
  plane *label;     /* [n_raters][label_bits] the same in planes */
  plane *members;   /* [n_raters] of one group */
  plane *present;   /* [n_items] some rating is the group's */
  plane *alone;     /* [n_items] all are */
  uint16_t *recent; /* [BLOCKS][64][n_groups][NUMBERS] of some visits */
  uint32_t *groups; /* the same of all before */
  uint64_t fold_at; /* ratings, all of one group perhaps, that recent has room for */
  uint32_t *counts; /* [3 K][BLOCKS][64] of one group */
} axis_work;

/* --- labels ---------------------------------------------------------------------------------- */

/* table[at], at under 256; the table's entries from n on are not read. */
DSS_INLINE v8 lookup_bytes(const uint8_t table[256], size_t n, v8 at) {
  __m512i found = _mm512_setzero_si512();
  for (size_t first = 0; first < n; first += 64) {
    __mmask64 here = _mm512_cmpeq_epi8_mask(
        _mm512_and_si512((__m512i)at, _mm512_set1_epi8((char)192)), _mm512_set1_epi8((char)first));
    found =
        _mm512_mask_permutexvar_epi8(found, here, (__m512i)at, _mm512_loadu_si512(&table[first]));
  }
  return (v8)found;
}

/* Cells to groups of the axis. */
static void map_cells(const axis_work *w, const dss_cpu_base *base, uint8_t table[256]) {
  memset(table, 0, 256);
  for (uint32_t r = 0; r < w->layout->plan->exchange.n_raters; r++)
    table[base->label[r]] = (uint8_t)w->axis->group[r];
}

/* Blocks that are not wanted are labelled as they may be. */
static void label_raters(const axis_work *w, const dss_cpu_part *part, const dss_cpu_scratch *s) {
  const dss_cpu_base *base = &w->layout->bases[part->base];
  size_t n = w->layout->plan->exchange.n_raters;
  const uint8_t *cells = &s->all_labels[part->base * n * DSS_LANES];
  size_t block_stride = w->layout->n_bases * n * DSS_LANES;
  uint8_t group[256];
  map_cells(w, base, group);
  for (size_t r = 0; r < n; r++)
    for (unsigned j = 0; j < BLOCKS; j++) {
      v8 cell = load8(&cells[j * block_stride + r * DSS_LANES]);
      v8 label = lookup_bytes(group, base->n_cells, cell);
      memcpy(&w->labels[(r * BLOCKS + j) * 64], &label, sizeof label);
      for (unsigned b = 0; b < w->label_bits; b++)
        put_block(&w->label[r * w->label_bits + b], j,
                  _mm512_test_epi8_mask((__m512i)label, _mm512_set1_epi8((char)(1 << b))));
    }
}

/* --- a rating's peers in its rater's group ---------------------------------------------------- */

/* Sums of up to 11 planes, in registers: at each bit one plane of the sum and one that waits for
 * another to be added with it. */
typedef struct counter {
  plane sum0, sum1, sum2, sum3, waiting0, waiting1, waiting2;
  unsigned has, waits; /* bits */
} counter;

#define DSS_COUNT(bit, next)                                                                       \
  DSS_INLINE void count_##bit(counter *c, plane a) {                                               \
    if (!(c->has >> bit & 1)) {                                                                    \
      c->sum##bit = a;                                                                             \
      c->has |= 1u << bit;                                                                         \
    } else if (!(c->waits >> bit & 1)) {                                                           \
      c->waiting##bit = a;                                                                         \
      c->waits |= 1u << bit;                                                                       \
    } else {                                                                                       \
      c->waits &= ~(1u << bit);                                                                    \
      next(c, full_add(&c->sum##bit, c->waiting##bit, a));                                         \
    }                                                                                              \
  }                                                                                                \
  /* Adds what waits. */                                                                           \
  DSS_INLINE void settle_##bit(counter *c) {                                                       \
    if (!(c->waits >> bit & 1)) return;                                                            \
    plane carry = c->sum##bit & c->waiting##bit;                                                   \
    c->sum##bit ^= c->waiting##bit;                                                                \
    next(c, carry);                                                                                \
  }
DSS_INLINE void count_3(counter *c, plane a) {
  c->sum3 = a; /* of up to 11 planes at most one comes */
  c->has |= 8;
}
DSS_COUNT(2, count_3)
DSS_COUNT(1, count_2)
DSS_COUNT(0, count_1)
#undef DSS_COUNT

DSS_INLINE plane same_group(const plane *own, const plane *other, unsigned bits) {
  plane differ = own[0] ^ other[0];
  if (bits == 1) return ~differ;
  for (unsigned b = 1; b + 1 < bits; b++)
    differ = or_differ(differ, own[b], other[b]);
  return nor_differ(differ, own[bits - 1], other[bits - 1]);
}

/* A number of up to 11 in planes, lowest bit first; those above its bits may hold anything. */
typedef struct planes4 {
  plane p0, p1, p2, p3;
} planes4;

/* How many of n peers are of the rater's group; *any: whether any is. n and bits are constants. */
DSS_INLINE void count_peers(unsigned n, unsigned bits, const plane *own, const plane *label,
                            const uint32_t *peers, planes4 *to, plane *any) {
  counter c;
  c.has = c.waits = 0;
#pragma GCC unroll 12
  for (unsigned i = 0; i < n; i++)
    count_0(&c, same_group(own, &label[(size_t)peers[i] * bits], bits));
  settle_0(&c);
  settle_1(&c);
  settle_2(&c);
  *any |= to->p0 = c.sum0;
  if (n > 1) *any |= to->p1 = c.sum1;
  if (n > 3) *any |= to->p2 = c.sum2;
  if (n > 7) *any |= to->p3 = c.sum3;
}

DSS_INLINE void count_some(unsigned n, unsigned bits, const plane *own, const plane *label,
                           const uint32_t *peers, planes4 *to, plane *any) {
  switch (n) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    count_peers(n, bits, own, label, peers, to, any);                                              \
    break
    CASE(1);
    CASE(2);
    CASE(3);
    CASE(4);
    CASE(5);
    CASE(6);
    CASE(7);
    CASE(8);
    CASE(9);
    CASE(10);
    CASE(11);
#undef CASE
  default:
    break;
  }
}

/* x in the lowest bits, of which it has so many, and a above. */
DSS_INLINE void join(unsigned n, const planes4 *x, const planes4 *a, plane to[6]) {
  to[0] = n > 0 ? x->p0 : a->p0;
  to[1] = n > 1 ? x->p1 : n == 1 ? a->p0 : a->p1;
  to[2] = n > 2 ? x->p2 : n == 2 ? a->p0 : n == 1 ? a->p1 : a->p2;
  to[3] = n > 3 ? x->p3 : n == 3 ? a->p0 : n == 2 ? a->p1 : n == 1 ? a->p2 : a->p3;
  to[4] = n > 3 ? a->p0 : n == 3 ? a->p1 : n == 2 ? a->p2 : a->p3;
  to[5] = n > 3 ? a->p1 : n == 3 ? a->p2 : a->p3;
}

/* What a visit's ratings come to. */
typedef struct visit_work {
  plane paired[VISIT + 1];             /* somebody else of the group rated the item */
  v8 index[BLOCKS][VISIT + 2];         /* not a power of two apart, for the cache */
  v8 level[DSS_SPARSE_LEVELS][BLOCKS]; /* ratings that are paired, by level */
} visit_work;

DSS_INLINE void see_peers(const axis_work *w, const dss_sparse_visit *visit, unsigned bits,
                          visit_work *v) {
  plane own[MOST_BITS];
  for (unsigned b = 0; b < bits; b++)
    own[b] = w->label[(size_t)visit->rater * bits + b];
  planes4 x = {{0}}, a = {{0}};
  for (uint32_t i = 0; i < visit->n; i++) {
    const dss_sparse_rating *r = &w->sparse->ratings[visit->first + i];
    const uint32_t *peers = &w->sparse->peers[r->peer];
    plane any = {0}, number[6];
    v8 bytes[BLOCKS];
    count_some(r->apart, bits, own, w->label, peers, &x, &any);
    count_some(r->alike, bits, own, w->label, peers + r->apart, &a, &any);
    v->paired[i] = any;
    switch (r->apart_bits) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    join(n, &x, &a, number);                                                                       \
    break
      CASE(0);
      CASE(1);
      CASE(2);
      CASE(3);
    default:
      join(4, &x, &a, number);
#undef CASE
    }
    bytes_of_planes(number, 6, bytes);
    for (unsigned j = 0; j < BLOCKS; j++)
      v->index[j][i] = bytes[j];
  }
}

static void see_visit(const axis_work *w, const dss_sparse_visit *visit, visit_work *v) {
  switch (w->label_bits) {
#define CASE(bits)                                                                                 \
  case bits:                                                                                       \
    see_peers(w, visit, bits, v);                                                                  \
    break
    CASE(1);
    CASE(2);
    CASE(3);
    CASE(4);
    CASE(5);
    CASE(6);
    CASE(7);
    CASE(8);
#undef CASE
  default:
    break;
  }
}

static void count_paired(const axis_work *w, size_t number, const dss_sparse_visit *visit,
                         visit_work *v) {
  const uint8_t *listed = &w->sparse->by_level[visit->first];
  const uint8_t *of_level = &w->sparse->of_level[number * w->levels];
  for (uint32_t c = 0; c < w->levels; c++) {
    uint32_t list[VISIT];
    plane sum[6] = {{0}};
    for (uint32_t k = 0; k < of_level[c]; k++)
      list[k] = *listed++;
    sum_planes(v->paired, list, of_level[c], 0, 6, sum);
    bytes_of_planes(sum, 6, v->level[c]);
  }
}

/* --- to the groups ---------------------------------------------------------------------------- */

/* A block's 16 numbers, each for 32 resamples, as 32 records of 16 numbers: record 8 L + i is half
 * L mod 2 of to[i][L / 2]. */
DSS_INLINE void transpose(const v16 row[NUMBERS], v16 to[8][2]) {
  v64 eights[2][8];
  for (int h = 0; h < 2; h++) {
    const v16 *r = &row[8 * h];
    v32 pairs[2][4];
    for (int k = 0; k < 4; k++) {
      pairs[0][k] = (v32)unpack_low16(r[2 * k], r[2 * k + 1]);
      pairs[1][k] = (v32)unpack_high16(r[2 * k], r[2 * k + 1]);
    }
    for (int half = 0; half < 2; half++) {
      __m512i *p = (__m512i *)pairs[half];
      __m512i low[2] = {_mm512_unpacklo_epi32(p[0], p[1]), _mm512_unpacklo_epi32(p[2], p[3])};
      __m512i high[2] = {_mm512_unpackhi_epi32(p[0], p[1]), _mm512_unpackhi_epi32(p[2], p[3])};
      eights[h][4 * half] = (v64)_mm512_unpacklo_epi64(low[0], low[1]);
      eights[h][4 * half + 1] = (v64)_mm512_unpackhi_epi64(low[0], low[1]);
      eights[h][4 * half + 2] = (v64)_mm512_unpacklo_epi64(high[0], high[1]);
      eights[h][4 * half + 3] = (v64)_mm512_unpackhi_epi64(high[0], high[1]);
    }
  }
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  for (int i = 0; i < 8; i++) {
    __m512i a = (__m512i)eights[0][i], b = (__m512i)eights[1][i];
    to[i][0] = (v16)_mm512_permutex2var_epi64(a, first, b);
    to[i][1] = (v16)_mm512_permutex2var_epi64(a, second, b);
  }
}

DSS_INLINE void add_record(uint16_t *to, __m256i record) {
  __m256i *at = (__m256i *)to;
  _mm256_store_si256(at, _mm256_add_epi16(_mm256_load_si256(at), record));
}

/* What is recent goes to the groups' sums. */
static void fold(const axis_work *w) {
  size_t n = (size_t)BLOCKS * 64 * w->axis->n_groups * NUMBERS;
  for (size_t i = 0; i < n; i += NUMBERS) {
    __m256i *recent = (__m256i *)&w->recent[i];
    __m512i sum =
        _mm512_add_epi32(_mm512_load_si512(&w->groups[i]), _mm512_cvtepu16_epi32(*recent));
    _mm512_store_si512(&w->groups[i], sum);
    *recent = _mm256_setzero_si256();
  }
}

/* Resamples odd, odd + 2, ... of block j. */
DSS_INLINE void add_to_groups(const axis_work *w, const uint8_t *labels, size_t j, size_t odd,
                              const v16 row[NUMBERS]) {
  v16 records[8][2];
  size_t n_groups = w->axis->n_groups;
  transpose(row, records);
  for (size_t i = 0; i < 8; i++)
    for (size_t L = 0; L < 4; L++) {
      size_t lane = 2 * (8 * L + i) + odd;
      uint16_t *to = &w->recent[((j * 64 + lane) * n_groups + labels[lane]) * NUMBERS];
      __m512i both = (__m512i)records[i][L / 2];
      add_record(to, L % 2 ? _mm512_extracti64x4_epi64(both, 1) : _mm512_castsi512_si256(both));
    }
}

DSS_INLINE v16 even_bytes(v8 a) {
  return (v16)a & 255;
}

DSS_INLINE v16 odd_bytes(v8 a) {
  return (v16)((v16u)a >> 8);
}

/* The digits of block j's terms. Eight of five bits fit a byte. digits is a constant. */
DSS_INLINE void add_terms(const axis_work *w, const dss_sparse_visit *visit, const v8 *index,
                          int digits, v16 even[NUMBERS], v16 odd[NUMBERS]) {
  const dss_sparse_rating *ratings = &w->sparse->ratings[visit->first];
  for (int d = 0; d < digits; d++)
    even[d] = odd[d] = (v16){0};
  for (uint32_t first = 0; first < visit->n; first += 8) {
    uint32_t end = visit->n - first < 8 ? visit->n : first + 8;
    v8 sum[DIGITS] = {{0}};
    for (uint32_t i = first; i < end; i++) {
      const dss_sparse_term *term = &w->sparse->terms[ratings[i].term];
      for (int d = 0; d < digits; d++)
        sum[d] += (v8)_mm512_permutexvar_epi8((__m512i)index[i], _mm512_load_si512(term->digit[d]));
    }
    for (int d = 0; d < digits; d++) {
      even[d] += even_bytes(sum[d]);
      odd[d] += odd_bytes(sum[d]);
    }
  }
}

static void leave_visit(const axis_work *w, const dss_sparse_visit *visit, const visit_work *v) {
  const uint8_t *labels = &w->labels[(size_t)visit->rater * BLOCKS * 64];
  v16 even[NUMBERS], odd[NUMBERS];
  for (int k = 0; k < NUMBERS; k++)
    even[k] = odd[k] = (v16){0};
  for (size_t j = 0; j < BLOCKS; j++) {
    if (w->sparse->n_cross < DSS_SPARSE_CROSS)
      add_terms(w, visit, v->index[j], DIGITS - 1, even, odd);
    else
      add_terms(w, visit, v->index[j], DIGITS, even, odd);
    for (uint32_t c = 0; c < w->levels; c++) {
      even[DIGITS + c] = even_bytes(v->level[c][j]);
      odd[DIGITS + c] = odd_bytes(v->level[c][j]);
    }
    add_to_groups(w, labels + 64 * j, j, 0, even);
    add_to_groups(w, labels + 64 * j, j, 1, odd);
  }
}

/* --- marginals of one group ------------------------------------------------------------------- */

static void find_members(const axis_work *w, uint32_t g) {
  for (size_t r = 0; r < w->layout->plan->exchange.n_raters; r++) {
    plane in = ~(plane){0};
    for (unsigned b = 0; b < w->label_bits; b++) {
      plane bit = w->label[r * w->label_bits + b];
      in &= g >> b & 1 ? bit : ~bit;
    }
    w->members[r] = in;
  }
}

/* Returns whether some item is rated by the group alone in some resample. */
static bool find_items(const axis_work *w) {
  const dss_cpu_sparse *s = w->sparse;
  plane some = {0};
  for (uint32_t u = 0; u < s->n_items; u++) {
    uint64_t k = s->item_ptr[u], end = s->item_ptr[u + 1];
    plane any = w->members[s->item_rater[k]], all = any;
    for (k++; k + 1 < end; k += 2) {
      plane x = w->members[s->item_rater[k]], y = w->members[s->item_rater[k + 1]];
      any = or_of(any, x, y);
      all = and_of(all, x, y);
    }
    if (k < end) {
      any |= w->members[s->item_rater[k]];
      all &= w->members[s->item_rater[k]];
    }
    w->present[u] = any;
    w->alone[u] = all;
    some |= all;
  }
  return any_bit(some);
}

/* Sums over the planes, weighted by the lists' numbers, to counts [K][BLOCKS][64]. */
static void count_lists(const dss_sparse_lists *lists, const plane *planes, uint32_t levels,
                        uint32_t *counts) {
  enum { MOST = 32 };
  for (uint32_t c = 0; c < levels; c++) {
    const uint32_t *ptr = &lists->ptr[c * lists->bits];
    plane sum[MOST] = {{0}};
    uint64_t most = 0;
    for (uint32_t b = 0; b < lists->bits; b++)
      most += (uint64_t)(ptr[b + 1] - ptr[b]) << b;
    unsigned n = dss_log2_ceiling(most + 1);
    for (uint32_t b = 0; b < lists->bits; b++)
      sum_planes(planes, &lists->list[ptr[b]], ptr[b + 1] - ptr[b], b, n, sum);
    uint32_t *to = &counts[c * BLOCKS * 64];
    for (unsigned first = 0; first < n || first == 0; first += 8) {
      v8 bytes[BLOCKS];
      bytes_of_planes(&sum[first], n - first < 8 ? n - first : 8, bytes);
      for (size_t at = 0; at < BLOCKS * 64; at++)
        to[at] = (first ? to[at] : 0) + ((uint32_t)((const uint8_t *)bytes)[at] << first);
    }
  }
}

/* counts: the group's ratings; everyone's ratings on the items where it has some; and where it has
 * all. */
static void count_group(const axis_work *w, uint32_t g) {
  size_t size = (size_t)w->levels * BLOCKS * 64;
  find_members(w, g);
  bool alone = find_items(w);
  count_lists(&w->sparse->of_raters, w->members, w->levels, w->counts);
  count_lists(&w->sparse->of_items, w->present, w->levels, w->counts + size);
  if (alone)
    count_lists(&w->sparse->of_items, w->alone, w->levels, w->counts + 2 * size);
  else
    memset(w->counts + 2 * size, 0, size * sizeof *w->counts);
}

/* --- values ----------------------------------------------------------------------------------- */

/* Numbers [NUMBERS][16] of sixteen resamples, from records `stride` apart. */
DSS_INLINE void gather_numbers(const uint32_t *records, size_t stride, v32u number[NUMBERS]) {
  __m512i r[16], fours[16];
  for (int i = 0; i < 16; i += 4) {
    __m512i low[2], high[2];
    for (int k = 0; k < 2; k++) {
      __m512i a = _mm512_load_si512(&records[(size_t)(i + 2 * k) * stride]);
      __m512i b = _mm512_load_si512(&records[(size_t)(i + 2 * k + 1) * stride]);
      low[k] = _mm512_unpacklo_epi32(a, b);
      high[k] = _mm512_unpackhi_epi32(a, b);
    }
    r[i] = _mm512_unpacklo_epi64(low[0], low[1]);
    r[i + 1] = _mm512_unpackhi_epi64(low[0], low[1]);
    r[i + 2] = _mm512_unpacklo_epi64(high[0], high[1]);
    r[i + 3] = _mm512_unpackhi_epi64(high[0], high[1]);
  }
  /* r[i + k] holds numbers k, k + 4, k + 8, k + 12 of records i to i + 3. */
  for (int k = 0; k < 4; k++) {
    fours[k] = _mm512_shuffle_i32x4(r[k], r[4 + k], 0x88);
    fours[4 + k] = _mm512_shuffle_i32x4(r[k], r[4 + k], 0xdd);
    fours[8 + k] = _mm512_shuffle_i32x4(r[8 + k], r[12 + k], 0x88);
    fours[12 + k] = _mm512_shuffle_i32x4(r[8 + k], r[12 + k], 0xdd);
  }
  for (int k = 0; k < 4; k++) {
    number[k] = (v32u)_mm512_shuffle_i32x4(fours[k], fours[8 + k], 0x88);
    number[4 + k] = (v32u)_mm512_shuffle_i32x4(fours[4 + k], fours[12 + k], 0x88);
    number[8 + k] = (v32u)_mm512_shuffle_i32x4(fours[k], fours[8 + k], 0xdd);
    number[12 + k] = (v32u)_mm512_shuffle_i32x4(fours[4 + k], fours[12 + k], 0xdd);
  }
}

/* The number of n digits in 64 bits, times unit and halved where that is so; to [16]. */
DSS_INLINE void put_digits(const v32u *digit, int n, uint64_t unit, unsigned halve, uint64_t *to) {
  for (size_t i = 0; i < 16; i++) {
    uint64_t value = 0;
    for (int d = 0; d < n; d++)
      value += (uint64_t)digit[d][i] << DSS_SPARSE_DIGIT_BITS * d;
    to[i] = (value >> halve) * unit;
  }
}

/* The sums of block j that the formulas take, from what raters left behind. */
static void put_terms(const axis_work *w, const dss_cpu_question *q, uint32_t g, size_t j,
                      uint64_t *sums) {
  const dss_cpu_slots *slots = &q->slots;
  size_t stride = w->axis->n_groups * (size_t)NUMBERS;
  uint64_t unit = q->tables->weight_scale / w->sparse->root;
  for (size_t lane = 0; lane < 64; lane += 16) {
    v32u n[NUMBERS];
    gather_numbers(&w->groups[(j * 64 + lane) * stride + g * NUMBERS], stride, n);
    if (slots->cross_pair != SIZE_MAX)
      put_digits(n + DSS_SPARSE_OWN, DSS_SPARSE_CROSS, unit, 0,
                 &sums[slots->cross_pair * 64 + lane]);
    if (slots->own_pair == SIZE_MAX) continue;
    put_digits(n, DSS_SPARSE_OWN, unit, 1, &sums[slots->own_pair * 64 + lane]);
    for (size_t c = 0; c < w->levels; c++)
      for (size_t i = 0; i < 16; i++)
        sums[(slots->own_count + c) * 64 + lane + i] = n[DIGITS + c][i];
  }
}

/* And from the group's counts. */
static void put_counts(const axis_work *w, const dss_cpu_question *q, size_t j, uint64_t *sums) {
  const dss_cpu_slots *slots = &q->slots;
  size_t level = BLOCKS * 64, size = w->levels * level;
  if (slots->cross_pair == SIZE_MAX) return;
  for (size_t c = 0; c < w->levels; c++) {
    const uint32_t *all = &w->counts[c * level + j * 64], *shared = all + size;
    const uint32_t *alone = shared + size;
    uint64_t *x = &sums[(slots->x_count + c) * 64], *y = &sums[(slots->y_count + c) * 64];
    for (size_t lane = 0; lane < 64; lane++) {
      x[lane] = all[lane] - alone[lane];
      y[lane] = shared[lane] - all[lane];
    }
  }
}

static void put_group(const axis_work *w, const dss_cpu_question *q, uint32_t g,
                      dss_cpu_scratch *scratch, size_t n_lanes, double *out) {
  const dss_kernel_plan *plan = w->layout->plan;
  size_t stride = dss_kernel_columns(plan);
  count_group(w, g);
  for (size_t j = 0; j * 64 < n_lanes; j++) {
    size_t left = n_lanes - j * 64;
    put_terms(w, q, g, j, scratch->sums);
    put_counts(w, q, j, scratch->sums);
    collapsed_values(plan, q, scratch, 0, left < 64 ? (unsigned)left : 64, stride,
                     &out[j * 64 * stride]);
  }
}

static void put_nothing(const dss_kernel_plan *plan, size_t n_lanes, double *out) {
  for (size_t lane = 0; lane < n_lanes; lane++)
    for (size_t i = 0; i < plan->n_statistics; i++)
      out[lane * dss_kernel_columns(plan) + i] = NAN;
}

/* --- memory ----------------------------------------------------------------------------------- */

/* The next part of the memory, or, without one, nothing but its size added to *used. */
static void *take(void *memory, size_t *used, size_t bytes) {
  void *taken = memory ? (char *)memory + *used : NULL;
  *used += (bytes + 63) / 64 * 64;
  return taken;
}

static unsigned bits_of_axis(const dss_kernel_axis *axis) {
  unsigned bits = dss_log2_ceiling(axis->n_groups);
  return bits ? bits : 1;
}

/* Places the arrays of an axis; returns their size. */
static size_t place(axis_work *w, void *memory) {
  size_t n = w->layout->plan->exchange.n_raters, resamples = BLOCKS * 64, used = 0;
  w->label_bits = bits_of_axis(w->axis);
  w->labels = take(memory, &used, n * resamples);
  w->label = take(memory, &used, n * w->label_bits * sizeof(plane));
  w->members = take(memory, &used, n * sizeof(plane));
  w->present = take(memory, &used, w->sparse->n_items * sizeof(plane));
  w->alone = take(memory, &used, w->sparse->n_items * sizeof(plane));
  w->recent = take(memory, &used, resamples * w->axis->n_groups * NUMBERS * sizeof *w->recent);
  w->groups = take(memory, &used, resamples * w->axis->n_groups * NUMBERS * sizeof *w->groups);
  w->counts = take(memory, &used, 3 * w->levels * resamples * sizeof *w->counts);
  return used;
}

size_t dss_cpu_sparse_scratch(const dss_cpu_layout *layout) {
  size_t most = 0;
  for (size_t q = 0; q < layout->plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    for (size_t a = 0; question->sparse && a < layout->plan->n_axes; a++) {
      axis_work w = {.layout = layout,
                     .sparse = question->sparse,
                     .axis = &layout->plan->axes[a],
                     .levels = question->tables->n_levels};
      size_t bytes = place(&w, NULL);
      most = bytes > most ? bytes : most;
    }
  }
  return most;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static const dss_cpu_part *part_of(const dss_cpu_layout *layout, const dss_kernel_axis *axis) {
  const dss_cpu_part *part = layout->parts;
  while (part->first_group != axis->first_group)
    part++;
  return part;
}

/* A group of n raters has at most n times the ratings of the busiest, in every resample. */
static uint64_t fold_at(const axis_work *w) {
  const uint64_t room = UINT16_MAX >> DSS_SPARSE_DIGIT_BITS;
  const uint32_t *n_raters = part_of(w->layout, w->axis)->n_raters;
  uint32_t largest = 0;
  for (uint32_t g = 0; g < w->axis->n_groups; g++)
    largest = n_raters[g] > largest ? n_raters[g] : largest;
  return largest * (uint64_t)w->sparse->busiest <= room ? UINT64_MAX : room;
}

static void sum_axis(const axis_work *w) {
  const dss_cpu_sparse *s = w->sparse;
  visit_work v;
  size_t n = (size_t)BLOCKS * 64 * w->axis->n_groups * NUMBERS;
  uint64_t held = 0;
  memset(w->groups, 0, n * sizeof *w->groups);
  memset(w->recent, 0, n * sizeof *w->recent);
  for (uint32_t i = 0; i < s->n_visits; i++) {
    if (held + s->visits[i].n > w->fold_at) {
      fold(w);
      held = 0;
    }
    held += s->visits[i].n;
    see_visit(w, &s->visits[i], &v);
    count_paired(w, i, &s->visits[i], &v);
    leave_visit(w, &s->visits[i], &v);
  }
  fold(w);
}

void dss_cpu_sparse_values(const dss_cpu_layout *layout, size_t q, dss_cpu_scratch *scratch,
                           unsigned n_lanes, double *out) {
  const dss_kernel_plan *plan = layout->plan;
  const dss_cpu_question *question = &layout->questions[q];
  dss_cpu_at_block(layout, DSS_LANES, 0, scratch);
  scratch->any_carried = false;
  for (size_t a = 0; a < plan->n_axes; a++) {
    axis_work w = {.layout = layout,
                   .sparse = question->sparse,
                   .axis = &plan->axes[a],
                   .levels = question->tables->n_levels};
    if (w.axis->n_groups == 0) continue;
    place(&w, scratch->sparse);
    w.fold_at = fold_at(&w);
    label_raters(&w, part_of(layout, w.axis), scratch);
    sum_axis(&w);
    for (uint32_t g = 0; g < w.axis->n_groups; g++) {
      size_t group = w.axis->first_group + g;
      double *to = &out[(q * plan->n_groups + group) * plan->n_statistics];
      if (plan->tested[group])
        put_group(&w, question, g, scratch, n_lanes, to);
      else
        put_nothing(plan, n_lanes, to);
    }
  }
}

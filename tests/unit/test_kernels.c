/* kernels/common: random bits, draws, shuffles, tables, sums and accumulators. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/backend.h"

/* Published known answers of Philox4x32-10 (Random123's kat_vectors). */
Test(philox, known_answers) {
  static const struct {
    uint32_t counter[4], key[2], word[4];
  } known[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    philox4x32_ctr_t counter;
    philox4x32_key_t key;
    memcpy(counter.v, known[i].counter, sizeof counter.v);
    memcpy(key.v, known[i].key, sizeof key.v);
    philox4x32_ctr_t words = philox4x32_R(10, counter, key);
    for (int w = 0; w < 4; w++)
      cr_assert_eq(words.v[w], known[i].word[w]);
  }
}

/* The documented place of seed, b, j, purpose and attempt in key and counter. */
Test(philox, word_layout) {
  uint64_t seed = 0x0123456789abcdefu, b = 0xfedcba9876543210u;
  philox4x32_key_t key = {{0x89abcdefu, 0x01234567u}};
  philox4x32_ctr_t counter = {{7, 1u << 16 | 3u, 0x76543210u, 0xfedcba98u}};
  philox4x32_ctr_t words = philox4x32_R(10, counter, key);
  for (uint32_t j = 28; j < 32; j++)
    cr_assert_eq(dss_random_word(seed, DSS_PURPOSE_PERMUTATION, b, j, 3), words.v[j % 4]);
}

/* Upper tail of chi-squared by Wilson and Hilferty: good to a few per cent of a tail of 1e-4. */
static double chi_squared_tail(double x, double df) {
  double z = (cbrt(x / df) - (1 - 2 / (9 * df))) / sqrt(2 / (9 * df));
  return 0.5 * erfc(z / sqrt(2));
}

static double chi_squared(const uint64_t *seen, size_t n, double expected) {
  double x = 0;
  for (size_t i = 0; i < n; i++)
    x += ((double)seen[i] - expected) * ((double)seen[i] - expected) / expected;
  return x;
}

Test(draws, below_is_uniform_and_in_range) {
  static const uint32_t sizes[] = {1, 2, 3, 7, 10, 64, 100};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    uint64_t seen[100] = {0};
    uint32_t n = sizes[s];
    const uint64_t draws = 100000;
    for (uint64_t b = 0; b < draws; b++) {
      uint32_t x = dss_random_below(42, DSS_PURPOSE_PERMUTATION, b, b % 11, n);
      cr_assert_lt(x, n);
      seen[x]++;
    }
    if (n > 1)
      cr_assert(chi_squared_tail(chi_squared(seen, n, (double)draws / n), n - 1) > 1e-4, "n = %u",
                n);
  }
}

/* At n = 3 * 2^30 a quarter of all words must be rejected; multiply-shift without rejection would
 * give every third number twice the chance. */
Test(draws, rejection_takes_the_bias_away) {
  uint32_t n = 3u << 30;
  uint64_t seen[3] = {0}, rejected = 0;
  for (uint64_t b = 0; b < 60000; b++) {
    seen[dss_random_below(7, DSS_PURPOSE_PERMUTATION, b, 0, n) % 3]++;
    uint64_t product = (uint64_t)dss_random_word(7, DSS_PURPOSE_PERMUTATION, b, 0, 0) * n;
    rejected += (uint32_t)product < (uint32_t)(-n) % n;
  }
  cr_assert(chi_squared_tail(chi_squared(seen, 3, 20000), 2) > 1e-4);
  cr_assert(rejected > 14000 && rejected < 16000, "%llu", (unsigned long long)rejected);
}

static void shuffle(uint64_t b, uint32_t n_strata, const uint32_t *ptr, const uint32_t *order,
                    uint32_t *source) {
  uint32_t scratch[16];
  dss_exchange exchange = {.seed = 1,
                           .n_raters = ptr[n_strata],
                           .n_strata = n_strata,
                           .stratum_ptr = ptr,
                           .order = order};
  dss_exchange_profiles(&exchange, b, scratch, source);
}

/* All 120 orders of five distinct profiles, and all 10 choices of two of five. */
Test(shuffle, every_assignment_is_equally_likely) {
  const uint32_t ptr[] = {0, 5}, order[] = {0, 1, 2, 3, 4};
  uint64_t orders[3125] = {0}, pairs[25] = {0}, packed[120], splits[10];
  const uint64_t draws = 240000;
  for (uint64_t b = 0; b < draws; b++) {
    uint32_t source[5], code = 0, first = 5, second = 5;
    shuffle(b, 1, ptr, order, source);
    for (uint32_t r = 0; r < 5; r++) {
      code = code * 5 + source[r];
      if (source[r] < 2) { /* raters 0 and 1 are the group */
        if (first == 5)
          first = r;
        else
          second = r;
      }
    }
    orders[code]++;
    pairs[first * 5 + second]++;
  }
  size_t n_orders = 0, n_splits = 0;
  for (size_t i = 0; i < 3125; i++)
    if (orders[i]) packed[n_orders++] = orders[i];
  for (size_t i = 0; i < 25; i++)
    if (pairs[i]) splits[n_splits++] = pairs[i];
  cr_assert_eq(n_orders, 120);
  cr_assert_eq(n_splits, 10);
  cr_assert(chi_squared_tail(chi_squared(packed, 120, (double)draws / 120), 119) > 1e-4);
  cr_assert(chi_squared_tail(chi_squared(splits, 10, (double)draws / 10), 9) > 1e-4);
}

/* Two strata of three and two: 6 x 2 arrangements, none that crosses. */
Test(shuffle, strata_are_kept_and_uniform) {
  const uint32_t ptr[] = {0, 3, 5}, order[] = {4, 0, 2, 1, 3};
  uint64_t seen[3125] = {0}, packed[12];
  const uint64_t draws = 60000;
  for (uint64_t b = 0; b < draws; b++) {
    uint32_t source[5], code = 0;
    shuffle(b, 2, ptr, order, source);
    for (uint32_t r = 0; r < 5; r++) {
      bool odd = r == 1 || r == 3, from_odd = source[r] == 1 || source[r] == 3;
      cr_assert_eq(odd, from_odd);
      code = code * 5 + source[r];
    }
    seen[code]++;
  }
  size_t n = 0;
  for (size_t i = 0; i < 3125; i++)
    if (seen[i] && n < 12)
      packed[n++] = seen[i];
    else
      cr_assert_eq(seen[i], 0, "a thirteenth arrangement");
  cr_assert_eq(n, 12);
  cr_assert(chi_squared_tail(chi_squared(packed, 12, (double)draws / 12), 11) > 1e-4);
}

Test(shuffle, none_is_the_identity) {
  const uint32_t ptr[] = {0, 5}, order[] = {3, 1, 4, 0, 2};
  uint32_t source[5];
  shuffle(DSS_RESAMPLE_NONE, 1, ptr, order, source);
  for (uint32_t r = 0; r < 5; r++)
    cr_assert_eq(source[r], r);
}

/* Strata of classes {0,0,1} and {1,2}: 3 x 2 arrangements, each once, in the documented order. */
Test(shuffle, enumeration_visits_every_arrangement_once) {
  const uint32_t ptr[] = {0, 3, 5}, order[] = {4, 0, 2, 1, 3};
  const uint32_t class_of[] = {0, 1, 1, 2, 0}, representative[] = {4, 2, 3};
  const uint64_t arrangements[] = {3, 2};
  dss_exchange e = {.n_raters = 5,
                    .n_strata = 2,
                    .stratum_ptr = ptr,
                    .order = order,
                    .n_arrangements = 6,
                    .stride = 5,
                    .n_classes = 3,
                    .class_of = class_of,
                    .representative = representative,
                    .arrangements = arrangements};
  /* classes of raters 4, 0, 2 and 1, 3 (the order) in arrangements 0 .. 5 */
  static const uint32_t expected[6][5] = {{0, 0, 1, 1, 2}, {0, 1, 0, 1, 2}, {1, 0, 0, 1, 2},
                                          {0, 0, 1, 2, 1}, {0, 1, 0, 2, 1}, {1, 0, 0, 2, 1}};
  for (uint64_t b = 0; b < 6; b++) {
    uint32_t scratch[5], source[5];
    memset(source, 0xa5, sizeof source);
    dss_exchange_profiles(&e, b, scratch, source);
    for (uint32_t i = 0; i < 5; i++)
      cr_assert_eq(class_of[source[order[i]]], expected[b * 5 % 6][i], "arrangement %d", (int)b);
  }
}

Test(exact, conversion_and_logarithm) {
  cr_assert_eq(dss_exact_to_double(0), 0.0);
  cr_assert_eq(dss_exact_to_double((dss_u128)1 << 100), ldexp(1, 100));
  cr_assert_eq(dss_exact_to_double(((dss_u128)3 << 64) + 5), 3 * ldexp(1, 64) + 5);
  cr_assert_eq(dss_signed_to_double(-((dss_i128)1 << 70)), -ldexp(1, 70));
  cr_assert_eq(dss_log2_ceiling(0), 0);
  cr_assert_eq(dss_log2_ceiling(1), 0);
  cr_assert_eq(dss_log2_ceiling(2), 1);
  cr_assert_eq(dss_log2_ceiling(31980), 15);
  cr_assert_eq(dss_log2_ceiling(32769), 16);
}

Test(tables, documented_contents) {
  const double values[] = {1, 2, 5};
  dss_tables t;
  cr_assert_eq(dss_tables_make(&t, DSS_TABLES_INTERVAL, 3, values, 31980, 33), DSS_TABLES_OK);
  cr_assert_eq(t.weight_bits, 41); /* max(41, 34 + 6) */
  cr_assert_eq(t.log_bits, 33);
  for (uint32_t k = 1; k <= t.max_unit; k++)
    cr_assert(fabs((double)t.weight[k] / (double)t.weight_scale * k - 1) <= ldexp(k, -41));
  cr_assert_eq(t.weight_scale, UINT64_C(27720) << 26);
  for (uint32_t k = 1; k <= 12; k++)
    cr_assert_eq(t.weight[k] * k, t.weight_scale);
  const double half = ldexp(1.001, -34);
  for (uint32_t m = 1; m <= 33; m++) {
    cr_assert(fabs((double)t.count_log[m] * t.log_unit - m * log(m)) <= half);
    cr_assert(fabs((double)t.half_log[m] * t.log_unit - log(m + 0.5)) <= half);
    cr_assert(fabs((double)t.smoothed_log[m] * t.log_unit - log(m + 1.5)) <= half);
  }
  cr_assert_eq(t.distance, DSS_DISTANCE_EXACT);
  cr_assert_eq(t.exact_distance[2], 16);
  dss_tables_free(&t);
  const double fractions[] = {0.5, 1, 2};
  cr_assert_eq(dss_tables_make(&t, DSS_TABLES_INTERVAL, 3, fractions, 10, 5), DSS_TABLES_OK);
  cr_assert_eq(t.distance, DSS_DISTANCE_REAL);
  dss_tables_free(&t);
  cr_assert_eq(dss_tables_make(&t, DSS_TABLES_ORDINAL, 5, values, 31980, 33), DSS_TABLES_OK);
  cr_assert_eq(t.distance, DSS_DISTANCE_RANK_EXACT);
  dss_tables_free(&t);
  cr_assert_eq(dss_tables_make(&t, DSS_TABLES_ORDINAL, 5, values, 1ull << 31, 33), DSS_TABLES_OK);
  cr_assert_eq(t.distance, DSS_DISTANCE_RANK_REAL, "3 * 31 bits and the weights do not fit");
  dss_tables_free(&t);
  cr_assert_eq(dss_tables_make(&t, DSS_TABLES_NOMINAL, 2, NULL, 1ull << 50, 2),
               DSS_TABLES_TOO_LARGE);
}

/* Ranks summed in doubles agree with ranks summed exactly. */
Test(formulas, rank_distances_agree) {
  dss_tables t;
  cr_assert_eq(dss_tables_make(&t, DSS_TABLES_ORDINAL, 4, NULL, 100, 10), DSS_TABLES_OK);
  uint64_t a[] = {5, 0, 17, 3}, b[] = {1, 2, 0, 9};
  double exact = dss_distance_total(&t, a, b, NULL);
  t.distance = DSS_DISTANCE_RANK_REAL;
  double real = dss_distance_total(&t, a, b, NULL);
  cr_assert(fabs(exact - real) <= 1e-12 * exact);
  cr_assert_gt(exact, 0);
  dss_tables_free(&t);
}

/* --- accumulators -------------------------------------------------------------------------- */

/* More columns than a thread takes at once; their values are of three kinds. */
enum { COLUMNS = 75, KINDS = 3, RESAMPLES = 9000 };

static double value(uint64_t b, size_t c) {
  uint32_t word = dss_random_word(5, 9, b, c, 0);
  if (c % KINDS == 1 && word % 50 == 0) return NAN;
  return c % KINDS == 2 ? floor(word / 1e9) : word / 4294967296.0;
}

/* What a run adds to. Counts and numbers lie side by side, so that they compare at once. */
typedef struct held {
  dss_accumulators a;
  double frames[6][COLUMNS], numbers[4][COLUMNS], observed_t[COLUMNS];
  dss_long_sum sums[2][COLUMNS];
  uint64_t counts[5][COLUMNS], stops[3][COLUMNS], histogram[COLUMNS * 12], max_t[COLUMNS],
      lanes[4 * COLUMNS];
  double extremes[2][COLUMNS * DSS_EXTREMES];
  size_t order[COLUMNS];
} held;

static void start(held *h, uint64_t stop_after, unsigned threads) {
  memset(h, 0, sizeof *h);
  const double observed[KINDS] = {0.9, 0.5, 2};
  const double frame[6] = {0, 0.4, 0.1, 0.08, 0.5, 0.3};
  h->a = (dss_accumulators){
      .n_columns = COLUMNS,
      .n_bins = 10,
      .frames = {h->frames[0], h->frames[1], h->frames[2], h->frames[3], h->frames[4],
                 h->frames[5]},
      .columns = {h->counts[0], h->counts[1], h->counts[2], h->counts[3], h->counts[4],
                  h->numbers[0], h->numbers[1], h->sums[0], h->sums[1], h->numbers[2],
                  h->numbers[3]},
      .histogram = h->histogram,
      .largest = h->extremes[0],
      .smallest = h->extremes[1],
      .n_tested = COLUMNS,
      .order = h->order,
      .observed_t = h->observed_t,
      .max_t = h->max_t,
      .stop_after = stop_after,
      .ge_at = h->stops[0],
      .le_at = h->stops[1],
      .stopped = h->stops[2],
      .threads = threads,
      .lanes = h->lanes,
  };
  for (size_t i = 0; i < COLUMNS * DSS_EXTREMES; i++)
    h->extremes[0][i] = h->extremes[1][i] = -INFINITY;
  for (size_t c = 0; c < COLUMNS; c++) {
    for (size_t f = 0; f < 6; f++)
      h->frames[f][c] = f == 0 ? observed[c % KINDS] : frame[f];
    h->a.columns.minimum[c] = INFINITY;
    h->a.columns.maximum[c] = -INFINITY;
    h->order[c] = COLUMNS - 1 - c;
    h->observed_t[c] = dss_studentized(0.5, 0.3, observed[(COLUMNS - 1 - c) % KINDS]);
  }
}

static void feed_range(held *h, uint64_t from, uint64_t end, uint64_t step) {
  double *values = calloc(step * COLUMNS, sizeof *values);
  for (uint64_t first = from; first < end; first += step) {
    uint64_t count = end - first < step ? end - first : step;
    for (uint64_t i = 0; i < count; i++)
      for (size_t c = 0; c < COLUMNS; c++)
        values[i * COLUMNS + c] = value(first + i, c);
    dss_accumulate(&h->a, first, count, values);
    if ((first + count) % DSS_CHECKPOINT == 0) dss_accumulators_checkpoint(&h->a);
  }
  free(values);
}

static void feed(held *h, uint64_t step) {
  feed_range(h, 0, RESAMPLES, step);
  dss_columns_end_block(&h->a.columns, 0, COLUMNS);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

Test(accumulators, depend_on_neither_batches_nor_threads) {
  static held whole, parts;
  static const uint64_t steps[] = {1, 7, 256, 4096, 4097};
  start(&whole, 0, 1);
  feed(&whole, RESAMPLES);
  for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
    start(&parts, 0, 1 + (unsigned)s % 4);
    feed(&parts, steps[s]);
    cr_assert_arr_eq(parts.counts, whole.counts, sizeof whole.counts);
    cr_assert_arr_eq(parts.numbers, whole.numbers, sizeof whole.numbers);
    cr_assert_arr_eq(parts.sums, whole.sums, sizeof whole.sums);
    cr_assert_arr_eq(parts.histogram, whole.histogram, sizeof whole.histogram);
    cr_assert_arr_eq(parts.max_t, whole.max_t, sizeof whole.max_t);
    cr_assert_arr_eq(parts.extremes, whole.extremes, sizeof whole.extremes);
  }
}

/* Ranges of whole blocks, put together in any order, are what one that ran through has. */
Test(accumulators, merge_in_any_order) {
  static held whole, parts[3];
  static const uint64_t firsts[] = {0, 4096, 8192, RESAMPLES};
  static const size_t orders[][3] = {{0, 1, 2}, {2, 0, 1}, {1, 2, 0}};
  start(&whole, 0, 1);
  feed(&whole, RESAMPLES);
  for (size_t o = 0; o < 3; o++) {
    for (size_t i = 0; i < 3; i++) {
      start(&parts[i], 0, 1);
      feed_range(&parts[i], firsts[i], firsts[i + 1], 100);
    }
    held *to = &parts[orders[o][0]];
    dss_accumulators_merge(&to->a, &parts[orders[o][1]].a);
    dss_accumulators_merge(&to->a, &parts[orders[o][2]].a);
    dss_columns_end_block(&to->a.columns, 0, COLUMNS);
    cr_assert_eq(to->a.resamples, RESAMPLES);
    cr_assert_arr_eq(to->counts, whole.counts, sizeof whole.counts);
    cr_assert_arr_eq(to->numbers, whole.numbers, sizeof whole.numbers);
    cr_assert_arr_eq(to->sums, whole.sums, sizeof whole.sums);
    cr_assert_arr_eq(to->histogram, whole.histogram, sizeof whole.histogram);
    cr_assert_arr_eq(to->max_t, whole.max_t, sizeof whole.max_t);
    for (size_t i = 0; i < 2; i++)
      for (size_t c = 0; c < COLUMNS; c++) {
        double *own = &to->extremes[i][c * DSS_EXTREMES],
               *all = &whole.extremes[i][c * DSS_EXTREMES];
        qsort(own, DSS_EXTREMES, sizeof *own, ascending);
        qsort(all, DSS_EXTREMES, sizeof *all, ascending);
        cr_assert_arr_eq(own, all, DSS_EXTREMES * sizeof *own);
      }
  }
}

/* The extremes are those of all the defined values, sorted. */
Test(accumulators, keep_the_extremes) {
  static held h;
  static double values[RESAMPLES];
  start(&h, 0, 2);
  feed(&h, 300);
  for (size_t c = 0; c < COLUMNS; c++) {
    double *largest = &h.extremes[0][c * DSS_EXTREMES],
           *smallest = &h.extremes[1][c * DSS_EXTREMES];
    size_t n = 0;
    for (uint64_t b = 0; b < RESAMPLES; b++)
      if (!isnan(value(b, c))) values[n++] = value(b, c);
    qsort(values, n, sizeof *values, ascending);
    qsort(largest, DSS_EXTREMES, sizeof *largest, ascending);
    qsort(smallest, DSS_EXTREMES, sizeof *smallest, ascending);
    for (size_t i = 0; i < DSS_EXTREMES; i++) {
      cr_assert_eq(largest[i], values[n - DSS_EXTREMES + i]);
      cr_assert_eq(-smallest[DSS_EXTREMES - 1 - i], values[i]);
    }
  }
}

Test(accumulators, count_what_they_say) {
  static held h;
  start(&h, 0, 2);
  feed(&h, 100);
  for (size_t c = 0; c < COLUMNS; c++) {
    uint64_t below = 0, equal = 0, above = 0, undefined = 0, low = 0, high = 0;
    double block[2] = {0}, all_blocks[2] = {0}, least = INFINITY, most = -INFINITY;
    for (uint64_t b = 0; b < RESAMPLES; b++) {
      double v = value(b, c);
      for (size_t i = 0; i < 2 && b % DSS_MOMENT_BLOCK == 0; i++) {
        all_blocks[i] += block[i];
        block[i] = 0;
      }
      if (isnan(v)) {
        undefined++;
        continue;
      }
      below += v < h.a.frames.observed[c];
      equal += v == h.a.frames.observed[c];
      above += v > h.a.frames.observed[c];
      low += v < 0.1;
      high += !(v < 0.9);
      block[0] += v - 0.4;
      block[1] += (v - 0.4) * (v - 0.4);
      least = fmin(least, v);
      most = fmax(most, v);
    }
    const dss_columns *columns = &h.a.columns;
    cr_assert_eq(below, columns->below[c]);
    cr_assert_eq(equal, columns->equal[c]);
    cr_assert_eq(above, columns->above[c]);
    cr_assert_eq(undefined, columns->undefined[c]);
    cr_assert_eq(undefined > 0, c % KINDS == 1);
    /* Three blocks, of which two sums round to the same whatever their order. */
    double sums[2] = {dss_long_sum_value(&columns->sum[c]),
                      dss_long_sum_value(&columns->sum_of_squares[c])};
    for (size_t i = 0; i < 2; i++)
      cr_assert(fabs(sums[i] - all_blocks[i] - block[i]) <= 0x1p-52 * fabs(sums[i]));
    cr_assert(least == columns->minimum[c] && most == columns->maximum[c]);
    cr_assert_eq(h.histogram[c * 12], low);
    cr_assert(llabs((long long)h.histogram[c * 12 + 11] - (long long)high) <= 2, "edge rounding");
    uint64_t all = 0;
    for (size_t bin = 0; bin < 12; bin++)
      all += h.histogram[c * 12 + bin];
    cr_assert_eq(all + undefined, RESAMPLES);
  }
}

/* Successive maxima by the definition: test i against the largest |t| of itself and those after. */
Test(accumulators, max_t_by_definition) {
  static held h;
  start(&h, 0, 2);
  feed(&h, 1000);
  for (size_t i = 0; i < COLUMNS; i++) {
    uint64_t exceeded = 0;
    for (uint64_t b = 0; b < RESAMPLES; b++) {
      double largest = -1;
      for (size_t k = i; k < COLUMNS; k++) {
        double v = value(b, h.order[k]);
        if (!isnan(v)) largest = fmax(largest, fabs(v - 0.5) / 0.3);
      }
      exceeded += isnan(value(b, h.order[i])) || largest >= h.observed_t[i];
    }
    cr_assert_eq(exceeded, h.max_t[i]);
  }
}

/* The resample that brought the h-th exceedance, by the definition. */
static uint64_t when(uint64_t h, double observed, size_t c, bool up) {
  uint64_t seen = 0;
  for (uint64_t b = 0; b < RESAMPLES; b++) {
    double v = value(b, c);
    seen += isnan(v) || (up ? v >= observed : v <= observed);
    if (seen == h) return b + 1;
  }
  return 0;
}

/* A stopped column holds what a run of its length gives it, and knows when its exceedances came. */
Test(accumulators, stop_at_checkpoints) {
  enum { AFTER = 700 };
  static held whole, parts, cut;
  static double values[DSS_CHECKPOINT * COLUMNS];
  size_t early = 0, late = 0;
  start(&whole, AFTER, 1);
  feed(&whole, DSS_CHECKPOINT);
  start(&parts, AFTER, 3);
  feed(&parts, 64);
  cr_assert_arr_eq(parts.stops, whole.stops, sizeof whole.stops);
  cr_assert_arr_eq(parts.counts, whole.counts, sizeof whole.counts);
  cr_assert_arr_eq(parts.numbers, whole.numbers, sizeof whole.numbers);
  cr_assert_arr_eq(parts.histogram, whole.histogram, sizeof whole.histogram);
  start(&cut, 0, 1);
  for (uint64_t b = 0; b < DSS_CHECKPOINT; b++)
    for (size_t c = 0; c < COLUMNS; c++)
      values[b * COLUMNS + c] = value(b, c);
  dss_accumulate(&cut.a, 0, DSS_CHECKPOINT, values);
  for (size_t c = 0; c < COLUMNS; c++) {
    double observed = whole.a.frames.observed[c];
    uint64_t ge = when(AFTER, observed, c, true), le = when(AFTER, observed, c, false);
    uint64_t last = ge > le ? ge : le, first_block = last <= DSS_CHECKPOINT;
    if (whole.a.stopped[c]) {
      cr_assert(ge > 0 && le > 0);
      cr_assert_eq(whole.a.stopped[c], first_block ? DSS_CHECKPOINT : 2 * DSS_CHECKPOINT);
    }
    cr_assert(whole.a.stopped[c] > 0 || ge == 0 || le == 0 || last > 2 * DSS_CHECKPOINT);
    cr_assert_eq(whole.a.ge_at[c], ge);
    cr_assert_eq(whole.a.le_at[c], le);
    early += whole.a.stopped[c] == DSS_CHECKPOINT;
    late += whole.a.stopped[c] == 2 * DSS_CHECKPOINT;
    if (whole.a.stopped[c] != DSS_CHECKPOINT) continue;
    for (size_t i = 0; i < 5; i++)
      cr_assert_eq(whole.counts[i][c], cut.counts[i][c]);
    for (size_t i = 0; i < 4; i++)
      cr_assert_eq(whole.numbers[i][c], cut.numbers[i][c]);
    for (size_t i = 0; i < 2; i++)
      cr_assert_arr_eq(&whole.sums[i][c], &cut.sums[i][c], sizeof cut.sums[i][c]);
    cr_assert_arr_eq(&whole.histogram[c * 12], &cut.histogram[c * 12], 12 * sizeof(uint64_t));
  }
  cr_assert(early > 0 && late > 0, "%zu early, %zu late", early, late);
}

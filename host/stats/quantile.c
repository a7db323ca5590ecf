#include "quantile.h"

#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Of fewer values the passes over all digits are not worth it. */
enum { FEW = 1024, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* As unsigned numbers these are in the order of the doubles. */
static uint64_t key_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double value_of(uint64_t key) {
  double value;
  key = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
  memcpy(&value, &key, sizeof value);
  return value;
}

/* By the digits one after the other, the lowest first; other [n] is scratch. Returns which of both
 * holds the result. */
static uint64_t *sort_keys(uint64_t *keys, uint64_t *other, uint64_t n) {
  for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
    uint64_t place[DIGITS] = {0}, before = 0, *sorted = other;
    for (uint64_t i = 0; i < n; i++)
      place[keys[i] >> shift & (DIGITS - 1)]++;
    if (place[keys[0] >> shift & (DIGITS - 1)] == n) continue;
    for (size_t d = 0; d < DIGITS; d++) {
      uint64_t here = place[d];
      place[d] = before;
      before += here;
    }
    for (uint64_t i = 0; i < n; i++)
      sorted[place[keys[i] >> shift & (DIGITS - 1)]++] = keys[i];
    other = keys;
    keys = sorted;
  }
  return keys;
}

void dss_sort_ascending(double *values, uint64_t n) {
  uint64_t *keys = n < FEW ? NULL : malloc(2 * n * sizeof *keys);
  if (!keys) {
    qsort(values, n, sizeof *values, ascending);
    return;
  }
  for (uint64_t i = 0; i < n; i++)
    keys[i] = key_of(values[i]);
  const uint64_t *sorted = sort_keys(keys, keys + n, n);
  for (uint64_t i = 0; i < n; i++)
    values[i] = value_of(sorted[i]);
  free(keys);
}

double dss_sorted_quantile(const double *sorted, uint64_t n, double level) {
  double at = level * (double)(n - 1);
  uint64_t below = (uint64_t)at;
  if (below + 1 >= n) return sorted[n - 1];
  return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* A generator for tests that shares nothing with the library's: splitmix64 (Steele, Lea, Flood
 * 2014) with modulo rejection. */
#ifndef DSS_TESTS_INDEPENDENT_RANDOM_H
#define DSS_TESTS_INDEPENDENT_RANDOM_H

#include <math.h>
#include <stdint.h>

typedef struct independent_random {
  uint64_t state;
} independent_random;

static inline uint64_t random_bits(independent_random *r) {
  uint64_t z = r->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static inline uint32_t random_under(independent_random *r, uint32_t n) {
  uint64_t fair = UINT64_MAX - UINT64_MAX % n, x;
  do
    x = random_bits(r);
  while (x >= fair);
  return (uint32_t)(x % n);
}

static inline double random_unit(independent_random *r) {
  return (double)(random_bits(r) >> 11) * 0x1p-53;
}

/* Standard normal, by Box and Muller. */
static inline double random_normal(independent_random *r) {
  double u = 1.0 - random_unit(r); /* not 0 */
  return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * random_unit(r));
}

#endif

/* Exact sums: integers with a fixed number of fractional bits. docs/determinism.md, "Exact sums".
 *
 * gcc, clang and nvcc (host and device) compile this folder; it includes nothing of ours. */
#ifndef DSS_COMMON_EXACT_H
#define DSS_COMMON_EXACT_H

#include <stdint.h>

#ifdef __CUDACC__
#define DSS_DEVICE __host__ __device__
#else
#define DSS_DEVICE
#endif

__extension__ typedef unsigned __int128 dss_u128;
__extension__ typedef __int128 dss_i128;

/* The contract's conversion: high and low word rounded on their own, then added. */
DSS_DEVICE static inline double dss_exact_to_double(dss_u128 x) {
  return (double)(uint64_t)(x >> 64) * 18446744073709551616.0 + (double)(uint64_t)x;
}

DSS_DEVICE static inline double dss_signed_to_double(dss_i128 x) {
  return x < 0 ? -dss_exact_to_double((dss_u128)-x) : dss_exact_to_double((dss_u128)x);
}

/* Smallest l with 2^l >= x; 0 for x <= 1; x at most 2^63. */
DSS_DEVICE static inline unsigned dss_log2_ceiling(uint64_t x) {
  unsigned l = 0;
  while (((uint64_t)1 << l) < x)
    l++;
  return l;
}

#endif

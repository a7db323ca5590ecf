#include "pairwise_lanes.h"

#include "vectors.h"

/* sums += add where labels are equal. Unpacking a 16-bit lane with itself, twice, makes it a 64-bit
 * one: in each 128 bits the lanes 2i and 2i + 1 go to sums[i]. */
DSS_INLINE void add_equal(v16 a, v16 b, uint64_t add, v64 sums[4]) {
  v16 equal = (v16)(a == b), low = unpack_low16(equal, equal), high = unpack_high16(equal, equal);
  sums[0] += (v64)unpack_low16(low, low) & add;
  sums[1] += (v64)unpack_high16(low, low) & add;
  sums[2] += (v64)unpack_low16(high, high) & add;
  sums[3] += (v64)unpack_high16(high, high) & add;
}

/* From add_equal's order. */
static void put_lanes(const v64 held[8], uint64_t *sums) {
  const uint64_t *from = (const uint64_t *)held;
  for (size_t i = 0; i < 8; i++)
    for (size_t k = 0; k < DSS_LANES / 8; k++)
      sums[i / 4 * (DSS_LANES / 2) + k / 2 * 8 + i % 4 * 2 + k % 2] = from[i * (DSS_LANES / 8) + k];
}

/* Two vectors of labels, eight of sums, all in registers. */
void DSS_ADD_PAIRS(const uint16_t *labels, const uint16_t *mine, const uint32_t *other,
                   const uint64_t *steps, uint64_t n, uint64_t one, uint64_t *sums) {
  v16 first = (v16)load8(mine), second = (v16)load8(mine + DSS_LANES / 2);
  v64 held[8] = {{0}};
  for (uint64_t i = 0; i < n; i++) {
    const uint16_t *theirs = &labels[(size_t)other[i] * DSS_LANES];
    uint64_t add = steps[i] + one;
    add_equal(first, (v16)load8(theirs), add, held);
    add_equal(second, (v16)load8(theirs + DSS_LANES / 2), add, held + 4);
  }
  put_lanes(held, sums);
}

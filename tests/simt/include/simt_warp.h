/* Barriers and what the lanes of a warp do together. Each call carries the line it stands in, and
 * all threads that meet must have come to the same line. */
#ifndef SIMT_WARP_H
#define SIMT_WARP_H

#define SIMT_FROM const char *file = __builtin_FILE(), int line = __builtin_LINE()

static inline void __syncthreads(SIMT_FROM) {
  simt_meet(SIMT_BARRIER, 0, 0, file, line);
}
static inline int __syncthreads_or(int predicate, SIMT_FROM) {
  return static_cast<int>(simt_meet(SIMT_BARRIER_OR, 0, predicate != 0, file, line));
}
static inline int __syncthreads_and(int predicate, SIMT_FROM) {
  return static_cast<int>(simt_meet(SIMT_BARRIER_AND, 0, predicate != 0, file, line));
}
static inline int __syncthreads_count(int predicate, SIMT_FROM) {
  return static_cast<int>(simt_meet(SIMT_BARRIER_COUNT, 0, predicate != 0, file, line));
}
static inline void __syncwarp(unsigned mask = 0xffffffffu, SIMT_FROM) {
  simt_meet(SIMT_SYNC, mask, 0, file, line);
}

static inline unsigned __ballot_sync(unsigned mask, int predicate, SIMT_FROM) {
  return static_cast<unsigned>(simt_meet(SIMT_BALLOT, mask, predicate != 0, file, line));
}
static inline int __any_sync(unsigned mask, int predicate, SIMT_FROM) {
  return simt_meet(SIMT_BALLOT, mask, predicate != 0, file, line) != 0;
}
static inline int __all_sync(unsigned mask, int predicate, SIMT_FROM) {
  return simt_meet(SIMT_BALLOT, mask, predicate == 0, file, line) == 0;
}
/* Which lanes run together is nothing to rely on: here each runs alone. */
static inline unsigned __activemask() {
  return 1u << simt_lane();
}

#define SIMT_REDUCE(name, type, meeting)                                                           \
  static inline type name(unsigned mask, type value, SIMT_FROM) {                                  \
    return static_cast<type>(                                                                      \
        simt_meet(meeting, mask, static_cast<unsigned long long>(value), file, line));             \
  }
SIMT_REDUCE(__reduce_add_sync, unsigned, SIMT_SUM)
SIMT_REDUCE(__reduce_add_sync, int, SIMT_SUM)
SIMT_REDUCE(__reduce_min_sync, unsigned, SIMT_MIN_UNSIGNED)
SIMT_REDUCE(__reduce_min_sync, int, SIMT_MIN_SIGNED)
SIMT_REDUCE(__reduce_max_sync, unsigned, SIMT_MAX_UNSIGNED)
SIMT_REDUCE(__reduce_max_sync, int, SIMT_MAX_SIGNED)
SIMT_REDUCE(__reduce_and_sync, unsigned, SIMT_AND)
SIMT_REDUCE(__reduce_or_sync, unsigned, SIMT_OR)
SIMT_REDUCE(__reduce_xor_sync, unsigned, SIMT_XOR)

/* --- shuffles ------------------------------------------------------------------------------- */

template <typename T> static inline unsigned long long simt_bits(T value) {
  static_assert(sizeof(T) <= 8, "lanes exchange 8 bytes");
  unsigned long long bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}
template <typename T> static inline T simt_unbits(unsigned long long bits) {
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename T> static inline unsigned __match_any_sync(unsigned mask, T value, SIMT_FROM) {
  return static_cast<unsigned>(simt_meet(SIMT_MATCH, mask, simt_bits(value), file, line));
}

/* The lane that each kind of shuffle reads, lanes being numbered within segments of width. */
static inline int simt_source(int index, int width) {
  return (simt_lane() & ~(width - 1)) | (index & (width - 1));
}
static inline int simt_source_up(int delta, int width) {
  int lane = simt_lane(), from = lane - delta;
  return from < (lane & ~(width - 1)) ? lane : from;
}
static inline int simt_source_down(int delta, int width) {
  int lane = simt_lane();
  return (lane & (width - 1)) + delta >= width ? lane : lane + delta;
}
static inline int simt_source_xor(int bits, int width) {
  int lane = simt_lane(), from = lane ^ bits;
  return from > (lane | (width - 1)) ? lane : from;
}

#define SIMT_SHUFFLES(type)                                                                        \
  SIMT_SHUFFLE_OF(__shfl_sync, type, int, simt_source)                                             \
  SIMT_SHUFFLE_OF(__shfl_up_sync, type, unsigned, simt_source_up)                                  \
  SIMT_SHUFFLE_OF(__shfl_down_sync, type, unsigned, simt_source_down)                              \
  SIMT_SHUFFLE_OF(__shfl_xor_sync, type, int, simt_source_xor)
#define SIMT_SHUFFLE_OF(name, type, operand_type, source)                                          \
  static inline type name(unsigned mask, type value, operand_type operand, int width = 32,         \
                          SIMT_FROM) {                                                             \
    if (width < 1 || width > 32 || (width & (width - 1))) simt_bad_width(width, file, line);       \
    simt_meet(SIMT_SHUFFLE, mask, simt_bits(value), file, line);                                   \
    return simt_unbits<type>(simt_given(mask, source(static_cast<int>(operand & 31), width)));     \
  }
SIMT_SHUFFLES(int)
SIMT_SHUFFLES(unsigned)
SIMT_SHUFFLES(long)
SIMT_SHUFFLES(unsigned long)
SIMT_SHUFFLES(long long)
SIMT_SHUFFLES(unsigned long long)
SIMT_SHUFFLES(float)
SIMT_SHUFFLES(double)

#endif

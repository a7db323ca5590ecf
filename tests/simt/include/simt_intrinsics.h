/* CUDA's integer and conversion intrinsics, from their definitions in the programming guide. */
#ifndef SIMT_INTRINSICS_H
#define SIMT_INTRINSICS_H

/* --- bits ----------------------------------------------------------------------------------- */

static inline int __popc(unsigned x) {
  return __builtin_popcount(x);
}
static inline int __popcll(unsigned long long x) {
  return __builtin_popcountll(x);
}
static inline int __clz(int x) {
  return x ? __builtin_clz(static_cast<unsigned>(x)) : 32;
}
static inline int __clzll(long long x) {
  return x ? __builtin_clzll(static_cast<unsigned long long>(x)) : 64;
}
static inline int __ffs(int x) {
  return __builtin_ffs(x);
}
static inline int __ffsll(long long x) {
  return __builtin_ffsll(x);
}
static inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int i = 0; i < 32; i++)
    reversed |= (x >> i & 1u) << (31 - i);
  return reversed;
}
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  shift &= 31;
  return shift ? high << shift | low >> (32 - shift) : high;
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  shift &= 31;
  return shift ? high << (32 - shift) | low >> shift : low;
}
/* Four bytes chosen from the eight of y:x; a selector's bit 3 spreads the byte's sign. */
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  unsigned long long bytes = static_cast<unsigned long long>(y) << 32 | x;
  unsigned chosen = 0;
  for (int i = 0; i < 4; i++) {
    unsigned which = selector >> 4 * i & 0xf;
    unsigned byte = static_cast<unsigned>(bytes >> 8 * (which & 7)) & 0xff;
    if (which & 8) byte = byte & 0x80 ? 0xff : 0;
    chosen |= byte << 8 * i;
  }
  return chosen;
}

/* --- products ------------------------------------------------------------------------------- */

static inline int __mulhi(int x, int y) {
  return static_cast<int>(static_cast<long long>(x) * y >> 32);
}
static inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>(static_cast<unsigned long long>(x) * y >> 32);
}
__extension__ typedef unsigned __int128 simt_u128;
__extension__ typedef __int128 simt_i128;
static inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
  return static_cast<unsigned long long>(static_cast<simt_u128>(x) * y >> 64);
}
static inline long long __mul64hi(long long x, long long y) {
  return static_cast<long long>(static_cast<simt_i128>(x) * y >> 64);
}
static inline int __mul24(int x, int y) {
  return static_cast<int>(
      static_cast<unsigned>(static_cast<int>(static_cast<unsigned>(x) << 8) >> 8) *
      static_cast<unsigned>(static_cast<int>(static_cast<unsigned>(y) << 8) >> 8));
}
static inline unsigned __umul24(unsigned x, unsigned y) {
  return (x & 0xffffffu) * (y & 0xffffffu);
}

/* Byte i of x as a number of its own. */
static inline unsigned simt_byte(unsigned x, int i) {
  return x >> 8 * i & 0xff;
}
static inline int simt_signed_byte(unsigned x, int i) {
  return static_cast<signed char>(simt_byte(x, i));
}
static inline int __dp4a(int x, int y, int sum) {
  unsigned total = static_cast<unsigned>(sum);
  for (int i = 0; i < 4; i++)
    total += static_cast<unsigned>(simt_signed_byte(static_cast<unsigned>(x), i) *
                                   simt_signed_byte(static_cast<unsigned>(y), i));
  return static_cast<int>(total);
}
static inline unsigned __dp4a(unsigned x, unsigned y, unsigned sum) {
  for (int i = 0; i < 4; i++)
    sum += simt_byte(x, i) * simt_byte(y, i);
  return sum;
}
/* x's halves times two bytes of y: the low two, or the high two. */
static inline unsigned __dp2a_lo(unsigned x, unsigned y, unsigned sum) {
  return sum + (x & 0xffff) * simt_byte(y, 0) + (x >> 16) * simt_byte(y, 1);
}
static inline unsigned __dp2a_hi(unsigned x, unsigned y, unsigned sum) {
  return sum + (x & 0xffff) * simt_byte(y, 2) + (x >> 16) * simt_byte(y, 3);
}

/* --- four bytes or two halves at a time ----------------------------------------------------- */

/* part is `unsigned`, the value of each byte or half, or `int` where it has a sign. */
#define SIMT_PACKED(name, bits, part, from, expression)                                            \
  static inline unsigned name(unsigned x, unsigned y) {                                            \
    const unsigned all = (1u << bits) - 1;                                                         \
    unsigned packed = 0;                                                                           \
    for (int at = 0; at < 32; at += bits) {                                                        \
      part a = static_cast<from>(x >> at & all), b = static_cast<from>(y >> at & all);             \
      packed |= (static_cast<unsigned>(expression) & all) << at;                                   \
    }                                                                                              \
    return packed;                                                                                 \
  }
#define SIMT_PACKS(suffix, bits, unsigned_part, signed_part)                                       \
  SIMT_PACKED(__vadd##suffix, bits, unsigned, unsigned_part, a + b)                                \
  SIMT_PACKED(__vsub##suffix, bits, unsigned, unsigned_part, a - b)                                \
  SIMT_PACKED(__vaddus##suffix, bits, unsigned, unsigned_part, (a + b > all ? all : a + b))        \
  SIMT_PACKED(__vsubus##suffix, bits, unsigned, unsigned_part, (a > b ? a - b : 0u))               \
  SIMT_PACKED(__vabsdiffu##suffix, bits, unsigned, unsigned_part, (a > b ? a - b : b - a))         \
  SIMT_PACKED(__vavgu##suffix, bits, unsigned, unsigned_part, (a + b + 1) >> 1)                    \
  SIMT_PACKED(__vminu##suffix, bits, unsigned, unsigned_part, (a < b ? a : b))                     \
  SIMT_PACKED(__vmaxu##suffix, bits, unsigned, unsigned_part, (a > b ? a : b))                     \
  SIMT_PACKED(__vmins##suffix, bits, int, signed_part, (a < b ? a : b))                            \
  SIMT_PACKED(__vmaxs##suffix, bits, int, signed_part, (a > b ? a : b))                            \
  SIMT_PACKED(__vcmpeq##suffix, bits, unsigned, unsigned_part, (a == b ? all : 0u))                \
  SIMT_PACKED(__vcmpne##suffix, bits, unsigned, unsigned_part, (a != b ? all : 0u))                \
  SIMT_PACKED(__vcmpgtu##suffix, bits, unsigned, unsigned_part, (a > b ? all : 0u))                \
  SIMT_PACKED(__vcmpgeu##suffix, bits, unsigned, unsigned_part, (a >= b ? all : 0u))               \
  SIMT_PACKED(__vcmpltu##suffix, bits, unsigned, unsigned_part, (a < b ? all : 0u))                \
  SIMT_PACKED(__vcmpleu##suffix, bits, unsigned, unsigned_part, (a <= b ? all : 0u))               \
  SIMT_PACKED(__vcmpgts##suffix, bits, int, signed_part, (a > b ? all : 0u))                       \
  SIMT_PACKED(__vcmplts##suffix, bits, int, signed_part, (a < b ? all : 0u))                       \
  SIMT_PACKED(__vseteq##suffix, bits, unsigned, unsigned_part, (a == b ? 1u : 0u))                 \
  SIMT_PACKED(__vsetne##suffix, bits, unsigned, unsigned_part, (a != b ? 1u : 0u))                 \
  SIMT_PACKED(__vsetgtu##suffix, bits, unsigned, unsigned_part, (a > b ? 1u : 0u))                 \
  SIMT_PACKED(__vsetltu##suffix, bits, unsigned, unsigned_part, (a < b ? 1u : 0u))
SIMT_PACKS(4, 8, unsigned char, signed char)
SIMT_PACKS(2, 16, unsigned short, short)

/* Sums of four differences. */
static inline unsigned __vsadu4(unsigned x, unsigned y) {
  unsigned packed = __vabsdiffu4(x, y);
  return simt_byte(packed, 0) + simt_byte(packed, 1) + simt_byte(packed, 2) + simt_byte(packed, 3);
}
static inline unsigned __usad(unsigned x, unsigned y, unsigned sum) {
  return sum + (x > y ? x - y : y - x);
}

/* --- loads, stores -------------------------------------------------------------------------- */

template <typename T> static inline T __ldg(const T *address) {
  return *address;
}
template <typename T> static inline T __ldcg(const T *address) {
  return *address;
}
template <typename T> static inline T __ldca(const T *address) {
  return *address;
}
template <typename T> static inline T __ldcs(const T *address) {
  return *address;
}
template <typename T> static inline void __stcg(T *address, T value) {
  *address = value;
}
template <typename T> static inline void __stcs(T *address, T value) {
  *address = value;
}

/* --- doubles: to nearest, ties to even, nothing contracted ---------------------------------- */

static inline double __dadd_rn(double x, double y) {
  return x + y;
}
static inline double __dsub_rn(double x, double y) {
  return x - y;
}
static inline double __dmul_rn(double x, double y) {
  return x * y;
}
static inline double __ddiv_rn(double x, double y) {
  return x / y;
}
static inline double __dsqrt_rn(double x) {
  return std::sqrt(x);
}
static inline double __fma_rn(double x, double y, double z) {
  return std::fma(x, y, z);
}
static inline double __int2double_rn(int x) {
  return x;
}
static inline double __uint2double_rn(unsigned x) {
  return x;
}
static inline double __ll2double_rn(long long x) {
  return static_cast<double>(x);
}
static inline double __ull2double_rn(unsigned long long x) {
  return static_cast<double>(x);
}
static inline long long __double2ll_rn(double x) {
  return std::llrint(x);
}
static inline int __double2int_rn(double x) {
  return static_cast<int>(std::lrint(x));
}
static inline long long __double_as_longlong(double x) {
  return static_cast<long long>(simt_bits(x));
}
static inline double __longlong_as_double(long long x) {
  return simt_unbits<double>(static_cast<unsigned long long>(x));
}

/* --- the smaller, the larger: of one type, or int and unsigned as CUDA mixes them ------------ */

#define SIMT_EXTREMES(type)                                                                        \
  static inline type min(type x, type y) {                                                         \
    return y < x ? y : x;                                                                          \
  }                                                                                                \
  static inline type max(type x, type y) {                                                         \
    return x < y ? y : x;                                                                          \
  }
SIMT_EXTREMES(int)
SIMT_EXTREMES(unsigned)
SIMT_EXTREMES(long)
SIMT_EXTREMES(unsigned long)
SIMT_EXTREMES(long long)
SIMT_EXTREMES(unsigned long long)
static inline unsigned min(int x, unsigned y) {
  return min(static_cast<unsigned>(x), y);
}
static inline unsigned min(unsigned x, int y) {
  return min(x, static_cast<unsigned>(y));
}
static inline unsigned max(int x, unsigned y) {
  return max(static_cast<unsigned>(x), y);
}
static inline unsigned max(unsigned x, int y) {
  return max(x, static_cast<unsigned>(y));
}
/* A NaN gives the other, as on the device. */
static inline double min(double x, double y) {
  return std::fmin(x, y);
}
static inline double max(double x, double y) {
  return std::fmax(x, y);
}

#endif

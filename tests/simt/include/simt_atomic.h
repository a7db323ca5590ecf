/* Atomics on integers, for global and shared memory. Adding doubles or floats is missing on
 * purpose: the sum would depend on the order. */
#ifndef SIMT_ATOMIC_H
#define SIMT_ATOMIC_H

/* Threads of one block take turns, but another host thread may run a kernel on the same device. */
template <typename T, typename Change> static inline T simt_update(T *address, Change change) {
  T old = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(address, &old, change(old), true, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED)) {
  }
  return old;
}

/* Sums wrap; they are taken of unsigned numbers, where wrapping is defined. */
#define SIMT_ATOMIC(name, type, expression)                                                        \
  static inline type name(type *address, type value) {                                             \
    return simt_update(address, [value](type old) -> type { return expression; });                 \
  }
#define SIMT_ATOMICS(type)                                                                         \
  SIMT_ATOMIC(atomicMin, type, (value < old ? value : old))                                        \
  SIMT_ATOMIC(atomicMax, type, (value > old ? value : old))                                        \
  SIMT_ATOMIC(atomicAnd, type, (old & value))                                                      \
  SIMT_ATOMIC(atomicOr, type, (old | value))                                                       \
  SIMT_ATOMIC(atomicXor, type, (old ^ value))
SIMT_ATOMICS(int)
SIMT_ATOMICS(unsigned)
SIMT_ATOMICS(long long)
SIMT_ATOMICS(unsigned long long)
SIMT_ATOMIC(atomicAdd, int,
            static_cast<int>(static_cast<unsigned>(old) + static_cast<unsigned>(value)))
SIMT_ATOMIC(atomicAdd, unsigned, old + value)
SIMT_ATOMIC(atomicAdd, unsigned long long, old + value)
SIMT_ATOMIC(atomicSub, int,
            static_cast<int>(static_cast<unsigned>(old) - static_cast<unsigned>(value)))
SIMT_ATOMIC(atomicSub, unsigned, old - value)
SIMT_ATOMIC(atomicExch, int, (static_cast<void>(old), value))
SIMT_ATOMIC(atomicExch, unsigned, (static_cast<void>(old), value))
SIMT_ATOMIC(atomicExch, unsigned long long, (static_cast<void>(old), value))

#define SIMT_CAS(type)                                                                             \
  static inline type atomicCAS(type *address, type compare, type value) {                          \
    __atomic_compare_exchange_n(address, &compare, value, false, __ATOMIC_RELAXED,                 \
                                __ATOMIC_RELAXED);                                                 \
    return compare;                                                                                \
  }
SIMT_CAS(int)
SIMT_CAS(unsigned)
SIMT_CAS(unsigned long long)
SIMT_CAS(unsigned short)

static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}

#endif

/* CUDA C++ on the host: qualifiers, the places of a thread, launches. What kernels may call is in
 * simt_intrinsics.h, simt_warp.h and simt_atomic.h. */
#ifndef SIMT_CUDA_RUNTIME_H
#define SIMT_CUDA_RUNTIME_H

#ifndef __cplusplus
#error "cuda_runtime.h is for .cu files; C includes cuda_runtime_api.h"
#endif

/* Before __noinline__ is a macro, which these headers use as a word. */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <utility>

#include "cuda_runtime_api.h"
#include "simt_calls.h"

#define __host__
#define __device__
#define __global__
#define __grid_constant__
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#ifndef __forceinline__
#define __forceinline__ inline __attribute__((always_inline))
#endif
#ifndef __noinline__
#define __noinline__ __attribute__((noinline))
#endif
/* __shared__ and __constant__ are missing on purpose: see kernels/cuda/device.h. */

static const int warpSize = 32;

/* --- launches ------------------------------------------------------------------------------- */

template <typename... Parameters> struct simt_arguments {
  void (*kernel)(Parameters...);
  std::tuple<Parameters...> values;
  static void call(const void *arguments) {
    const simt_arguments *these = static_cast<const simt_arguments *>(arguments);
    std::apply(these->kernel, these->values);
  }
};

template <typename... Parameters, typename... Given>
static inline cudaError_t simt_launch_kernel(const char *file, int line, const char *text,
                                             const cudaLaunchConfig_t *config,
                                             void (*kernel)(Parameters...), Given &&...given) {
  static_assert(sizeof...(Parameters) == sizeof...(Given), "a kernel takes all its arguments");
  static_assert(sizeof(std::tuple<Parameters...>) <= 4096, "4096 bytes of arguments at most");
  simt_arguments<Parameters...> arguments{
      kernel, std::tuple<Parameters...>(static_cast<Parameters>(std::forward<Given>(given))...)};
  simt_kernel launched{reinterpret_cast<const void *>(kernel),
                       simt_arguments<Parameters...>::call,
                       &arguments,
                       text,
                       file,
                       line};
  return simt_launch(config, &launched);
}
#define cudaLaunchKernelEx(...) simt_launch_kernel(__FILE__, __LINE__, #__VA_ARGS__, __VA_ARGS__)

/* --- the real header's overloads ------------------------------------------------------------ */

template <typename T> static inline cudaError_t cudaMalloc(T **made, size_t size) {
  return cudaMalloc(reinterpret_cast<void **>(made), size);
}
template <typename T>
static inline cudaError_t cudaMallocHost(T **made, size_t size, unsigned int flags = 0) {
  (void)flags;
  return cudaMallocHost(reinterpret_cast<void **>(made), size);
}
template <typename... Parameters>
static inline cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...),
                                               cudaFuncAttribute attr, int value) {
  return cudaFuncSetAttribute(reinterpret_cast<const void *>(kernel), attr, value);
}
template <typename... Parameters>
static inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attr,
                                                void (*kernel)(Parameters...)) {
  return cudaFuncGetAttributes(attr, reinterpret_cast<const void *>(kernel));
}
template <typename... Parameters>
static inline cudaError_t
cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void (*kernel)(Parameters...),
                                              int block_size, size_t dynamic_bytes) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(
      blocks, reinterpret_cast<const void *>(kernel), block_size, dynamic_bytes);
}

#define SIMT_MAKE(type, name)                                                                      \
  static inline name##1 make_##name##1(type x) {                                                   \
    return name##1 {x};                                                                            \
  }                                                                                                \
  static inline name##2 make_##name##2(type x, type y) {                                           \
    return name##2 {x, y};                                                                         \
  }                                                                                                \
  static inline name##3 make_##name##3(type x, type y, type z) {                                   \
    return name##3 {x, y, z};                                                                      \
  }                                                                                                \
  static inline name##4 make_##name##4(type x, type y, type z, type w) {                           \
    return name##4 {x, y, z, w};                                                                   \
  }
SIMT_MAKE(signed char, char)
SIMT_MAKE(unsigned char, uchar)
SIMT_MAKE(short, short)
SIMT_MAKE(unsigned short, ushort)
SIMT_MAKE(int, int)
SIMT_MAKE(unsigned int, uint)
SIMT_MAKE(float, float)
SIMT_MAKE(long long int, longlong)
SIMT_MAKE(unsigned long long int, ulonglong)
SIMT_MAKE(double, double)

#include "simt_atomic.h"
#include "simt_warp.h"

#include "simt_intrinsics.h"

#endif

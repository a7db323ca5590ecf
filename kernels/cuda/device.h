/* What the compilers of kernels write differently; nothing else in a kernel may. Kernels compile
 * with nvcc, and in the tests, against fake headers, with a host compiler (tests/simt/README.md).
 */
#ifndef DSS_CUDA_DEVICE_H
#define DSS_CUDA_DEVICE_H

#include <cuda_runtime.h>

/* Declares `name`, the block's shared memory: bytes, aligned to 16, as many as the launch asked
 * for. There is no other way to it: only memory of that kind is watched in the tests. */
#ifdef __CUDACC__
#define DSS_SHARED(name) extern __shared__ __align__(16) unsigned char name[]
#else
#define DSS_SHARED(name) unsigned char *name = simt_shared()
#endif

#endif

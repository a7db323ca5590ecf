#ifndef DSS_CUDA_DEVICE_H
#define DSS_CUDA_DEVICE_H
#include <cuda_runtime.h>
#ifdef __CUDACC__
#define DSS_SHARED(name) extern __shared__ __align__(16) unsigned char name[]
#else
#define DSS_SHARED(name) unsigned char *name = (unsigned char *)simt_shared()
#endif
#endif

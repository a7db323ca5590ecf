/* What tests may ask of the executor and do to its devices. See README.md.
 *
 * Settings come from the environment, once, or from simt_set, which also forgets what was counted
 * and brings lost devices back. Set them while nothing is open. */
#ifndef SIMT_H
#define SIMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simt_settings {
  int devices;           /* SIMT_DEVICES, 1; with 0: cudaErrorNoDevice */
  uint64_t device_bytes; /* SIMT_DEVICE_BYTES, 2 GiB: what cudaMalloc can have of each */
  int major, minor;      /* SIMT_CAPABILITY, 9.0; kernels are compiled for 8.0 and later */
  int processors;        /* SIMT_PROCESSORS, 4: of each device */
  int driver;            /* SIMT_DRIVER, 13000; another major or 0: cudaErrorInsufficientDriver */
  bool no_image;         /* SIMT_NO_IMAGE: cudaErrorNoKernelImageForDevice from every launch */
  bool no_cublas;        /* SIMT_NO_CUBLAS: the backend does not find cuBLAS */
  /* SIMT_LOST_AT: this launch, counted from 1 over all devices, does nothing, and its device
   * answers cudaErrorLaunchFailure from then on. As on a real device, the launch itself succeeds:
   * it is the next call that says so. 0: never. */
  uint64_t lost_at;
  uint64_t seed; /* SIMT_SEED, 1: the order of threads, warps and blocks */
} simt_settings;

/* The environment's settings. A variable that is no number in range ends the process. */
void simt_environment(simt_settings *settings);
void simt_set(const simt_settings *settings);
void simt_get(simt_settings *settings);

/* What is alive, and what was done since the last simt_set. */
typedef struct simt_counts {
  size_t allocations, pinned, streams, events, handles; /* alive */
  uint64_t bytes;                                       /* alive, on all devices */
  uint64_t most_bytes;                                  /* the most that ever were, of one device */
  uint64_t launches, products;                          /* kernels, cuBLAS products */
  uint64_t failed;                                      /* calls that gave an error */
} simt_counts;
void simt_count(simt_counts *counts);

/* True where nothing of any kind is alive; otherwise says on stderr what is. */
bool simt_nothing_left(void);

#ifdef __cplusplus
}
#endif

#endif

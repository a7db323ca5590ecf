/* Launches: the checks that the real runtime makes, then the executor. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "executor.h"
#include "state.h"

enum { PLAIN_SHARED = 48 * 1024, FIRST_MAJOR = 8, REGISTERS = 64 };

/* What cudaFuncSetAttribute was told, of one function on one device. */
typedef struct limit {
  const void *function;
  int device;
  size_t bytes;
  struct limit *next;
} limit;

static limit *limits;

void simt_forget_functions(void) {
  while (limits) {
    limit *next = limits->next;
    free(limits);
    limits = next;
  }
}

static limit *find_limit(const void *function) {
  limit *found = limits;
  while (found && (found->function != function || found->device != simt_current))
    found = found->next;
  return found;
}

static size_t shared_limit(const void *function) {
  simt_lock();
  limit *found = find_limit(function);
  size_t bytes = found ? found->bytes : PLAIN_SHARED;
  simt_unlock();
  return bytes;
}

/* Whether the function could run on the current device at all. */
static cudaError_t check_function(const void *function) {
  cudaError_t error = simt_ready();
  if (error) return error;
  if (!function) return cudaErrorInvalidDeviceFunction;
  if (simt_now.no_image || simt_now.major < FIRST_MAJOR) return cudaErrorNoKernelImageForDevice;
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void *func, enum cudaFuncAttribute attr, int value) {
  cudaError_t error = check_function(func);
  if (error) return simt_fail(error);
  if (attr == cudaFuncAttributePreferredSharedMemoryCarveout)
    return value < -1 || value > 100 ? simt_fail(cudaErrorInvalidValue) : cudaSuccess;
  if (attr != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
      (size_t)value > simt_optin_bytes())
    return simt_fail(cudaErrorInvalidValue);
  simt_lock();
  limit *found = find_limit(func);
  if (!found) {
    found = malloc(sizeof *found);
    if (!found) simt_die("no memory for a function's attribute");
    *found = (limit){.function = func, .device = simt_current, .next = limits};
    limits = found;
  }
  found->bytes = (size_t)value;
  simt_unlock();
  return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *attr, const void *func) {
  cudaError_t error = check_function(func);
  if (!error && !attr) error = cudaErrorInvalidValue;
  if (error) return simt_fail(error);
  int version = simt_now.major * 10 + simt_now.minor;
  *attr = (struct cudaFuncAttributes){.maxThreadsPerBlock = 1024,
                                      .numRegs = REGISTERS,
                                      .ptxVersion = version,
                                      .binaryVersion = version,
                                      .maxDynamicSharedSizeBytes = (int)shared_limit(func),
                                      .preferredShmemCarveout = -1};
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *func,
                                                          int block_size, size_t dynamic_bytes) {
  cudaError_t error = check_function(func);
  if (!error && (!blocks || block_size <= 0)) error = cudaErrorInvalidValue;
  if (error) return simt_fail(error);
  *blocks = 0;
  if (block_size > 1024 || dynamic_bytes > shared_limit(func)) return cudaSuccess;
  size_t threads = ((size_t)block_size + 31) / 32 * 32, most = 32;
  size_t by_threads = 2048 / threads, by_registers = 65536 / (REGISTERS * threads);
  size_t by_shared = (simt_optin_bytes() + 1024) / (dynamic_bytes + 1024);
  if (by_threads < most) most = by_threads;
  if (by_registers < most) most = by_registers;
  if (by_shared < most) most = by_shared;
  *blocks = (int)most;
  return cudaSuccess;
}

/* --- launches ------------------------------------------------------------------------------- */

static cudaError_t check_launch(const cudaLaunchConfig_t *config, const simt_kernel *kernel) {
  if (!config) return cudaErrorInvalidValue;
  cudaError_t error = check_function(kernel->function);
  if (error) return error;
  dim3 grid = config->gridDim, block = config->blockDim;
  if (!grid.x || !grid.y || !grid.z || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535)
    return cudaErrorInvalidConfiguration;
  if (!block.x || !block.y || !block.z || block.x > 1024 || block.y > 1024 || block.z > 64 ||
      block.x * block.y * block.z > 1024)
    return cudaErrorInvalidConfiguration;
  if (config->dynamicSmemBytes > shared_limit(kernel->function)) return cudaErrorInvalidValue;
  if (config->numAttrs) return cudaErrorNotSupported;
  return simt_check_stream(config->stream);
}

bool simt_survives(void) {
  simt_lock();
  bool lost = ++simt_counted.launches == simt_now.lost_at;
  if (lost) {
    simt_lost[simt_current] = true;
    simt_lose_copies(simt_current);
  }
  simt_unlock();
  return !lost;
}

cudaError_t simt_launch(const cudaLaunchConfig_t *config, const simt_kernel *kernel) {
  char name[256], what[300];
  cudaError_t error = check_launch(config, kernel);
  if (error) return simt_fail(error);
  simt_note_kernel(kernel->function);
  if (!simt_survives()) return cudaSuccess;
  simt_kernel_name(kernel, name, sizeof name);
  snprintf(what, sizeof what, "kernel %s", name);
  simt_open_memory(simt_current);
  simt_execute(config, kernel, simt_now.seed);
  simt_close_memory(simt_current, what);
  return cudaSuccess;
}

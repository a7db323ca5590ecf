/* Settings, counts and errors. */
#include "state.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

simt_settings simt_now;
simt_counts simt_counted;
bool simt_lost[SIMT_MAX_DEVICES];
_Thread_local int simt_current;
static _Thread_local cudaError_t last;

static uint64_t number(const char *name, uint64_t otherwise, uint64_t least, uint64_t most) {
  const char *text = getenv(name);
  if (!text || !*text) return otherwise;
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 0);
  if (errno || *end || *text == '-' || value < least || value > most)
    simt_die("%s is %s: no number from %llu to %llu", name, text, (unsigned long long)least,
             (unsigned long long)most);
  return value;
}

void simt_environment(simt_settings *settings) {
  *settings = (simt_settings){
      .devices = (int)number("SIMT_DEVICES", 1, 0, SIMT_MAX_DEVICES),
      .device_bytes = number("SIMT_DEVICE_BYTES", (uint64_t)2 << 30, 0, UINT64_MAX),
      .major = 9,
      .minor = 0,
      .processors = (int)number("SIMT_PROCESSORS", 4, 1, 1024),
      .driver = (int)number("SIMT_DRIVER", CUDART_VERSION, 0, 1000000),
      .no_image = number("SIMT_NO_IMAGE", 0, 0, 1) != 0,
      .no_cublas = number("SIMT_NO_CUBLAS", 0, 0, 1) != 0,
      .lost_at = number("SIMT_LOST_AT", 0, 0, UINT64_MAX),
      .seed = number("SIMT_SEED", 1, 0, UINT64_MAX),
  };
  const char *capability = getenv("SIMT_CAPABILITY");
  char rest;
  if (capability && *capability &&
      sscanf(capability, "%2d.%1d%c", &settings->major, &settings->minor, &rest) != 2)
    simt_die("SIMT_CAPABILITY is %s, not like 9.0", capability);
}

static void begin(void) {
  simt_environment(&simt_now);
}

void simt_lock(void) {
  pthread_once(&once, begin);
  pthread_mutex_lock(&mutex);
}

void simt_unlock(void) {
  pthread_mutex_unlock(&mutex);
}

void simt_set(const simt_settings *settings) {
  if (settings->devices < 0 || settings->devices > SIMT_MAX_DEVICES)
    simt_die("%d devices: 0 to %d are served", settings->devices, SIMT_MAX_DEVICES);
  simt_lock();
  simt_now = *settings;
  simt_counted.launches = simt_counted.products = simt_counted.failed = 0;
  simt_counted.most_bytes = 0;
  memset(simt_lost, 0, sizeof simt_lost);
  simt_forget_functions();
  simt_unlock();
  last = cudaSuccess;
  simt_current = 0;
}

void simt_get(simt_settings *settings) {
  simt_lock();
  *settings = simt_now;
  simt_unlock();
}

void simt_count(simt_counts *counts) {
  simt_lock();
  *counts = simt_counted;
  simt_unlock();
}

bool simt_nothing_left(void) {
  simt_counts left;
  simt_count(&left);
  if (!left.allocations && !left.pinned && !left.streams && !left.events && !left.handles)
    return true;
  fprintf(stderr,
          "simt: left alive: %zu allocations, %zu pinned, %zu streams, %zu events, %zu cuBLAS "
          "handles\n",
          left.allocations, left.pinned, left.streams, left.events, left.handles);
  simt_list_memory();
  return false;
}

/* --- errors --------------------------------------------------------------------------------- */

cudaError_t simt_fail(cudaError_t error) {
  if (!error) return error;
  last = error;
  simt_lock();
  simt_counted.failed++;
  simt_unlock();
  return error;
}

/* A runtime serves drivers of its own major version and later. */
cudaError_t simt_driver(void) {
  simt_lock();
  cudaError_t error = simt_now.driver / 1000 < CUDART_VERSION / 1000 ? cudaErrorInsufficientDriver
                      : simt_now.devices == 0                        ? cudaErrorNoDevice
                                                                     : cudaSuccess;
  simt_unlock();
  return error;
}

cudaError_t simt_ready(void) {
  cudaError_t error = simt_driver();
  if (error) return error;
  simt_lock();
  if (simt_lost[simt_current]) error = cudaErrorLaunchFailure;
  simt_unlock();
  return error;
}

cudaError_t cudaPeekAtLastError(void) {
  simt_lock();
  bool lost = simt_lost[simt_current];
  simt_unlock();
  return lost ? cudaErrorLaunchFailure : last;
}

cudaError_t cudaGetLastError(void) {
  cudaError_t error = cudaPeekAtLastError();
  last = cudaSuccess; /* a lost device goes on saying so */
  return error;
}

#define ERRORS(X)                                                                                  \
  X(cudaSuccess, "no error")                                                                       \
  X(cudaErrorInvalidValue, "invalid argument")                                                     \
  X(cudaErrorMemoryAllocation, "out of memory")                                                    \
  X(cudaErrorInitializationError, "initialization error")                                          \
  X(cudaErrorInvalidConfiguration, "invalid configuration argument")                               \
  X(cudaErrorInvalidMemcpyDirection, "invalid copy direction for memcpy")                          \
  X(cudaErrorInsufficientDriver, "CUDA driver version is insufficient for CUDA runtime version")   \
  X(cudaErrorInvalidDeviceFunction, "invalid device function")                                     \
  X(cudaErrorNoDevice, "no CUDA-capable device is detected")                                       \
  X(cudaErrorInvalidDevice, "invalid device ordinal")                                              \
  X(cudaErrorNoKernelImageForDevice, "no kernel image is available for execution on the device")   \
  X(cudaErrorInvalidResourceHandle, "invalid resource handle")                                     \
  X(cudaErrorNotReady, "device not ready")                                                         \
  X(cudaErrorIllegalAddress, "an illegal memory access was encountered")                           \
  X(cudaErrorLaunchOutOfResources, "too many resources requested for launch")                      \
  X(cudaErrorLaunchFailure, "unspecified launch failure")                                          \
  X(cudaErrorNotSupported, "operation not supported")                                              \
  X(cudaErrorUnknown, "unknown error")

const char *cudaGetErrorString(cudaError_t error) {
#define TEXT(id, text)                                                                             \
  if (error == id) return text;
  ERRORS(TEXT)
  return "unrecognized error code";
}

const char *cudaGetErrorName(cudaError_t error) {
#define NAME(id, text)                                                                             \
  if (error == id) return #id;
  ERRORS(NAME)
  return "unrecognized error code";
}

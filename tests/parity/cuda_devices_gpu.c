#include <stdio.h>

#include <cuda_runtime_api.h>

#include "cuda_devices.h"

/* One is the first; several are all that there are. */
bool devices_use(int n, dss_resources *resources) {
  int there = 0;
  cudaError_t error = cudaGetDeviceCount(&there);
  if (error != cudaSuccess || there < n) {
    fprintf(stderr, "SKIPPED: a case of %d GPUs: here are %d\n", n, there);
    return false;
  }
  resources->device = n == 1;
  return true;
}

void devices_order(uint64_t seed) {
  (void)seed;
}

static bool succeeded(cudaError_t error) {
  if (error != cudaSuccess) fprintf(stderr, "left behind: %s\n", cudaGetErrorString(error));
  return error == cudaSuccess;
}

bool devices_are_clean(void) {
  return succeeded(cudaDeviceSynchronize()) && succeeded(cudaGetLastError());
}

/* Devices: how many, and what they are. */
#include <stdio.h>
#include <string.h>

#include "state.h"

cudaError_t cudaGetDeviceCount(int *count) {
  if (!count) return simt_fail(cudaErrorInvalidValue);
  *count = 0;
  cudaError_t error = simt_driver();
  if (error) return simt_fail(error);
  *count = simt_now.devices;
  return cudaSuccess;
}

static cudaError_t check_device(int device) {
  cudaError_t error = simt_driver();
  if (error) return error;
  return device < 0 || device >= simt_now.devices ? cudaErrorInvalidDevice : cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  cudaError_t error = check_device(device);
  if (error) return simt_fail(error);
  simt_current = device;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device) {
  if (!device) return simt_fail(cudaErrorInvalidValue);
  cudaError_t error = simt_driver();
  if (error) return simt_fail(error);
  *device = simt_current;
  return cudaSuccess;
}

size_t simt_optin_bytes(void) {
  int capability = simt_now.major * 10 + simt_now.minor;
  size_t kib = capability == 80 || capability == 87   ? 163
               : capability >= 90 && capability < 120 ? 227
               : capability >= 80                     ? 99
               : capability >= 75                     ? 64
                                                      : 96;
  return kib * 1024;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *prop, int device) {
  if (!prop) return simt_fail(cudaErrorInvalidValue);
  cudaError_t error = check_device(device);
  if (error) return simt_fail(error);
  *prop = (struct cudaDeviceProp){
      .totalGlobalMem = simt_now.device_bytes,
      .sharedMemPerBlock = 48 * 1024,
      .regsPerBlock = 65536,
      .warpSize = 32,
      .maxThreadsPerBlock = 1024,
      .maxThreadsDim = {1024, 1024, 64},
      .maxGridSize = {2147483647, 65535, 65535},
      .totalConstMem = 65536,
      .major = simt_now.major,
      .minor = simt_now.minor,
      .multiProcessorCount = simt_now.processors,
      .concurrentKernels = 1,
      .pciBusID = 1 + device,
      .asyncEngineCount = 2,
      .unifiedAddressing = 1,
      .memoryBusWidth = 5120,
      .l2CacheSize = 32 << 20,
      .maxThreadsPerMultiProcessor = 2048,
      .sharedMemPerMultiprocessor = simt_optin_bytes() + 1024,
      .regsPerMultiprocessor = 65536,
      .managedMemory = 1,
      .maxBlocksPerMultiProcessor = 32,
      .sharedMemPerBlockOptin = simt_optin_bytes(),
      .reservedSharedMemPerBlock = 1024,
  };
  snprintf(prop->name, sizeof prop->name, "SIMT executor %d", device);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attr, int device) {
  struct cudaDeviceProp prop;
  if (!value) return simt_fail(cudaErrorInvalidValue);
  cudaError_t error = cudaGetDeviceProperties(&prop, device);
  if (error) return error;
  switch (attr) {
  case cudaDevAttrClockRate: /* kHz; it keeps no time */
    *value = 1000000;
    return cudaSuccess;
#define ATTRIBUTE(id, field)                                                                       \
  case id:                                                                                         \
    *value = (int)prop.field;                                                                      \
    return cudaSuccess;
    ATTRIBUTE(cudaDevAttrMaxThreadsPerBlock, maxThreadsPerBlock)
    ATTRIBUTE(cudaDevAttrMaxBlockDimX, maxThreadsDim[0])
    ATTRIBUTE(cudaDevAttrMaxBlockDimY, maxThreadsDim[1])
    ATTRIBUTE(cudaDevAttrMaxBlockDimZ, maxThreadsDim[2])
    ATTRIBUTE(cudaDevAttrMaxGridDimX, maxGridSize[0])
    ATTRIBUTE(cudaDevAttrMaxGridDimY, maxGridSize[1])
    ATTRIBUTE(cudaDevAttrMaxGridDimZ, maxGridSize[2])
    ATTRIBUTE(cudaDevAttrMaxSharedMemoryPerBlock, sharedMemPerBlock)
    ATTRIBUTE(cudaDevAttrWarpSize, warpSize)
    ATTRIBUTE(cudaDevAttrMaxRegistersPerBlock, regsPerBlock)
    ATTRIBUTE(cudaDevAttrMultiProcessorCount, multiProcessorCount)
    ATTRIBUTE(cudaDevAttrL2CacheSize, l2CacheSize)
    ATTRIBUTE(cudaDevAttrMaxThreadsPerMultiProcessor, maxThreadsPerMultiProcessor)
    ATTRIBUTE(cudaDevAttrUnifiedAddressing, unifiedAddressing)
    ATTRIBUTE(cudaDevAttrComputeCapabilityMajor, major)
    ATTRIBUTE(cudaDevAttrComputeCapabilityMinor, minor)
    ATTRIBUTE(cudaDevAttrMaxSharedMemoryPerMultiprocessor, sharedMemPerMultiprocessor)
    ATTRIBUTE(cudaDevAttrMaxRegistersPerMultiprocessor, regsPerMultiprocessor)
    ATTRIBUTE(cudaDevAttrMaxSharedMemoryPerBlockOptin, sharedMemPerBlockOptin)
    ATTRIBUTE(cudaDevAttrMaxBlocksPerMultiprocessor, maxBlocksPerMultiProcessor)
    ATTRIBUTE(cudaDevAttrReservedSharedMemoryPerBlock, reservedSharedMemPerBlock)
  }
  return simt_fail(cudaErrorInvalidValue);
}

cudaError_t cudaDeviceSynchronize(void) {
  cudaError_t error = simt_ready();
  if (error) return simt_fail(error);
  simt_lock();
  simt_settle_device(simt_current);
  simt_unlock();
  return cudaSuccess;
}

/* Versions are told without a driver: 0 then. */
cudaError_t cudaDriverGetVersion(int *version) {
  if (!version) return simt_fail(cudaErrorInvalidValue);
  simt_lock();
  *version = simt_now.driver;
  simt_unlock();
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) {
  if (!version) return simt_fail(cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}

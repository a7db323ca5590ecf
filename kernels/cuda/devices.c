#include "devices.h"

#include <stdio.h>
#include <string.h>

#include "trouble.h"

static void describe(int number, dss_device *device) {
  struct cudaDeviceProp properties;
  size_t free = 0, all = 0;
  memset(device, 0, sizeof *device);
  if (cudaGetDeviceProperties(&properties, number) != cudaSuccess) {
    cudaGetLastError();
    snprintf(device->name, sizeof device->name, "GPU %d", number);
    snprintf(device->why, sizeof device->why, "it does not answer");
    return;
  }
  snprintf(device->name, sizeof device->name, "%.127s", properties.name);
  device->major = properties.major;
  device->minor = properties.minor;
  device->bytes = properties.totalGlobalMem;
  if (properties.major < DSS_CU_CAPABILITY) {
    snprintf(device->why, sizeof device->why,
             "compute capability %d.%d: this build's code needs %d.0 or later", properties.major,
             properties.minor, DSS_CU_CAPABILITY);
    return;
  }
  cudaError_t error = cudaSetDevice(number);
  if (error == cudaSuccess) error = cudaMemGetInfo(&free, &all);
  device->usable = error == cudaSuccess;
  device->free = free;
  if (error != cudaSuccess) {
    cudaGetLastError();
    snprintf(device->why, sizeof device->why, "%s (%s)", cudaGetErrorString(error),
             cudaGetErrorName(error));
  }
}

/* A machine without a GPU, or without its driver, is nothing unusual. */
static dss_status count_devices(int *n, char why[256]) {
  int driver = 0;
  *n = 0;
  *why = '\0';
  cudaError_t error = cudaGetDeviceCount(n);
  if (error == cudaSuccess && *n > 0) return DSS_OK;
  cudaGetLastError();
  bool no_driver = cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0;
  cudaGetLastError();
  if (error == cudaSuccess || error == cudaErrorNoDevice || no_driver) {
    *n = 0;
    snprintf(why, 256, "%s", no_driver ? "no GPU driver is installed" : "no GPU is visible");
    return DSS_OK;
  }
  *n = 0;
  if (error == cudaErrorInsufficientDriver)
    return dss_cu_fail(
        DSS_ERR_DEVICE, "the GPU driver is too old: it knows CUDA %d.%d, this build needs %d.%d",
        driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
  return dss_cu_check(error, "looking for GPUs");
}

dss_status dss_cu_devices(dss_device *devices, size_t room, size_t *n, char why[256]) {
  int count;
  *n = 0;
  DSS_CU_TRY(count_devices(&count, why));
  *n = (size_t)count;
  for (int i = 0; i < count && (size_t)i < room; i++)
    describe(i, &devices[i]);
  return DSS_OK;
}

/* What matters of it alone: all properties take the driver a while, and whoever looks for the size
 * of a tile asks again and again. */
static bool answers(int number) {
  int major = 0;
  size_t free, all;
  bool good =
      cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, number) == cudaSuccess &&
      major >= DSS_CU_CAPABILITY && cudaSetDevice(number) == cudaSuccess &&
      cudaMemGetInfo(&free, &all) == cudaSuccess;
  if (!good) cudaGetLastError();
  return good;
}

dss_status dss_cu_usable(const dss_resources *resources, size_t most,
                         int numbers[DSS_CU_MOST_DEVICES], size_t *n, bool *absent) {
  char why[256];
  int count;
  *n = 0;
  *absent = false;
  DSS_CU_TRY(count_devices(&count, why));
  *absent = count == 0;
  if (count == 0) return dss_cu_fail(DSS_ERR_DEVICE, "%s", why);
  if (resources->device > (unsigned)count)
    return dss_cu_fail(DSS_ERR_DEVICE, "there is no GPU %u: %d %s visible, counted from 0",
                       resources->device - 1, count, count == 1 ? "is" : "are");
  dss_device device = {.why = ""};
  for (int i = 0; i < count && *n < most; i++) {
    if (resources->device > 0 && resources->device - 1 != (unsigned)i) continue;
    bool usable = answers(i);
    if (!usable) {
      describe(i, &device);
      usable = device.usable;
    }
    if (usable) numbers[(*n)++] = i;
  }
  if (*n > 0) return DSS_OK;
  return dss_cu_fail(DSS_ERR_DEVICE, "%s: %s", device.name, device.why);
}

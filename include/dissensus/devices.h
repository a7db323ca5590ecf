/* The GPUs that a run could use. */
#ifndef DISSENSUS_DEVICES_H
#define DISSENSUS_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "dissensus/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A GPU. */
typedef struct dss_device {
  char name[128];       /* "NVIDIA H100 80GB HBM3" */
  int major, minor;     /* compute capability */
  uint64_t bytes, free; /* of memory; free 0 where the device does not answer */
  bool usable;
  char why[256]; /* why not; "" where it is usable */
} dss_device;

/* The GPUs that this process sees (CUDA_VISIBLE_DEVICES decides), by their numbers, into devices
 * [room]; *n becomes how many there are, which can be more than there is room for. 0 is no error:
 * there may be none, or the build may lack the backend; *why [256] says which, "" where there are
 * some. Starting the driver takes about a second the first time. Thread-safe.
 *
 * Errors: DSS_ERR_DEVICE when the driver is there but refuses (too old for this build, say). */
DSS_MUST_USE dss_status dss_devices(dss_context *context, dss_device *devices, size_t room,
                                    size_t *n, char why[256]);

#ifdef __cplusplus
}
#endif
#endif

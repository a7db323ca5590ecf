#include "dissensus/devices.h"

#include <stdio.h>

#include "host/core/context.h"
#include "kernels/backend.h"

dss_status dss_devices(dss_context *context, dss_device *devices, size_t room, size_t *n,
                       char why[256]) {
  size_t found = 0;
  if (!dss_cuda) {
    snprintf(why, 256, "this build has no cuda backend");
    *n = 0;
    return DSS_OK;
  }
  dss_status status = dss_cuda->devices(devices, room, &found, why);
  if (status != DSS_OK)
    return dss_fail(context, status, "backend %s: %s", dss_cuda->name, dss_cuda->failure());
  *n = found;
  return DSS_OK;
}

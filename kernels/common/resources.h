/* What a backend of kernels/backend.h or kernels/pairs.h may use. */
#ifndef DSS_COMMON_RESOURCES_H
#define DSS_COMMON_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct dss_resources {
  unsigned threads; /* of the host */
  unsigned device;  /* one more than the number of the only GPU to use; 0: all that are visible */
  uint64_t device_bytes; /* of each GPU's memory; 0: nearly all that is free */
  /* Whether the caller no longer wants what it has called for; asked by the calling thread alone,
   * now and then. NULL: it always does. */
  bool (*stop)(void *user);
  void *stop_user;
} dss_resources;

#endif

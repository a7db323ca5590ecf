/* GPUs: which there are, and whether this build's code runs on them. */
#ifndef DSS_CUDA_DEVICES_H
#define DSS_CUDA_DEVICES_H

#include "kernels/backend.h"

/* Code is compiled for Ampere and later. */
enum { DSS_CU_CAPABILITY = 8 };

/* See dss_devices; the line about what failed is dss_cu_trouble(). */
dss_status dss_cu_devices(dss_device *devices, size_t room, size_t *n, char why[256]);

/* The first GPUs that the resources allow and that are usable, `most` of them, into numbers; at
 * least one, or DSS_ERR_DEVICE. Others are not touched. *absent: there is no GPU at all. */
enum { DSS_CU_MOST_DEVICES = 64 };
dss_status dss_cu_usable(const dss_resources *resources, size_t most,
                         int numbers[DSS_CU_MOST_DEVICES], size_t *n, bool *absent);

#endif

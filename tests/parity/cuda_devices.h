/* What tests of the CUDA backend ask of what is below it, so that one source tests it on the
 * executor's devices (cuda_devices_simt.c) and on a machine's own (cuda_devices_gpu.c). */
#ifndef DSS_TESTS_CUDA_DEVICES_H
#define DSS_TESTS_CUDA_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/backend.h"

/* So many devices take part in what is opened next with these resources. False where there are
 * fewer: the case cannot be run, and standard error says so. */
bool devices_use(int n, dss_resources *resources);

/* Threads, warps and blocks run in the seed's order; a machine's own device has its own. */
void devices_order(uint64_t seed);

/* True where what was closed left nothing behind: of the executor's devices all is counted; a
 * machine's own says at least that nothing failed. */
bool devices_are_clean(void);

#endif

/* What the parts of the fake runtime share. */
#ifndef SIMT_STATE_H
#define SIMT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cuda_runtime_api.h>

#include "pending.h"
#include "simt.h"

enum { SIMT_MAX_DEVICES = 16 };

/* One lock over everything below. Not held while kernels run. */
void simt_lock(void);
void simt_unlock(void);

extern simt_settings simt_now; /* read it after simt_lock or simt_ready */
extern simt_counts simt_counted;
extern bool simt_lost[SIMT_MAX_DEVICES];
extern _Thread_local int simt_current; /* the host thread's device */

/* Remembers the error for cudaGetLastError and returns it. */
cudaError_t simt_fail(cudaError_t error);
/* Whether there is a driver, and the current device answers. */
cudaError_t simt_driver(void);
cudaError_t simt_ready(void);

/* --- memory.c ------------------------------------------------------------------------------- */

/* The device whose memory holds all these bytes, or -1. */
int simt_device_of(const void *pointer, size_t bytes);
/* While something runs on the device its memory may be touched, and otherwise, under the address
 * sanitizer, not. The second looks at the guards first; what names what has run. */
void simt_open_memory(int device);
void simt_close_memory(int device, const char *what);
/* A line on stderr for every piece alive. */
void simt_list_memory(void);

/* --- stream.c ------------------------------------------------------------------------------- */

/* Whether the stream lives and is the current device's (or the default one). */
cudaError_t simt_check_stream(cudaStream_t stream);
/* Its queue, once that is known. */
simt_queue simt_queue_of(cudaStream_t stream);

/* --- launch.c ------------------------------------------------------------------------------- */

/* Counts a launch. False: it is the one at which the device is lost, and is not to run. */
bool simt_survives(void);
void simt_forget_functions(void);
/* The most dynamic shared memory of a block, opted in, of the devices' capability. */
size_t simt_optin_bytes(void);

#endif

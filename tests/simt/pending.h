/* Copies to and from pinned memory that nobody has waited for yet. See pending.c. All with the lock
 * held. */
#ifndef SIMT_PENDING_H
#define SIMT_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where work is queued: a stream of a device, NULL being its default one. A blocking stream and the
 * default one wait for each other. */
typedef struct simt_queue {
  const void *stream;
  int device;
  bool blocking;
} simt_queue;

/* The number of things queued so far, after one more. */
uint64_t simt_next(void);
/* A copy to or from `host`, pinned, that was queued just now and has been made. */
void simt_pend(void *host, size_t bytes, bool to_host, simt_queue queue);
/* The host waits for what was queued up to number `until`. */
void simt_settle(simt_queue queue, uint64_t until);
/* And for all of a device. */
void simt_settle_device(int device);
/* `later` waits for what was queued in `queue` up to `until`. */
void simt_order(simt_queue later, simt_queue queue, uint64_t until);
/* Work of the queue is about to read these bytes: copies into them that it comes after are there.
 */
void simt_arrive(const void *host, size_t bytes, simt_queue queue);
/* The memory goes. */
void simt_forget_copies(const void *host, size_t bytes);
/* The device is lost: what was on its way does not arrive. */
void simt_lose_copies(int device);

#endif

/* Streams and events. Nothing ever waits, as everything has happened; but copies are told who has
 * waited for them (pending.c), and streams and events must live and belong to the device that uses
 * them. */
#include <stdlib.h>
#include <time.h>

#include "state.h"

struct CUstream_st {
  int device;
  bool blocking;
  cudaStream_t next;
};

struct CUevent_st {
  int device;
  unsigned flags;
  bool recorded;
  simt_queue queue; /* in which, and after how many things queued */
  uint64_t number;
  struct timespec when;
  cudaEvent_t next;
};

static cudaStream_t streams;
static cudaEvent_t events;

/* --- streams -------------------------------------------------------------------------------- */

/* With the lock held: the link to it, or to the list's end. */
static cudaStream_t *find_stream(cudaStream_t stream) {
  cudaStream_t *link = &streams;
  while (*link && *link != stream)
    link = &(*link)->next;
  return link;
}

cudaError_t simt_check_stream(cudaStream_t stream) {
  if (!stream) return cudaSuccess;
  simt_lock();
  cudaStream_t found = *find_stream(stream);
  bool right = found && found->device == simt_current;
  simt_unlock();
  return right ? cudaSuccess : cudaErrorInvalidResourceHandle;
}

simt_queue simt_queue_of(cudaStream_t stream) {
  return stream ? (simt_queue){stream, stream->device, stream->blocking}
                : (simt_queue){NULL, simt_current, true};
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags) {
  if (!stream || flags > cudaStreamNonBlocking) return simt_fail(cudaErrorInvalidValue);
  cudaError_t error = simt_ready();
  if (error) return simt_fail(error);
  cudaStream_t made = malloc(sizeof *made);
  if (!made) return simt_fail(cudaErrorMemoryAllocation);
  simt_lock();
  *made = (struct CUstream_st){
      .device = simt_current, .blocking = flags != cudaStreamNonBlocking, .next = streams};
  streams = made;
  simt_counted.streams++;
  simt_unlock();
  *stream = made;
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

/* May be called with any device current. A lost device's goes too. */
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  cudaError_t error = simt_ready();
  simt_lock();
  cudaStream_t *link = find_stream(stream), found = stream ? *link : NULL;
  if (found) {
    *link = found->next;
    free(found);
    simt_counted.streams--;
  }
  simt_unlock();
  if (!found && !error) error = cudaErrorInvalidResourceHandle;
  return simt_fail(error);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  cudaError_t error = simt_ready();
  if (!error) error = simt_check_stream(stream);
  if (error) return simt_fail(error);
  simt_lock();
  simt_settle(simt_queue_of(stream), UINT64_MAX);
  simt_unlock();
  return cudaSuccess;
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return cudaStreamSynchronize(stream);
}

/* --- events --------------------------------------------------------------------------------- */

static cudaEvent_t *find_event(cudaEvent_t event) {
  cudaEvent_t *link = &events;
  while (*link && *link != event)
    link = &(*link)->next;
  return link;
}

static bool event_lives(cudaEvent_t event) {
  simt_lock();
  bool lives = event && *find_event(event);
  simt_unlock();
  return lives;
}

/* Waiting is for any event that lives, whichever its device. */
static cudaError_t check_event(cudaEvent_t event) {
  cudaError_t error = simt_ready();
  if (error) return error;
  return event_lives(event) ? cudaSuccess : cudaErrorInvalidResourceHandle;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags) {
  if (!event || flags & ~(unsigned)(cudaEventBlockingSync | cudaEventDisableTiming))
    return simt_fail(cudaErrorInvalidValue);
  cudaError_t error = simt_ready();
  if (error) return simt_fail(error);
  cudaEvent_t made = malloc(sizeof *made);
  if (!made) return simt_fail(cudaErrorMemoryAllocation);
  simt_lock();
  *made = (struct CUevent_st){.device = simt_current, .flags = flags, .next = events};
  events = made;
  simt_counted.events++;
  simt_unlock();
  *event = made;
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  cudaError_t error = check_event(event);
  if (!error) error = simt_check_stream(stream);
  if (!error && event->device != simt_current) error = cudaErrorInvalidResourceHandle;
  if (error) return simt_fail(error);
  simt_lock();
  event->recorded = true;
  event->queue = simt_queue_of(stream);
  event->number = simt_next();
  simt_unlock();
  clock_gettime(CLOCK_MONOTONIC, &event->when);
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags) {
  cudaError_t error = check_event(event);
  if (!error) error = simt_check_stream(stream);
  if (!error && flags) error = cudaErrorInvalidValue;
  if (error) return simt_fail(error);
  simt_lock();
  if (event->recorded) simt_order(simt_queue_of(stream), event->queue, event->number);
  simt_unlock();
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  cudaError_t error = check_event(event);
  if (error) return simt_fail(error);
  simt_lock();
  if (event->recorded) simt_settle(event->queue, event->number);
  simt_unlock();
  return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return cudaEventSynchronize(event);
}

static bool timed(cudaEvent_t event) {
  return event->recorded && !(event->flags & cudaEventDisableTiming);
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t end) {
  if (!milliseconds) return simt_fail(cudaErrorInvalidValue);
  cudaError_t error = check_event(start);
  if (!error) error = check_event(end);
  if (!error && (!timed(start) || !timed(end))) error = cudaErrorInvalidResourceHandle;
  if (error) return simt_fail(error);
  *milliseconds = (float)((double)(end->when.tv_sec - start->when.tv_sec) * 1e3 +
                          (double)(end->when.tv_nsec - start->when.tv_nsec) * 1e-6);
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  cudaError_t error = simt_ready();
  simt_lock();
  cudaEvent_t *link = find_event(event), found = event ? *link : NULL;
  if (found) {
    *link = found->next;
    free(found);
    simt_counted.events--;
  }
  simt_unlock();
  if (!found && !error) error = cudaErrorInvalidResourceHandle;
  return simt_fail(error);
}

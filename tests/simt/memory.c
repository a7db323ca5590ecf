/* Memory of devices and pinned memory of the host. Each piece is a piece of the heap of just its
 * size: the address sanitizer watches its ends, and where there is none, guards do. Under the
 * sanitizer, device memory may moreover be touched only while something runs on its device, so that
 * a host that reads it without a copy is found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "state.h"

#ifdef SIMT_ASAN
#include <sanitizer/asan_interface.h>
enum { GUARD = 0 };
#else
enum { GUARD = 256 };
#endif
enum { ALIGNMENT = 256, GUARD_BYTE = 0xB7, FREED = 0xDD, PINNED = -1 };

typedef struct memory {
  unsigned char *start;
  size_t bytes;
  int device; /* or PINNED */
  struct memory *next;
} memory;

static memory *alive;
static uint64_t used[SIMT_MAX_DEVICES];
static unsigned busy[SIMT_MAX_DEVICES]; /* kernels and products that run */

/* --- what may be touched -------------------------------------------------------------------- */

static void permit(const memory *m, bool allowed) {
#ifdef SIMT_ASAN
  if (allowed)
    __asan_unpoison_memory_region(m->start, m->bytes);
  else
    __asan_poison_memory_region(m->start, m->bytes);
#endif
}

static void rest(const memory *m) {
  if (m->device != PINNED && !busy[m->device]) permit(m, false);
}

static void check_guards(const memory *m, const char *what) {
  for (size_t i = 0; i < GUARD; i++) {
    bool past = m->start[m->bytes + i] != GUARD_BYTE;
    if (past || m->start[-1 - (long)i] != GUARD_BYTE)
      simt_die("%s: a write %zu bytes %s %zu bytes of %s memory", what, i + 1,
               past ? "past the end of" : "before", m->bytes,
               m->device == PINNED ? "pinned" : "device");
  }
}

void simt_open_memory(int device) {
  simt_lock();
  if (busy[device]++ == 0)
    for (memory *m = alive; m; m = m->next)
      if (m->device == device) permit(m, true);
  simt_unlock();
}

void simt_close_memory(int device, const char *what) {
  simt_lock();
  busy[device]--;
  for (memory *m = alive; m; m = m->next)
    if (m->device == device) {
      check_guards(m, what);
      rest(m);
    }
  simt_unlock();
}

/* --- making and freeing --------------------------------------------------------------------- */

/* A piece that nobody lists yet, poisoned; NULL where there is no memory. */
static memory *make(size_t bytes, int device) {
  memory *m = malloc(sizeof *m);
  void *block = NULL;
  if (!m || bytes > SIZE_MAX - 2 * ALIGNMENT ||
      posix_memalign(&block, ALIGNMENT, bytes + 2 * GUARD)) {
    free(m);
    return NULL;
  }
  *m = (memory){.start = (unsigned char *)block + GUARD, .bytes = bytes, .device = device};
  memset(m->start, SIMT_POISON, bytes);
  if (GUARD) memset(m->start - GUARD, GUARD_BYTE, GUARD);
  if (GUARD) memset(m->start + bytes, GUARD_BYTE, GUARD);
  return m;
}

static cudaError_t allocate(void **made, size_t size, int device) {
  if (!made) return cudaErrorInvalidValue;
  *made = NULL;
  cudaError_t error = simt_ready();
  if (error || size == 0) return error;
  simt_lock();
  bool fits = device == PINNED || (used[device] <= simt_now.device_bytes &&
                                   size <= simt_now.device_bytes - used[device]);
  memory *m = fits ? make(size, device) : NULL;
  if (m) {
    m->next = alive;
    alive = m;
    *made = m->start;
    if (device == PINNED) {
      simt_counted.pinned++;
    } else {
      used[device] += size;
      simt_counted.allocations++;
      simt_counted.bytes += size;
      if (used[device] > simt_counted.most_bytes) simt_counted.most_bytes = used[device];
    }
    rest(m);
  }
  simt_unlock();
  return m ? cudaSuccess : cudaErrorMemoryAllocation;
}

/* A lost device gives its memory back all the same, with its error. */
static cudaError_t release(void *pointer, bool pinned) {
  cudaError_t error = simt_ready();
  if (!pointer) return error;
  simt_lock();
  memory **link = &alive;
  while (*link && ((*link)->start != pointer || ((*link)->device == PINNED) != pinned))
    link = &(*link)->next;
  memory *m = *link;
  if (m) {
    *link = m->next;
    if (pinned) {
      simt_counted.pinned--;
    } else {
      used[m->device] -= m->bytes;
      simt_counted.allocations--;
      simt_counted.bytes -= m->bytes;
    }
    permit(m, true);
    simt_forget_copies(m->start, m->bytes);
    check_guards(m, pinned ? "cudaFreeHost" : "cudaFree");
    memset(m->start, FREED, m->bytes);
    free(m->start - GUARD);
    free(m);
  }
  simt_unlock();
  return error ? error : m ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t cudaMalloc(void **made, size_t size) {
  return simt_fail(allocate(made, size, simt_current));
}

cudaError_t cudaFree(void *pointer) {
  return simt_fail(release(pointer, false));
}

cudaError_t cudaMallocHost(void **made, size_t size) {
  return simt_fail(allocate(made, size, PINNED));
}

cudaError_t cudaFreeHost(void *pointer) {
  return simt_fail(release(pointer, true));
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total) {
  cudaError_t error = simt_ready();
  if (error || !free_bytes || !total) return simt_fail(error ? error : cudaErrorInvalidValue);
  simt_lock();
  *total = simt_now.device_bytes;
  *free_bytes = simt_now.device_bytes - used[simt_current];
  simt_unlock();
  return cudaSuccess;
}

/* --- finding -------------------------------------------------------------------------------- */

/* The device memory, or pinned memory, that holds the first of these bytes; *whole: all of them. */
static memory *find(const void *pointer, size_t bytes, bool pinned, bool *whole) {
  uintptr_t at = (uintptr_t)pointer;
  for (memory *m = alive; m; m = m->next) {
    uintptr_t start = (uintptr_t)m->start;
    if ((m->device == PINNED) != pinned || at < start || at - start >= m->bytes) continue;
    *whole = bytes <= m->bytes - (at - start);
    return m;
  }
  *whole = false;
  return NULL;
}

int simt_device_of(const void *pointer, size_t bytes) {
  bool whole;
  simt_lock();
  memory *m = find(pointer, bytes, false, &whole);
  int device = m && whole ? m->device : -1;
  simt_unlock();
  return device;
}

void simt_list_memory(void) {
  simt_lock();
  for (memory *m = alive; m; m = m->next)
    fprintf(stderr, "simt:   %zu bytes of %s memory\n", m->bytes,
            m->device == PINNED ? "pinned" : "device");
  simt_unlock();
}

/* --- copies --------------------------------------------------------------------------------- */

/* Whether a pointer is what the kind of copy says: wholly in a live piece of a device's, or not. */
static bool is_side(const memory *m, bool whole, bool device) {
  return device ? m && whole : !m;
}

static bool is_pinned(const void *pointer, size_t bytes) {
  bool whole;
  return find(pointer, bytes, true, &whole);
}

/* With the lock held. Copies of pageable memory, which are staged, and others that the host waits
 * for are done at once. */
static bool copy(void *to, const void *from, size_t count, enum cudaMemcpyKind kind,
                 simt_queue queue, bool waits) {
  bool to_whole, from_whole;
  memory *target = find(to, count, false, &to_whole);
  memory *source = find(from, count, false, &from_whole);
  bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice ||
                   (kind == cudaMemcpyDefault && target);
  bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice ||
                     (kind == cudaMemcpyDefault && source);
  if (!is_side(target, to_whole, to_device) || !is_side(source, from_whole, from_device))
    return false;
  bool to_pinned = !target && is_pinned(to, count), from_pinned = !source && is_pinned(from, count);
  if (waits) simt_settle(queue, UINT64_MAX);
  if (from_pinned) simt_arrive(from, count, queue);
  if (target) permit(target, true);
  if (source) permit(source, true);
  memmove(to, from, count);
  if (target) rest(target);
  if (source) rest(source);
  if (!waits && to_pinned) simt_pend(to, count, true, queue);
  if (!waits && from_pinned) simt_pend((void *)(uintptr_t)from, count, false, queue);
  return true;
}

static cudaError_t check_copy(void *to, const void *from, size_t count, enum cudaMemcpyKind kind,
                              cudaStream_t stream, bool waits) {
  cudaError_t error = simt_ready();
  if (!error) error = simt_check_stream(stream);
  if (error || count == 0) return error;
  if (!to || !from) return cudaErrorInvalidValue;
  if ((unsigned)kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
  simt_lock();
  bool right = copy(to, from, count, kind, simt_queue_of(stream), waits);
  simt_unlock();
  return right ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t count, enum cudaMemcpyKind kind) {
  return simt_fail(check_copy(to, from, count, kind, NULL, true));
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t count, enum cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return simt_fail(check_copy(to, from, count, kind, stream, false));
}

cudaError_t cudaMemset(void *to, int value, size_t count) {
  return cudaMemsetAsync(to, value, count, NULL);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t count, cudaStream_t stream) {
  cudaError_t error = simt_ready();
  if (!error) error = simt_check_stream(stream);
  if (error || count == 0) return simt_fail(error);
  bool whole;
  simt_lock();
  memory *m = find(to, count, false, &whole);
  if (m && whole) {
    permit(m, true);
    memset(to, value, count);
    rest(m);
  }
  simt_unlock();
  return m && whole ? cudaSuccess : simt_fail(cudaErrorInvalidValue);
}

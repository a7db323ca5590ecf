/* Copies run when they are called, but the host may count on them only after it has waited. So a
 * copy into pinned memory leaves poison there, and the bytes when somebody has waited for it; and a
 * copy from pinned memory remembers what it read, and dies if the host has changed that by then. */
#include "pending.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { MAX_TAGS = 8 };

/* Queues whose end means that the copy is done, and since when. */
typedef struct tag {
  simt_queue queue;
  uint64_t number;
} tag;

typedef struct copy {
  unsigned char *host, *arriving; /* arriving: NULL for copies from the host */
  size_t bytes;
  uint64_t sum; /* of what was read */
  tag tags[MAX_TAGS];
  size_t n_tags;
  struct copy *next;
} copy;

static copy *first, **last = &first; /* in the order of calls */
static uint64_t queued;

uint64_t simt_next(void) {
  return ++queued;
}

/* FNV-1a. */
static uint64_t checksum(const unsigned char *bytes, size_t count) {
  uint64_t sum = 0xCBF29CE484222325ULL;
  for (size_t i = 0; i < count; i++)
    sum = (sum ^ bytes[i]) * 0x100000001B3ULL;
  return sum;
}

static bool follows(simt_queue a, simt_queue b) {
  if (a.device != b.device) return false;
  return a.stream == b.stream || ((!a.stream || !b.stream) && a.blocking && b.blocking);
}

static bool covered(const copy *c, simt_queue queue, uint64_t until) {
  for (size_t i = 0; i < c->n_tags; i++)
    if (c->tags[i].number <= until && follows(c->tags[i].queue, queue)) return true;
  return false;
}

void simt_pend(void *host, size_t bytes, bool to_host, simt_queue queue) {
  copy *c = malloc(sizeof *c);
  unsigned char *arriving = to_host ? malloc(bytes) : NULL;
  if (!c || (to_host && !arriving)) simt_die("no memory for a copy of %zu bytes", bytes);
  *c = (copy){.host = host,
              .arriving = arriving,
              .bytes = bytes,
              .tags = {{queue, simt_next()}},
              .n_tags = 1};
  if (to_host) {
    memcpy(arriving, host, bytes);
    memset(host, SIMT_POISON, bytes);
  } else {
    c->sum = checksum(host, bytes);
  }
  *last = c;
  last = &c->next;
}

/* Takes a copy off the list; whether its bytes arrive. */
static void finish(copy **link, bool arrives) {
  copy *c = *link;
  *link = c->next;
  if (last == &c->next) last = link;
  if (c->arriving && arrives) memcpy(c->host, c->arriving, c->bytes);
  if (!c->arriving && arrives && checksum(c->host, c->bytes) != c->sum)
    simt_die(
        "the host changed some of %zu bytes of pinned memory before it had waited for the copy "
        "from them",
        c->bytes);
  free(c->arriving);
  free(c);
}

void simt_settle(simt_queue queue, uint64_t until) {
  for (copy **link = &first; *link;)
    if (covered(*link, queue, until))
      finish(link, true);
    else
      link = &(*link)->next;
}

/* The device that a copy was queued on is its first tag's. */
static void finish_device(int device, bool arrives) {
  for (copy **link = &first; *link;)
    if ((*link)->tags[0].queue.device == device)
      finish(link, arrives);
    else
      link = &(*link)->next;
}

void simt_settle_device(int device) {
  finish_device(device, true);
}

void simt_lose_copies(int device) {
  finish_device(device, false);
}

void simt_order(simt_queue later, simt_queue queue, uint64_t until) {
  uint64_t number = simt_next();
  for (copy **link = &first; *link;) {
    copy *c = *link;
    bool ordered = covered(c, queue, until);
    if (ordered && c->n_tags == MAX_TAGS) {
      finish(link, true); /* who waits for it is no longer followed */
      continue;
    }
    if (ordered) c->tags[c->n_tags++] = (tag){later, number};
    link = &c->next;
  }
}

static bool overlaps(const copy *c, const void *host, size_t bytes) {
  uintptr_t start = (uintptr_t)host, own = (uintptr_t)c->host;
  return start < own + c->bytes && own < start + bytes;
}

void simt_arrive(const void *host, size_t bytes, simt_queue queue) {
  for (copy **link = &first; *link;)
    if ((*link)->arriving && overlaps(*link, host, bytes) && covered(*link, queue, queued))
      finish(link, true);
    else
      link = &(*link)->next;
}

void simt_forget_copies(const void *host, size_t bytes) {
  for (copy **link = &first; *link;)
    if (overlaps(*link, host, bytes))
      finish(link, false);
    else
      link = &(*link)->next;
}

/* Runs a kernel, exactly and in an order that the seed chooses.
 *
 * A block's threads are fibers. Each runs straight on until it is done or meets others: at a
 * barrier, or in its warp. Warps take turns, and within one its lanes, in an order drawn anew for
 * every turn; blocks follow each other in shuffled order too. A thread that is let go early by a
 * missing barrier therefore finds what others have not yet written, under this seed or the next.
 * Every lane of a warp runs until it can go no further; if then no meeting is complete, none ever
 * will be, which is an error and is reported as one. */
#include "executor.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fiber.h"
#include "meetings.h"

enum { LANES = 32, MAX_THREADS = 1024, GUARD = 64, GUARD_BYTE = 0xB7 };

typedef struct block block;

typedef struct thread {
  block *block;
  uint3 at; /* within the block */
  unsigned index;
  simt_fiber *fiber;
  bool done;
  /* What it waits for, or met last. */
  simt_meeting meeting;
  unsigned mask;
  uint64_t value; /* given, then what came of it */
  const char *file;
  int line;
} thread;

typedef struct warp {
  thread *lanes;
  unsigned present, ready, meeting; /* a bit a lane */
  uint64_t given[LANES];            /* to the last shuffle of each lane */
} warp;

struct block {
  const simt_kernel *kernel;
  unsigned n_threads, n_warps, n_done;
  thread *threads;
  warp warps[MAX_THREADS / LANES];
  uint3 at; /* within the grid */
  unsigned char *shared;
  uint64_t random;
};

__thread uint3 threadIdx, blockIdx;
__thread dim3 blockDim, gridDim;
static __thread thread *running;

_Noreturn void simt_die(const char *format, ...) {
  va_list arguments;
  fputs("simt: ", stderr);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  abort();
}

/* --- reports -------------------------------------------------------------------------------- */

/* The text of the call's arguments is "&config, kernel<1, 2>, arguments"; the second is the name.
 */
void simt_kernel_name(const simt_kernel *kernel, char *name, size_t size) {
  const char *from = NULL, *to = kernel->text;
  for (int depth = 0; *to; to++) {
    if (strchr("(<[{", *to)) depth++;
    if (strchr(")>]}", *to)) depth--;
    if (*to == ',' && depth <= 0) {
      if (from) break;
      from = to + 1;
    }
  }
  if (!from) from = kernel->text;
  while (*from == ' ')
    from++;
  snprintf(name, size, "%.*s (%s:%d)", (int)(to - from), from, kernel->file, kernel->line);
}

/* "thread (1,0,0) waits at __syncthreads (file:line)" */
static const char *describe(const thread *t, char *text, size_t size) {
  uint3 at = t->at;
  if (t->done)
    snprintf(text, size, "thread (%u,%u,%u) has left the kernel", at.x, at.y, at.z);
  else if (simt_in_warp(t->meeting))
    snprintf(text, size, "thread (%u,%u,%u) waits at %s with mask %#010x (%s:%d)", at.x, at.y, at.z,
             simt_meeting_names[t->meeting], t->mask, t->file, t->line);
  else
    snprintf(text, size, "thread (%u,%u,%u) waits at %s (%s:%d)", at.x, at.y, at.z,
             simt_meeting_names[t->meeting], t->file, t->line);
  return text;
}

_Noreturn static void die_of(const thread *t, const char *what) {
  char name[256];
  uint3 at = t->block->at;
  simt_kernel_name(t->block->kernel, name, sizeof name);
  simt_die("kernel %s, block (%u,%u,%u): %s", name, at.x, at.y, at.z, what);
}

_Noreturn static void die_apart(const thread *one, const thread *other) {
  char first[320], second[320], what[700];
  snprintf(what, sizeof what, "%s, but %s", describe(one, first, sizeof first),
           describe(other, second, sizeof second));
  die_of(one, what);
}

/* --- order ---------------------------------------------------------------------------------- */

/* xorshift64*; the state is never 0. */
static uint32_t draw(uint64_t *state) {
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return (uint32_t)((x * 0x2545F4914F6CDD1DULL) >> 32);
}

static unsigned below(uint64_t *state, unsigned n) {
  return (unsigned)((uint64_t)draw(state) * n >> 32);
}

static void shuffle(unsigned *order, unsigned n, uint64_t *state) {
  for (unsigned i = n; i > 1; i--) {
    unsigned k = below(state, i), last = order[i - 1];
    order[i - 1] = order[k];
    order[k] = last;
  }
}

/* --- threads -------------------------------------------------------------------------------- */

static void work(void *user) {
  thread *t = user;
  t->block->kernel->call(t->block->kernel->arguments);
  t->done = true;
}

/* Lets a thread run until it is done or waits. Stacks of threads that are done serve the next. */
static void resume(thread *t) {
  if (!t->fiber) t->fiber = simt_fiber_take();
  running = t;
  threadIdx = t->at;
  simt_fiber_enter(t->fiber, work, t);
  if (!t->done) return;
  simt_fiber_give(t->fiber);
  t->fiber = NULL;
  t->block->n_done++;
}

static thread *self(const char *call) {
  if (!running) simt_die("%s outside a kernel", call);
  return running;
}

unsigned char *simt_shared(void) {
  return self("shared memory")->block->shared;
}

int simt_lane(void) {
  return (int)(self("a warp's lane")->index % LANES);
}

unsigned long long simt_meet(simt_meeting meeting, unsigned mask, unsigned long long value,
                             const char *file, int line) {
  thread *t = self(simt_meeting_names[meeting]);
  warp *w = &t->block->warps[t->index / LANES];
  t->meeting = meeting;
  t->mask = mask;
  t->value = value;
  t->file = file;
  t->line = line;
  if (simt_in_warp(meeting)) {
    unsigned bit = 1u << t->index % LANES;
    if (!(mask & bit)) {
      char text[320], what[400];
      snprintf(what, sizeof what, "%s, in which its own bit is missing",
               describe(t, text, sizeof text));
      die_of(t, what);
    }
    w->meeting |= bit;
  }
  simt_fiber_leave(t->fiber);
  return t->value;
}

void simt_bad_width(int width, const char *file, int line) {
  char what[300];
  snprintf(what, sizeof what, "a __shfl_sync of width %d, no power of two up to 32 (%s:%d)", width,
           file, line);
  die_of(self("a shuffle"), what);
}

unsigned long long simt_given(unsigned mask, int lane) {
  thread *t = self("a shuffle");
  warp *w = &t->block->warps[t->index / LANES];
  if (mask & w->present & 1u << lane) return w->given[lane];
  unsigned long long poison;
  memset(&poison, SIMT_POISON, sizeof poison);
  return poison;
}

/* --- meetings ------------------------------------------------------------------------------- */

static bool same_place(const thread *a, const thread *b) {
  return a->meeting == b->meeting && a->mask == b->mask && a->line == b->line &&
         (a->file == b->file || strcmp(a->file, b->file) == 0);
}

/* What comes of the values of the lanes in group, for each of them. */
static void combine(warp *w, unsigned group, simt_meeting meeting) {
  uint64_t result = 0;
  if (meeting == SIMT_SYNC) return;
  for (unsigned rest = group; rest; rest &= rest - 1) {
    unsigned lane = (unsigned)__builtin_ctz(rest);
    uint64_t value = w->lanes[lane].value;
    w->given[lane] = value;
    if (rest == group && meeting != SIMT_BALLOT)
      result = value;
    else
      result = simt_combined(meeting, result, value, lane);
  }
  for (unsigned rest = group; rest && meeting != SIMT_SHUFFLE; rest &= rest - 1) {
    thread *t = &w->lanes[__builtin_ctz(rest)];
    if (meeting == SIMT_MATCH) {
      result = 0;
      for (unsigned other = group; other; other &= other - 1)
        if (w->given[__builtin_ctz(other)] == w->given[t->index % LANES])
          result |= other & (~other + 1);
    }
    t->value = result;
  }
}

/* A lane that first waits for and that does not wait for it, or NULL. */
static thread *missing(const warp *w, const thread *first) {
  for (unsigned rest = first->mask & w->present; rest; rest &= rest - 1) {
    thread *other = &w->lanes[__builtin_ctz(rest)];
    bool waits = w->meeting >> other->index % LANES & 1;
    if (!waits || !same_place(first, other)) return other;
  }
  return NULL;
}

/* Lets every group go that is complete. One must be, for no lane can still run. */
static void release_warp(warp *w) {
  unsigned waiting = w->meeting;
  for (unsigned rest = waiting; rest; rest &= rest - 1) {
    thread *first = &w->lanes[__builtin_ctz(rest)];
    if (!(w->meeting & rest & (~rest + 1)) || missing(w, first)) continue;
    unsigned group = first->mask & w->present;
    combine(w, group, first->meeting);
    w->meeting &= ~group;
    w->ready |= group;
  }
  if (!waiting || w->meeting != waiting) return;
  thread *first = &w->lanes[__builtin_ctz(waiting)];
  die_apart(first, missing(w, first));
}

static void run_warp(block *b, warp *w) {
  while (w->ready) {
    /* An odd step and a start: one of 512 orders. */
    unsigned step = 2 * below(&b->random, LANES / 2) + 1, lane = below(&b->random, LANES);
    unsigned ready = w->ready;
    w->ready = 0;
    for (int i = 0; i < LANES; i++, lane = (lane + step) % LANES)
      if (ready >> lane & 1) resume(&w->lanes[lane]);
    release_warp(w);
  }
}

/* All threads wait at one barrier, or there is an error. */
static void release_barrier(block *b) {
  thread *first = b->threads;
  while (first->done)
    first++;
  uint64_t count = 0;
  for (unsigned i = 0; i < b->n_threads; i++) {
    thread *t = &b->threads[i];
    if (t->done || !same_place(first, t)) die_apart(first, t);
    count += t->value;
  }
  uint64_t result = count;
  if (first->meeting == SIMT_BARRIER_OR) result = count > 0;
  if (first->meeting == SIMT_BARRIER_AND) result = count == b->n_threads;
  for (unsigned i = 0; i < b->n_threads; i++)
    b->threads[i].value = result;
  for (unsigned i = 0; i < b->n_warps; i++)
    b->warps[i].ready = b->warps[i].present;
}

/* --- blocks --------------------------------------------------------------------------------- */

/* A fresh piece of the heap for each block, of just that size: the sanitizer watches its ends, and
 * where there is none, guards do. */
static unsigned char *new_shared(size_t bytes) {
#ifdef SIMT_ASAN
  unsigned char *shared = malloc(bytes);
  if (!shared && bytes) simt_die("no memory for %zu bytes of shared memory", bytes);
#else
  unsigned char *shared = malloc(bytes + 2 * GUARD);
  if (!shared) simt_die("no memory for %zu bytes of shared memory", bytes);
  memset(shared, GUARD_BYTE, GUARD);
  shared += GUARD;
  memset(shared + bytes, GUARD_BYTE, GUARD);
#endif
  if (bytes) memset(shared, SIMT_POISON, bytes);
  return shared;
}

static void drop_shared(const block *b, size_t bytes) {
  unsigned char *shared = b->shared;
#ifdef SIMT_ASAN
  free(shared);
#else
  for (size_t i = 0; i < GUARD; i++) {
    char what[120] = "";
    if (shared[bytes + i] != GUARD_BYTE)
      snprintf(what, sizeof what, "wrote %zu bytes past the end of its %zu of shared memory", i + 1,
               bytes);
    if (shared[-1 - (long)i] != GUARD_BYTE)
      snprintf(what, sizeof what, "wrote %zu bytes before its shared memory", i + 1);
    if (what[0]) die_of(b->threads, what);
  }
  free(shared - GUARD);
#endif
}

static void place_threads(block *b, dim3 size) {
  thread *t = b->threads;
  for (unsigned z = 0, index = 0; z < size.z; z++)
    for (unsigned y = 0; y < size.y; y++)
      for (unsigned x = 0; x < size.x; x++, t++, index++)
        *t = (thread){.block = b, .at = {x, y, z}, .index = index};
  for (unsigned i = 0; i < b->n_warps; i++) {
    unsigned lanes = b->n_threads - i * LANES;
    unsigned present = lanes >= LANES ? 0xffffffffu : (1u << lanes) - 1;
    b->warps[i] = (warp){.lanes = b->threads + i * LANES, .present = present, .ready = present};
  }
  b->n_done = 0;
}

static void run_block(block *b) {
  unsigned order[MAX_THREADS / LANES];
  for (unsigned i = 0; i < b->n_warps; i++)
    order[i] = i;
  for (;;) {
    shuffle(order, b->n_warps, &b->random);
    for (unsigned i = 0; i < b->n_warps; i++)
      run_warp(b, &b->warps[order[i]]);
    if (b->n_done == b->n_threads) return;
    release_barrier(b);
  }
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

void simt_execute(const cudaLaunchConfig_t *config, const simt_kernel *kernel, uint64_t seed) {
  dim3 grid = config->gridDim, size = config->blockDim;
  block *b = calloc(1, sizeof *b);
  unsigned n_threads = size.x * size.y * size.z;
  thread *threads = calloc(n_threads, sizeof *threads);
  if (!b || !threads) simt_die("no memory for a block of %u threads", n_threads);
  b->kernel = kernel;
  b->n_threads = n_threads;
  b->n_warps = (n_threads + LANES - 1) / LANES;
  b->threads = threads;
  b->random = seed * 0x9E3779B97F4A7C15ULL | 1;
  for (int i = 0; i < 8; i++)
    draw(&b->random);

  blockDim = size;
  gridDim = grid;
  uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z;
  uint64_t at = below(&b->random, blocks > UINT32_MAX ? UINT32_MAX : (unsigned)blocks);
  uint64_t step =
      blocks > 1 ? 1 + ((uint64_t)draw(&b->random) << 32 | draw(&b->random)) % (blocks - 1) : 1;
  while (common_divisor(step, blocks) != 1)
    step = step % blocks + 1;
  for (uint64_t i = 0; i < blocks; i++) {
    b->at = (uint3){(unsigned)(at % grid.x), (unsigned)(at / grid.x % grid.y),
                    (unsigned)(at / grid.x / grid.y)};
    b->shared = new_shared(config->dynamicSmemBytes);
    blockIdx = b->at;
    place_threads(b, size);
    run_block(b);
    drop_shared(b, config->dynamicSmemBytes);
    at = at >= blocks - step ? at - (blocks - step) : at + step;
  }
  running = NULL;
  free(threads);
  free(b);
}

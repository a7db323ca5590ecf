/* Fibers. A switch on x86-64 saves the registers that a function must keep and no more; elsewhere,
 * or with SIMT_UCONTEXT, swapcontext does it, which also asks the kernel for the signal mask and so
 * takes many times as long. A fiber never ends: its loop waits for the next work, so that a stack
 * is prepared once. The address sanitizer is told of every switch. */
#include "fiber.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

#if defined(__x86_64__) && !defined(SIMT_UCONTEXT)
#define SIMT_SWITCH 1
#else
#define SIMT_SWITCH 0
#endif

#ifdef SIMT_ASAN
#include <sanitizer/common_interface_defs.h>
enum { STACK_BYTES = 256 * 1024 }; /* frames have redzones */
#else
enum { STACK_BYTES = 64 * 1024 };
#endif

#if SIMT_SWITCH
typedef void *context;
#else
typedef ucontext_t context;
#endif

struct simt_fiber {
  context here, host;
  void (*work)(void *user);
  void *user;
  unsigned char *stack; /* after a page that nobody may touch */
  /* For the sanitizer: the fiber's and the host's stacks of fake frames, the host's stack. */
  void *fake, *host_fake;
  const void *host_stack;
  size_t host_bytes;
  simt_fiber *next; /* in the pool */
};

#if SIMT_SWITCH
/* Saves the kept registers on the stack and the stack in *from, then does the reverse with to. */
void simt_switch(void **from, void *to) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".globl simt_switch\n"
        ".hidden simt_switch\n"
        ".type simt_switch, @function\n"
        "simt_switch:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size simt_switch, . - simt_switch\n");
#endif

static void go(context *from, context *to) {
#if SIMT_SWITCH
  simt_switch(from, *to);
#else
  if (swapcontext(from, to)) simt_die("swapcontext failed");
#endif
}

/* The sanitizer's view of a switch: before and after. */
static void before(void **fake, const void *stack, size_t bytes) {
#ifdef SIMT_ASAN
  __sanitizer_start_switch_fiber(fake, stack, bytes);
#endif
}

static void after(void *fake, const void **stack, size_t *bytes) {
#ifdef SIMT_ASAN
  __sanitizer_finish_switch_fiber(fake, stack, bytes);
#endif
}

static _Thread_local simt_fiber *starting;

static void body(void) {
  simt_fiber *fiber = starting;
  after(NULL, &fiber->host_stack, &fiber->host_bytes);
  for (;;) {
    fiber->work(fiber->user);
    fiber->work = NULL;
    simt_fiber_leave(fiber);
  }
}

void simt_fiber_leave(simt_fiber *fiber) {
  before(&fiber->fake, fiber->host_stack, fiber->host_bytes);
  go(&fiber->here, &fiber->host);
  after(fiber->fake, &fiber->host_stack, &fiber->host_bytes);
}

void simt_fiber_enter(simt_fiber *fiber, void (*work)(void *user), void *user) {
  if (!fiber->work) {
    fiber->work = work;
    fiber->user = user;
  }
  starting = fiber;
  before(&fiber->host_fake, fiber->stack, STACK_BYTES);
  go(&fiber->host, &fiber->here);
  after(fiber->host_fake, NULL, NULL);
}

/* --- making and keeping --------------------------------------------------------------------- */

static void prepare(simt_fiber *fiber) {
#if SIMT_SWITCH
  /* As simt_switch would have left it: six registers, then where to return to. A function expects
   * the stack 8 bytes off a multiple of 16, as after a call. */
  void **top = (void **)(void *)(fiber->stack + STACK_BYTES);
  *--top = NULL; /* to where body would return */
  *--top = (void *)(uintptr_t)body;
  for (int i = 0; i < 6; i++)
    *--top = NULL;
  fiber->here = top;
#else
  if (getcontext(&fiber->here)) simt_die("getcontext failed");
  fiber->here.uc_stack.ss_sp = fiber->stack;
  fiber->here.uc_stack.ss_size = STACK_BYTES;
  fiber->here.uc_link = NULL;
  makecontext(&fiber->here, body, 0);
#endif
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t pool; /* the host thread's idle fibers */

static void drop_pool(void *first) {
  size_t guard = (size_t)sysconf(_SC_PAGESIZE);
  for (simt_fiber *fiber = first, *next; fiber; fiber = next) {
    next = fiber->next;
    munmap(fiber->stack - guard, guard + STACK_BYTES);
    free(fiber);
  }
}

static void drop_own(void) {
  drop_pool(pthread_getspecific(pool));
}

static void make_pool(void) {
  if (pthread_key_create(&pool, drop_pool)) simt_die("no thread-specific data");
  atexit(drop_own); /* the main thread's */
}

simt_fiber *simt_fiber_take(void) {
  pthread_once(&once, make_pool);
  simt_fiber *fiber = pthread_getspecific(pool);
  if (fiber) {
    pthread_setspecific(pool, fiber->next);
    return fiber;
  }
  size_t guard = (size_t)sysconf(_SC_PAGESIZE);
  fiber = calloc(1, sizeof *fiber);
  unsigned char *pages = mmap(NULL, guard + STACK_BYTES, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (!fiber || pages == MAP_FAILED || mprotect(pages, guard, PROT_NONE))
    simt_die("no memory for another fiber");
  fiber->stack = pages + guard;
  prepare(fiber);
  return fiber;
}

void simt_fiber_give(simt_fiber *fiber) {
  fiber->next = pthread_getspecific(pool);
  pthread_setspecific(pool, fiber);
}

/* Stacks of their own, between which one host thread goes to and fro. */
#ifndef SIMT_FIBER_H
#define SIMT_FIBER_H

typedef struct simt_fiber simt_fiber;

/* A fiber that has nothing to do, from the host thread's pool or new; aborts where there is no
 * memory. Fibers stay with the host thread that made them. */
simt_fiber *simt_fiber_take(void);
void simt_fiber_give(simt_fiber *fiber);

/* Goes to the fiber, which runs work(user) from the start, or goes on where it left. Returns when
 * it leaves or work is done; after the latter the fiber may be entered with other work. */
void simt_fiber_enter(simt_fiber *fiber, void (*work)(void *user), void *user);
/* Back to where the fiber was entered. Only within it. */
void simt_fiber_leave(simt_fiber *fiber);

#endif

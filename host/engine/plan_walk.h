/* All that a plan points to, block by block: for messages between processes, and for the test that
 * holds what was received against what was sent. */
#ifndef DSS_ENGINE_PLAN_WALK_H
#define DSS_ENGINE_PLAN_WALK_H

#include "plan.h"

typedef enum dss_block_kind {
  DSS_BLOCK_STRUCTURES, /* which point to the blocks that are seen next */
  DSS_BLOCK_TEXT,       /* as long as it is: bytes is 0 */
  DSS_BLOCK_ARRAY       /* points to nothing; nobody changes it once the plan is made */
} dss_block_kind;

/* pointer: where the block's address stands, which is not NULL and may be replaced. What stands in
 * structures must be there when this returns; NULL instead of their address: they are not seen. */
typedef void (*dss_block_fn)(void *user, void *pointer, size_t bytes, dss_block_kind kind);

/* Every block of the plan once, always in the same order. Pointers from one part of the plan to
 * another follow their targets. */
void dss_plan_walk(dss_plan *plan, dss_block_fn see, void *user);

/* Every array's pointer becomes NULL: they are not the plan's to free. */
void dss_plan_forget_arrays(dss_plan *plan);

#endif

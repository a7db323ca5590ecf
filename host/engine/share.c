/* The large arrays of a plan, which nobody changes, once a machine instead of once a process. */
#include <string.h>

#include "host/core/context.h"
#include "plan.h"
#include "team.h"

/* Less is not worth the trouble. */
enum { LEAST_BYTES = 1 << 20, ALIGNED = 64 };

/* One array of the plan, with the address of its pointer. */
typedef void (*see_fn)(void *pointer, size_t bytes, void *user);

static void for_arrays(dss_plan *plan, see_fn see, void *user) {
  for (size_t q = 0; q < plan->kernel.n_questions; q++) {
    dss_kernel_question *k = &plan->kernel_questions[q];
    see(&k->item_ptr, ((size_t)k->n_items + 1) * sizeof *k->item_ptr, user);
    see(&k->rater, k->n_ratings * sizeof *k->rater, user);
    see(&k->code, k->n_ratings * sizeof *k->code, user);
  }
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    see(&plan->kernel_axes[a].group,
        plan->kernel.exchange.n_raters * sizeof *plan->kernel_axes[a].group, user);
}

static void add_bytes(void *pointer, size_t bytes, void *user) {
  size_t *total = user;
  *total += (bytes + ALIGNED - 1) / ALIGNED * ALIGNED;
}

typedef struct moving {
  unsigned char *at;
  bool fills;
} moving;

static void move(void *pointer, size_t bytes, void *user) {
  moving *m = user;
  void *own, *shared = m->at;
  memcpy(&own, pointer, sizeof own);
  if (m->fills) memcpy(shared, own, bytes);
  free(own);
  memcpy(pointer, &shared, sizeof shared);
  m->at += (bytes + ALIGNED - 1) / ALIGNED * ALIGNED;
}

dss_status dss_plan_share(dss_context *context, dss_plan *plan, const dss_team *team) {
  size_t total = 0;
  moving m = {.at = NULL};
  if (!team) return DSS_OK;
  for_arrays(plan, add_bytes, &total);
  size_t first = total;
  team->share(&first, sizeof first);
  if (team->any(first != total))
    return dss_fail(context, DSS_ERR_DATA, "the processes have read different studies");
  if (total < LEAST_BYTES) return DSS_OK;
  m.at = team->shared(total, &m.fills);
  if (!m.at) return DSS_OK;
  for_arrays(plan, move, &m);
  team->settle();
  plan->shared = true;
  dss_info(context, "%u processes on this machine share %zu MiB of ratings and groups",
           team->local_size, total >> 20);
  return DSS_OK;
}

void dss_plan_forget_shared(dss_plan *plan) {
  for (size_t q = 0; q < plan->kernel.n_questions; q++) {
    plan->kernel_questions[q].item_ptr = NULL;
    plan->kernel_questions[q].rater = NULL;
    plan->kernel_questions[q].code = NULL;
  }
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    plan->kernel_axes[a].group = NULL;
}

/* Process 0's plan to the other processes of a team. Structures and texts are one message, and each
 * process's own; the arrays, which nobody changes, are one block of memory a machine. */
#include <string.h>

#include "host/core/alloc.h"
#include "plan_walk.h"
#include "team.h"

enum { ALIGNED = 64 };

static size_t room_of(size_t bytes) {
  return (bytes + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* Structures and texts, one behind the other as the walk sees them, the plan itself first. */
typedef struct message {
  dss_context *context;
  dss_status status;
  unsigned char *bytes;
  size_t n, capacity; /* used; read, when it is unpacked */
  size_t arrays;      /* bytes that the arrays take in their block */
} message;

/* --- process 0 ------------------------------------------------------------------------------- */

static void append(message *m, const void *bytes, size_t n) {
  if (m->status == DSS_OK) m->status = DSS_GROW(m->context, &m->bytes, &m->capacity, m->n + n);
  if (m->status != DSS_OK) return;
  memcpy(m->bytes + m->n, bytes, n);
  m->n += n;
}

static void pack_block(void *user, void *pointer, size_t bytes, dss_block_kind kind) {
  message *m = user;
  const void *block;
  memcpy(&block, pointer, sizeof block);
  if (kind == DSS_BLOCK_ARRAY)
    m->arrays += room_of(bytes);
  else
    append(m, block, kind == DSS_BLOCK_TEXT ? strlen(block) + 1 : bytes);
}

static dss_status pack(dss_plan *plan, message *m) {
  append(m, plan, sizeof *plan);
  dss_plan_walk(plan, pack_block, m);
  return m->status;
}

/* --- the others ------------------------------------------------------------------------------ */

/* An array's pointer stays what it is in process 0 until there is a block. */
static void unpack_block(void *user, void *pointer, size_t bytes, dss_block_kind kind) {
  message *m = user;
  unsigned char *own = NULL;
  if (kind == DSS_BLOCK_ARRAY) {
    m->arrays += room_of(bytes);
    return;
  }
  if (m->status == DSS_OK) {
    if (kind == DSS_BLOCK_TEXT) bytes = strlen((const char *)m->bytes + m->n) + 1;
    m->status = DSS_ALLOC(m->context, &own, bytes);
  }
  if (m->status == DSS_OK) memcpy(own, m->bytes + m->n, bytes);
  m->n += bytes;
  memcpy(pointer, &own, sizeof own);
}

static dss_status unpack(message *m, dss_plan **plan) {
  DSS_TRY(DSS_ALLOC(m->context, plan, 1));
  memcpy(*plan, m->bytes, sizeof **plan);
  m->n = sizeof **plan;
  dss_plan_walk(*plan, unpack_block, m);
  return m->status;
}

/* --- both ------------------------------------------------------------------------------------ */

static dss_status pass_structures(dss_team *team, dss_status status, dss_plan **plan, message *m) {
  bool leads = team->rank == 0;
  if (leads && status == DSS_OK) status = pack(*plan, m);
  DSS_TRY(dss_team_agree(m->context, team, status));
  size_t size = m->n;
  team->share(&size, sizeof size);
  if (!leads) status = DSS_ALLOC(m->context, &m->bytes, size);
  DSS_TRY(dss_team_agree(m->context, team, status));
  team->share(m->bytes, size);
  if (!leads) status = unpack(m, plan);
  return dss_team_agree(m->context, team, status);
}

typedef struct moving {
  unsigned char *at; /* where the next array goes */
  bool fills;        /* there is one to go there */
} moving;

static void move(void *user, void *pointer, size_t bytes, dss_block_kind kind) {
  moving *m = user;
  void *own, *moved = m->at;
  if (kind != DSS_BLOCK_ARRAY) return;
  memcpy(&own, pointer, sizeof own);
  if (m->fills) memcpy(moved, own, bytes);
  if (m->fills) free(own);
  memcpy(pointer, &moved, sizeof moved);
  m->at += room_of(bytes);
}

static dss_status pass_arrays(dss_context *context, dss_team *team, dss_plan *plan, size_t bytes) {
  bool common = false;
  moving m = {.at = team->block(bytes, &common), .fills = team->rank == 0};
  DSS_TRY(dss_team_agree(context, team, m.at ? DSS_OK : dss_fail_memory(context, bytes)));
  dss_plan_walk(plan, move, &m);
  plan->shared = true;
  team->spread();
  if (common)
    dss_info(context, "%u processes on this machine share %zu MiB of the plan", team->local_size,
             bytes >> 20);
  return DSS_OK;
}

dss_status dss_plan_share(dss_context *context, dss_team *team, dss_status status,
                          dss_plan **plan) {
  message m = {.context = context};
  dss_plan *received = NULL, **at = dss_team_rank(team) == 0 ? plan : &received;
  if (!team) return status;
  status = pass_structures(team, status, at, &m);
  free(m.bytes);
  if (status == DSS_OK) status = pass_arrays(context, team, *at, m.arrays);
  if (status == DSS_OK) {
    *plan = *at;
  } else if (received) {
    dss_plan_forget_arrays(received);
    dss_plan_free(received);
  }
  return status;
}

/* How the work is cut to fit the memory it may take. Nothing of it shows in the results. */
#include <stdio.h>

#include "choose.h"
#include "pairs_h5.h"

/* What HDF5 takes for its caches and for a chunk that it reads. */
#define FILE_BYTES ((uint64_t)4 << 20)

enum { LEAST_SIDE = 16, LEAST_ITEMS = 64, MOST_ITEMS = 1024, CHUNKS_A_THREAD = 4 };

typedef struct needs {
  const dss_pair_plan *plan;
  const dss_pair_backend *backend;
  uint64_t most; /* the budget */
} needs;

static uint64_t plus(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t list_bytes(const dss_pair_plan *p) {
  return p->n_ratings * (sizeof(uint32_t) + sizeof(uint8_t)) +
         ((uint64_t)p->problem.n_raters + 2) * sizeof(uint64_t);
}

static uint64_t kept_bytes(const dss_pair_plan *p) {
  uint64_t tiles = dss_pair_n_tiles(p);
  return tiles * (tiles + 1) / 2 * DSS_PAIR_TILE * DSS_PAIR_TILE * sizeof(double);
}

/* The matrices, then the tests: never both at once. */
static uint64_t all_bytes(const needs *n, const dss_pair_room *room) {
  const dss_pair_shape shape = dss_pair_room_shape(room);
  const dss_pair_reading reading = dss_pair_reading_of(n->plan);
  uint64_t making = dss_pair_maker_bytes(n->plan, n->backend, room);
  if (!n->plan->products.by_lists)
    making = plus(making, n->backend->bytes(&n->plan->problem, &reading, &shape, &room->resources));
  uint64_t testing = n->plan->tested
                         ? dss_pair_tests_bytes(n->plan, n->backend, &room->resources, room->batch)
                         : 0;
  uint64_t always = list_bytes(n->plan) + FILE_BYTES + dss_pair_file_bytes(room->packers) +
                    dss_pair_sums_bytes(n->plan->plan) +
                    2 * (uint64_t)DSS_PAIR_TILE * DSS_PAIR_TILE * sizeof(double) +
                    (room->keep ? kept_bytes(n->plan) : 0);
  return plus(always, making > testing ? making : testing);
}

static bool take(const needs *n, dss_pair_room *room, dss_pair_room tried) {
  tried.bytes = all_bytes(n, &tried);
  if (tried.bytes > n->most) return false;
  *room = tried;
  return true;
}

/* Parts of strips. */
static bool fits(const needs *n, dss_pair_room *room, uint32_t side, uint32_t items) {
  dss_pair_room tried = *room;
  tried.blocks = false;
  tried.rows = side < DSS_PAIR_TILE ? side : DSS_PAIR_TILE;
  tried.side = side;
  tried.items = items;
  tried.span = side < DSS_PAIR_TILE ? DSS_PAIR_TILE : side;
  return take(n, room, tried);
}

/* Whole blocks, for a backend that makes the statistics. */
static bool cut_blocks(const needs *n, dss_pair_room *room) {
  uint32_t tiles = dss_pair_n_tiles(n->plan);
  dss_pair_room tried = *room;
  if (n->backend->product || n->plan->products.by_lists) return false;
  tried.blocks = true;
  tried.rows = DSS_PAIR_TILE * (tiles < DSS_PAIR_BLOCK_ROWS ? tiles : DSS_PAIR_BLOCK_ROWS);
  tried.side = DSS_PAIR_TILE * (tiles < DSS_PAIR_BLOCK_COLUMNS ? tiles : DSS_PAIR_BLOCK_COLUMNS);
  tried.items = MOST_ITEMS;
  tried.span = tried.side;
  return take(n, room, tried);
}

/* The largest side that the raters fill, as far as the backend gains by it. */
static uint32_t useful_side(const needs *n) {
  uint32_t side = DSS_PAIR_TILE;
  while (side < n->backend->most_columns && side < n->plan->problem.n_raters)
    side *= 2;
  return side;
}

/* Large products first, which are what BLAS is fast at, then long tiles of items. */
static bool cut_large(const needs *n, dss_pair_room *room) {
  for (uint32_t items = MOST_ITEMS; items >= LEAST_ITEMS; items /= 4)
    for (uint32_t side = useful_side(n); side >= DSS_PAIR_TILE; side /= 2)
      if (fits(n, room, side, items)) return true;
  return false;
}

static bool cut_small(const needs *n, dss_pair_room *room) {
  for (uint32_t side = DSS_PAIR_TILE / 2; side >= LEAST_SIDE; side /= 2)
    for (uint32_t items = MOST_ITEMS; items >= LEAST_ITEMS; items /= 4)
      if (fits(n, room, side, items)) return true;
  return false;
}

/* Chunks enough for all threads to pack, if there is room; at last small parts. */
static bool cut(const needs *n, dss_pair_room *room) {
  room->packers = CHUNKS_A_THREAD * room->resources.threads;
  for (; room->packers > 0; room->packers /= 2)
    if (cut_blocks(n, room) || cut_large(n, room)) return true;
  room->packers = 1;
  return cut_small(n, room);
}

/* As many arrangements at once as there is room for; each batch that is not kept in memory reads
 * the file once. */
static void grow_batch(const needs *n, dss_pair_room *room) {
  uint64_t most = plus(n->plan->plan->permutations, 1);
  if (room->keep && most > n->backend->most_batch) most = n->backend->most_batch;
  if (most > UINT32_MAX / 2) most = UINT32_MAX / 2;
  for (uint64_t batch = 2; batch < 2 * most; batch *= 2) {
    dss_pair_room tried = *room;
    tried.batch = (uint32_t)(batch < most ? batch : most);
    tried.bytes = all_bytes(n, &tried);
    if (tried.bytes > n->most) return;
    *room = tried;
  }
}

static dss_status too_small(dss_context *context, needs *n, dss_pair_room room, uint64_t most) {
  static const char *const units[] = {"KiB", "MiB", "GiB"};
  n->most = UINT64_MAX;
  if (!fits(n, &room, LEAST_SIDE, LEAST_ITEMS) || room.bytes == UINT64_MAX)
    return dss_fail(context, DSS_ERR_MEMORY,
                    "no memory would be enough for pairs of so many levels");
  uint64_t unit = 1024;
  size_t u = 0;
  for (; u + 1 < sizeof units / sizeof *units && room.bytes / unit >= 10240; u++)
    unit *= 1024;
  return dss_fail(context, DSS_ERR_MEMORY,
                  "pairs of these %u raters do not fit into %llu bytes; the smallest memory that "
                  "would do is %llu%s",
                  n->plan->problem.n_raters, (unsigned long long)most,
                  (unsigned long long)((room.bytes + unit - 1) / unit), units[u]);
}

dss_status dss_pair_room_find(dss_context *context, const dss_pair_plan *plan,
                              const dss_pairs_options *options, const dss_pair_backend *backend,
                              dss_pair_room *room) {
  needs n = {plan, backend, options->memory};
  const dss_run_options run = {.threads = options->threads,
                               .device = options->device,
                               .device_bytes = options->device_bytes};
  *room = (dss_pair_room){.resources = dss_run_resources(&run), .batch = 1, .packers = 1};
  if (!plan->tested) return cut(&n, room) ? DSS_OK : too_small(context, &n, *room, options->memory);
  room->keep = true; /* where that leaves room for products of a whole tile */
  bool kept = kept_bytes(plan) < n.most && fits(&n, room, DSS_PAIR_TILE, MOST_ITEMS / 4);
  /* A single tile stays all the same: while a matrix is open, HDF5 1.10 reads its only chunk as if
   * it were not packed, and runs past its end. */
  if (!kept) room->keep = dss_pair_n_tiles(plan) == 1;
  if (!cut(&n, room)) return too_small(context, &n, *room, options->memory);
  grow_batch(&n, room);
  return DSS_OK;
}

dss_status dss_pair_room_change(dss_context *context, const dss_pair_plan *plan,
                                const dss_pairs_options *options, const dss_pair_backend *backend,
                                dss_pair_room *room) {
  needs n = {plan, backend, options->memory};
  dss_pair_room found = {
      .resources = room->resources, .batch = 1, .packers = room->packers, .keep = room->keep};
  if (!cut_blocks(&n, &found) && !cut_large(&n, &found) && !cut_small(&n, &found))
    return too_small(context, &n, found, options->memory);
  if (plan->tested) grow_batch(&n, &found);
  *room = found;
  return DSS_OK;
}

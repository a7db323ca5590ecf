/* Pairs of raters, from a study to a file: what the steps hand to one another.
 *
 * The matrices are made in tiles of DSS_PAIR_TILE raters, which are also the file's chunks, in one
 * fixed order, whatever the memory: block by block of DSS_PAIR_BLOCK_ROWS x DSS_PAIR_BLOCK_COLUMNS
 * tiles, from left to right and from top to bottom, and in each row by row. A strip is as much of a
 * row of a block as there is room for. What is below the diagonal is the mirror of what is above.
 */
#ifndef DSS_ENGINE_PAIRS_H
#define DSS_ENGINE_PAIRS_H

#include "dissensus/pairs.h"
#include "host/core/texts.h"
#include "host/engine/choose.h"
#include "host/engine/plan.h"
#include "kernels/pairs.h"

/* Blocks are what a GPU multiplies at once where it has room: docs/performance.md, "On a GPU". */
enum { DSS_PAIR_TILE = 256, DSS_PAIR_BLOCK_ROWS = 4, DSS_PAIR_BLOCK_COLUMNS = 16 };

/* Fractional bits of the sums behind the means of blocks, and steps from 0 to the largest mean
 * distance in the tests (2^22). docs/determinism.md, "Pairs of raters". */
enum { DSS_PAIR_MEAN_BITS = 40, DSS_PAIR_STEP_BITS = 22 };

/* How the work is cut to fit the memory. */
typedef struct dss_pair_room {
  uint32_t span;    /* columns of a strip of tiles, a multiple of DSS_PAIR_TILE */
  bool blocks;      /* parts are whole blocks, for a backend that is ahead; else parts of strips */
  uint32_t rows;    /* raters of the largest part */
  uint32_t side;    /* with so many others */
  uint32_t items;   /* that a backend holds densely */
  uint32_t batch;   /* arrangements that are tested at once */
  uint32_t packers; /* chunks on their way to the file */
  bool keep;        /* mean distances stay in memory for the tests */
  dss_resources resources;
  uint64_t bytes;
} dss_pair_room;

/* The groups' side of the results. */
typedef struct dss_pair_summary {
  size_t n_axes, n_groups, n_blocks;
  dss_pair_axis *axes;
  dss_pair_group *groups;
  dss_pair_block *blocks;
  dss_pair_totals totals;
} dss_pair_summary;

void dss_pair_summary_free(dss_pair_summary *summary); /* not the names */

/* --- the plan (pairs_plan.c, pairs_products.c, pairs_room.c) --- */

typedef struct dss_pair_plan {
  dss_plan *plan;
  bool shared;             /* the plan is another's, else it has one question */
  size_t question;         /* of the plan's */
  bool tested;             /* the plan's axes are compared on the matrices */
  dss_selection selection; /* where the plan is not shared */
  uint64_t n_ratings;
  uint32_t most_ratings;    /* of one rater */
  dss_pair_problem problem; /* its arrays belong to the plan */
  dss_pair_scale scale;     /* so do these */
  bool codes_are_ranks;
  dss_pair_products products;
  double most_distance; /* that two levels can have */
} dss_pair_plan;

DSS_MUST_USE dss_status dss_pair_plan_make(dss_context *context, const dss_study *study,
                                           const dss_pairs_options *options, dss_pair_plan *plan);
void dss_pair_plan_free(dss_pair_plan *plan);
/* The same for a question of a plan that was made otherwise, and that must outlive it. */
DSS_MUST_USE dss_status dss_pair_plan_share(dss_context *context, const dss_study *study,
                                            const dss_selection *selection, dss_plan *plan,
                                            size_t question, dss_pair_plan *pair_plan);
/* The problem's layers and terms: by table or by margins, whichever takes fewer products; where
 * margins would not do or not fit, by table, or by lists where raters have fewer ratings than the
 * table has cells. */
typedef enum dss_pair_way {
  DSS_PAIR_BY_CHOICE,
  DSS_PAIR_BY_TABLE, /* these for tests; margins only where they do */
  DSS_PAIR_BY_MARGINS,
  DSS_PAIR_BY_LISTS
} dss_pair_way;
DSS_MUST_USE dss_status dss_pair_plan_products(dss_context *context, dss_pair_plan *plan,
                                               dss_pair_way way);
DSS_MUST_USE dss_status dss_pair_room_find(dss_context *context, const dss_pair_plan *plan,
                                           const dss_pairs_options *options,
                                           const dss_pair_backend *backend, dss_pair_room *room);
/* The same for another backend that may have to go on, or goes on, in the middle of a run: what the
 * file and the kept distances take stays. */
DSS_MUST_USE dss_status dss_pair_room_change(dss_context *context, const dss_pair_plan *plan,
                                             const dss_pairs_options *options,
                                             const dss_pair_backend *backend, dss_pair_room *room);
static inline uint32_t dss_pair_n_tiles(const dss_pair_plan *plan) {
  return (plan->problem.n_raters + DSS_PAIR_TILE - 1) / DSS_PAIR_TILE;
}
/* Raters of tile i. */
static inline uint32_t dss_pair_tile_raters(const dss_pair_plan *plan, uint32_t i) {
  uint32_t left = plan->problem.n_raters - i * DSS_PAIR_TILE;
  return left < DSS_PAIR_TILE ? left : DSS_PAIR_TILE;
}

/* --- the backend (pairs_backend.c) --- */

/* What computes. AUTO does not insist on a GPU: where a call of it fails, the cpu makes what that
 * call did not, with a room of its own, which was found beforehand. */
typedef struct dss_pair_runner {
  const dss_pair_plan *plan;
  const dss_pairs_options *options;
  const dss_pair_backend *backend;
  const dss_pair_backend *first; /* the backend that began */
  dss_pair_room room;
  bool opened; /* a backend's state has been open */
  bool failed; /* a call of the backend has failed, and nothing else has */
} dss_pair_runner;

/* The backend that the options name, if it has the device that it needs; AUTO: a GPU where there is
 * one and it is worth its start, else the cpu. The room is found for it. */
DSS_MUST_USE dss_status dss_pair_runner_choose(dss_context *context, const dss_study *study,
                                               const dss_pair_plan *plan,
                                               const dss_pairs_options *options,
                                               dss_pair_runner *runner);
/* The context's error for a call of the backend that failed. */
dss_status dss_pair_failed(dss_context *context, dss_pair_runner *runner, dss_status status);
/* After a step that failed: DSS_OK where the step can be done again, by the cpu now and in another
 * room, which the log says; else the step's status. What the step has opened is for the caller to
 * close. */
DSS_MUST_USE dss_status dss_pair_take_over(dss_context *context, dss_pair_runner *runner,
                                           dss_status status);

/* --- tiles (pairs_tiles.c) --- */

/* A strip of matrices, [rows][columns] each. */
typedef struct dss_pair_strip {
  uint32_t first_row, rows, first_column, columns;
  int32_t *shared, *agreements;
  double *distance, *kappa, *correlation;
} dss_pair_strip;

/* A place in the order of all parts: a strip, which begins with the tile, and the raters of it that
 * come next. */
typedef struct dss_pair_place {
  uint32_t row, column; /* tiles */
  uint32_t r, c;        /* raters, from the strip's first */
} dss_pair_place;
/* The strip's next part, and the place after it; false where the strip has no more. Where parts are
 * blocks, the block, of which nothing is left then. Parts wholly below the diagonal are left out.
 */
bool dss_pair_next_part(const dss_pair_plan *plan, const dss_pair_room *room, dss_pair_place *place,
                        dss_pair_part *part);
/* To the strip that follows; false after the last. */
bool dss_pair_next_strip(const dss_pair_plan *plan, const dss_pair_room *room,
                         dss_pair_place *place);

typedef struct dss_pair_maker dss_pair_maker;
/* Makes strips in the file's order, from that of tile `row` on which begins with tile `column`; a
 * backend that can is ahead of them. */
DSS_MUST_USE dss_status dss_pair_maker_open(dss_context *context, dss_pair_runner *runner,
                                            uint32_t row, uint32_t column, dss_pair_maker **maker);
/* The next strip; *more: false where there is none. Its arrays are valid until the next call. */
DSS_MUST_USE dss_status dss_pair_maker_next(dss_context *context, dss_pair_maker *maker,
                                            dss_pair_strip *strip, bool *more);
/* Where the next strip begins, or that which failed. */
void dss_pair_maker_at(const dss_pair_maker *maker, uint32_t *row, uint32_t *column);
void dss_pair_maker_free(dss_pair_maker *maker);
/* One pair by walking its raters' lists side by side. words [dss_pair_words]: zero at first, and a
 * thread's own. */
dss_pair_values dss_pair_values_by_lists(const dss_pair_plan *plan, uint32_t r, uint32_t s,
                                         uint32_t *words);
size_t dss_pair_words(const dss_pair_plan *plan);
/* Bytes of a maker beside its backend's. */
uint64_t dss_pair_maker_bytes(const dss_pair_plan *plan, const dss_pair_backend *backend,
                              const dss_pair_room *room);
/* What a backend is opened for. */
dss_pair_shape dss_pair_room_shape(const dss_pair_room *room);
dss_pair_reading dss_pair_reading_of(const dss_pair_plan *plan);
/* Tiles of a strip. */
static inline uint32_t dss_pair_strip_tiles(const dss_pair_strip *strip) {
  return (strip->columns + DSS_PAIR_TILE - 1) / DSS_PAIR_TILE;
}

/* --- block means (pairs_blocks.c) --- */

typedef struct dss_pair_sums dss_pair_sums;
DSS_MUST_USE dss_status dss_pair_sums_new(dss_context *context, const dss_pair_plan *plan,
                                          uint32_t min_shared, dss_pair_sums **sums);
void dss_pair_sums_add(dss_pair_sums *sums, const dss_pair_strip *strip);
/* Totals, groups and blocks of the summary; axes with their names and counts. */
DSS_MUST_USE dss_status dss_pair_sums_finish(dss_context *context, const dss_pair_sums *sums,
                                             dss_pair_summary *summary);
double dss_pair_sums_largest(const dss_pair_sums *sums); /* mean distance of a counted pair */
void dss_pair_sums_free(dss_pair_sums *sums);
uint64_t dss_pair_sums_bytes(const dss_plan *plan);

/* --- tests (pairs_tests.c) --- */

/* Tile (i, j), i <= j, of mean distances [rows of i][raters of j], -1 where the pair does not
 * count; the caller's buffer has room for a whole tile. */
typedef dss_status (*dss_pair_tile_fn)(void *user, uint32_t i, uint32_t j, double *tile);

/* Fills the tests of the summary's axes. largest: as dss_pair_sums_largest. */
DSS_MUST_USE dss_status dss_pair_tests_run(dss_context *context, dss_pair_runner *runner,
                                           double largest, dss_pair_tile_fn tile, void *user,
                                           dss_pair_summary *summary);
/* What the runner's tests will need of its backend's device, or 0. */
uint64_t dss_pair_tests_least(const dss_pair_runner *runner);
/* Whether they could begin, found out before the matrices are made. */
DSS_MUST_USE dss_status dss_pair_tests_try(dss_context *context, dss_pair_runner *runner);
/* Bytes for a batch of that many arrangements. */
uint64_t dss_pair_tests_bytes(const dss_pair_plan *plan, const dss_pair_backend *backend,
                              const dss_resources *resources, uint64_t batch);

#endif

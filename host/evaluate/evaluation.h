/* Evaluations in memory, and how the kinds build them. */
#ifndef DSS_EVALUATE_EVALUATION_H
#define DSS_EVALUATE_EVALUATION_H

#include "dissensus/evaluation.h"
#include "host/core/context.h"
#include "host/engine/plan.h"

/* Where a row stands among the plan's axes and groups (numbered through over all axes). */
#define DSS_NOWHERE SIZE_MAX
#define DSS_ELSE (SIZE_MAX - 1)

/* What a statistic of every study lies between, where its variance goes by its parts
 * (host/stats/two_way.h); else least = most. */
typedef struct dss_limits {
  double least, most;
  double shortfall; /* of what belongs to single ratings in a bootstrap of raters alone */
  double degrees;   /* of freedom, of what the ratings of one rater have in common */
  bool gap;         /* whose variance is not told by its estimate, as a rate's is */
} dss_limits;

/* What a kind says of a row; texts are copied. The cell is made by dss_evaluate. */
typedef struct dss_row_spec {
  const char *question, *source, *items, *statistic; /* NULL: "" */
  size_t axis;                                       /* of the plan; DSS_NOWHERE: all raters */
  size_t group;  /* of the plan; DSS_NOWHERE: the axis as a whole (an omnibus test) */
  size_t versus; /* a group of the plan, DSS_ELSE or DSS_NOWHERE */
  uint64_t raters, n_items, ratings;
  bool upper;     /* as in dss_evaluation_row */
  bool permuted;  /* dss_evaluator.permuted has values for it, and it is tested */
  bool resampled; /* dss_evaluator.resampled has values for it, and it gets an interval */
  bool biased;    /* it would get one if a bootstrap were right about it */
  dss_limits limits;
  dss_reason reason; /* why the estimate will be NaN, where it will */
} dss_row_spec;

DSS_MUST_USE dss_status dss_evaluation_new(dss_context *context, dss_evaluation_kind kind,
                                           dss_evaluation **evaluation);
/* Row i is column i of the evaluator. plan: names of axes and groups. */
DSS_MUST_USE dss_status dss_evaluation_add(dss_context *context, dss_evaluation *evaluation,
                                           const dss_plan *plan, const dss_row_spec *spec);
DSS_MUST_USE dss_status dss_evaluation_add_note(dss_context *context, dss_evaluation *evaluation,
                                                const char *what, uint64_t count,
                                                const char *names);
DSS_MUST_USE dss_status dss_evaluation_add_item(dss_context *context, dss_evaluation *evaluation,
                                                const dss_evaluation_item *item);
DSS_MUST_USE dss_status dss_evaluation_add_group(dss_context *context, dss_evaluation *evaluation,
                                                 const dss_evaluation_group *group);
/* A text of the provenance, over what it was. */
DSS_MUST_USE dss_status dss_evaluation_set(dss_context *context, dss_evaluation *evaluation,
                                           const char *key, const char *text);

/* --- in memory ------------------------------------------------------------------------------- */

/* The provenance keys, in the order in which they are written. All values are texts. */
#define DSS_EVALUATION_KEYS(X)                                                                     \
  X(created_by)                                                                                    \
  X(created_at)                                                                                    \
  X(command)                                                                                       \
  X(input_sha256)                                                                                  \
  X(predictions_sha256)                                                                            \
  X(settings)                                                                                      \
  X(seed)                                                                                          \
  X(scheme)                                                                                        \
  X(permutations)                                                                                  \
  X(arrangements)                                                                                  \
  X(stop_after)                                                                                    \
  X(min_raters)                                                                                    \
  X(raters)                                                                                        \
  X(items)                                                                                         \
  X(ratings)                                                                                       \
  X(ratings_dropped)                                                                               \
  X(filters)                                                                                       \
  X(bootstrap)                                                                                     \
  X(over)                                                                                          \
  X(interval)

typedef enum dss_evaluation_key {
#define DSS_X(key) DSS_EVALUATION_KEY_##key,
  DSS_EVALUATION_KEYS(DSS_X)
#undef DSS_X
      DSS_N_EVALUATION_KEYS
} dss_evaluation_key;

/* Where a row stands, for the run: as in its spec. */
typedef struct dss_row_place {
  size_t axis, group, versus;
  bool resampled, biased;
  dss_limits limits;
} dss_row_place;

struct dss_evaluation {
  dss_evaluation_kind kind;
  size_t n_rows, n_notes, n_items, n_groups;
  dss_evaluation_row *rows;
  dss_row_place *places; /* [n_rows]; NULL where it comes from a file */
  dss_evaluation_note *notes;
  dss_evaluation_item *items;
  dss_evaluation_group *groups;
  char *keys[DSS_N_EVALUATION_KEYS];
  size_t n_texts; /* that the rows, notes, items and groups point to */
  char **texts;
  size_t rows_room, places_room, notes_room, items_room, groups_room, texts_room;
};

#endif

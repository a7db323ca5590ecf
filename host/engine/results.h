/* Results in memory: filled by the engine, or by results_h5.c from a file. */
#ifndef DSS_ENGINE_RESULTS_H
#define DSS_ENGINE_RESULTS_H

#include "dissensus/results.h"

typedef struct dss_result_question {
  char *name;
  dss_scale scale;
  uint32_t n_levels;
  char **levels; /* [n_levels] */
} dss_result_question;

typedef struct dss_result_group {
  size_t axis;
  char *name;
  uint32_t raters;
} dss_result_group;

/* The provenance keys, in the order in which they are written. All values are texts. */
#define DSS_RESULT_KEYS(X)                                                                         \
  X(created_by)                                                                                    \
  X(created_at)                                                                                    \
  X(command)                                                                                       \
  X(input_sha256)                                                                                  \
  X(backend)                                                                                       \
  X(seed)                                                                                          \
  X(scheme)                                                                                        \
  X(permutations)                                                                                  \
  X(arrangements)                                                                                  \
  X(stop_after)                                                                                    \
  X(units)                                                                                         \
  X(ties)                                                                                          \
  X(min_raters)                                                                                    \
  X(raters)                                                                                        \
  X(items)                                                                                         \
  X(ratings)                                                                                       \
  X(ratings_dropped)                                                                               \
  X(filters)                                                                                       \
  X(bootstrap)                                                                                     \
  X(over)                                                                                          \
  X(interval)

typedef enum dss_result_key {
#define DSS_X(key) DSS_KEY_##key,
  DSS_RESULT_KEYS(DSS_X)
#undef DSS_X
      DSS_N_RESULT_KEYS
} dss_result_key;

struct dss_results {
  unsigned metrics;
  size_t n_columns; /* statistics in metrics, in dss_statistic's order */
  size_t n_questions, n_axes, n_groups;
  uint64_t resamples;
  dss_result_question *questions; /* [n_questions] */
  char **axes;                    /* [n_axes] */
  dss_result_group *groups;       /* [n_groups] */
  dss_cell *cells;                /* [n_questions][n_groups][n_columns] */
  dss_group_detail *details;      /* [n_questions][n_groups]; .marginals point into `marginals` */
  uint64_t *marginals;  /* question after question: [n_groups][n_levels of that question] */
  dss_dsi *dsi;         /* [n_questions][n_axes]; derived from the cells */
  uint64_t *histograms; /* [n_questions][n_groups][n_columns][DSS_HISTOGRAM_BINS + 2] */
  double *edges;        /* [n_questions][n_groups][n_columns][2]; NaN: no histogram */
  char *keys[DSS_N_RESULT_KEYS];
  uint32_t rows_crc; /* of the values that a run with checkpoints has kept (rows.h) */
  int lock;          /* one more than the descriptor that locks the run's checkpoints; 0: none */
  struct dss_part *part; /* of a run in pieces (part.h); NULL: the results are whole */
};

/* Allocates everything for the sizes given: cells hold NaN, reasons NONE, texts are NULL and to be
 * filled by the caller; n_levels[q] sets the marginals' layout. */
dss_status dss_results_new(dss_context *context, unsigned metrics, size_t n_questions,
                           const uint32_t *n_levels, size_t n_axes, size_t n_groups,
                           dss_results **results);

/* Index into cells, edges and (times bins) histograms; column counts statistics in metrics. */
size_t dss_results_at(const dss_results *results, size_t question, size_t group, size_t column);
/* The column of a statistic, or SIZE_MAX when it is not in metrics. */
size_t dss_metrics_column(unsigned metrics, dss_statistic statistic);
size_t dss_metrics_count(unsigned metrics);

/* Every distinct arrangement was visited once, so p-values are exact: no +1, no interval. */
bool dss_results_exact(const dss_results *results);

/* Fills dsi from the cells of GAI. */
void dss_results_derive_dsi(dss_results *results);

#endif

/* The table that every backend of rater-pair matrices fills: exact products of small integers.
 *
 * A layer gives each level of the question a number of one byte; on a block of raters it is the
 * matrix [raters][items] of the numbers of what they gave, 0 where they gave nothing. A term is the
 * product of one layer on a block of raters (the rows) with the transpose of one on another (the
 * columns); terms with the same target are added up. All sums are integers that fit 32 bits (the
 * maker of the problem sees to it), so they depend on no tiles, threads or order. What the terms
 * are is the engine's business: docs/performance.md, "Rater pairs".
 *
 * A backend whose memory is far away makes each pair's statistics of the sums where they are, by
 * kernels/common/pairs.h, and hands out only these; and it works on several blocks at once.
 *
 * Forms: sums within groups of raters of a symmetric matrix, for many arrangements, which are ways
 * to deal out the groups. With one-hot labels L of one way they are the diagonal of L' D L; a block
 * of D takes part as (D L) and a sum over the rows of each group. */
#ifndef DSS_KERNELS_PAIRS_H
#define DSS_KERNELS_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissensus/status.h"
#include "kernels/common/pairs.h"
#include "kernels/common/resources.h"

typedef struct dss_pair_term {
  uint32_t row, column; /* layers */
  uint32_t target;
} dss_pair_term;

typedef struct dss_pair_problem {
  uint32_t n_raters, n_items;
  const uint64_t *rater_ptr; /* [n_raters + 1] */
  const uint32_t *item;      /* [ratings] ascending for each rater */
  const uint8_t *code;       /* [ratings] < n_levels */
  uint32_t n_levels, n_layers, n_terms, n_targets;
  const int8_t *layers;       /* [n_layers][n_levels] */
  const dss_pair_term *terms; /* [n_terms], ascending by target */
} dss_pair_problem;

/* The largest part that will be asked for, how many items a backend may hold densely, and what its
 * forms will need of a device after that (forms_least): less is refused before a part is made. */
typedef struct dss_pair_shape {
  uint32_t rows, columns, items;
  uint64_t later;
} dss_pair_shape;

/* What the targets mean. Its arrays must live while a backend opens. */
typedef struct dss_pair_reading {
  dss_pair_scale scale;
  dss_pair_products products;
} dss_pair_reading;

/* Raters first_row .. + rows - 1 with first_column .. + columns - 1. */
typedef struct dss_pair_part {
  uint32_t first_row, rows, first_column, columns;
} dss_pair_part;

/* What was made of a part: [rows] of `stride` numbers, of which the first are the columns'. Where
 * there was no reading, counts [n_targets][rows][stride] and nothing else. Numbers of items have 16
 * bits where they are narrow, else 32. */
typedef struct dss_pair_made {
  size_t stride;
  const int32_t *counts;
  bool narrow;
  const void *shared, *agreements;
  const double *kappa;
  const double *distance, *correlation; /* nominal: neither; see dss_pair_made_at */
} dss_pair_made;

/* The statistics of one pair. A nominal mean distance is a division of the numbers of items, which
 * crosses no bus. */
static inline dss_pair_values dss_pair_made_at(const dss_pair_made *m, double unit, size_t at) {
  dss_pair_values v = {.distance = NAN, .kappa = m->kappa[at], .correlation = NAN};
  v.shared = m->narrow ? ((const uint16_t *)m->shared)[at] : ((const int32_t *)m->shared)[at];
  v.agreements =
      m->narrow ? ((const uint16_t *)m->agreements)[at] : ((const int32_t *)m->agreements)[at];
  if (m->distance)
    v.distance = m->distance[at];
  else if (v.shared > 0)
    v.distance = dss_pair_mean_distance(v.shared - v.agreements, (uint64_t)v.shared, unit);
  if (m->correlation) v.correlation = m->correlation[at];
  return v;
}

/* One block of matrices, of the raters first_row .. + rows - 1 with first_column .. + columns - 1,
 * and what a rater's label is: under arrangement b of a batch rater r has that of rater
 * sources[b][r]. */
typedef struct dss_pair_forms {
  uint32_t n_raters, first_row, rows, first_column, columns, n_matrices, n_groups, batch;
  bool with_known;               /* one more sum: pairs whose labels are both known */
  const double *const *matrices; /* [n_matrices] at most DSS_PAIR_MOST_MATRICES, each
                                    [rows][columns]: whole numbers, sums of a row at most 2^53 */
  const int32_t *group;          /* [n_raters] labels, -1: unknown */
} dss_pair_forms;

enum { DSS_PAIR_MOST_MATRICES = 3 };

/* sources [batch][n_raters] */
static inline int32_t dss_pair_label(const dss_pair_forms *f, const uint32_t *sources, uint32_t b,
                                     uint32_t rater) {
  return f->group[sources[(size_t)b * f->n_raters + rater]];
}

/* Sums of one arrangement and matrix: one a group, and the one of known pairs. */
static inline uint32_t dss_pair_forms_width(const dss_pair_forms *f) {
  return f->n_groups + f->with_known;
}

typedef struct dss_pair_backend {
  const char *name;
  /* DSS_OK where there is a device that it may use; *absent: there is none at all. NULL: it needs
   * none. */
  dss_status (*ready)(const dss_resources *resources, bool *absent);
  uint32_t most_columns; /* of a block: it gains nothing by more */
  /* Bytes of the host that open will take; saturates. */
  uint64_t (*bytes)(const dss_pair_problem *problem, const dss_pair_reading *reading,
                    const dss_pair_shape *shape, const dss_resources *resources);
  /* The problem must outlive the state. reading: of the targets, for who makes statistics of them;
   * NULL: counts are wanted. */
  dss_status (*open)(const dss_pair_problem *problem, const dss_pair_reading *reading,
                     const dss_pair_shape *shape, const dss_resources *resources, void **state);
  /* out [n_targets][rows][columns]: every target of the part. NULL: the backend has the three
   * below. */
  dss_status (*product)(void *state, const dss_pair_part *part, int32_t *out);
  /* Begins a part; at most `depth` may have begun that nobody took. */
  uint32_t (*depth)(const void *state);
  dss_status (*start)(void *state, const dss_pair_part *part);
  /* Waits for the part that began first. What was made is valid until the next start. */
  dss_status (*take)(void *state, dss_pair_made *made);
  void (*close)(void *state);
  uint32_t most_batch; /* arrangements: where the matrices are at hand it gains nothing by more */
  /* The same for forms of at most this size. */
  uint64_t (*forms_bytes)(const dss_pair_forms *largest, const dss_resources *resources);
  /* Bytes of a device without which forms_open fails; NULL: it needs none. */
  uint64_t (*forms_least)(const dss_pair_forms *largest);
  dss_status (*forms_open)(const dss_pair_forms *largest, const dss_resources *resources,
                           void **state);
  /* The arrangements of the forms to come, [batch][n_raters]; they must live as long. */
  dss_status (*forms_deal)(void *state, const uint32_t *sources, uint32_t batch);
  /* out [n_matrices][batch][width]; sums fit 64 bits. */
  dss_status (*forms)(void *state, const dss_pair_forms *forms, uint64_t *out);
  void (*forms_close)(void *state);
  /* One line on the calling thread's last failure, "" for none beyond its status; NULL: there never
   * is one. */
  const char *(*failure)(void);
} dss_pair_backend;

extern const dss_pair_backend dss_pair_backend_reference, dss_pair_backend_cpu;
extern const dss_pair_backend *const dss_pair_cuda; /* NULL: this build has none */

#endif

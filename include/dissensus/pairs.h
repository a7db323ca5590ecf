/* Every pair of raters: how many items both rated, and how they agree on them, N x N, written to a
 * file while it is computed; with it, what the pairs of each two groups have in common, and whether
 * groups differ more than chance allows (ANOSIM, PERMANOVA).
 *
 * Shapes: N raters who have a rating left after the filters. Definitions and sources:
 * docs/pairs.md; the file: docs/file-format.md. A number that is undefined is NaN.
 */
#ifndef DISSENSUS_PAIRS_H
#define DISSENSUS_PAIRS_H

#include <stdio.h>

#include "dissensus/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, name in the file, what it is). The first two are counts. */
#define DSS_PAIR_STATISTICS(X)                                                                     \
  X(SHARED, "shared", "items that both rated")                                                     \
  X(AGREEMENTS, "agreements", "shared items that both gave the same level")                        \
  X(DISTANCE, "mean_distance", "mean distance of the two ratings of an item")                      \
  X(KAPPA, "kappa", "Cohen's kappa, weighted by the distance of the scale")                        \
  X(CORRELATION, "correlation", "Pearson's correlation; none for a nominal question")

typedef enum dss_pair_statistic {
#define DSS_X(enumerator, name, text) DSS_PAIR_##enumerator,
  DSS_PAIR_STATISTICS(DSS_X)
#undef DSS_X
      DSS_N_PAIR_STATISTICS
} dss_pair_statistic;

/* "shared" ...; NULL out of range. */
const char *dss_pair_statistic_name(dss_pair_statistic statistic);

/* What to compare, and how. */
typedef struct dss_pairs_options {
  const char *question;    /* NULL: the only one that the study has */
  const char *const *axes; /* "gender" or "gender,race"; n_axes 0: matrices only */
  size_t n_axes;
  const char *const *where; /* as in dss_plan_options */
  size_t n_where;
  dss_scheme scheme;
  const char *scheme_attribute;
  uint64_t permutations; /* 0 .. 2^40; without axes there are none */
  uint64_t seed;
  uint32_t min_shared; /* pairs with fewer shared items are left out of the summaries; >= 1 */
  uint64_t memory;     /* bytes that the computation may take beside the study */
  bool half;           /* write only what stands on or above the diagonal */
  dss_backend_choice backend;
  unsigned threads;      /* 0: as many as the process may use */
  unsigned device;       /* one more than the number of the only GPU to use; 0: all */
  uint64_t device_bytes; /* of each GPU's memory; 0: nearly all that is free */
  const char *command;   /* for provenance; may be NULL */
} dss_pairs_options;

/* No axes, free, 10,000 permutations, seed 1, 1 shared item, 1 GiB, both halves, AUTO. */
void dss_pairs_options_init(dss_pairs_options *options);

/* --- computing --------------------------------------------------------------------------- */

/* A computation whose file has been begun. */
typedef struct dss_pairs_job dss_pairs_job;

/* Checks the options, fits the work into the memory and begins a temporary file beside path, whose
 * folder is to have room. The study and what the options point to must outlive the job. Unknown
 * names: DSS_ERR_USAGE; nothing left after the filters: DSS_ERR_DATA; a budget that is too small:
 * DSS_ERR_MEMORY, and the error names the smallest that would do; a path that exists (unless
 * overwrite) or cannot be written: DSS_ERR_FILE; CUDA where no GPU can be used: DSS_ERR_DEVICE. */
DSS_MUST_USE dss_status dss_pairs_begin(dss_context *context, const dss_study *study,
                                        const dss_pairs_options *options, const char *path,
                                        bool overwrite, dss_pairs_job **job);
/* Computes everything and puts the file in place, whole. Once. The bytes depend on the study and
 * the options but not on memory, threads or backend (whose name they hold). Should AUTO's GPU fail,
 * the cpu goes on, and a line in the log says so. The cpu backend sets OpenBLAS's number of
 * threads, which is the process's, to 1. */
DSS_MUST_USE dss_status dss_pairs_run(dss_context *context, dss_pairs_job *job);
/* The temporary file's path, for a program that wants to remove it when a signal ends it. Valid
 * until the job is freed. */
const char *dss_pairs_temporary(const dss_pairs_job *job);
/* Unless it was run to its end, removes what was written. */
void dss_pairs_job_free(dss_pairs_job *job);

/* --- reading ----------------------------------------------------------------------------- */

/* An open file of pairs. The names and summaries are in memory, the matrices are not. */
typedef struct dss_pairs dss_pairs;

/* As dss_study_open. The file stays open until dss_pairs_free. */
DSS_MUST_USE dss_status dss_pairs_open(dss_context *context, const char *path, dss_pairs **pairs);
void dss_pairs_free(dss_pairs *pairs);

/* Names and what they are of, as in the study that was compared. */
uint32_t dss_pairs_n_raters(const dss_pairs *pairs);
const char *dss_pairs_rater(const dss_pairs *pairs, uint32_t rater); /* NULL out of range */
const char *dss_pairs_question(const dss_pairs *pairs);
dss_scale dss_pairs_scale(const dss_pairs *pairs);
bool dss_pairs_is_half(const dss_pairs *pairs);
/* Whether the file has it: a nominal question has no correlation. */
bool dss_pairs_has(const dss_pairs *pairs, dss_pair_statistic statistic);
/* Why there are no pairs to speak of; "" where there are. */
const char *dss_pairs_reason(const dss_pairs *pairs);

/* Pairs of different raters: all, those with a shared item, those with min_shared of them, and how
 * many of the pairs with a shared item have no kappa and no correlation. */
typedef struct dss_pair_totals {
  uint64_t pairs, shared, counted, no_kappa, no_correlation;
} dss_pair_totals;

/* All zeros where there is one rater. */
dss_pair_totals dss_pairs_totals(const dss_pairs *pairs);

/* Rows first_row .. + rows - 1 and columns first_column .. + columns - 1 of a matrix into out
 * [rows][columns]; of a file with one half, the other is filled in. A block that is not within the
 * matrix, or a statistic that is not there, is refused: DSS_ERR_USAGE. */
DSS_MUST_USE dss_status dss_pairs_read(dss_context *context, dss_pairs *pairs,
                                       dss_pair_statistic statistic, uint32_t first_row,
                                       uint32_t rows, uint32_t first_column, uint32_t columns,
                                       double *out);

/* A test of whether the groups of an axis differ. */
typedef struct dss_pair_test {
  double value;       /* NaN: undefined */
  double p;           /* that chance gives as large a value; NaN without resamples */
  double null_mean;   /* over the resamples in which it is defined */
  uint64_t ge;        /* resamples as large as the value or larger; undefined ones are counted */
  uint64_t undefined; /* resamples in which it is undefined */
} dss_pair_test;

/* An axis, its tests, and which groups are its own. */
typedef struct dss_pair_axis {
  const char *name;
  size_t first_group, n_groups;
  uint32_t raters; /* whose value is known */
  uint64_t pairs;  /* counted ones of them */
  uint64_t resamples;
  bool exact; /* the resamples are all arrangements there are */
  dss_pair_test anosim, permanova;
} dss_pair_axis;

/* A group of an axis. */
typedef struct dss_pair_group {
  size_t axis;
  const char *name;
  uint32_t raters;
} dss_pair_group;

/* The counted pairs of a rater of one group with a rater of another, or of the same. */
typedef struct dss_pair_block {
  size_t axis, first, second; /* groups, numbered through over all axes; first <= second */
  uint64_t pairs, kappa_pairs;
  double agreement; /* mean share of shared items with the same level */
  double distance;  /* mean of mean distances */
  double kappa;     /* mean over the kappa_pairs that have one */
} dss_pair_block;

/* The summaries, by their numbers. NULL out of range. */
size_t dss_pairs_n_axes(const dss_pairs *pairs);
size_t dss_pairs_n_groups(const dss_pairs *pairs);
size_t dss_pairs_n_blocks(const dss_pairs *pairs);
const dss_pair_axis *dss_pairs_axis(const dss_pairs *pairs, size_t axis);
const dss_pair_group *dss_pairs_group(const dss_pairs *pairs, size_t group);
const dss_pair_block *dss_pairs_block(const dss_pairs *pairs, size_t block);
/* Whether the file tells which rater is in which group: since format 1.1, where there are axes. */
bool dss_pairs_has_rater_groups(const dss_pairs *pairs);
/* The rater's group on an axis, numbered through over all axes; SIZE_MAX: unknown, not told by the
 * file, or out of range. */
size_t dss_pairs_rater_group(const dss_pairs *pairs, size_t axis, uint32_t rater);

/* Provenance by key; NULL for another key than created_by, created_at, command, input_sha256,
 * backend, seed, scheme, permutations, arrangements, min_shared, filters, question, scale, items,
 * ratings, ratings_dropped, reason. */
const char *dss_pairs_provenance(const dss_pairs *pairs, const char *key);

typedef enum dss_pairs_format { DSS_PAIRS_TABLE, DSS_PAIRS_CSV, DSS_PAIRS_JSON } dss_pairs_format;
/* "table", "csv", "json"; false for another name. */
bool dss_pairs_format_parse(const char *name, dss_pairs_format *format);
/* The summaries for people or programs; DSS_ERR_FILE when the stream fails. */
DSS_MUST_USE dss_status dss_pairs_report(dss_context *context, const dss_pairs *pairs,
                                         dss_pairs_format format, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif

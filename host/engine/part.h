/* A run in pieces: how far it has come, beside its results. One shard's part, or a checkpoint of a
 * run that goes on. */
#ifndef DSS_ENGINE_PART_H
#define DSS_ENGINE_PART_H

#include "dissensus/batch.h"
#include "frames.h"
#include "results_writer.h"

#define DSS_PART_KIND "dissensus-part"
#define DSS_PART_FORMAT "1.1"
#define DSS_PART_FORMAT_MAJOR 1u

/* What is made so far of the group whose bootstrap is under way, statistic by statistic of those
 * that the bootstrap has. */
typedef struct dss_begun {
  size_t unit;      /* question * n_groups + group, the first of the shard that is not made */
  uint64_t n;       /* resamples, from the first on; 0: no group is under way */
  uint64_t n_left;  /* values of the jackknife, none before all resamples are there */
  double *values;   /* [n or more][statistics] */
  double *left_out; /* [n_left or more][statistics] */
} dss_begun;

typedef struct dss_part {
  uint64_t shard, n_shards; /* n_shards 1: the whole */
  uint64_t first, end;      /* its resamples; how many are done the null says */
  uint64_t total;           /* of the run */
  bool saves_null;          /* the values of resamples are kept too */
  bool has_null;            /* false: the pilot is not through, or the range is empty */
  dss_null null;
  double *pilot; /* [pilot_rows][columns] of the pilot so far; NULL once there is a null */
  uint64_t pilot_rows;
  uint8_t *made; /* [n_questions][n_groups] whose bootstrap is done */
  dss_begun begun;
  uint64_t rows_crc[2]; /* of the values in a checkpoint's file of rows (rows.h): count, CRC-32 */
} dss_part;

/* Resamples are dealt out in whole blocks of moments. */
uint64_t dss_shard_first(uint64_t total, uint64_t shard, uint64_t n_shards);

DSS_MUST_USE dss_status dss_part_new(dss_context *context, const dss_results *results,
                                     const dss_batch *batch, uint64_t total, bool saves_null,
                                     dss_part **part);
void dss_part_free(dss_part *part);
/* No group is under way any more. */
void dss_begun_free(dss_begun *begun);

/* A question and a tested group: what the bootstrap deals out in turn. */
typedef struct dss_unit {
  size_t question, group;
} dss_unit;

/* Statistics of which the bootstrap makes intervals: those of results that come first. */
size_t dss_bootstrap_columns(const dss_results *results);

/* What the bootstrap makes of a group, from one results to others of the same plan. */
void dss_copy_interval(dss_results *to, dss_unit unit, const dss_results *from, dss_unit there);

/* --- part_h5.c --- */

/* Writes results->part into the file of its results. */
DSS_MUST_USE dss_status dss_part_put(dss_h5 *h5, const dss_results *results);
/* Reads a part with its results. threads: of the null, for what is done with it later. */
DSS_MUST_USE dss_status dss_part_open(dss_context *context, const char *path, unsigned threads,
                                      dss_results **results);
/* All values of a part's resamples, in their order, to a writer that was begun; results: the
 * part's. */
DSS_MUST_USE dss_status dss_part_copy_values(dss_context *context, const char *path,
                                             const dss_results *results,
                                             dss_results_writer *writer);

#endif

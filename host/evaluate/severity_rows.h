/* The rows of a severity evaluation, in the order in which its values come. */
#ifndef DSS_EVALUATE_SEVERITY_ROWS_H
#define DSS_EVALUATE_SEVERITY_ROWS_H

#include "item_parts.h"
#include "severity_sources.h"

/* One source and part of the items: a block of the tallies. */
typedef struct dss_severity_block {
  const dss_severity_source *source;
  const dss_item_part *part;
  const dss_tally_block *tallied;
} dss_severity_block;

/* How many values a block has of an axis, and of all raters. */
size_t dss_severity_axis_rows(const dss_severity_scale *scale, uint32_t n_groups);
size_t dss_severity_everyone_rows(const dss_severity_scale *scale);

/* Adds a block's rows; observed: its values, which say where an axis's tests are undefined. */
DSS_MUST_USE dss_status dss_severity_add_rows(dss_context *context, const dss_rated *rated,
                                              const dss_severity_block *block,
                                              const double *observed, dss_evaluation *evaluation);

#endif

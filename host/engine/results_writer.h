/* The engine's side of dss_results_writer (dissensus/results.h): values of resamples into a results
 * file while the run goes on. */
#ifndef DSS_ENGINE_RESULTS_WRITER_H
#define DSS_ENGINE_RESULTS_WRITER_H

#include "results.h"

/* Before the first row: shapes from the results under way, and the number of rows at most, at
 * least 1. DSS_ERR_USAGE for a second run into one writer. */
DSS_MUST_USE dss_status dss_results_writer_begin(dss_context *context, dss_results_writer *writer,
                                                 const dss_results *results, uint64_t most_rows);
/* The next count resamples, in order; values [count][n_questions][n_groups][n_columns].
 * DSS_ERR_FILE as soon as something could not be written. */
DSS_MUST_USE dss_status dss_results_writer_append(dss_context *context, dss_results_writer *writer,
                                                  uint64_t count, const double *values);

#endif

/* What the Python package adds to the C API: a call that another thread watches, so that no
 * callback needs Python, and reports as texts. */
#ifndef DSS_PYTHON_GLUE_H
#define DSS_PYTHON_GLUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissensus/dissensus.h"

/* Stands behind a context's callbacks: the thread in the library writes, another reads and stops.
 */
typedef struct dsspy_watch dsspy_watch;

/* NULL: memory is out. The context and its calls end before the watch is freed. */
dsspy_watch *dsspy_watch_new(dss_context *context);
void dsspy_watch_free(dsspy_watch *watch);

/* The call that is under way, and every later one with the context, ends with DSS_INTERRUPTED. */
void dsspy_watch_stop(dsspy_watch *watch);
bool dsspy_watch_stopped(dsspy_watch *watch);

typedef struct dsspy_progress {
  char what[64];
  uint64_t done, total;
} dsspy_progress;

/* false: nothing was said since the last time. */
bool dsspy_watch_progress(dsspy_watch *watch, dsspy_progress *progress);

/* The log's lines since the last time, each "I" or "W" (a warning), the line, a newline; NULL:
 * none. *lost becomes how many there was no memory for. The caller frees the text with dsspy_free.
 */
char *dsspy_watch_lines(dsspy_watch *watch, size_t *lost);

/* The texts of dss_report_write and dss_pairs_report, *size bytes and a NUL, freed with dsspy_free.
 */
dss_status dsspy_report(dss_context *context, const dss_results *results,
                        const dss_report_options *options, char **text, size_t *size);
dss_status dsspy_pairs_report(dss_context *context, const dss_pairs *pairs, dss_pairs_format format,
                              char **text, size_t *size);

void dsspy_free(void *memory);

#endif

#include "glue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dsspy_watch {
  atomic_bool stop;
  pthread_mutex_t mutex; /* for all below */
  dsspy_progress progress;
  bool is_new;
  char *lines;
  size_t length, room, lost;
};

/* --- callbacks, on the thread that is in the library -------------------------------------------
 */

static bool on_stop(void *user) {
  dsspy_watch *watch = user;
  return atomic_load_explicit(&watch->stop, memory_order_relaxed);
}

static void on_progress(const char *what, unsigned long long done, unsigned long long total,
                        void *user) {
  dsspy_watch *watch = user;
  pthread_mutex_lock(&watch->mutex);
  snprintf(watch->progress.what, sizeof watch->progress.what, "%s", what);
  watch->progress.done = done;
  watch->progress.total = total;
  watch->is_new = true;
  pthread_mutex_unlock(&watch->mutex);
}

/* Room for `more` bytes and a NUL. */
static bool make_room(dsspy_watch *watch, size_t more) {
  size_t needed = watch->length + more + 1;
  if (needed <= watch->room) return true;
  size_t room = needed < 1024 ? 1024 : 2 * needed;
  char *lines = realloc(watch->lines, room);
  if (!lines) return false;
  watch->lines = lines;
  watch->room = room;
  return true;
}

static void on_log(dss_log_level level, const char *message, void *user) {
  dsspy_watch *watch = user;
  size_t length = strlen(message);
  pthread_mutex_lock(&watch->mutex);
  if (make_room(watch, length + 2)) {
    char *to = watch->lines + watch->length;
    to[0] = level == DSS_LOG_WARNING ? 'W' : 'I';
    memcpy(to + 1, message, length);
    to[length + 1] = '\n';
    to[length + 2] = '\0';
    watch->length += length + 2;
  } else {
    watch->lost++;
  }
  pthread_mutex_unlock(&watch->mutex);
}

/* --- the watch ---------------------------------------------------------------------------------
 */

dsspy_watch *dsspy_watch_new(dss_context *context) {
  dsspy_watch *watch = calloc(1, sizeof *watch);
  if (!watch) return NULL;
  if (pthread_mutex_init(&watch->mutex, NULL) != 0) {
    free(watch);
    return NULL;
  }
  atomic_init(&watch->stop, false);
  dss_context_set_log(context, on_log, watch);
  dss_context_set_progress(context, on_progress, watch);
  dss_context_set_stop(context, on_stop, watch);
  return watch;
}

void dsspy_watch_free(dsspy_watch *watch) {
  if (!watch) return;
  pthread_mutex_destroy(&watch->mutex);
  free(watch->lines);
  free(watch);
}

void dsspy_watch_stop(dsspy_watch *watch) {
  atomic_store_explicit(&watch->stop, true, memory_order_relaxed);
}

bool dsspy_watch_stopped(dsspy_watch *watch) {
  return on_stop(watch);
}

bool dsspy_watch_progress(dsspy_watch *watch, dsspy_progress *progress) {
  pthread_mutex_lock(&watch->mutex);
  bool is_new = watch->is_new;
  *progress = watch->progress;
  watch->is_new = false;
  pthread_mutex_unlock(&watch->mutex);
  return is_new;
}

char *dsspy_watch_lines(dsspy_watch *watch, size_t *lost) {
  pthread_mutex_lock(&watch->mutex);
  char *lines = watch->lines;
  *lost = watch->lost;
  watch->lines = NULL;
  watch->length = watch->room = watch->lost = 0;
  pthread_mutex_unlock(&watch->mutex);
  return lines;
}

/* --- texts -------------------------------------------------------------------------------------
 */

/* A stream into memory, closed whatever came of it; the text is the caller's where all went well.
 */
static dss_status end_text(FILE *stream, dss_status status, char **text) {
  bool closed = fclose(stream) == 0;
  if (status == DSS_OK && !closed) status = DSS_ERR_MEMORY;
  if (status != DSS_OK) {
    free(*text);
    *text = NULL;
  }
  return status;
}

dss_status dsspy_report(dss_context *context, const dss_results *results,
                        const dss_report_options *options, char **text, size_t *size) {
  FILE *stream = open_memstream(text, size);
  if (!stream) return DSS_ERR_MEMORY;
  return end_text(stream, dss_report_write(context, results, options, stream), text);
}

dss_status dsspy_pairs_report(dss_context *context, const dss_pairs *pairs, dss_pairs_format format,
                              char **text, size_t *size) {
  FILE *stream = open_memstream(text, size);
  if (!stream) return DSS_ERR_MEMORY;
  return end_text(stream, dss_pairs_report(context, pairs, format, stream), text);
}

void dsspy_free(void *memory) {
  free(memory);
}

#include "context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dss_context {
  char error[1024];
  dss_log_fn log;
  void *log_user;
  dss_progress_fn progress;
  void *progress_user;
};

dss_context *dss_context_new(void) {
  return calloc(1, sizeof(dss_context));
}

void dss_context_free(dss_context *context) {
  free(context);
}

const char *dss_context_error(const dss_context *context) {
  return context ? context->error : "";
}

void dss_context_set_log(dss_context *context, dss_log_fn log, void *user) {
  context->log = log;
  context->log_user = user;
}

void dss_context_set_progress(dss_context *context, dss_progress_fn progress, void *user) {
  context->progress = progress;
  context->progress_user = user;
}

/* Errors and log lines are one line whatever a label or a library's message holds. */
static void one_line(char *text) {
  for (char *at = text; *at; at++)
    if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = ' ';
}

dss_status dss_fail(dss_context *context, dss_status status, const char *format, ...) {
  if (context) {
    /* The arguments may point into the old text. */
    char text[sizeof context->error];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    one_line(text);
    memcpy(context->error, text, sizeof text);
  }
  return status;
}

dss_status dss_fail_memory(dss_context *context, unsigned long long bytes) {
  return dss_fail(context, DSS_ERR_MEMORY, "out of memory: %llu bytes could not be had", bytes);
}

DSS_PRINTF(3, 0)
static void log_line(dss_context *context, dss_log_level level, const char *format,
                     va_list arguments) {
  if (!context || !context->log) return;
  char text[1024];
  vsnprintf(text, sizeof text, format, arguments);
  one_line(text);
  context->log(level, text, context->log_user);
}

void dss_info(dss_context *context, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  log_line(context, DSS_LOG_INFO, format, arguments);
  va_end(arguments);
}

void dss_warn(dss_context *context, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  log_line(context, DSS_LOG_WARNING, format, arguments);
  va_end(arguments);
}

void dss_progress(dss_context *context, const char *what, unsigned long long done,
                  unsigned long long total) {
  if (context && context->progress) context->progress(what, done, total, context->progress_user);
}

const char *dss_status_name(dss_status status) {
  switch (status) {
  case DSS_OK:
    return "ok";
  case DSS_ERR_USAGE:
    return "usage error";
  case DSS_ERR_DATA:
    return "bad input data";
  case DSS_ERR_FILE:
    return "file error";
  case DSS_ERR_DEVICE:
    return "device error";
  case DSS_ERR_MEMORY:
    return "out of memory";
  case DSS_ERR_INTERNAL:
    return "internal error";
  case DSS_INTERRUPTED:
    return "interrupted";
  }
  return "unknown status";
}

const char *dss_version(void) {
  return DSS_VERSION_STRING;
}

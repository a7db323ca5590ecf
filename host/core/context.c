#include "context.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum { MAX_LINE = 2048, MAX_SHOWN = 6 };

struct dss_context {
  char error[1024];
  dss_log_fn log;
  void *log_user;
  dss_progress_fn progress;
  void *progress_user;
  dss_stop_fn stop;
  void *stop_user;
  bool hushed;
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

void dss_context_set_stop(dss_context *context, dss_stop_fn stop, void *user) {
  context->stop = stop;
  context->stop_user = user;
}

/* Controls, and what else a reader may take for the end of a line. */
static bool is_control(ucs4_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* The first character of text (length bytes, at least 1) as it stands in a line. Returns how many
 * bytes it takes; 0 for the beginning of a character whose rest was cut off. */
static size_t show(const char *text, size_t length, bool cut, char shown[MAX_SHOWN]) {
  ucs4_t c;
  int used = u8_mbtoucr(&c, (const uint8_t *)text, length);
  if (used == -2 && cut) return 0;
  if (used <= 0) {
    snprintf(shown, MAX_SHOWN, "\\x%02X", (unsigned)(unsigned char)*text);
    return 1;
  }
  if (is_control(c))
    strcpy(shown, " ");
  else
    snprintf(shown, MAX_SHOWN, "%.*s", used, text);
  return (size_t)used;
}

void dss_format_line(char *line, size_t room, const char *format, va_list arguments) {
  char text[MAX_LINE] = "", shown[MAX_SHOWN];
  int wanted = vsnprintf(text, sizeof text, format, arguments);
  bool cut = wanted >= (int)sizeof text;
  size_t length = strlen(text), used = 0;
  for (size_t at = 0, size; at < length; at += size) {
    size = show(text + at, length - at, cut, shown);
    size_t more = strlen(shown);
    if (size == 0 || more >= room - used) break;
    memcpy(line + used, shown, more);
    used += more;
  }
  line[used] = '\0';
}

dss_status dss_fail(dss_context *context, dss_status status, const char *format, ...) {
  if (context) {
    va_list arguments;
    va_start(arguments, format);
    dss_format_line(context->error, sizeof context->error, format, arguments);
    va_end(arguments);
  }
  return status;
}

dss_status dss_fail_memory(dss_context *context, unsigned long long bytes) {
  return dss_fail(context, DSS_ERR_MEMORY, "out of memory: %llu bytes could not be had", bytes);
}

DSS_PRINTF(3, 0)
static void log_line(dss_context *context, dss_log_level level, const char *format,
                     va_list arguments) {
  if (!context || !context->log || context->hushed) return;
  char text[1024];
  dss_format_line(text, sizeof text, format, arguments);
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

void dss_hush(dss_context *context, bool hushed) {
  if (context) context->hushed = hushed;
}

void dss_progress(dss_context *context, const char *what, unsigned long long done,
                  unsigned long long total) {
  if (context && context->progress) context->progress(what, done, total, context->progress_user);
}

bool dss_stopped(const dss_context *context) {
  return context && context->stop && context->stop(context->stop_user);
}

dss_status dss_go_on(dss_context *context) {
  if (!dss_stopped(context)) return DSS_OK;
  return dss_fail(context, DSS_INTERRUPTED, "interrupted; nothing is kept");
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

#include "import_log.h"

#include <stdarg.h>

#include "host/core/texts.h"

void dss_import_log_init(dss_import_log *log) {
  *log = (dss_import_log){.root = json_object()};
  log->failed = !log->root;
}

/* Takes value over. */
static void set(dss_import_log *log, json_t *object, const char *name, json_t *value) {
  if (json_object_set_new(object, name, value) != 0) log->failed = true;
}

DSS_PRINTF(3, 4) static void print_line(char *line, size_t room, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  dss_format_line(line, room, format, arguments);
  va_end(arguments);
}

/* JSON is UTF-8; the name of a file need not be. */
static json_t *text_value(const char *text) {
  if (dss_text_is_utf8(text)) return json_string(text);
  char shown[1024];
  print_line(shown, sizeof shown, "%s", text);
  return json_string(shown);
}

json_t *dss_log_object(dss_import_log *log, json_t *parent, const char *name) {
  if (!json_object_get(parent, name)) set(log, parent, name, json_object());
  return json_object_get(parent, name);
}

void dss_log_count(dss_import_log *log, json_t *object, const char *name, uint64_t count) {
  set(log, object, name, json_integer((json_int_t)count));
}

void dss_log_text(dss_import_log *log, json_t *object, const char *name, const char *text) {
  set(log, object, name, text_value(text));
}

void dss_log_append(dss_import_log *log, json_t *object, const char *name, const char *text) {
  if (!json_object_get(object, name)) set(log, object, name, json_array());
  if (json_array_append_new(json_object_get(object, name), text_value(text)) != 0)
    log->failed = true;
}

dss_status dss_import_log_text(dss_context *context, const dss_import_log *log, char **text) {
  char *dumped = log->failed ? NULL : json_dumps(log->root, JSON_COMPACT);
  if (!dumped) return dss_fail(context, DSS_ERR_MEMORY, "out of memory for the import's log");
  *text = dumped;
  return DSS_OK;
}

void dss_import_log_free(dss_import_log *log) {
  json_decref(log->root);
  *log = (dss_import_log){0};
}

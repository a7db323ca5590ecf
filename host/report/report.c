#include "dissensus/report.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#include "host/core/atomic_file.h"
#include "host/core/context.h"
#include "writers.h"

bool dss_report_format_parse(const char *name, dss_report_format *format) {
  static const char *const names[] = {
      [DSS_REPORT_TABLE] = "table",       [DSS_REPORT_CSV] = "csv",     [DSS_REPORT_JSON] = "json",
      [DSS_REPORT_MARKDOWN] = "markdown", [DSS_REPORT_LATEX] = "latex", [DSS_REPORT_HTML] = "html"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) {
      *format = (dss_report_format)i;
      return true;
    }
  return false;
}

void dss_report_options_init(dss_report_options *options) {
  *options = (dss_report_options){.format = DSS_REPORT_TABLE};
}

static dss_status write_results(dss_context *context, const void *what,
                                const dss_report_options *options, FILE *stream) {
  const dss_results *results = what;
  switch (options->format) {
  case DSS_REPORT_TABLE:
    dss_write_table(results, options, stream);
    return DSS_OK;
  case DSS_REPORT_CSV:
    dss_write_csv(results, stream);
    return DSS_OK;
  case DSS_REPORT_JSON:
    return dss_write_json(context, results, stream);
  case DSS_REPORT_MARKDOWN:
    dss_write_markdown(results, stream);
    return DSS_OK;
  case DSS_REPORT_LATEX:
    dss_write_latex(results, stream);
    return DSS_OK;
  case DSS_REPORT_HTML:
    return dss_write_html(context, results, stream);
  }
  return dss_fail(context, DSS_ERR_USAGE, "no such report format: %d", (int)options->format);
}

/* path is NULL where the caller alone knows what the stream is. */
static dss_status refuse_write(dss_context *context, const char *path, int why) {
  return dss_fail(context, DSS_ERR_FILE, "%s%sthe report cannot be written%s%s", path ? path : "",
                  path ? ": " : "", why ? ": " : "", why ? strerror(why) : "");
}

static dss_status write_stream(dss_context *context, dss_writer_fn writer, const void *what,
                               const dss_report_options *options, FILE *stream, const char *path) {
  /* A decimal point is a point, whatever the program's locale says. */
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0) return dss_fail_memory(context, 0);
  locale_t before = uselocale(plain);
  errno = 0;
  dss_status status = writer(context, what, options, stream);
  bool written = fflush(stream) == 0 && !ferror(stream);
  int why = errno;
  uselocale(before);
  freelocale(plain);
  if (status == DSS_OK && !written) status = refuse_write(context, path, why);
  return status;
}

dss_status dss_writer_write(dss_context *context, dss_writer_fn writer, const void *what,
                            const dss_report_options *options, FILE *stream) {
  return write_stream(context, writer, what, options, stream, NULL);
}

dss_status dss_writer_save(dss_context *context, dss_writer_fn writer, const void *what,
                           const dss_report_options *options, const char *path, bool overwrite) {
  dss_atomic_file file;
  DSS_TRY(dss_atomic_begin(context, &file, path, overwrite));
  FILE *stream = fopen(file.temporary, "w");
  dss_status status = stream ? write_stream(context, writer, what, options, stream, path)
                             : refuse_write(context, path, errno);
  if (stream && fclose(stream) != 0 && status == DSS_OK)
    status = refuse_write(context, path, errno);
  if (status == DSS_OK) return dss_atomic_commit(context, &file);
  dss_atomic_abandon(&file);
  return status;
}

dss_status dss_report_write(dss_context *context, const dss_results *results,
                            const dss_report_options *options, FILE *stream) {
  return dss_writer_write(context, write_results, results, options, stream);
}

dss_status dss_report_save(dss_context *context, const dss_results *results,
                           const dss_report_options *options, const char *path, bool overwrite) {
  return dss_writer_save(context, write_results, results, options, path, overwrite);
}

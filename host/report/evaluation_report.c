/* Reports of an evaluation, by their format. */
#include "evaluation_writers.h"
#include "writers.h"

static dss_status write_format(dss_context *context, const dss_evaluation_view *view,
                               const dss_report_options *options, FILE *stream) {
  switch (options->format) {
  case DSS_REPORT_TABLE:
    dss_write_evaluation_table(view, options, stream);
    return DSS_OK;
  case DSS_REPORT_CSV:
    dss_write_evaluation_csv(view, stream);
    return DSS_OK;
  case DSS_REPORT_JSON:
    return dss_write_evaluation_json(context, view, stream);
  case DSS_REPORT_MARKDOWN:
    dss_write_evaluation_markdown(view, stream);
    return DSS_OK;
  case DSS_REPORT_LATEX:
    dss_write_evaluation_latex(view, stream);
    return DSS_OK;
  case DSS_REPORT_HTML:
    return dss_write_evaluation_html(context, view, stream);
  }
  return dss_fail(context, DSS_ERR_USAGE, "no such report format: %d", (int)options->format);
}

static dss_status write_evaluation(dss_context *context, const void *what,
                                   const dss_report_options *options, FILE *stream) {
  dss_evaluation_view view;
  DSS_TRY(dss_evaluation_view_new(context, what, &view));
  dss_status status = write_format(context, &view, options, stream);
  dss_evaluation_view_free(&view);
  return status;
}

dss_status dss_evaluation_report(dss_context *context, const dss_evaluation *evaluation,
                                 const dss_report_options *options, FILE *stream) {
  return dss_writer_write(context, write_evaluation, evaluation, options, stream);
}

dss_status dss_evaluation_report_save(dss_context *context, const dss_evaluation *evaluation,
                                      const dss_report_options *options, const char *path,
                                      bool overwrite) {
  return dss_writer_save(context, write_evaluation, evaluation, options, path, overwrite);
}

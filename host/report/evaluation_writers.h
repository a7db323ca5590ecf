/* One function a format, for evaluations. */
#ifndef DSS_REPORT_EVALUATION_WRITERS_H
#define DSS_REPORT_EVALUATION_WRITERS_H

#include <stdio.h>

#include "evaluation_view.h"
#include "host/core/context.h"

void dss_write_evaluation_table(const dss_evaluation_view *view, const dss_report_options *options,
                                FILE *stream);
void dss_write_evaluation_csv(const dss_evaluation_view *view, FILE *stream);
void dss_write_evaluation_markdown(const dss_evaluation_view *view, FILE *stream);
void dss_write_evaluation_latex(const dss_evaluation_view *view, FILE *stream);
/* DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_write_evaluation_json(dss_context *context,
                                                  const dss_evaluation_view *view, FILE *stream);
DSS_MUST_USE dss_status dss_write_evaluation_html(dss_context *context,
                                                  const dss_evaluation_view *view, FILE *stream);

#endif

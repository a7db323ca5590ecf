/* One function a format of powers for papers and browsers; power_report.c asks whether it arrived.
 */
#ifndef DSS_REPORT_POWER_WRITERS_H
#define DSS_REPORT_POWER_WRITERS_H

#include "dissensus/power.h"

void dss_write_power_markdown(const dss_power *power, FILE *stream);
void dss_write_power_latex(const dss_power *power, FILE *stream);
/* DSS_ERR_MEMORY; what drawing the figure returns. */
DSS_MUST_USE dss_status dss_write_power_html(dss_context *context, const dss_power *power,
                                             FILE *stream);

#endif

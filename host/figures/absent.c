/* A build without Cairo: the functions that draw. */
#include "axis.h"
#include "host/core/context.h"

bool dss_figures_available(void) {
  return false;
}

const char *dss_figures_library(void) {
  return "";
}

dss_status dss_figure_draw(dss_context *context, const dss_results *results,
                           const dss_figure *figure, dss_figure_format format,
                           unsigned char **bytes, size_t *n) {
  (void)results, (void)figure, (void)format, (void)bytes, (void)n;
  return dss_fail(context, DSS_ERR_USAGE, "%s", dss_figures_absent_text);
}

dss_status dss_pair_figure_draw(dss_context *context, dss_pairs *pairs, const dss_figure *figure,
                                dss_figure_format format, unsigned char **bytes, size_t *n) {
  (void)pairs, (void)figure, (void)format, (void)bytes, (void)n;
  return dss_fail(context, DSS_ERR_USAGE, "%s", dss_figures_absent_text);
}

dss_status dss_power_figure_draw(dss_context *context, const dss_power *power,
                                 dss_figure_format format, unsigned char **bytes, size_t *n) {
  (void)power, (void)format, (void)bytes, (void)n;
  return dss_fail(context, DSS_ERR_USAGE, "%s", dss_figures_absent_text);
}

dss_status dss_pool_figure_draw(dss_context *context, const dss_pool_check *check,
                                dss_figure_format format, unsigned char **bytes, size_t *n) {
  (void)check, (void)format, (void)bytes, (void)n;
  return dss_fail(context, DSS_ERR_USAGE, "%s", dss_figures_absent_text);
}

dss_status dss_evaluation_figure_draw(dss_context *context, const dss_evaluation *evaluation,
                                      const dss_figure *figure, dss_figure_format format,
                                      unsigned char **bytes, size_t *n) {
  (void)evaluation, (void)figure, (void)format, (void)bytes, (void)n;
  return dss_fail(context, DSS_ERR_USAGE, "%s", dss_figures_absent_text);
}

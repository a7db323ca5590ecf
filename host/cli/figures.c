#include "figures.h"

#include <stdlib.h>
#include <string.h>

#include "console.h"

static bool add_format(unsigned *bits, const char *word, size_t length) {
  for (unsigned f = 0; f < DSS_N_FIGURE_FORMATS; f++) {
    const char *name = dss_figure_format_name((dss_figure_format)f);
    if (strlen(name) == length && memcmp(name, word, length) == 0) {
      *bits |= 1u << f;
      return true;
    }
  }
  return false;
}

int cli_figures_check(const cli_command *command, cli_figures *figures) {
  figures->bits = figures->formats ? 0 : (1u << DSS_N_FIGURE_FORMATS) - 1;
  if (figures->formats && !figures->folder)
    return cli_usage(command, "--figure-format goes with --figures");
  if (figures->folder && *figures->folder == '\0')
    return cli_usage(command, "--figures: the folder's name is empty");
  if (figures->folder && !dss_figures_available())
    return cli_usage(command, "--figures: this build draws none: it was made without Cairo and "
                              "Pango");
  for (const char *at = figures->formats; at;) {
    size_t length = strcspn(at, ",");
    if (!add_format(&figures->bits, at, length))
      return cli_usage(command, "--figure-format: '%.*s' is not svg, pdf or png", (int)length, at);
    at = at[length] ? at + length + 1 : NULL;
  }
  return CLI_GO_ON;
}

int cli_figure_check(const cli_command *command, const char *path) {
  dss_figure_format format;
  if (!dss_figures_available())
    return cli_usage(command, "--figure: this build draws none: it was made without Cairo and "
                              "Pango");
  if (!dss_figure_format_of_path(path, &format))
    return cli_usage(command, "--figure %s: its name must end with .svg, .pdf or .png", path);
  return CLI_GO_ON;
}

static void tell(const cli_figures *figures, size_t n) {
  size_t files = 0;
  for (unsigned f = 0; f < DSS_N_FIGURE_FORMATS; f++)
    files += figures->bits >> f & 1u ? n : 0;
  console_note("%s: %zu figure%s, %zu file%s", figures->folder, n, n == 1 ? "" : "s", files,
               files == 1 ? "" : "s");
}

dss_status cli_figures_of_results(const cli_common *common, const dss_results *results,
                                  const cli_figures *figures) {
  dss_figure *list = NULL;
  size_t n = 0;
  dss_status status = dss_figures_list(common->context, results, &list, &n);
  free(list);
  if (status == DSS_OK)
    status =
        dss_figures_save(common->context, results, figures->folder, figures->bits, common->force);
  if (status == DSS_OK) tell(figures, n);
  return status;
}

dss_status cli_figures_of_pairs(const cli_common *common, dss_pairs *pairs,
                                const cli_figures *figures) {
  dss_figure *list = NULL;
  size_t n = 0;
  dss_status status = dss_pair_figures_list(common->context, pairs, &list, &n);
  free(list);
  if (status == DSS_OK)
    status = dss_pair_figures_save(common->context, pairs, figures->folder, figures->bits,
                                   common->force);
  if (status == DSS_OK) tell(figures, n);
  return status;
}

dss_status cli_figures_of_evaluation(const cli_common *common, const dss_evaluation *evaluation,
                                     const cli_figures *figures) {
  dss_figure *list = NULL;
  size_t n = 0;
  dss_status status = dss_evaluation_figures_list(common->context, evaluation, &list, &n);
  free(list);
  if (status == DSS_OK)
    status = dss_evaluation_figures_save(common->context, evaluation, figures->folder,
                                         figures->bits, common->force);
  if (status == DSS_OK) tell(figures, n);
  return status;
}

/* --figures and --figure-format, and --figure of a single one, of every command that draws. */
#ifndef DSS_CLI_FIGURES_H
#define DSS_CLI_FIGURES_H

#include "options.h"

typedef struct cli_figures {
  const char *folder;  /* NULL: none are wanted */
  const char *formats; /* "svg,pdf,png"; NULL: all */
  unsigned bits;       /* 1 << dss_figure_format, after cli_figures_check */
} cli_figures;

/* Refuses formats that are none, and folders that are none, before any work. CLI_GO_ON or 2. */
int cli_figures_check(const cli_command *command, cli_figures *figures);
/* The same of --figure FILE. */
int cli_figure_check(const cli_command *command, const char *path);

dss_status cli_figures_of_results(const cli_common *common, const dss_results *results,
                                  const cli_figures *figures);
dss_status cli_figures_of_pairs(const cli_common *common, dss_pairs *pairs,
                                const cli_figures *figures);
dss_status cli_figures_of_evaluation(const cli_common *common, const dss_evaluation *evaluation,
                                     const cli_figures *figures);

#endif

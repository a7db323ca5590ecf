/* Standard output. */
#ifndef DSS_CLI_TERMINAL_H
#define DSS_CLI_TERMINAL_H

#include "dissensus/dissensus.h"

/* What the reader of standard output can show: arrows and rules beyond ASCII, colors. */
void cli_suit_terminal(dss_report_options *options);

#endif

/* Standard error: log lines, errors and progress. A process has one, so there is one console. */
#ifndef DSS_CLI_CONSOLE_H
#define DSS_CLI_CONSOLE_H

#include <stdbool.h>

#include "dissensus/status.h"

/* TIMED: as PLAIN, behind the time, and no bar. */
typedef enum console_style { CONSOLE_PLAIN, CONSOLE_TIMED, CONSOLE_JSON } console_style;

/* What suits where nobody says: TIMED in the log of a batch job (SLURM_JOB_ID is set and standard
 * error is no terminal), else PLAIN. */
console_style console_default(void);

/* quiet: nothing but errors. */
void console_set(console_style style, bool quiet);
/* Whether lines are JSON. */
bool console_is_json(void);
/* From now on nothing but errors. */
void console_quiet(void);

/* Callbacks for a context; user is not used. */
void console_log(dss_log_level level, const char *message, void *user);
void console_progress(const char *what, unsigned long long done, unsigned long long total,
                      void *user);

/* A line "dissensus: text", for a command's own remarks. */
DSS_PRINTF(1, 2) void console_note(const char *format, ...);
/* "dissensus COMMAND: text"; command may be NULL. */
DSS_PRINTF(2, 3) void console_error(const char *command, const char *format, ...);

#endif

/* Values of options that several commands share. Each returns CLI_GO_ON, or 2 with its message
 * printed. */
#ifndef DSS_CLI_VALUES_H
#define DSS_CLI_VALUES_H

#include "options.h"

/* Refuses a number that is not between lowest and highest. */
int cli_within(const cli_command *command, const char *option, uint64_t value, uint64_t lowest,
               uint64_t highest);

/* What a count is that was not given. */
#define CLI_NOT_GIVEN UINT64_MAX

/* --threads, --device and --device-memory (MiB), each as given or CLI_NOT_GIVEN, to what
 * dss_run_options and dss_pairs_options have of them; what was not given is left alone. */
typedef struct cli_machine {
  uint64_t threads, device, device_memory;
} cli_machine;
int cli_use_machine(const cli_command *command, const cli_machine *given, unsigned *threads,
                    unsigned *device, uint64_t *device_bytes);

/* A whole number, or a decimal one, that is between the two; text NULL leaves *value alone. */
int cli_whole(const cli_command *command, const char *option, const char *text, uint64_t lowest,
              uint64_t highest, uint64_t *value);
int cli_number(const cli_command *command, const char *option, const char *text, double lowest,
               double highest, double *value);

/* free, strata:ATTR or within:ATTR; text NULL leaves both alone. *attribute points into text. */
int cli_scheme(const cli_command *command, const char *text, dss_scheme *scheme,
               const char **attribute);

/* Bytes: a whole number, alone or with KiB, MiB, GiB or TiB right behind it. */
int cli_size(const cli_command *command, const char *option, const char *text, uint64_t *bytes);

/* Seconds, more than 0: 90, 1.5s, 15m, 2h, 30:00 (minutes and seconds) or 1:30:00. */
int cli_duration(const cli_command *command, const char *option, const char *text, double *seconds);

#endif

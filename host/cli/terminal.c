#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* By the variables themselves: a locale that is named but not installed still tells what the
 * terminal understands. */
static bool locale_is_utf8(void) {
  static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    const char *value = getenv(variables[i]);
    if (!value || *value == '\0') continue;
    const char *codeset = strchr(value, '.');
    return codeset &&
           (strncasecmp(codeset, ".utf-8", 6) == 0 || strncasecmp(codeset, ".utf8", 5) == 0);
  }
  return false;
}

void cli_suit_terminal(dss_report_options *options) {
  const char *terminal = getenv("TERM"), *no_color = getenv("NO_COLOR");
  options->unicode = locale_is_utf8();
  options->color = isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0 &&
                   !(no_color && *no_color);
}

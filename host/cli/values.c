#include "values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_within(const cli_command *command, const char *option, uint64_t value, uint64_t lowest,
               uint64_t highest) {
  if (value >= lowest && value <= highest) return CLI_GO_ON;
  return cli_usage(command, "--%s: %llu is not between %llu and %llu", option,
                   (unsigned long long)value, (unsigned long long)lowest,
                   (unsigned long long)highest);
}

int cli_whole(const cli_command *command, const char *option, const char *text, uint64_t lowest,
              uint64_t highest, uint64_t *value) {
  if (!text) return CLI_GO_ON;
  size_t digits = strspn(text, "0123456789");
  if (digits == 0 || digits > 20 || text[digits])
    return cli_usage(command, "--%s: '%s' is no whole number", option, text);
  errno = 0;
  *value = strtoull(text, NULL, 10);
  if (errno == ERANGE) return cli_usage(command, "--%s: %s is too large", option, text);
  return cli_within(command, option, *value, lowest, highest);
}

int cli_number(const cli_command *command, const char *option, const char *text, double lowest,
               double highest, double *value) {
  if (!text) return CLI_GO_ON;
  char *end;
  *value = strtod(text, &end);
  if (end == text || *end || text[strspn(text, "0123456789.-")])
    return cli_usage(command, "--%s: '%s' is no number", option, text);
  if (*value >= lowest && *value <= highest) return CLI_GO_ON;
  return cli_usage(command, "--%s: %s is not between %g and %g", option, text, lowest, highest);
}

enum { MAX_THREADS = 4096, MAX_DEVICE = 1023 };
#define MAX_DEVICE_MIB ((uint64_t)1 << 30)

int cli_use_machine(const cli_command *command, const cli_machine *given, unsigned *threads,
                    unsigned *device, uint64_t *device_bytes) {
  int result = CLI_GO_ON;
  if (given->threads != CLI_NOT_GIVEN) {
    *threads = (unsigned)given->threads;
    result = cli_within(command, "threads", given->threads, 1, MAX_THREADS);
  }
  if (result == CLI_GO_ON && given->device != CLI_NOT_GIVEN) {
    *device = (unsigned)given->device + 1;
    result = cli_within(command, "device", given->device, 0, MAX_DEVICE);
  }
  if (result == CLI_GO_ON && given->device_memory != CLI_NOT_GIVEN) {
    *device_bytes = given->device_memory << 20;
    result = cli_within(command, "device-memory", given->device_memory, 1, MAX_DEVICE_MIB);
  }
  return result;
}

int cli_scheme(const cli_command *command, const char *text, dss_scheme *scheme,
               const char **attribute) {
  static const struct {
    const char *prefix;
    dss_scheme scheme;
  } schemes[] = {{"strata:", DSS_SCHEME_STRATA}, {"within:", DSS_SCHEME_WITHIN}};
  if (!text || strcmp(text, "free") == 0) return CLI_GO_ON;
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    size_t length = strlen(schemes[i].prefix);
    if (strncmp(text, schemes[i].prefix, length) != 0 || text[length] == '\0') continue;
    *scheme = schemes[i].scheme;
    *attribute = text + length;
    return CLI_GO_ON;
  }
  return cli_usage(command, "--scheme: '%s' is not free, strata:ATTR or within:ATTR", text);
}

int cli_size(const cli_command *command, const char *option, const char *text, uint64_t *bytes) {
  static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
  size_t digits = strspn(text, "0123456789");
  for (unsigned u = 0; digits > 0 && u < sizeof units / sizeof *units; u++) {
    if (strcmp(text + digits, units[u]) != 0) continue;
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    if (errno == ERANGE || number > UINT64_MAX >> (10 * u))
      return cli_usage(command, "--%s: %s is too large", option, text);
    *bytes = (uint64_t)number << (10 * u);
    return CLI_GO_ON;
  }
  return cli_usage(command, "--%s: '%s' is no size such as 500MiB or 2GiB", option, text);
}

/* Hours, minutes and seconds, or the last two. */
static bool clock_time(const char *text, double *seconds) {
  unsigned part[3];
  int end = 0, n = 0;
  if (strlen(text) > 12 || text[strspn(text, "0123456789:")]) return false;
  if (sscanf(text, "%6u:%6u:%6u%n", &part[0], &part[1], &part[2], &end) == 3 && !text[end])
    n = 3;
  else if (sscanf(text, "%6u:%6u%n", &part[0], &part[1], &end) == 2 && !text[end])
    n = 2;
  *seconds = 0;
  for (int i = 0; i < n; i++) {
    if (i > 0 && part[i] > 59) return false;
    *seconds = 60 * *seconds + part[i];
  }
  return n > 0;
}

static bool number_with_unit(const char *text, double *seconds) {
  static const struct {
    const char *unit;
    double seconds;
  } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
  size_t digits = strspn(text, "0123456789.");
  char *end;
  *seconds = strtod(text, &end);
  if (digits == 0 || digits > 12 || end != text + digits) return false;
  for (size_t u = 0; u < sizeof units / sizeof *units; u++)
    if (strcmp(end, units[u].unit) == 0) {
      *seconds *= units[u].seconds;
      return true;
    }
  return false;
}

int cli_duration(const cli_command *command, const char *option, const char *text,
                 double *seconds) {
  if ((clock_time(text, seconds) || number_with_unit(text, seconds)) && *seconds > 0)
    return CLI_GO_ON;
  return cli_usage(command, "--%s: '%s' is no time such as 90s, 15m, 2h or 1:30:00", option, text);
}

/* dissensus selftest: each check on a line, then the verdict. */
#include <stdio.h>

#include "options.h"

typedef struct tally {
  unsigned checks, failed;
  bool quiet;
} tally;

static void show(const char *check, const char *backend, double expected, double found, bool passed,
                 void *user) {
  tally *counts = user;
  counts->checks++;
  counts->failed += !passed;
  if (counts->quiet && passed) return;
  printf("%-4s  %-10s  %s: expected %.10g, found %.10g\n", passed ? "ok" : "FAIL", backend, check,
         expected, found);
}

int cmd_selftest(const cli_command *command, int argc, char **argv) {
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, NULL, 0, false, argc, argv, &common, &operands);
  if (result != CLI_GO_ON) return result;
  if (operands.count) {
    result = cli_usage(command, "unexpected operand '%s'", operands.items[0]);
  } else {
    tally counts = {.quiet = common.quiet};
    dss_status status = dss_selftest(common.context, show, &counts);
    if (!common.quiet && counts.failed)
      printf("%u of %u checks failed\n", counts.failed, counts.checks);
    else if (!common.quiet && status == DSS_OK)
      printf("all %u checks passed\n", counts.checks);
    result = status == DSS_OK ? DSS_OK : cli_fail(command, common.context, status);
  }
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}

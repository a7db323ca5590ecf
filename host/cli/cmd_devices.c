/* dissensus devices: the GPUs that a run could use, a line each. */
#include <stdio.h>

#include "options.h"
#include "text.h"

enum { ROOM = 64 };

static double gibibytes(uint64_t bytes) {
  return (double)bytes / (double)(1u << 30);
}

static void show(size_t number, const dss_device *device) {
  printf("%zu  %s", number, device->name);
  if (device->major > 0)
    printf(", compute capability %d.%d, %.1f GiB of memory", device->major, device->minor,
           gibibytes(device->bytes));
  if (device->usable)
    printf(", %.1f GiB free\n", gibibytes(device->free));
  else
    printf(": not usable: %s\n", device->why);
}

static int list(const cli_command *command, cli_common *common) {
  dss_device devices[ROOM];
  size_t n;
  char why[256];
  dss_status status = dss_devices(common->context, devices, ROOM, &n, why);
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  for (size_t i = 0; i < n && i < ROOM; i++)
    show(i, &devices[i]);
  if (n == 0) printf("no GPU: %s\n", why);
  if (n > ROOM) printf("and %zu more\n", n - ROOM);
  return DSS_OK;
}

int cmd_devices(const cli_command *command, int argc, char **argv) {
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, NULL, 0, false, argc, argv, &common, &operands);
  if (result != CLI_GO_ON) return result;
  result = operands.count ? cli_usage(command, "unexpected operand '%s'", operands.items[0])
                          : list(command, &common);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}

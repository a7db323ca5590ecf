/* dissensus merge: the parts of all shards in, the results of the whole run out. */
#include "cleanup.h"
#include "console.h"
#include "options.h"
#include "values.h"

static dss_status write(const cli_common *common, dss_results_writer *writer,
                        const dss_results *results) {
  if (writer) return dss_results_writer_finish(common->context, writer, results);
  return dss_results_save(common->context, results, common->output, common->force);
}

static dss_status merge(const cli_common *common, const cli_list *parts, unsigned threads) {
  dss_results_writer *writer = NULL;
  dss_results *results = NULL;
  bool saves = false;
  dss_status status = dss_part_saves_null(common->context, parts->items[0], &saves);
  if (status == DSS_OK && saves)
    status = dss_results_writer_create(common->context, common->output, common->force, &writer);
  if (writer) cleanup_remember(dss_results_writer_temporary(writer));
  if (status == DSS_OK)
    status = dss_merge(common->context, parts->items, parts->count, threads, writer, &results);
  if (status == DSS_OK) status = write(common, writer, results);
  cleanup_forget();
  dss_results_writer_free(writer);
  dss_results_free(results);
  return status;
}

static int run(const cli_command *command, const cli_common *common, const cli_list *parts,
               const cli_machine *machine) {
  unsigned threads = 0, device = 0;
  uint64_t device_bytes = 0;
  if (parts->count == 0) return cli_usage(command, "PART is missing");
  int result = cli_use_machine(command, machine, &threads, &device, &device_bytes);
  if (result == CLI_GO_ON)
    result = cli_check_output(command, common, "RESULTS", parts->items, parts->count);
  if (result != CLI_GO_ON) return result;
  dss_status status = merge(common, parts, threads);
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  console_note("wrote %s from %zu parts", common->output, parts->count);
  return DSS_OK;
}

int cmd_merge(const cli_command *command, int argc, char **argv) {
  cli_machine machine = {CLI_NOT_GIVEN, CLI_NOT_GIVEN, CLI_NOT_GIVEN};
  const cli_option options[] = {
      {"threads", "T", CLI_COUNT, &machine.threads, "default: as many as the process may use"}};
  cli_common common;
  cli_list parts;
  int result = cli_parse(command, options, sizeof options / sizeof *options, true, argc, argv,
                         &common, &parts);
  if (result != CLI_GO_ON) return result;
  result = run(command, &common, &parts, &machine);
  cli_list_free(&parts);
  cli_common_free(&common);
  return result;
}

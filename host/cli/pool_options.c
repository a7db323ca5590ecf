#include "pool_options.h"

#include "values.h"

int cli_pool_set(const cli_command *command, const cli_pool *given, dss_simulate_options *options) {
  struct {
    const char *name, *text;
    uint32_t *target;
  } counts[] = {{"raters", given->raters, &options->raters},
                {"items", given->items, &options->items},
                {"items-per-rater", given->items_per_rater, &options->items_per_rater},
                {"ratings-per-item", given->ratings_per_item, &options->ratings_per_item},
                {"batches", given->batches, &options->batches}};
  int result = cli_whole(command, "seed", given->seed, 0, UINT64_MAX, &options->seed);
  for (size_t i = 0; result == CLI_GO_ON && i < sizeof counts / sizeof *counts; i++) {
    uint64_t value = *counts[i].target;
    result = cli_whole(command, counts[i].name, counts[i].text, 1, UINT32_MAX - 1, &value);
    *counts[i].target = (uint32_t)value;
  }
  if (result == CLI_GO_ON)
    result = cli_number(command, "missing", given->missing, 0, 1, &options->missing);
  if (result == CLI_GO_ON)
    result = cli_number(command, "agreement", given->agreement, 0, 1, &options->agreement);
  if (result == CLI_GO_ON)
    result = cli_number(command, "leniency", given->leniency, 0, 1, &options->leniency);
  options->attributes = given->attributes.items;
  options->n_attributes = given->attributes.count;
  options->questions = given->questions.items;
  options->n_questions = given->questions.count;
  options->effects = given->effects.items;
  options->n_effects = given->effects.count;
  return result;
}

void cli_pool_free(cli_pool *given) {
  cli_list_free(&given->attributes);
  cli_list_free(&given->questions);
  cli_list_free(&given->effects);
}

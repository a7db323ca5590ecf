#include "part.h"

#include "host/core/alloc.h"

uint64_t dss_shard_first(uint64_t total, uint64_t shard, uint64_t n_shards) {
  uint64_t blocks = total / DSS_MOMENT_BLOCK + (total % DSS_MOMENT_BLOCK > 0);
  uint64_t first = (uint64_t)((dss_u128)blocks * shard / n_shards);
  return first < blocks ? first * DSS_MOMENT_BLOCK : total;
}

dss_status dss_part_new(dss_context *context, const dss_results *results, const dss_batch *batch,
                        uint64_t total, bool saves_null, dss_part **part) {
  dss_part *made;
  DSS_TRY(DSS_ALLOC(context, &made, 1));
  made->n_shards = batch->n_shards ? batch->n_shards : 1;
  made->shard = batch->shard;
  made->first = dss_shard_first(total, made->shard, made->n_shards);
  made->end = dss_shard_first(total, made->shard + 1, made->n_shards);
  made->total = total;
  made->saves_null = saves_null;
  dss_status status = DSS_ALLOC(context, &made->made, results->n_questions * results->n_groups);
  if (status == DSS_OK)
    *part = made;
  else
    dss_part_free(made);
  return status;
}

void dss_begun_free(dss_begun *begun) {
  free(begun->values);
  free(begun->left_out);
  *begun = (dss_begun){0};
}

void dss_part_free(dss_part *part) {
  if (!part) return;
  if (part->has_null) dss_null_free(&part->null);
  free(part->pilot);
  free(part->made);
  dss_begun_free(&part->begun);
  free(part);
}

bool dss_results_is_part(const dss_results *results) {
  return results->part != NULL;
}

size_t dss_bootstrap_columns(const dss_results *results) {
  return dss_metrics_count(results->metrics & ((1u << DSS_N_ITEM_STATISTICS) - 1));
}

static void copy_cell(dss_cell *to, const dss_cell *from) {
  to->ci_low = from->ci_low;
  to->ci_high = from->ci_high;
  to->se = from->se;
  to->ci_method = from->ci_method;
  to->ci_withheld = from->ci_withheld;
  to->percentile_low = from->percentile_low;
  to->percentile_high = from->percentile_high;
  to->basic_low = from->basic_low;
  to->basic_high = from->basic_high;
  to->bca_low = from->bca_low;
  to->bca_high = from->bca_high;
  to->boot_undefined = from->boot_undefined;
  to->boot_flagged = from->boot_flagged;
  to->ci_misses = from->ci_misses;
}

void dss_copy_interval(dss_results *to, dss_unit unit, const dss_results *from, dss_unit there) {
  dss_cell *cells = &to->cells[dss_results_at(to, unit.question, unit.group, 0)];
  const dss_cell *others = &from->cells[dss_results_at(from, there.question, there.group, 0)];
  dss_group_detail *detail = &to->details[unit.question * to->n_groups + unit.group];
  const dss_group_detail *other = &from->details[there.question * from->n_groups + there.group];
  for (size_t c = 0; c < to->n_columns; c++)
    copy_cell(&cells[c], &others[c]);
  detail->fieller_low = other->fieller_low;
  detail->fieller_high = other->fieller_high;
  detail->fieller_kind = other->fieller_kind;
  detail->fieller_withheld = other->fieller_withheld;
  detail->fieller_pairs = other->fieller_pairs;
}

#include "import_records.h"

#include <stdlib.h>

#include "host/core/alloc.h"
#include "import_levels.h"

dss_status dss_records_add(dss_context *context, dss_records *records, uint32_t rater,
                           uint32_t item, uint64_t line, const uint16_t *codes) {
  size_t next = (size_t)records->count + 1;
  if (next >= UINT32_MAX)
    return dss_fail(context, DSS_ERR_DATA, "more than 2^32 - 2 ratings in one input");
  DSS_TRY(DSS_GROW(context, &records->rater, &records->rater_capacity, next));
  DSS_TRY(DSS_GROW(context, &records->item, &records->item_capacity, next));
  DSS_TRY(DSS_GROW(context, &records->line, &records->line_capacity, next));
  DSS_TRY(
      DSS_GROW(context, &records->codes, &records->codes_capacity, next * records->n_questions));
  uint32_t at = records->count++;
  records->rater[at] = rater;
  records->item[at] = item;
  records->line[at] = line;
  memcpy(records->codes + (size_t)at * records->n_questions, codes,
         records->n_questions * sizeof *codes);
  return DSS_OK;
}

/* --- order: two stable counting sorts, by rater and then by item ------------------------------ */

/* to: the records of from (NULL: 0, 1, ...) by key. starts [n_keys + 1] is scratch. */
static void counting_sort(const uint32_t *key, size_t n_keys, uint32_t count, const uint32_t *from,
                          uint32_t *starts, uint32_t *to) {
  memset(starts, 0, (n_keys + 1) * sizeof *starts);
  for (uint32_t i = 0; i < count; i++)
    starts[key[i] + 1]++;
  for (size_t k = 0; k < n_keys; k++)
    starts[k + 1] += starts[k];
  for (uint32_t i = 0; i < count; i++) {
    uint32_t record = from ? from[i] : i;
    to[starts[key[record]]++] = record;
  }
}

dss_status dss_records_sort(dss_context *context, dss_records *records, uint32_t n_raters,
                            uint32_t n_items) {
  size_t most = n_raters > n_items ? n_raters : n_items;
  uint32_t *by_rater = NULL;
  uint32_t *starts = NULL;
  dss_status status = DSS_ALLOC(context, &records->order, records->count);
  if (status == DSS_OK) status = DSS_ALLOC(context, &by_rater, records->count);
  if (status == DSS_OK) status = DSS_ALLOC(context, &starts, most + 1);
  if (status == DSS_OK) {
    counting_sort(records->rater, n_raters, records->count, NULL, starts, by_rater);
    counting_sort(records->item, n_items, records->count, by_rater, starts, records->order);
  }
  free(by_rater);
  free(starts);
  return status;
}

uint32_t dss_records_run(const dss_records *records, uint32_t begin) {
  uint32_t first = records->order[begin];
  uint32_t end = begin + 1;
  while (end < records->count && records->item[records->order[end]] == records->item[first] &&
         records->rater[records->order[end]] == records->rater[first])
    end++;
  return end;
}

/* --- two ratings by one rater of one item ----------------------------------------------------- */

typedef struct resolver {
  dss_records *records;
  dss_duplicates policy;
  uint64_t *dropped;
  dss_duplicate *found;
} resolver;

static void note(dss_duplicate *found, size_t question, uint32_t first, uint32_t second) {
  if (found->question != SIZE_MAX && found->second <= second) return;
  *found = (dss_duplicate){question, first, second};
}

static void resolve_run(const resolver *r, uint32_t begin, uint32_t end, size_t question) {
  dss_records *records = r->records;
  uint32_t kept = UINT32_MAX;
  for (uint32_t at = begin; at < end; at++) {
    uint32_t record = records->order[at];
    uint16_t *code = &records->codes[(size_t)record * records->n_questions + question];
    if (*code == DSS_NO_RATING) continue;
    if (kept == UINT32_MAX) {
      kept = record;
      continue;
    }
    if (r->policy == DSS_DUPLICATES_ERROR) {
      note(r->found, question, kept, record);
      continue;
    }
    uint16_t *earlier = &records->codes[(size_t)kept * records->n_questions + question];
    *(r->policy == DSS_DUPLICATES_FIRST ? code : earlier) = DSS_NO_RATING;
    if (r->policy == DSS_DUPLICATES_LAST) kept = record;
    r->dropped[question]++;
  }
}

void dss_records_resolve(dss_records *records, dss_duplicates policy, uint64_t *dropped,
                         dss_duplicate *found) {
  *found = (dss_duplicate){.question = SIZE_MAX};
  const resolver r = {records, policy, dropped, found};
  for (uint32_t begin = 0, end; begin < records->count; begin = end) {
    end = dss_records_run(records, begin);
    for (size_t q = 0; end - begin > 1 && q < records->n_questions; q++)
      resolve_run(&r, begin, end, q);
  }
}

void dss_records_forget_lines(dss_records *records) {
  free(records->line);
  records->line = NULL;
}

void dss_records_free(dss_records *records) {
  free(records->rater);
  free(records->item);
  free(records->line);
  free(records->codes);
  free(records->order);
  *records = (dss_records){0};
}

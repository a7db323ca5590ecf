/* The ratings while they are read: one record a row, its codes of all questions side by side. */
#ifndef DSS_STUDY_IMPORT_RECORDS_H
#define DSS_STUDY_IMPORT_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "dissensus/import.h"
#include "host/core/context.h"

/* 16 bytes and two a question for each record: 32 million ratings of one question are 600 MB. The
 * order takes four more, once the lines, eight, are not needed any longer. */
typedef struct dss_records {
  size_t n_questions;
  uint32_t count;
  uint32_t *rater; /* [count] */
  uint32_t *item;  /* [count] */
  uint64_t *line;  /* [count]; NULL once forgotten */
  uint16_t *codes; /* [count][n_questions], DSS_NO_RATING where missing */
  size_t rater_capacity, item_capacity, line_capacity, codes_capacity;
  uint32_t *order; /* [count] by item, then rater, then as read; made by dss_records_sort */
} dss_records;

/* codes [n_questions]. */
DSS_MUST_USE dss_status dss_records_add(dss_context *context, dss_records *records, uint32_t rater,
                                        uint32_t item, uint64_t line, const uint16_t *codes);
DSS_MUST_USE dss_status dss_records_sort(dss_context *context, dss_records *records,
                                         uint32_t n_raters, uint32_t n_items);
/* The end of the run of records (positions in order) of one rater and item that starts at begin. */
uint32_t dss_records_run(const dss_records *records, uint32_t begin);

/* Two ratings by one rater of one item. */
typedef struct dss_duplicate {
  size_t question; /* SIZE_MAX: there is none */
  uint32_t first;  /* records; second is the earliest in the file that repeats another */
  uint32_t second;
} dss_duplicate;

/* After sorting. FIRST and LAST keep one rating and count the others in dropped [n_questions];
 * ERROR drops nothing and reports in *found. */
void dss_records_resolve(dss_records *records, dss_duplicates policy, uint64_t *dropped,
                         dss_duplicate *found);
/* Lines are for messages about duplicates. Nothing may be added afterwards. */
void dss_records_forget_lines(dss_records *records);
void dss_records_free(dss_records *records);

#endif

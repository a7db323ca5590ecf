/* JSON of a cell and of numbers. Keys: docs/reports.md. A function that makes a value returns NULL
 * where memory is out, which json_pack and dss_json_put take. */
#ifndef DSS_REPORT_JSON_CELL_H
#define DSS_REPORT_JSON_CELL_H

#include <jansson.h>
#include <stdio.h>

#include "dissensus/results.h"

/* null where it is no number. */
json_t *dss_json_number(double value);
json_t *dss_json_count(uint64_t value);
json_t *dss_json_counts(const uint64_t *values, size_t n);
/* A statistic: estimate, counts, p, null distribution with its histogram `bins`, interval of so
 * many resamples. */
json_t *dss_json_cell(const dss_cell *cell, json_t *bins, uint64_t resamples);

typedef struct dss_json {
  dss_context *context;
  FILE *stream;
} dss_json;

/* Writes value and lets go of it. DSS_ERR_MEMORY for NULL: there was no memory to make it. */
DSS_MUST_USE dss_status dss_json_put(const dss_json *to, json_t *value);
/* The same of a whole document, indented, with a line's end. */
DSS_MUST_USE dss_status dss_json_put_document(const dss_json *to, json_t *root);
/* Behind `before` and its name. */
DSS_MUST_USE dss_status dss_json_put_member(const dss_json *to, const char *before,
                                            const char *name, json_t *value);

#endif

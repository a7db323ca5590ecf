/* Tables that say something of a study's items, joined to it by the items' names: predictions of
 * classifiers, or of models that were told who rates.
 *
 * A row's key is its item, with further columns where an item has several rows: the classifier, the
 * group. A key twice is refused. Rows of items that the study lacks are counted and named.
 */
#ifndef DSS_STUDY_PREDICTIONS_H
#define DSS_STUDY_PREDICTIONS_H

#include "dissensus/study.h"
#include "import_strings.h"

/* Which columns to read. */
typedef struct dss_predictions_spec {
  const char *path;        /* of the CSV; "-": standard input */
  const char *item;        /* the column with the items' names */
  const char *const *keys; /* [n_keys] columns that belong to the key with it */
  size_t n_keys;
  const char *const *values; /* [n_values]; n_values 0: every column that is neither */
  size_t n_values;
  const char *missing; /* comma-separated tokens that are no value; NULL: as in an import */
  const char *twice;   /* stands behind the error of a key twice; NULL: nothing does */
} dss_predictions_spec;

#define DSS_NO_TEXT UINT32_MAX /* a value that is missing, a key that is empty */

typedef struct dss_predictions {
  char *file; /* the path, or "standard input", as in messages */
  char sha256[65];
  size_t n_keys;     /* of the columns, which stand first */
  dss_words columns; /* names of keys, then values */
  size_t *numbers;   /* [columns.count] of each in the file, from 1 */
  dss_strings texts; /* of all cells */
  size_t n_rows;     /* of items that the study has; at least one */
  uint32_t *item;    /* [n_rows] of the study */
  uint64_t *line;    /* [n_rows] of the file, where the row starts */
  uint32_t *cells;   /* [n_rows][columns.count] in texts, or DSS_NO_TEXT */
  dss_strings *keys; /* [n_keys] what each key's column has, rows of unknown items included */
  uint64_t n_unknown_rows;
  dss_strings unknown; /* items that the study does not have, each once */
} dss_predictions;

/* DSS_ERR_USAGE: a column is named twice. DSS_ERR_DATA, with file, line and column: an unknown
 * column, no column of values, an empty item, a key twice, no row, no item in common with the
 * study, or what import_csv.h refuses. */
DSS_MUST_USE dss_status dss_predictions_read(dss_context *context, const dss_study *study,
                                             const dss_predictions_spec *spec,
                                             dss_predictions **predictions);
void dss_predictions_free(dss_predictions *predictions);

/* A cell: its text's number, and the text; NULL where it is missing. */
uint32_t dss_predictions_cell(const dss_predictions *predictions, size_t row, size_t column);
const char *dss_predictions_text(const dss_predictions *predictions, size_t row, size_t column);
/* Where the cell stands, for messages. */
dss_place dss_predictions_place(const dss_predictions *predictions, size_t row, size_t column);
/* A cell as a finite number; NaN where it is missing. DSS_ERR_DATA for any other text. */
DSS_MUST_USE dss_status dss_predictions_number(dss_context *context,
                                               const dss_predictions *predictions, size_t row,
                                               size_t column, double *value);

#endif

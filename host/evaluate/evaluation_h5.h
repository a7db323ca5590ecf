/* What an evaluation's file holds, said once for its writer and its reader. Format:
 * docs/file-format.md. */
#ifndef DSS_EVALUATE_EVALUATION_H5_H
#define DSS_EVALUATE_EVALUATION_H5_H

#include "evaluation.h"
#include "host/engine/results_h5.h"

#define DSS_EVALUATION_KIND "dissensus-evaluation"
#define DSS_EVALUATION_FORMAT "1.1"
#define DSS_EVALUATION_FORMAT_MAJOR 1u
/* The attribute that says what the evaluation is of. */
#define DSS_EVALUATION_OF "evaluation"

/* A text of dss_evaluation_row: a categorical in the folder `rows`. */
typedef struct dss_row_text {
  const char *name;
  size_t offset;
} dss_row_text;
enum { DSS_N_ROW_TEXTS = 7 };
extern const dss_row_text dss_row_texts[DSS_N_ROW_TEXTS];

/* Its other members, in the same folder; the cell's are dss_cell_fields. */
enum { DSS_N_ROW_FIELDS = 5 };
extern const dss_result_field dss_row_fields[DSS_N_ROW_FIELDS];

/* Columns of the folder `groups`, since 1.1, in the order of dss_evaluation_group's members. */
enum { DSS_N_GROUP_TEXTS = 3, DSS_N_GROUP_COUNTS = 3 };
extern const char *const dss_group_texts[DSS_N_GROUP_TEXTS];
extern const char *const dss_group_counts[DSS_N_GROUP_COUNTS];

/* Of the folders of results an evaluation has those before this one. */
enum { DSS_N_EVALUATION_FOLDERS = DSS_FOLDER_DETAIL };

static inline const char **dss_row_text_of(const dss_evaluation_row *row, size_t text) {
  return (const char **)(void *)((char *)row + dss_row_texts[text].offset);
}

#endif

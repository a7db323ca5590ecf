/* What a results file holds, said once for its writer and its reader. Format: docs/file-format.md.
 */
#ifndef DSS_ENGINE_RESULTS_H5_H
#define DSS_ENGINE_RESULTS_H5_H

#include "host/core/h5.h"
#include "results.h"

#define DSS_RESULTS_KIND "dissensus-results"
#define DSS_RESULTS_FORMAT "1.2"
#define DSS_RESULTS_FORMAT_MAJOR 1u
/* The attribute of a part that says in which format its results are. */
#define DSS_RESULTS_FORMAT_OF_PART "results_format"

typedef enum dss_field_type {
  FIELD_DOUBLE,
  FIELD_COUNT,     /* uint64_t */
  FIELD_DIRECTION, /* int, -1 0 1 */
  FIELD_FLAG,      /* bool */
  FIELD_REASON,    /* dss_reason */
  FIELD_METHOD,    /* const char *, one of dss_method_names */
  FIELD_SET,       /* dss_set_kind */
  FIELD_WITHHELD   /* dss_withheld */
} dss_field_type;

/* A member of dss_cell, or of dss_group_detail, and its dataset; folder NULL: the root. since: the
 * minor format that brought it. Files of an older one lack it, and it stays what dss_results_new
 * made it. */
typedef struct dss_result_field {
  const char *folder, *name;
  dss_field_type type;
  size_t offset;
  unsigned since;
} dss_result_field;

extern const dss_result_field dss_cell_fields[];   /* question x group x statistic */
extern const dss_result_field dss_detail_fields[]; /* question x group */
extern const size_t dss_n_cell_fields, dss_n_detail_fields;

enum {
  DSS_FOLDER_NULL,
  DSS_FOLDER_P,
  DSS_FOLDER_INTERVAL,
  DSS_FOLDER_DETAIL,
  DSS_N_RESULT_FOLDERS
};
extern const char *const dss_result_folders[DSS_N_RESULT_FOLDERS];

/* Codes in a file go by these names (the attribute flag_meanings), not by our numbers. */
enum { DSS_N_METHODS = 7 };
extern const char *const dss_reason_names[DSS_N_REASONS];
extern const char *const dss_method_names[DSS_N_METHODS];
enum { DSS_N_SETS = DSS_SET_EMPTY + 1 };
extern const char *const dss_set_names[DSS_N_SETS];
extern const char *const dss_withheld_names[DSS_N_WITHHELDS];

/* The names of the codes of a field, and how many; NULL for a field that holds no codes. */
const char *const *dss_field_names(dss_field_type type, uint8_t *count);

dss_h5_type dss_result_stored_type(dss_field_type type);
/* The open group among folders[DSS_N_RESULT_FOLDERS], or root. */
hid_t dss_result_folder(const dss_result_field *field, hid_t root, const hid_t *folders);

/* A member of count structs of `stride` bytes, of which the first is at structs, into a dataset. */
DSS_MUST_USE dss_status dss_result_put_field(dss_h5 *h5, hid_t folder, const dss_result_field *f,
                                             const void *structs, size_t stride, size_t count,
                                             int rank, const dss_h5_dim *dims);
/* And back; what means nothing is refused. */
DSS_MUST_USE dss_status dss_result_get_field(const dss_h5 *h5, hid_t folder,
                                             const dss_result_field *f, int rank,
                                             const hsize_t *sizes, void *structs, size_t stride,
                                             size_t count);

/* The minor number of the format in an attribute of the root; opening has checked that it is two
 * numbers. */
DSS_MUST_USE dss_status dss_result_get_minor(const dss_h5 *h5, const char *attribute,
                                             unsigned *minor);

/* /null/values that a run has filled already, and its group; both are the file's. */
typedef struct dss_result_nulls {
  hid_t folder, values;
  uint64_t rows;
} dss_result_nulls;

/* Everything of a results file, or of a part; nulls may be NULL. */
DSS_MUST_USE dss_status dss_results_put(dss_h5 *h5, const dss_results *results,
                                        const dss_result_nulls *nulls);
/* All of it but the part and the values of resamples. The caller frees. */
DSS_MUST_USE dss_status dss_results_get(const dss_h5 *h5, dss_results **results);
/* A new file in memory of the kind that the results are. */
DSS_MUST_USE dss_status dss_results_create(dss_context *context, const dss_results *results,
                                           const char *path, dss_h5 *h5);

#endif

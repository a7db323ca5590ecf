/* The file of pairs: its names, for the writer and the reader, and the writer. Format:
 * docs/file-format.md. */
#ifndef DSS_ENGINE_PAIRS_H5_H
#define DSS_ENGINE_PAIRS_H5_H

#include "host/core/h5.h"
#include "pairs.h"

#define DSS_PAIRS_KIND "dissensus-pairs"
#define DSS_PAIRS_FORMAT "1.1"
#define DSS_PAIRS_FORMAT_MAJOR 1u

/* Text attributes of the file. */
#define DSS_PAIR_KEYS(X)                                                                           \
  X(created_by)                                                                                    \
  X(created_at)                                                                                    \
  X(command)                                                                                       \
  X(input_sha256)                                                                                  \
  X(backend)                                                                                       \
  X(question)                                                                                      \
  X(scale)                                                                                         \
  X(items)                                                                                         \
  X(ratings)                                                                                       \
  X(ratings_dropped)                                                                               \
  X(filters)                                                                                       \
  X(min_shared)                                                                                    \
  X(scheme)                                                                                        \
  X(seed)                                                                                          \
  X(permutations)                                                                                  \
  X(arrangements)                                                                                  \
  X(reason)

typedef enum dss_pair_key {
#define DSS_X(key) DSS_PAIR_KEY_##key,
  DSS_PAIR_KEYS(DSS_X)
#undef DSS_X
      DSS_N_PAIR_KEYS
} dss_pair_key;
extern const char *const dss_pair_key_names[DSS_N_PAIR_KEYS];

/* One number of an axis or of a block: a dataset of /summary over that dimension. */
typedef struct dss_pair_field {
  const char *name;
  dss_h5_type type; /* F64 or U64 */
  size_t offset;
} dss_pair_field;
extern const dss_pair_field dss_pair_axis_fields[], dss_pair_block_fields[];
extern const size_t dss_n_pair_axis_fields, dss_n_pair_block_fields;

/* How a statistic is stored. */
dss_h5_type dss_pair_stored_type(dss_pair_statistic statistic);

typedef struct dss_pair_file {
  dss_h5 h5;
  hid_t matrices[DSS_N_PAIR_STATISTICS]; /* -1: the question has none */
  struct dss_pair_packer *packers;       /* [n_packers] chunks on their way */
  size_t n_packers;
  uint32_t n_raters;
  unsigned threads;
  bool half;
} dss_pair_file;

/* Bytes of the chunks on their way. */
uint64_t dss_pair_file_bytes(uint32_t packers);

/* Begins the file: its matrices, not yet written. */
DSS_MUST_USE dss_status dss_pair_file_create(dss_context *context, const char *path, bool overwrite,
                                             const dss_pair_plan *plan, const dss_pair_room *room,
                                             bool half, dss_pair_file *file);
/* Strips come in the order of pairs.h. */
DSS_MUST_USE dss_status dss_pair_file_add(dss_pair_file *file, const dss_pair_strip *strip);
/* Reads a tile of what was added, shared items and mean distances. */
DSS_MUST_USE dss_status dss_pair_file_get(const dss_pair_file *file, uint32_t first_row,
                                          uint32_t rows, uint32_t first_column, uint32_t columns,
                                          int32_t *shared, double *distance);
/* Names, attributes, provenance (a text for each key) and summary; then puts the file in place. */
DSS_MUST_USE dss_status dss_pair_file_finish(dss_pair_file *file, const dss_study *study,
                                             const dss_pair_plan *plan, char *const *keys,
                                             const dss_pair_summary *summary);
/* Removes what was not finished. Harmless on a file that is all zeros. */
void dss_pair_file_close(dss_pair_file *file);

#endif

/* The matrices of a file of pairs: chunks are cut out of strips and packed by all threads, some at
 * a time, and written by one, always in the same order. */
#include <math.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/core/h5_pack.h"
#include "pairs_h5.h"

#define CHUNK_BYTES ((size_t)DSS_PAIR_TILE * DSS_PAIR_TILE * sizeof(double))

/* One chunk: where it comes from and goes, and its bytes. */
typedef struct dss_pair_packer {
  unsigned statistic;
  uint32_t first, columns; /* of the strip */
  bool turned;
  unsigned char *chunk, *scratch, *packed;
  size_t size;
} packer;

/* --- the file ------------------------------------------------------------------------------ */

static const int32_t no_count = -1;
static const double no_number = NAN;

static uint32_t side_of(const dss_pair_file *file) {
  return file->n_raters < DSS_PAIR_TILE ? file->n_raters : DSS_PAIR_TILE;
}

static dss_status put_matrices(dss_pair_file *file, const dss_pair_plan *plan) {
  const hsize_t sizes[] = {file->n_raters, file->n_raters};
  const hsize_t chunk[] = {side_of(file), side_of(file)};
  for (unsigned i = 0; i < DSS_N_PAIR_STATISTICS; i++) {
    if (i == DSS_PAIR_CORRELATION && plan->scale.kind == DSS_PAIR_NOMINAL) continue;
    dss_h5_type type = dss_pair_stored_type((dss_pair_statistic)i);
    const void *fill = type == DSS_H5_I32 ? (const void *)&no_count : &no_number;
    DSS_TRY(dss_h5_put_matrix(&file->h5, file->h5.file,
                              dss_pair_statistic_name((dss_pair_statistic)i), type, sizes, chunk,
                              fill, &file->matrices[i]));
  }
  return DSS_OK;
}

uint64_t dss_pair_file_bytes(uint32_t packers) {
  return (uint64_t)packers * (2 * CHUNK_BYTES + dss_h5_packed_room(CHUNK_BYTES));
}

static dss_status make_packers(dss_pair_file *file, size_t n) {
  dss_context *context = file->h5.context;
  DSS_TRY(DSS_ALLOC(context, &file->packers, n));
  file->n_packers = n;
  for (size_t i = 0; i < n; i++) {
    DSS_TRY(DSS_ALLOC(context, &file->packers[i].chunk, CHUNK_BYTES));
    DSS_TRY(DSS_ALLOC(context, &file->packers[i].scratch, CHUNK_BYTES));
    DSS_TRY(DSS_ALLOC(context, &file->packers[i].packed, dss_h5_packed_room(CHUNK_BYTES)));
  }
  return DSS_OK;
}

dss_status dss_pair_file_create(dss_context *context, const char *path, bool overwrite,
                                const dss_pair_plan *plan, const dss_pair_room *room, bool half,
                                dss_pair_file *file) {
  memset(file, 0, sizeof *file);
  file->half = half;
  file->threads = room->resources.threads;
  file->n_raters = plan->problem.n_raters;
  for (unsigned i = 0; i < DSS_N_PAIR_STATISTICS; i++)
    file->matrices[i] = H5I_INVALID_HID;
  DSS_TRY(
      dss_h5_create_growing(context, path, DSS_PAIRS_KIND, DSS_PAIRS_FORMAT, overwrite, &file->h5));
  dss_status status = make_packers(file, room->packers);
  if (status == DSS_OK) status = put_matrices(file, plan);
  if (status != DSS_OK) dss_pair_file_close(file);
  return status;
}

void dss_pair_file_close(dss_pair_file *file) {
  if (!file->h5.path) return;
  dss_h5_close(&file->h5);
  for (size_t i = 0; i < file->n_packers; i++) {
    free(file->packers[i].chunk);
    free(file->packers[i].scratch);
    free(file->packers[i].packed);
  }
  free(file->packers);
  memset(file, 0, sizeof *file);
}

/* --- packing ------------------------------------------------------------------------------- */

static size_t element_of(unsigned statistic) {
  return dss_h5_type_size(dss_pair_stored_type((dss_pair_statistic)statistic));
}

static const void *strip_data(const dss_pair_strip *s, unsigned statistic) {
  const void *data[] = {s->shared, s->agreements, s->distance, s->kappa, s->correlation};
  return data[statistic];
}

/* A chunk is whole: beyond the matrix's edge it holds the fill value. */
static void fill_chunk(const dss_pair_file *file, packer *p) {
  size_t cells = (size_t)side_of(file) * side_of(file), element = element_of(p->statistic);
  const void *fill = element == sizeof no_count ? (const void *)&no_count : &no_number;
  for (size_t i = 0; i < cells; i++)
    memcpy(p->chunk + i * element, fill, element);
}

/* The packer's part of the strip, turned round or not. */
static void cut_out(const dss_pair_file *file, const dss_pair_strip *s, packer *p) {
  size_t element = element_of(p->statistic), side = side_of(file);
  const char *from = strip_data(s, p->statistic);
  if (s->rows < side || p->columns < side) fill_chunk(file, p);
  for (uint32_t r = 0; r < s->rows; r++) {
    const char *row = from + ((size_t)r * s->columns + p->first) * element;
    if (!p->turned) memcpy(p->chunk + r * side * element, row, p->columns * element);
    for (uint32_t c = 0; p->turned && c < p->columns; c++)
      memcpy(p->chunk + (c * side + r) * element, row + c * element, element);
  }
}

/* Packs and writes the first n. */
static dss_status flush(dss_pair_file *file, const dss_pair_strip *s, size_t n) {
  size_t cells = (size_t)side_of(file) * side_of(file);
#pragma omp parallel for num_threads(file->threads) schedule(dynamic)
  for (size_t i = 0; i < n; i++) {
    packer *p = &file->packers[i];
    cut_out(file, s, p);
    p->size = dss_h5_pack(p->chunk, element_of(p->statistic), cells, p->scratch, p->packed);
  }
  for (size_t i = 0; i < n; i++) {
    const packer *p = &file->packers[i];
    const hsize_t at[] = {s->first_row, s->first_column + p->first}, turned[] = {at[1], at[0]};
    if (p->size == 0) return dss_fail_memory(file->h5.context, CHUNK_BYTES);
    DSS_TRY(dss_h5_write_packed(&file->h5, file->matrices[p->statistic], p->turned ? turned : at,
                                p->packed, p->size));
  }
  return DSS_OK;
}

static dss_status add_chunk(dss_pair_file *file, const dss_pair_strip *s, unsigned statistic,
                            uint32_t first, bool turned, size_t *n) {
  packer *p = &file->packers[(*n)++];
  uint32_t left = s->columns - first;
  p->statistic = statistic;
  p->first = first;
  p->columns = left < DSS_PAIR_TILE ? left : DSS_PAIR_TILE;
  p->turned = turned;
  if (*n < file->n_packers) return DSS_OK;
  *n = 0;
  return flush(file, s, file->n_packers);
}

dss_status dss_pair_file_add(dss_pair_file *file, const dss_pair_strip *s) {
  size_t n = 0;
  for (uint32_t first = 0; first < s->columns; first += DSS_PAIR_TILE)
    for (unsigned i = 0; i < DSS_N_PAIR_STATISTICS; i++) {
      if (file->matrices[i] < 0) continue;
      DSS_TRY(add_chunk(file, s, i, first, false, &n));
      if (file->half || s->first_column + first == s->first_row) continue;
      DSS_TRY(add_chunk(file, s, i, first, true, &n));
    }
  return n > 0 ? flush(file, s, n) : DSS_OK;
}

/* dissensus-same A B: do two results files of `dissensus gai --save-null` hold the same values of
 * all resamples, bit by bit? NANs are one value.
 *
 * Prints how many were compared and ends with 0, or names the first that differs and ends with 1;
 * 3: a file cannot be read. For machines without Python's HDF5. */
#include <hdf5.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANK = 8 };
#define BUFFER_NUMBERS ((hsize_t)1 << 20)

typedef struct table {
  const char *path;
  hid_t file, data;
  int rank;
  hsize_t size[MAX_RANK];
  double *rows;
} table;

static bool open_table(const char *path, table *t) {
  *t = (table){.path = path, .data = -1};
  t->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (t->file >= 0) t->data = H5Dopen2(t->file, "/null/values", H5P_DEFAULT);
  hid_t space = t->data >= 0 ? H5Dget_space(t->data) : -1;
  if (space >= 0) t->rank = H5Sget_simple_extent_ndims(space);
  if (t->rank >= 1 && t->rank <= MAX_RANK) H5Sget_simple_extent_dims(space, t->size, NULL);
  if (space >= 0) H5Sclose(space);
  return t->rank >= 1 && t->rank <= MAX_RANK;
}

static void close_table(table *t) {
  if (t->data >= 0) H5Dclose(t->data);
  if (t->file >= 0) H5Fclose(t->file);
  free(t->rows);
}

/* Numbers of a resample; 0 where there are too many to hold one. */
static hsize_t width_of(const table *t) {
  hsize_t width = 1;
  for (int i = 1; i < t->rank; i++) {
    if (t->size[i] > BUFFER_NUMBERS / width) return 0;
    width *= t->size[i];
  }
  return width;
}

static bool read_rows(table *t, hsize_t first, hsize_t count) {
  hsize_t start[MAX_RANK] = {first}, extent[MAX_RANK];
  memcpy(extent, t->size, sizeof extent);
  extent[0] = count;
  hid_t from = H5Dget_space(t->data), to = H5Screate_simple(t->rank, extent, NULL);
  bool read = from >= 0 && to >= 0 &&
              H5Sselect_hyperslab(from, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 &&
              H5Dread(t->data, H5T_NATIVE_DOUBLE, to, from, H5P_DEFAULT, t->rows) >= 0;
  if (from >= 0) H5Sclose(from);
  if (to >= 0) H5Sclose(to);
  return read;
}

static bool same_number(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static int compare(table *a, table *b, hsize_t width, uint64_t *undefined) {
  hsize_t most = BUFFER_NUMBERS / width;
  for (hsize_t first = 0; first < a->size[0]; first += most) {
    hsize_t count = a->size[0] - first < most ? a->size[0] - first : most;
    if (!read_rows(a, first, count) || !read_rows(b, first, count)) {
      fprintf(stderr, "cannot read resample %llu on\n", (unsigned long long)first);
      return 3;
    }
    for (hsize_t i = 0; i < count * width; i++) {
      *undefined += isnan(a->rows[i]);
      if (same_number(a->rows[i], b->rows[i])) continue;
      printf("resample %llu, number %llu: %.17g and %.17g\n",
             (unsigned long long)(first + i / width), (unsigned long long)(i % width), a->rows[i],
             b->rows[i]);
      return 1;
    }
  }
  return 0;
}

static int compare_tables(table *a, table *b) {
  hsize_t width = width_of(a);
  uint64_t undefined = 0;
  if (a->rank != b->rank || memcmp(a->size, b->size, sizeof a->size) != 0) {
    printf("other resamples, groups or statistics\n");
    return 1;
  }
  if (width == 0 || a->size[0] == 0) {
    fprintf(stderr, "nothing to compare, or too much a resample\n");
    return 3;
  }
  a->rows = malloc(BUFFER_NUMBERS * sizeof *a->rows);
  b->rows = malloc(BUFFER_NUMBERS * sizeof *b->rows);
  if (!a->rows || !b->rows) return 3;
  int result = compare(a, b, width, &undefined);
  if (result == 0)
    printf("%llu values of %llu resamples are the same, %llu of them undefined\n",
           (unsigned long long)(width * a->size[0]), (unsigned long long)a->size[0],
           (unsigned long long)undefined);
  return result;
}

int main(int argc, char **argv) {
  table a, b;
  if (argc != 3) {
    fprintf(stderr, "usage: dissensus-same RESULTS RESULTS\n");
    return 2;
  }
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  bool opened = open_table(argv[1], &a);
  opened = open_table(argv[2], &b) && opened;
  if (!opened) fprintf(stderr, "a file is missing, or holds no /null/values\n");
  int result = opened ? compare_tables(&a, &b) : 3;
  close_table(&a);
  close_table(&b);
  return fflush(stdout) == 0 ? result : 4;
}

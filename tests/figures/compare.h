/* Pictures compared as an eye would: made smaller, then the mean and the largest difference of
 * their points, 0 .. 255. */
#ifndef TESTS_FIGURES_COMPARE_H
#define TESTS_FIGURES_COMPARE_H

#include <cairo.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Red, green and blue of width x height points. */
typedef struct picture {
  int width, height;
  double *points; /* [height][width][3] */
} picture;

typedef struct picture_source {
  const unsigned char *bytes;
  size_t n, at;
} picture_source;

static inline cairo_status_t picture_read(void *closure, unsigned char *to, unsigned length) {
  picture_source *from = closure;
  if (length > from->n - from->at) return CAIRO_STATUS_READ_ERROR;
  memcpy(to, from->bytes + from->at, length);
  from->at += length;
  return CAIRO_STATUS_SUCCESS;
}

/* Means of side x side points of a surface, which is freed. points is NULL where it is none. */
static inline picture picture_of(cairo_surface_t *surface, int side) {
  picture p = {0, 0, NULL};
  if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
    p.width = cairo_image_surface_get_width(surface) / side;
    p.height = cairo_image_surface_get_height(surface) / side;
    p.points = calloc((size_t)(p.width * p.height * 3), sizeof *p.points);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < p.height * side; y++)
      for (int x = 0; x < p.width * side; x++) {
        uint32_t point;
        memcpy(&point, data + y * stride + 4 * x, 4);
        double *to = p.points + ((y / side) * p.width + x / side) * 3;
        for (int c = 0; c < 3; c++)
          to[c] += (double)(point >> 8 * c & 0xff) / (side * side);
      }
  }
  cairo_surface_destroy(surface);
  return p;
}

static inline picture picture_from_bytes(const unsigned char *bytes, size_t n, int side) {
  picture_source from = {bytes, n, 0};
  return picture_of(cairo_image_surface_create_from_png_stream(picture_read, &from), side);
}

static inline picture picture_from_file(const char *path, int side) {
  return picture_of(cairo_image_surface_create_from_png(path), side);
}

static inline void picture_free(picture *p) {
  free(p->points);
  p->points = NULL;
}

static inline int picture_save(const picture *p, const char *path) {
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, p->width, p->height);
  unsigned char *data = cairo_image_surface_get_data(surface);
  int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < p->height; y++)
    for (int x = 0; x < p->width; x++) {
      uint32_t point = 0;
      for (int c = 0; c < 3; c++)
        point |= (uint32_t)lround(p->points[(y * p->width + x) * 3 + c]) << 8 * c;
      memcpy(data + y * stride + 4 * x, &point, 4);
    }
  cairo_surface_mark_dirty(surface);
  cairo_status_t status = cairo_surface_write_to_png(surface, path);
  cairo_surface_destroy(surface);
  return status == CAIRO_STATUS_SUCCESS;
}

typedef struct picture_difference {
  double mean;
  double largest; /* of 4 x 4 points' mean */
} picture_difference;

/* Infinite where the pictures are of different sizes. */
static inline picture_difference picture_compare(const picture *a, const picture *b) {
  enum { SIDE = 4 };
  picture_difference d = {0.0, 0.0};
  if (!a->points || !b->points || a->width != b->width || a->height != b->height)
    return (picture_difference){INFINITY, INFINITY};
  for (int y = 0; y < a->height; y += SIDE)
    for (int x = 0; x < a->width; x += SIDE) {
      double sum = 0.0;
      int n = 0;
      for (int v = y; v < y + SIDE && v < a->height; v++)
        for (int u = x; u < x + SIDE && u < a->width; u++)
          for (int c = 0; c < 3; c++, n++) {
            size_t at = (size_t)((v * a->width + u) * 3 + c);
            sum += fabs(a->points[at] - b->points[at]);
          }
      d.mean += sum / (a->width * a->height * 3.0);
      d.largest = fmax(d.largest, sum / n);
    }
  return d;
}

/* What machines with the same font may differ by: rounding of edges, not places of signs. */
#define PICTURE_MEAN 0.4
#define PICTURE_LARGEST 24.0
static inline int picture_is_alike(picture_difference d) {
  return d.mean <= PICTURE_MEAN && d.largest <= PICTURE_LARGEST;
}

#endif

/* The matrix of agreements as a picture: raters in the order of their groups, several of them to a
 * pixel where there are many. */
#ifndef DSS_FIGURES_PAIR_IMAGE_H
#define DSS_FIGURES_PAIR_IMAGE_H

#include "canvas.h"

enum { DSS_MOST_BINS = 480 };

typedef struct dss_pair_image {
  const dss_pairs *pairs;
  size_t axis;       /* SIZE_MAX: no groups */
  size_t n_bins;     /* pixels of a side */
  double *mean;      /* [n_bins][n_bins] of agreements / shared; NaN: no counted pair */
  uint32_t n_raters; /* of known value */
  uint32_t n_unknown;
  size_t n_groups;  /* of the axis; 1 without */
  uint32_t *begin;  /* [n_groups + 1] first place of each group */
  double low, high; /* of the colours */
  uint64_t empty;   /* pairs of different raters drawn, without enough shared items */
} dss_pair_image;

/* Reads the matrices strip by strip. */
DSS_MUST_USE dss_status dss_pair_image_read(dss_context *context, dss_pairs *pairs, size_t axis,
                                            dss_pair_image *image);
void dss_pair_image_free(dss_pair_image *image);

dss_status dss_draw_pairs(dss_canvas *canvas, const void *what, double *height);

#endif

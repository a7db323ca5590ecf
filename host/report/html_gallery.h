/* Figures in a page: SVG drawings in data: addresses, as many as leave the page small enough to
 * open and to mail. */
#ifndef DSS_REPORT_HTML_GALLERY_H
#define DSS_REPORT_HTML_GALLERY_H

#include "dissensus/figures.h"
#include "html.h"

/* Of the page's results, or of an evaluation. */
typedef struct dss_gallery {
  const dss_page *page;
  const dss_evaluation *evaluation; /* NULL: the page's results */
  dss_figure *figures;              /* [n] as they are listed */
  size_t n;
  double most, room; /* bytes for drawings: in all, and that are left to the shelves so far */
  size_t left_out;
} dss_gallery;

/* A heading with figures. */
typedef struct dss_shelf {
  const char *title, *text;
  double share; /* of the bytes for figures; what one shelf leaves the next may take */
} dss_shelf;

/* Lists the figures. bytes: what the page takes besides. nothing: a sentence for a page without
 * any, which then stands there, as one does in a build that draws none, and n is 0. */
DSS_MUST_USE dss_status dss_gallery_open(dss_gallery *gallery, double bytes, const char *nothing);
/* The first `shown` of the n figures whose numbers are in order; the others are counted as left
 * out, as are those for which there is no room. Nothing for n 0. */
DSS_MUST_USE dss_status dss_gallery_put(dss_gallery *gallery, const dss_shelf *shelf,
                                        const size_t *order, size_t n, size_t shown);
/* Says how many were left out; frees the list. To be called after dss_gallery_open in any case. */
void dss_gallery_close(dss_gallery *gallery);

#endif

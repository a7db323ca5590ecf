/* Which items are counted in slices (slices.h), and in what memory.
 *
 * Per cell, in vector operations for eight blocks: comparing and adding takes two a rating and
 * block, and the bytes of each level some more; slices take about three a rating for all blocks,
 * and each level its way back to numbers. So slices pay for items that every rater rated with more
 * than about 4 ratings a level. Of other items the sums are the wide kernel's, which finds less in
 * the cache then: there they pay from about 32 ratings a level. All together must save more than
 * the planes take, two operations a rater and block. */
#ifndef DSS_CPU_SLICING_H
#define DSS_CPU_SLICING_H

#include "layout.h"

/* One of a question's items by its number there, with its ratings. */
typedef struct dss_cpu_item {
  uint32_t number, size;
} dss_cpu_item;

/* Puts those of the n items that are counted in slices first, and of these those that every rater
 * rated; notes how many. Bases and slots must be there. */
void dss_cpu_choose_slices(const dss_cpu_layout *layout, dss_cpu_question *q, dss_cpu_item *items,
                           uint32_t n);

/* Whether the sums of the items that every rater rated are made without weights, which come at the
 * end (whole.h). They are the wide kernel's where votes might have to be shared by more winners
 * than whole_more.h knows. */
bool dss_cpu_whole_serves(const dss_cpu_layout *layout, const dss_cpu_question *q);

/* Cells whose planes are made at once. */
size_t dss_cpu_plane_cells(const dss_cpu_layout *layout, const dss_cpu_base *base, size_t lanes);

/* Items whose counts are made before they are summed; 0: not even one. */
size_t dss_cpu_slice_items(const dss_cpu_layout *layout, const dss_cpu_base *base, size_t halves,
                           size_t lanes);

/* Bytes of scratch->planes and scratch->rows, and numbers of scratch->marginals. */
size_t dss_cpu_planes_bytes(const dss_cpu_layout *layout, size_t lanes);
size_t dss_cpu_slices_bytes(const dss_cpu_layout *layout, size_t lanes);
size_t dss_cpu_marginals(const dss_cpu_layout *layout, size_t lanes);

#endif

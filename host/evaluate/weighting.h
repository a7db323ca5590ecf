/* What a bootstrap draws for an evaluation, and what its jackknife leaves out: weights of raters,
 * group by group on each axis, and of items. docs/determinism.md, "Evaluations". */
#ifndef DSS_EVALUATE_WEIGHTING_H
#define DSS_EVALUATE_WEIGHTING_H

#include "evaluate.h"

/* Who is in which group: members of group g are rater[ptr[g]] .. rater[ptr[g + 1] - 1], ascending.
 */
typedef struct dss_members {
  size_t *ptr; /* [n_groups + 1] over all axes */
  uint32_t *rater;
} dss_members;

DSS_MUST_USE dss_status dss_members_new(dss_context *context, const dss_plan *plan,
                                        dss_members *members);
void dss_members_free(dss_members *members);

/* One thread's weights. */
typedef struct dss_drawing {
  const dss_rated *rated;
  const dss_members *members;
  bool of_raters, of_items; /* what is drawn; the rest has weight 1 */
  uint32_t **axes;          /* [n_axes][n_raters] */
  uint32_t *everyone, *items, *words;
  dss_weighting weights;
} dss_drawing;

/* Every weight 1, but 0 on an axis for who is in no group of it. What is empty before may be freed
 * whatever becomes of it. */
DSS_MUST_USE dss_status dss_drawing_new(dss_context *context, const dss_rated *rated,
                                        const dss_members *members, dss_over over,
                                        dss_drawing *drawing);
void dss_drawing_free(dss_drawing *drawing);

/* The weights of bootstrap resample b. */
void dss_drawing_draw(dss_drawing *drawing, uint64_t b);
/* Every weight 1 again. */
void dss_drawing_reset(dss_drawing *drawing);
/* Weight 1 in quarter 0 .. 3 of a split, else 0: raters are split into halves by chance, and so are
 * items; quarters 2 and 3 are of the second half of the raters, 1 and 3 of that of the items. */
void dss_drawing_take_quarter(dss_drawing *drawing, uint64_t split, unsigned quarter);
/* Units that a jackknife leaves out: raters, then items; of what is not drawn there are none. */
uint64_t dss_drawing_units(const dss_rated *rated, dss_over over);
/* Leaves unit out where every weight is 1 (weight 0), or takes it back (1). */
void dss_drawing_leave(dss_drawing *drawing, uint64_t unit, uint32_t weight);

#endif

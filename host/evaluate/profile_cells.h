/* Profiles that no axis of a plan tells apart are one cell, and every group is a union of cells. */
#ifndef DSS_EVALUATE_PROFILE_CELLS_H
#define DSS_EVALUATE_PROFILE_CELLS_H

#include "host/core/context.h"
#include "kernels/backend.h"
#include "kernels/profiles.h"

typedef struct dss_profile_cells {
  uint32_t n_cells;
  uint32_t *of_rater; /* [n_raters] cell of the observed profile */
  size_t *group;      /* [n_cells][n_axes] the plan's group, or SIZE_MAX */
  dss_profiles *profiles;
} dss_profile_cells;

DSS_MUST_USE dss_status dss_profile_cells_make(dss_context *context, const dss_kernel_plan *plan,
                                               dss_profile_cells *cells);
void dss_profile_cells_free(dss_profile_cells *cells);

/* carried [n_raters]: the cell that each rater carries in resample b. scratch: as many numbers as
 * dss_profiles_scratch says. */
void dss_profile_cells_carried(const dss_profile_cells *cells, uint64_t b, uint32_t *scratch,
                               uint32_t *carried);

#endif

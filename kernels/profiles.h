/* Labels of raters' profiles, exchanged by the CPU's vectors: what a resample of statistics needs
 * that are no backend's. The arrangements are those of kernels/common/sample.h. */
#ifndef DSS_KERNELS_PROFILES_H
#define DSS_KERNELS_PROFILES_H

#include <stddef.h>

#include "kernels/common/sample.h"

typedef struct dss_profiles dss_profiles;

/* NULL: out of memory. The exchange must outlive it. */
dss_profiles *dss_profiles_open(const dss_exchange *exchange);
void dss_profiles_close(dss_profiles *profiles);

/* Numbers of scratch for one call at a time. */
size_t dss_profiles_scratch(const dss_profiles *profiles);
/* carried[r] becomes the label of the rater whose profile rater r carries in resample b. labels,
 * carried [n_raters]. */
void dss_profiles_carry(const dss_profiles *profiles, uint64_t b, const uint32_t *labels,
                        uint32_t *scratch, uint32_t *carried);

#endif

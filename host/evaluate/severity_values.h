/* From tallies of levels to severity's statistics. Sums of ratings are whole numbers; values enter
 * at the end, in the order of levels, so that equal tallies give equal bits. Where values are
 * decimals, sums of them are whole numbers too: each difference is one division of two exact
 * numbers, and F and H are where these fit (fraction_sum.h). */
#ifndef DSS_EVALUATE_SEVERITY_VALUES_H
#define DSS_EVALUATE_SEVERITY_VALUES_H

#include "comparison.h"
#include "dissensus/severity.h"

/* A question's levels, or a contrast's: the differences that two values can have, ascending. */
typedef struct dss_severity_scale {
  uint32_t n_levels;
  double *values;  /* [n_levels] in so many to the unit: whole numbers of decimals */
  double per_unit; /* a power of ten; 1 also where values are no decimals */
  double *centred; /* [n_levels] values less the middle level's, for squares; in another unit where
                      these would leave a double's range */
  double largest;  /* of them, without its sign, where they are whole; else 0 */
  uint32_t threshold;  /* the share's first level */
  uint32_t above;      /* one more than its last */
  unsigned statistics; /* DSS_SEVERITY_BITs that it has */
  bool pairs;          /* each two groups are compared, be they more than two */
} dss_severity_scale;

/* Whether a scale has the statistic. */
static inline bool dss_severity_has(const dss_severity_scale *scale,
                                    dss_severity_statistic statistic) {
  return scale->statistics >> (unsigned)statistic & 1u;
}

/* Of a dss_severity_scale; statistics in the order of dss_severity_statistic. */
extern const dss_formulas dss_severity_formulas;

#endif

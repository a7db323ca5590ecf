/* From tallies of levels to severity's statistics. Sums of ratings are whole numbers; values enter
 * at the end, in the order of levels, so that equal tallies give equal bits. Where values are whole
 * numbers too, each difference is one division of two exact numbers. */
#ifndef DSS_EVALUATE_SEVERITY_VALUES_H
#define DSS_EVALUATE_SEVERITY_VALUES_H

#include "dissensus/severity.h"

/* A question's levels, or a contrast's: the differences that two values can have, ascending. */
typedef struct dss_severity_scale {
  uint32_t n_levels;
  double *values;      /* [n_levels] */
  double *centred;     /* [n_levels] values less the middle level's, for squares */
  uint32_t threshold;  /* the share's first level */
  uint32_t above;      /* one more than its last */
  unsigned statistics; /* DSS_SEVERITY_BITs that it has */
  bool pairs;          /* each two groups are compared */
} dss_severity_scale;

/* An axis's groups. */
typedef struct dss_severity_axis {
  uint32_t n_groups;
  const uint8_t *tested; /* [n_groups] 0: NaN for all of the group's */
} dss_severity_axis;

/* Whether a scale has the statistic. */
static inline bool dss_severity_has(const dss_severity_scale *scale,
                                    dss_severity_statistic statistic) {
  return scale->statistics >> (unsigned)statistic & 1u;
}

/* Order of an axis's values, those of statistics that the scale has: anova_f, kruskal_h; mean,
 * median and share of each group; mean_difference, share_difference and cliffs_delta of each group
 * and everyone else; the same of each group with each later one, group by group. */
static const dss_severity_statistic dss_severity_omnibus[] = {DSS_SEVERITY_ANOVA_F,
                                                              DSS_SEVERITY_KRUSKAL_H};
static const dss_severity_statistic dss_severity_of_group[] = {
    DSS_SEVERITY_MEAN, DSS_SEVERITY_MEDIAN, DSS_SEVERITY_SHARE};
static const dss_severity_statistic dss_severity_of_two[] = {
    DSS_SEVERITY_MEAN_DIFFERENCE, DSS_SEVERITY_SHARE_DIFFERENCE, DSS_SEVERITY_CLIFFS_DELTA};
enum { DSS_SEVERITY_OMNIBUS = 2, DSS_SEVERITY_OF_GROUP = 3, DSS_SEVERITY_OF_TWO = 3 };

/* Doubles of scratch for an axis. */
size_t dss_severity_scratch(uint32_t n_levels, uint32_t n_groups);

/* tallies [n_levels][stride], of which the axis's groups are the first; the place behind its values
 * is returned. */
double *dss_severity_axis_values(const dss_severity_scale *scale, const dss_severity_axis *axis,
                                 const double *tallies, size_t stride, double *scratch,
                                 double *out);
/* Mean, median and share of all raters: tallies [n_levels]. */
double *dss_severity_everyone_values(const dss_severity_scale *scale, const double *tallies,
                                     double *scratch, double *out);

#endif

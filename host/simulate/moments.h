/* Products of scores over pairs of different raters of one item, by the cells of the two.
 *
 * The variances v of a cell's scores are known from its shares. A product is taken as
 * (v_g + v_h - (x - y)^2) / 2, whose mean is that of x y and which scatters less: what the two have
 * in common drops out, as it does in alpha. */
#ifndef DSS_SIMULATE_MOMENTS_H
#define DSS_SIMULATE_MOMENTS_H

#include "scores.h"

/* Ordered pairs; both matrices are symmetric. */
typedef struct dss_moments {
  uint32_t n_cells;
  double *pairs, *products; /* [n_cells][n_cells] */
} dss_moments;

/* DSS_ERR_DATA: no two raters share an item; DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_moments_make(dss_context *context, const dss_question *question,
                                         uint32_t n_items, const dss_cells *cells,
                                         const dss_scores *scores, dss_moments *moments);
void dss_moments_free(dss_moments *moments);

/* Standard errors of a group's mean product on the scale of latent values, of its pairs among
 * themselves and of those with all others, where the group is like all others: every two raters of
 * an item have correlation rho, and leniency is a share of the variance. NaN with fewer than 20
 * items that have such pairs. Few raters' leniencies scatter as squares do: far below 0, not as far
 * above; as many squares as `freedom` says are as skewed. */
typedef struct dss_group_errors {
  double inside, across;
  double inside_freedom, across_freedom;
} dss_group_errors;
dss_group_errors dss_moments_errors(const dss_question *question, uint32_t n_items,
                                    const dss_cells *cells, const dss_cell_group *group, double rho,
                                    double leniency);

/* How much of the scores' variance is the raters' own: each rating less the mean of the item's
 * others, over pairs of a rater's items. mean [n_raters]: of these differences, NaN without any;
 * count [n_raters]; *spread: their mean square. */
double dss_moments_leniency(const dss_question *question, uint32_t n_items, const dss_cells *cells,
                            const dss_scores *scores, double *mean, double *count, double *spread);

#endif

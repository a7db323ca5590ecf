/* Normal scores of a question's ratings, cell by cell, and what covariance of scores a correlation
 * of latent values makes.
 *
 * The score of a level is the mean of a standard normal value between the cell's thresholds. For
 * two values with correlation rho, cut by the thresholds of cells g and h, the covariance of their
 * scores is (Mehler's series)
 *
 *     sum over k >= 1 of  a_k(g) a_k(h) rho^k,   a_k = E[score(Y) He_k(Y)] / sqrt(k!)
 *
 * and a_1 is the score's own variance.
 */
#ifndef DSS_SIMULATE_SCORES_H
#define DSS_SIMULATE_SCORES_H

#include "thresholds.h"

enum { DSS_HERMITE_TERMS = 12 };

typedef struct dss_scores {
  uint32_t n_levels;
  double *score;   /* [n_cells][n_levels] */
  double *hermite; /* [n_cells][DSS_HERMITE_TERMS] a_1, a_2 ... */
} dss_scores;

/* DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_scores_make(dss_context *context, uint32_t n_levels, uint32_t n_cells,
                                        const double *thresholds, dss_scores *scores);
void dss_scores_free(dss_scores *scores);

/* The covariance of scores, and how fast it grows with rho. */
double dss_scores_covariance(const dss_scores *scores, uint32_t g, uint32_t h, double rho,
                             double *slope);
/* The score's variance, a_1. */
double dss_scores_variance(const dss_scores *scores, uint32_t cell);

#endif

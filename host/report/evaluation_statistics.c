#include "evaluation_statistics.h"

#include <math.h>
#include <string.h>

bool dss_is_count(const char *statistic) {
  static const char *const counts[] = {"tp", "fp", "fn", "tn"};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    if (strcmp(counts[i], statistic) == 0) return true;
  return false;
}

bool dss_is_gap(const dss_evaluation_row *row) {
  size_t length = strlen(row->statistic);
  return *row->versus && length > 4 && strcmp(row->statistic + length - 4, "_gap") == 0;
}

bool dss_is_of_sizes(const dss_evaluation_row *row) {
  enum { LEAST_RESAMPLES = 64 };
  const dss_cell *cell = &row->cell;
  return dss_is_gap(row) && cell->resamples >= LEAST_RESAMPLES &&
         fabs(cell->null_mean) > 0.5 * cell->null_sd;
}

double dss_evaluation_least_p(const dss_evaluation *evaluation) {
  double resamples = (double)dss_evaluation_resamples(evaluation);
  return dss_evaluation_exact(evaluation) ? 1.0 / resamples : 1.0 / (resamples + 1.0);
}

bool dss_evaluation_has(const dss_evaluation_view *view, const char *statistic) {
  for (size_t i = 0; i < view->n; i++)
    if (strcmp(dss_evaluation_get(view->evaluation, i)->statistic, statistic) == 0) return true;
  return false;
}

const dss_sourced_statistic *dss_sourced_statistic_at(size_t index) {
  static const dss_sourced_statistic list[] = {
      {"cliffs_delta", "Cliff's delta (Cliff, 1993)", DSS_REFERENCE_CLIFF},
      {"anova_f", "F (Fisher, 1925)", DSS_REFERENCE_FISHER},
      {"kruskal_h", "H (Kruskal and Wallis, 1952)", DSS_REFERENCE_KRUSKAL},
      {"f1", "F1 (van Rijsbergen, 1979)", DSS_REFERENCE_RIJSBERGEN},
      {"auc", "AUC (Mann and Whitney, 1947)", DSS_REFERENCE_MANN},
      {"pearson", "Pearson's r (Pearson, 1895)", DSS_REFERENCE_PEARSON},
      {"spearman", "Spearman's rho (Spearman, 1904)", DSS_REFERENCE_SPEARMAN},
      {"kendall", "Kendall's tau-b (Kendall, 1945)", DSS_REFERENCE_KENDALL},
      {"kappa", "quadratic weighted kappa (Cohen, 1968)", DSS_REFERENCE_COHEN},
      {"gamma", "gamma (Goodman and Kruskal, 1954)", DSS_REFERENCE_GOODMAN},
      {"somers_d", "Somers' D (Somers, 1962)", DSS_REFERENCE_SOMERS},
      {"tau_b", "tau-b (Kendall, 1945)", DSS_REFERENCE_KENDALL},
      {"information", "mutual information (Cover and Thomas, 2006)", DSS_REFERENCE_COVER}};
  return index < sizeof list / sizeof *list ? &list[index] : NULL;
}

/* The tables of bootstrap intervals: their columns, and what stands in a cell. */
#ifndef DSS_REPORT_INTERVALS_H
#define DSS_REPORT_INTERVALS_H

#include "dissensus/results.h"

/* A column is a statistic, or GAI's Fieller set, which stands beside GAI. */
enum { DSS_INTERVAL_FIELLER = DSS_N_STATISTICS, DSS_INTERVAL_COLUMNS };

typedef struct dss_interval_columns {
  unsigned columns[DSS_INTERVAL_COLUMNS];
  size_t n_columns; /* 0: the results have no intervals */
} dss_interval_columns;

dss_interval_columns dss_interval_columns_of(const dss_results *results);
const char *dss_interval_title(unsigned column);

/* "[0.123, 0.456]" with its marks: p, percentile because BCa is undefined; !, the estimate lies
 * outside; ?, more than 1% of the resamples undefined. "-" where there is none. */
enum { DSS_INTERVAL_ROOM = 80 };
void dss_interval_text(const dss_results *results, size_t question, size_t group, unsigned column,
                       char text[DSS_INTERVAL_ROOM]);

/* How many intervals have each mark. */
typedef struct dss_interval_marks {
  size_t all, percentile, misses, undefined;
} dss_interval_marks;
dss_interval_marks dss_interval_count_marks(const dss_results *results);
/* BCa was asked for, and fell back to percentile. */
bool dss_interval_fell_back(const dss_results *results, const dss_cell *cell);

#endif

/* The tables of bootstrap intervals: their columns, and what stands in a cell. */
#ifndef DSS_REPORT_INTERVALS_H
#define DSS_REPORT_INTERVALS_H

#include "dissensus/results.h"

struct dss_view;

/* A column is a statistic, or GAI's Fieller set, which stands beside GAI. */
enum { DSS_INTERVAL_FIELLER = DSS_N_STATISTICS, DSS_INTERVAL_COLUMNS };

typedef struct dss_interval_columns {
  unsigned columns[DSS_INTERVAL_COLUMNS];
  size_t n_columns; /* 0: the results have no intervals */
} dss_interval_columns;

dss_interval_columns dss_interval_columns_of(const dss_results *results);
const char *dss_interval_title(unsigned column);

/* "[0.123, 0.456]" with its marks: p, percentile because BCa is undefined; !, the estimate lies
 * outside; ?, with the share, more than 1% of the resamples undefined. Where there is none, "-" and
 * the footnote that says why: "- (2) ?50%". */
enum { DSS_INTERVAL_ROOM = 96 };
void dss_interval_text(const struct dss_view *view, size_t question, size_t group, unsigned column,
                       char text[DSS_INTERVAL_ROOM]);

/* The same of any cell. mark: "p" where percentile, "n" where normal stands in for BCa, or "";
 * note: the footnote that says why there is none, 0 for none. */
void dss_interval_cell_text(const dss_cell *cell, uint64_t resamples, const char *mark,
                            unsigned note, char text[DSS_INTERVAL_ROOM]);

/* How many intervals have each mark, withheld ones left out; Fieller sets are counted apart. */
typedef struct dss_interval_marks {
  size_t all, percentile, misses, undefined, sets, undefined_sets, withheld, withheld_sets;
} dss_interval_marks;
dss_interval_marks dss_interval_count_marks(const dss_results *results);

/* Resamples of the bootstrap, 0 without one. */
uint64_t dss_interval_resamples(const dss_results *results);
/* Whether there is an interval, or a reason that there is none. */
bool dss_interval_resampled(const dss_cell *cell);
/* Of the bootstrap's resamples; NaN without any. */
double dss_interval_share(const dss_results *results, uint64_t undefined);
/* BCa was asked for, and fell back to percentile. */
bool dss_interval_fell_back(const dss_results *results, const dss_cell *cell);

#endif

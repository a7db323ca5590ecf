/* What figures know of an evaluation's statistics, by their names. Pure functions. */
#ifndef DSS_FIGURES_MEASURES_H
#define DSS_FIGURES_MEASURES_H

#include "dissensus/evaluation.h"

/* What a row's group is compared with. */
typedef enum dss_versus { DSS_VERSUS_NONE, DSS_VERSUS_ELSE, DSS_VERSUS_GROUP } dss_versus;
dss_versus dss_versus_of(const dss_evaluation_row *row);

/* "fnr_gap" as it is read, "FNR gap". Returns text. */
enum { DSS_MEASURE_ROOM = 80 };
const char *dss_measure_text(const char *statistic, char text[DSS_MEASURE_ROOM]);

/* A difference: 0 is where nothing is to be found. */
bool dss_measure_compares(const dss_evaluation_row *row);

/* Of ratings with predictions for another group: base becomes the statistic that has the same of
 * predictions for the group itself, "pearson" of "pearson_missteered". */
bool dss_measure_missteers(const char *statistic, char base[DSS_MEASURE_ROOM]);
/* "mae_missteered", whose matrix is read the other way round. */
#define DSS_MEASURE_ERROR "An error: smaller is better."
bool dss_measure_is_error(const char *statistic);

/* Counts, which say little without the others, are not drawn. */
bool dss_measure_is_drawn(const char *statistic);

/* Its place among those that readers look for first; what is not among them has a place behind. */
size_t dss_measure_rank(const char *statistic);

#endif

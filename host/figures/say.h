/* Numbers of cells in words, for figures' descriptions. */
#ifndef DSS_FIGURES_SAY_H
#define DSS_FIGURES_SAY_H

#include <stdio.h>

#include "axis.h"

/* Cells that are said one by one; of more it is said how many. */
enum { DSS_MOST_NAMED = 12 };

/* before, then value with three decimals. */
void dss_say_number(FILE *to, const char *before, double value);
/* ", p = 0.03, q = 0.1"; nothing where there is no p. */
void dss_say_p(FILE *to, const dss_cell *cell);
/* "woman 1.204 (95% interval 1.01 to 1.40), p = 0.03, q = 0.1" */
void dss_say_cell(FILE *to, const char *label, const dss_cell *cell);
/* After the first DSS_MOST_NAMED of n: how many more, and the end of the sentence. */
void dss_say_more(FILE *to, size_t n);

/* Cells by how sure they are. */
typedef struct dss_sureness_counts {
  size_t of[DSS_N_SURENESS];
} dss_sureness_counts;
/* " 3 of 12 groups have q < 0.05, 4 more p < 0.05."; nothing where none was tested. */
void dss_say_sureness(FILE *to, const dss_sureness_counts *counts, const char *thing);

#endif

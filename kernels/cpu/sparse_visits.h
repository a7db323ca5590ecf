/* Making a question's visits, for the sparse kernel: a rater's ratings, what is counted for each of
 * them, and which terms follow. */
#ifndef DSS_CPU_SPARSE_VISITS_H
#define DSS_CPU_SPARSE_VISITS_H

#include "sparse.h"

typedef struct dss_sparse_seen {
  uint32_t rater, item; /* the item as numbered here */
  uint64_t at, begin;   /* itself and its item's first rating, in the question */
  uint8_t apart, alike, level;
} dss_sparse_seen;

/* Numbers of peers of which terms are a function: with x of the first and a of the second in a
 * group. */
typedef struct dss_sparse_counted {
  uint8_t apart, alike;
} dss_sparse_counted;

/* Which terms are made already: their number plus one. */
typedef struct dss_sparse_known {
  uint16_t term[DSS_SPARSE_UNIT][DSS_SPARSE_UNIT];
} dss_sparse_known;

/* Bits of a number from 0 to n. */
static inline unsigned dss_sparse_bits(uint64_t n) {
  return dss_log2_ceiling(n + 1);
}

/* Their order within a run. */
unsigned dss_sparse_class(dss_sparse_counted counted);
/* The terms' number; they are made where they are new. */
uint16_t dss_sparse_term_of(dss_cpu_sparse *s, dss_sparse_known *known, dss_sparse_counted counted);
/* Runs of n ratings in the order of their classes; returns how many. */
uint32_t dss_sparse_put_runs(dss_cpu_sparse *s, const dss_sparse_counted *counted, uint32_t n);
/* The other raters of a rating's item that gave a level. */
void dss_sparse_put_peers(const dss_kernel_question *question, dss_cpu_sparse *s,
                          const dss_sparse_seen *rating, uint32_t level);
/* A new visit where the last one is another rater's, or full. */
dss_sparse_visit *dss_sparse_visit_of(dss_cpu_sparse *s, dss_sparse_visit *last, bool full,
                                      uint32_t rater, uint64_t first);

/* From the ratings by rater [s->n_ratings], for distances that are all one; and for others
 * (sparse_crossings.c). */
void dss_sparse_put_visits(const dss_kernel_question *question, const dss_sparse_seen *seen,
                           dss_cpu_sparse *s);
void dss_sparse_put_crossings(const dss_kernel_question *question, const dss_sparse_seen *seen,
                              dss_cpu_sparse *s);
/* Items with two ratings or more, and their ratings sorted by rater into seen [n_ratings]. */
void dss_sparse_see(const dss_kernel_question *question, dss_cpu_sparse *s, dss_sparse_seen *seen);
/* Ratings with which some other rating of their item disagrees, once for each of its levels. */
uint64_t dss_sparse_count_crossings(const dss_kernel_question *question);

#endif

/* How a rater of a trisection rates an item; the model is written out in data/demo/README.md. */
#ifndef DSS_WORKLOADS_MODEL_H
#define DSS_WORKLOADS_MODEL_H

#include "bench/workloads/assign.h"

typedef struct answer {
  unsigned harm[N_QUESTIONS]; /* 1 .. n_thresholds + 1 */
  size_t reading;             /* a topic's number: what the rater takes the violation for */
} answer;

/* Depends on its arguments alone, not on the order of calls. */
answer model_answer(const settings *set, uint64_t seed, const design *made, uint32_t rater,
                    uint32_t item);

/* What made-up machines say of an item's harm to self; data/demo/README.md. Classifiers: scores
 * from 0 to
 * 1. Judges: ratings as raters give them, by one who is told the trisection, and by one who is not.
 */
enum { MODEL_CLASSIFIERS = 2 };
double model_score(const settings *set, uint64_t seed, const design *made, uint32_t item,
                   size_t classifier);
unsigned model_told(const settings *set, uint64_t seed, const design *made, uint32_t item,
                    uint32_t cell);
unsigned model_untold(const settings *set, uint64_t seed, const design *made, uint32_t item);

#endif

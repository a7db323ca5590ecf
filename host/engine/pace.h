/* How many resamples a backend is given at a time: few enough that progress stays lively, enough
 * that threads seldom wait for each other. No result depends on it. */
#ifndef DSS_ENGINE_PACE_H
#define DSS_ENGINE_PACE_H

#include <stdint.h>

enum { DSS_STEP_LEAST = 256, DSS_STEP_MOST = 1 << 20 };
#define DSS_STEP_SECONDS 0.2

/* The step after one that took so long. */
static inline uint64_t dss_next_step(uint64_t step, double seconds) {
  return step < DSS_STEP_MOST && seconds < DSS_STEP_SECONDS ? 2 * step : step;
}

#endif

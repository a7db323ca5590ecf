/* How many resamples a backend is given at a time: few enough that progress stays lively, enough
 * that threads seldom wait for each other. No result depends on it. */
#ifndef DSS_ENGINE_PACE_H
#define DSS_ENGINE_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { DSS_STEP_LEAST = 32, DSS_STEP_MOST = 1 << 20 };
#define DSS_STEP_SECONDS 0.5

/* Steps so far: how large the next one is, and how long the last of half its size took (0: none).
 */
typedef struct dss_pace {
  uint64_t step;
  double before;
} dss_pace;

/* A step took so long. They are doubled while they are short, and also while twice as many
 * resamples take less than one and a half times as long: then it is not the resamples that take the
 * time. */
static inline void dss_pace_note(dss_pace *pace, double seconds) {
  bool pays = seconds < 1.5 * pace->before || pace->before == 0.0;
  if (pace->step >= DSS_STEP_MOST || (seconds >= DSS_STEP_SECONDS && !pays)) return;
  pace->step *= 2;
  pace->before = seconds;
}

#endif

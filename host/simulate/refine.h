/* What is needed along a line of points, and points between them until it is found closely. */
#ifndef DSS_SIMULATE_REFINE_H
#define DSS_SIMULATE_REFINE_H

#include "power.h"

/* A line is never given more. */
enum { DSS_MOST_ADDED = 16 };

/* Points that differ along one thing. Where this is raters or ratings the power's designs have them
 * in whole numbers. */
typedef struct dss_power_search {
  dss_power_along along;
  const size_t *points; /* [n] of the power, by ascending `along` */
  size_t n;
  /* Makes of the line's nearest point the one at `at`, all but its powers: what of it differs.
   * DSS_ERR_USAGE: there is no such design. */
  dss_status (*describe)(void *what, double at, dss_power_point *point);
  /* Simulates it. */
  dss_status (*run)(void *what, dss_power_point *point);
  void *what;
} dss_power_search;

/* Adds points and the need to the power; one point tells nothing. */
DSS_MUST_USE dss_status dss_power_find_need(dss_context *context, dss_power *power,
                                            const dss_power_search *search);

#endif

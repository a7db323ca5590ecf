/* Results before anything is computed: names and provenance, from the plan; and whether two are of
 * one plan. */
#ifndef DSS_ENGINE_SKELETON_H
#define DSS_ENGINE_SKELETON_H

#include "host/core/context.h"
#include "plan.h"
#include "results.h"

/* All but the backend's name. command: for provenance, may be NULL. The caller frees. */
DSS_MUST_USE dss_status dss_results_of_plan(dss_context *context, const dss_plan *plan,
                                            const char *command, dss_results **results);

/* What the plan says of itself, into keys; `backend` stays NULL. The caller frees them in any case.
 */
DSS_MUST_USE dss_status dss_plan_provenance(dss_context *context, const dss_plan *plan,
                                            const char *command, char *keys[DSS_N_RESULT_KEYS]);

enum { DSS_DIFFERENCE_ROOM = 256 };
/* Whether a (there) and b (here) are of the same input, plan, seed and version, so that their
 * numbers are the same; why: what is not. */
bool dss_results_same_plan(const dss_results *a, const dss_results *b,
                           char why[DSS_DIFFERENCE_ROOM]);

#endif

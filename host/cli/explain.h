/* What a run would do, in aligned lines on standard output. */
#ifndef DSS_CLI_EXPLAIN_H
#define DSS_CLI_EXPLAIN_H

#include "dissensus/dissensus.h"

/* Backend, method and why. */
void explain_engine(const dss_explanation *explanation);
/* All of a run: what is computed, and how. `options` are those that the plan was made with. */
void explain_run(const dss_plan *plan, const dss_plan_options *options,
                 const dss_explanation *explanation);
/* After explain_run: what a trial says of the run's time and memory. */
void explain_trial(const dss_plan *plan, const dss_explanation *explanation,
                   const dss_calibration *calibration);

#endif

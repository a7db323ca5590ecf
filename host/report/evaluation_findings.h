/* What an evaluation says, in sentences: which rows stand out and how surely, what cannot be said
 * and why. A row stands out by q < 0.05; "before correction" is p < 0.05; the rest is no evidence
 * of no difference. */
#ifndef DSS_REPORT_EVALUATION_FINDINGS_H
#define DSS_REPORT_EVALUATION_FINDINGS_H

#include "evaluation_view.h"
#include "findings.h"

/* As dss_findings. */
DSS_MUST_USE dss_status dss_evaluation_findings(dss_context *context,
                                                const dss_evaluation_view *view,
                                                dss_finding_fn finding, void *user);

#endif

/* What the parts of the findings share: findings.c writes what stands out, findings_sure.c how sure
 * that is. */
#ifndef DSS_REPORT_FINDINGS_PART_H
#define DSS_REPORT_FINDINGS_PART_H

#include "findings.h"
#include "tally.h"

/* A row with p < 0.05 or better. */
typedef struct dss_found {
  size_t question, group;
  dss_row_verdict row;
  double q, p, z;
} dss_found;

typedef struct dss_finding_writer {
  const dss_view *view;
  const dss_results *results;
  dss_tally tally;
  dss_found *found; /* rows with p < 0.05 and better, the surest first; NULL: no memory */
  size_t n_found;
  dss_finding_fn finding;
  void *user;
} dss_finding_writer;

/* A finding: printf's format and values. */
DSS_PRINTF(3, 4)
void dss_finding_say(const dss_finding_writer *writer, dss_finding_kind kind, const char *format,
                     ...);

/* "" or "s". */
static inline const char *dss_finding_plural(size_t n) {
  return n == 1 ? "" : "s";
}

/* How many tests there are, and what they and the intervals say and do not say. */
void dss_findings_sure(const dss_finding_writer *writer);

#endif

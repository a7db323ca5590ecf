/* What the results say, in sentences for people who do not read statistics every day: what was
 * tested, which groups stand out and how surely, what cannot be said.
 *
 * Nothing is claimed here that the table does not show: a group stands out by q < 0.05, "before
 * correction" is p < 0.05, and the rest is not evidence of no difference.
 */
#ifndef DSS_REPORT_FINDINGS_H
#define DSS_REPORT_FINDINGS_H

#include "text.h"
#include "view.h"

typedef enum dss_finding_kind {
  DSS_FINDING_LEAD,    /* the answer, in one or two sentences; first, once */
  DSS_FINDING_HEADING, /* of the sentences behind it */
  DSS_FINDING_TEXT,    /* a paragraph */
  DSS_FINDING_ITEM     /* of a list; the text before it introduces the list */
} dss_finding_kind;

/* text: one line, names between marks (text.h) and cut where they are long, nothing escaped, valid
 * during the call. */
typedef void (*dss_finding_fn)(dss_finding_kind kind, const char *text, void *user);

/* Calls `finding` for each, in a fixed order. */
void dss_findings(const dss_view *view, dss_finding_fn finding, void *user);

#endif

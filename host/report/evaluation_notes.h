/* What stands under the tables of an evaluation: how the numbers came about, what the marks mean,
 * what was counted on the way, what to beware of. */
#ifndef DSS_REPORT_EVALUATION_NOTES_H
#define DSS_REPORT_EVALUATION_NOTES_H

#include "evaluation_view.h"
#include "notes.h"

/* As dss_notes. */
void dss_evaluation_notes(const dss_evaluation_view *view, bool marked, dss_note_fn note,
                          void *user);

#endif

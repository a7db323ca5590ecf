/* What stands under the tables: how the numbers came about, what the marks mean, what to beware of.
 */
#ifndef DSS_REPORT_NOTES_H
#define DSS_REPORT_NOTES_H

#include "view.h"

typedef enum dss_note_kind { DSS_NOTE, DSS_NOTE_FOOTNOTE, DSS_NOTE_WARNING } dss_note_kind;

/* text: one line, with labels as they are (not escaped), valid during the call. Where names are
 * marked they stand between text.h's marks. */
typedef void (*dss_note_fn)(dss_note_kind kind, const char *text, void *user);

/* Calls `note` for each, in a fixed order: notes, footnotes, warnings. */
void dss_notes(const dss_view *view, bool marked, dss_note_fn note, void *user);

#endif

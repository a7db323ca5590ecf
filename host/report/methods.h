/* How the numbers of a run were made, in sentences that a paper can take over, and whom to cite.
 */
#ifndef DSS_REPORT_METHODS_H
#define DSS_REPORT_METHODS_H

#include "view.h"

typedef enum dss_methods_kind { DSS_METHODS_TEXT, DSS_METHODS_REFERENCE } dss_methods_kind;

/* text: a paragraph or a reference, one line; names between text.h's marks, nothing escaped, valid
 * during the call. */
typedef void (*dss_methods_fn)(dss_methods_kind kind, const char *text, void *user);

/* Paragraphs first, then the references that they name, by author. */
void dss_methods(const dss_view *view, dss_methods_fn part, void *user);

#endif

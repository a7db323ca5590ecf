/* Texts of a figure that need no drawing: labels made fit to be shown, files' names. */
#ifndef DSS_FIGURES_NAMES_H
#define DSS_FIGURES_NAMES_H

#include "dissensus/figures.h"

/* label as it may be shown, one line of UTF-8: controls and marks that turn the direction of
 * writing become blanks, bytes that are not UTF-8 become U+FFFD. The caller frees *shown. */
DSS_MUST_USE dss_status dss_label_shown(dss_context *context, const char *label, char **shown);

/* Adds to name, which has `room` bytes, '-' and what a file's name may have of label: ASCII letters
 * and digits, everything else as one '-', at most 24 of them; nothing where that leaves nothing. */
void dss_slug_append(char *name, size_t room, const char *label);

/* All texts, for one who has the figure's three already in words. */
DSS_MUST_USE dss_status dss_texts_of(dss_context *context, const char *name, const char *title,
                                     const char *description, dss_figure_texts *texts);

#endif

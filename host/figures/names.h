/* Texts of a figure that need no drawing: labels made fit to be shown, files' names. */
#ifndef DSS_FIGURES_NAMES_H
#define DSS_FIGURES_NAMES_H

#include <locale.h>
#include <stdio.h>

#include "dissensus/figures.h"
#include "host/core/context.h"

/* label as it may be shown, one line of UTF-8: controls and marks that turn the direction of
 * writing become blanks, bytes that are not UTF-8 become U+FFFD. The caller frees *shown. */
DSS_MUST_USE dss_status dss_label_shown(dss_context *context, const char *label, char **shown);

/* Adds to name, which has `room` bytes, '-' and what a file's name may have of label: ASCII letters
 * and digits, everything else as one '-', at most 24 of them; nothing where that leaves nothing. */
void dss_slug_append(char *name, size_t room, const char *label);

/* Texts while they are made: title and description are written to streams, with a point for a
 * decimal point whatever the program's locale says. */
enum { DSS_NAME_ROOM = 240 };
typedef struct dss_texts_maker {
  dss_context *context;
  char name[DSS_NAME_ROOM];
  FILE *title, *description;
  char *texts[2];
  size_t sizes[2];
  locale_t plain, before;
} dss_texts_maker;
DSS_MUST_USE dss_status dss_texts_begin(dss_context *context, dss_texts_maker *maker);
/* Ends it in any case; the texts are made where status is DSS_OK. Returns status, or what failed.
 */
DSS_MUST_USE dss_status dss_texts_end(dss_texts_maker *maker, dss_status status,
                                      dss_figure_texts *texts);

/* Adds to the name, as printf, what needs no slug. */
DSS_PRINTF(2, 3) void dss_texts_name(dss_texts_maker *maker, const char *format, ...);
/* Adds which of several pages it is, to the name and the title. */
void dss_texts_page(dss_texts_maker *maker, size_t page, size_t pages);

#endif

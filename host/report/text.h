/* Labels on their way into a report: what they may contain, how wide they are, how they are
 * escaped.
 *
 * A label is anybody's text. Control characters (a newline, the escape that starts a terminal's
 * commands, the marks that turn the direction of writing) are shown as blanks, everywhere but in
 * CSV and JSON, which can carry them.
 */
#ifndef DSS_REPORT_TEXT_H
#define DSS_REPORT_TEXT_H

#include <stddef.h>
#include <stdio.h>

typedef enum dss_markup {
  DSS_MARKUP_NONE,     /* UTF-8 */
  DSS_MARKUP_ASCII,    /* our own signs (arrows, ellipsis) in ASCII; labels stay what they are */
  DSS_MARKUP_MARKDOWN, /* GitHub's, also inside a table */
  DSS_MARKUP_LATEX,
  DSS_MARKUP_HTML /* as text, and in an attribute in quotes of either kind */
} dss_markup;

/* Writes length bytes of text, or all of it for SIZE_MAX. */
void dss_text_write(FILE *stream, dss_markup markup, const char *text, size_t length);

/* How many bytes dss_text_write writes of all of text. */
size_t dss_text_written(dss_markup markup, const char *text);

/* Columns on a terminal of the first length bytes (SIZE_MAX: all). */
size_t dss_text_width(const char *text, size_t length);

/* How many bytes of text fit `width` columns (at least one character). */
size_t dss_text_fit(const char *text, size_t width);

/* The same, but ending after a blank where there is one. */
size_t dss_text_line(const char *text, size_t width);

/* text, cut to `width` columns with an ellipsis where it is longer; room includes the NUL. Columns
 * are cut further where room is short. Returns out. */
char *dss_text_cut(char *out, size_t room, const char *text, size_t width);

/* Around each name of a group, question, axis or attribute within a sentence, so that HTML can set
 * it apart where it is written from right to left. */
#define DSS_NAME_BEGIN "\x02"
#define DSS_NAME_END "\x03"

/* label between its marks, cut as by dss_text_cut, its own controls as blanks. Returns out. */
char *dss_text_name(char *out, size_t room, const char *label, size_t width);

/* Takes the marks away, in place. Returns text. */
char *dss_text_unmark(char *text);

#endif

/* Small things with words: quoting for a shell, wrapping, the nearest name. */
#ifndef DSS_CLI_TEXT_H
#define DSS_CLI_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Writes text as one word of a POSIX shell, quoted only where it needs to be. */
void text_quote(FILE *stream, const char *text);

/* Writes text wrapped at `width` columns, every line but the first behind `indent` blanks; the
 * first starts at column `column`. A newline in text begins a new line. Ends with a newline. */
void text_wrap(FILE *stream, const char *text, size_t column, size_t indent, size_t width);

/* "3 s", "4 min 10 s", "2 h 05 min". */
void text_duration(char *text, size_t room, double seconds);

/* Writes a command of `length` bytes behind `indent` blanks, with a newline; a long one goes on
 * behind a backslash, as one would type it. */
void text_example(FILE *stream, const char *text, size_t length, size_t indent, size_t width);

/* The smallest number of bytes inserted, dropped, replaced or swapped with a neighbour. Names
 * longer than 63 bytes count as that far apart. */
size_t text_distance(const char *a, const char *b);

/* Whether b is near enough to a to be what was meant. */
int text_is_near(const char *a, const char *b);

#endif

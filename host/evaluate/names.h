/* Lists of names that options take: "mean,share" or "all". */
#ifndef DSS_EVALUATE_NAMES_H
#define DSS_EVALUATE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Bit i for names[i]. false: an unknown name, which *bad then points to (inside text). */
bool dss_names_parse(const char *text, const char *const *names, size_t n, unsigned *bits,
                     const char **bad);
/* The names of the bits, comma after comma, as much as there is room for. */
void dss_names_print(unsigned bits, const char *const *names, size_t n, char *text, size_t room);

#endif

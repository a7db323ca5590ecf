/* What the reports of powers say in words, and the keys of their provenance. */
#ifndef DSS_REPORT_POWER_WORDS_H
#define DSS_REPORT_POWER_WORDS_H

#include "dissensus/power.h"
#include "methods.h"

enum { DSS_POWER_ROOM = 4096, DSS_POWER_NUMBER_ROOM = 48, DSS_POWER_WHERE_ROOM = 160 };

#define DSS_POWER_TITLE "Power to find a group's cohesion"

/* What was asked, a paragraph; names between text.h's marks. Returns text. */
char *dss_power_asked(const dss_power *power, char text[DSS_POWER_ROOM]);
/* As dss_methods. */
void dss_power_methods(const dss_power *power, dss_methods_fn part, void *user);

/* "12", "<= 6" or "> 1.5"; raters and ratings are rounded up. Returns text. */
char *dss_power_bound_text(const dss_power_need *need, const dss_power_bound *bound,
                           char text[DSS_POWER_NUMBER_ROOM]);
/* What stands still: "GAI 1.2, 25 ratings an item". Returns text. */
char *dss_power_where(const dss_power_need *need, char text[DSS_POWER_WHERE_ROOM]);
/* "Raters of the group", "Ratings an item" or "Smallest GAI". */
const char *dss_power_along_title(dss_power_along along);
/* The mean GAI with three digits, or nothing. Returns text. */
char *dss_power_mean(const dss_power_point *point, char text[DSS_POWER_NUMBER_ROOM]);

/* Keys of provenance in their order; NULL behind the last. */
const char *dss_power_key(size_t i);
/* The value of a key that there is. */
const char *dss_power_fact(const dss_power *power, const char *key);

#endif

/* Warnings of how raters came to their items, in one wording and by one rule for results and for
 * evaluations. */
#ifndef DSS_REPORT_DESIGN_NOTES_H
#define DSS_REPORT_DESIGN_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DSS_DESIGN_NOTE_ROOM = 2048 };

/* What every p of profiles that were shuffled rests on, and what speaks against it: density, the
 * share of the raters' possible ratings that are there (NaN: unknown). False: nothing to warn of.
 */
bool dss_design_exchange(const char *scheme, double density, char text[DSS_DESIGN_NOTE_ROOM]);

/* Whether hardly anybody else rated what a group did: of its items, how many anyone outside it
 * rated too. */
bool dss_design_few_shared(uint64_t shared, uint64_t items);
/* So many `what` ("row") of which that is so, the first by name. cost: what else it means for them.
 */
void dss_design_say_few_shared(size_t n, const char *what, const char *first, const char *cost,
                               char text[DSS_DESIGN_NOTE_ROOM]);

#endif

#include "design_notes.h"

#include <stdio.h>
#include <string.h>

/* Over this, raters rated the same items as near as makes no difference. */
#define NEARLY_ALL 0.995

bool dss_design_exchange(const char *scheme, double density, char text[DSS_DESIGN_NOTE_ROOM]) {
  if (strcmp(scheme, "free") != 0 || !(density < NEARLY_ALL)) return false;
  snprintf(text, DSS_DESIGN_NOTE_ROOM,
           "Scheme free takes all raters to be exchangeable, though they rated only %.2g%% of the "
           "items on average: right where items were given to raters without regard to who they "
           "are, else use --scheme strata:ATTRIBUTE (dissensus info tells about the design).",
           100.0 * density);
  return true;
}

bool dss_design_few_shared(uint64_t shared, uint64_t items) {
  return shared < items - shared;
}

void dss_design_say_few_shared(size_t n, const char *what, const char *first, const char *cost,
                               char text[DSS_DESIGN_NOTE_ROOM]) {
  snprintf(text, DSS_DESIGN_NOTE_ROOM,
           "%zu %s%s under half of %s items with anyone outside the group (first: %s): %s, and "
           "raters who were given items of their own are not exchangeable with the rest.",
           n, what, n == 1 ? " shares" : "s share", n == 1 ? "its" : "their", first, cost);
}

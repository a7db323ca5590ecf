#include "draws.h"

#include <stdlib.h>

bool dss_cpu_draws_make(const dss_exchange *e, dss_cpu_draws *draws) {
  size_t calls = dss_cpu_calls(e->n_raters);
  draws->exchange = e;
  draws->bound = calloc(4 * calls, sizeof *draws->bound);
  draws->first = calloc(4 * calls, sizeof *draws->first);
  if (!draws->bound || !draws->first) return false;
  for (uint32_t s = 0; s < e->n_strata; s++)
    for (uint32_t i = e->stratum_ptr[s]; i < e->stratum_ptr[s + 1]; i++) {
      size_t at = (i % 4) * calls + i / 4;
      draws->bound[at] = i - e->stratum_ptr[s] + 1;
      draws->first[at] = e->stratum_ptr[s];
    }
  return true;
}

void dss_cpu_draws_free(dss_cpu_draws *draws) {
  free(draws->bound);
  free(draws->first);
}

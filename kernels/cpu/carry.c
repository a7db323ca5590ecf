#include <stdlib.h>

#include "draws.h"
#include "kernels/profiles.h"
#include "lanes.h"

struct dss_profiles {
  const dss_cpu_kernels *kernels; /* NULL: the machine lacks those that DSS_CPU names */
  dss_cpu_draws draws;
};

dss_profiles *dss_profiles_open(const dss_exchange *exchange) {
  dss_profiles *profiles = calloc(1, sizeof *profiles);
  if (!profiles) return NULL;
  profiles->kernels = dss_cpu_choose_kernels();
  if (dss_cpu_draws_make(exchange, &profiles->draws)) return profiles;
  dss_profiles_close(profiles);
  return NULL;
}

void dss_profiles_close(dss_profiles *profiles) {
  if (!profiles) return;
  dss_cpu_draws_free(&profiles->draws);
  free(profiles);
}

size_t dss_profiles_scratch(const dss_profiles *profiles) {
  uint32_t n_raters = profiles->draws.exchange->n_raters;
  return n_raters + dss_cpu_drawn(n_raters);
}

void dss_profiles_carry(const dss_profiles *profiles, uint64_t b, const uint32_t *labels,
                        uint32_t *scratch, uint32_t *carried) {
  const dss_exchange *e = profiles->draws.exchange;
  uint32_t *shuffled = scratch, *drawn = scratch + e->n_raters;
  if (b == DSS_RESAMPLE_NONE || e->n_arrangements > 0 || !profiles->kernels) {
    dss_exchange_profiles(e, b, scratch, carried);
    for (uint32_t r = 0; r < e->n_raters; r++)
      carried[r] = labels[carried[r]];
    return;
  }
  profiles->kernels->draw(&profiles->draws, b, drawn);
  for (uint32_t i = 0; i < e->n_raters; i++)
    shuffled[i] = labels[e->order[i]];
  dss_cpu_shuffle(e, drawn, shuffled);
  for (uint32_t i = 0; i < e->n_raters; i++)
    carried[e->order[i]] = shuffled[i];
}

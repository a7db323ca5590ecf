#include "slots.h"

/* Nominal: every pair of levels is one apart. */
static bool all_one(const dss_tables *t) {
  if (t->distance != DSS_DISTANCE_EXACT) return false;
  for (uint32_t c = 0; c < t->n_levels; c++)
    for (uint32_t k = 0; k < t->n_levels; k++)
      if (t->exact_distance[(size_t)c * t->n_levels + k] != (c != k)) return false;
  return true;
}

static size_t take(dss_cpu_slots *slots, bool wanted, size_t count) {
  if (!wanted) return SIZE_MAX;
  size_t at = slots->n;
  slots->n += count;
  return at;
}

dss_cpu_slots dss_cpu_slots_of(const dss_tables *t, const dss_sums_choice *choice) {
  dss_cpu_slots s = {.collapsed = all_one(t)};
  size_t levels = t->n_levels;
  s.n_pairs = s.collapsed ? 1 : dss_n_pairs(t->n_levels);
  s.own_pair = take(&s, choice->alpha, s.n_pairs);
  s.own_count = take(&s, choice->alpha, levels);
  s.cross_pair = take(&s, choice->cross, s.n_pairs);
  s.x_count = take(&s, choice->cross, levels);
  s.y_count = take(&s, choice->cross, levels);
  s.complement_pair = take(&s, choice->complement, s.n_pairs);
  s.complement_count = take(&s, choice->complement, levels);
  s.rated = take(&s, choice->plurality || choice->entropy, 1);
  s.plurality = take(&s, choice->plurality, 1);
  s.entropy = take(&s, choice->entropy, DSS_PRODUCT_SLOTS);
  s.shared = take(&s, choice->cross_entropy, 1);
  s.cross_entropy = take(&s, choice->cross_entropy, DSS_PRODUCT_SLOTS);
  s.vote_units = take(&s, choice->votes, 1);
  s.vote_agreement = take(&s, choice->votes, DSS_PRODUCT_SLOTS);
  s.vote_count = take(&s, choice->votes, levels);
  return s;
}

#include "keep.h"

#include <stdlib.h>

/* --- rows that are sums ------------------------------------------------------------------------
 */

/* How often a row is wanted after it was made: as an addend, by further groups; by all groups of a
 * part with raters of unknown value, whose row is made last. */
static void count_uses(const dss_cpu_layout *layout, size_t b, uint32_t *uses) {
  const dss_cpu_base *base = &layout->bases[b];
  for (uint32_t i = 0; i < base->addend_ptr[base->n_sums]; i++)
    uses[base->addends[i]] += 2;
  for (size_t p = 0; p < layout->n_parts; p++) {
    const dss_cpu_part *part = &layout->parts[p];
    if (part->base != b) continue; /* the others' rows may not be made yet */
    bool all_known = part->row[part->n_groups] == DSS_NO_ROW;
    for (uint32_t g = 0; g <= part->n_groups; g++)
      if (part->row[g] != DSS_NO_ROW) uses[part->row[g]] += all_known ? 1 : 2;
  }
}

bool dss_cpu_place_rows(dss_cpu_layout *layout, size_t b) {
  dss_cpu_base *base = &layout->bases[b];
  uint32_t *uses = calloc((size_t)base->n_cells + base->n_sums + 1, sizeof *uses);
  base->place = calloc((size_t)base->n_sums + 1, sizeof *base->place);
  bool good = uses && base->place;
  base->n_places = 1;
  if (good) count_uses(layout, b, uses);
  for (uint32_t i = 0; good && i < base->n_sums; i++)
    base->place[i] = uses[base->n_cells + i] > 1 ? base->n_places++ : 0;
  free(uses);
  return good;
}

/* --- sums of several tiles ----------------------------------------------------------------------
 */

/* Bounds of E and Z (narrow.h) by the largest item and the group's raters; single ratings are held
 * in bytes. */
static uint8_t pairs_that_fit(uint64_t size, uint32_t n_raters) {
  uint64_t m = size < n_raters ? size : n_raters, half = size / 2 < m ? size / 2 : m;
  uint64_t within = m * m, between = half * (size - half);
  uint64_t pair = 2 * (within > between ? within : between) << DSS_LIMB_BITS;
  uint64_t pairs = pair > 0 ? UINT32_MAX / pair : UINT8_MAX;
  return pairs < UINT8_MAX ? (uint8_t)pairs : UINT8_MAX;
}

bool dss_cpu_hold_pairs(const dss_cpu_layout *layout, dss_cpu_question *q) {
  q->held_pairs = calloc(layout->plan->n_groups + 1, sizeof *q->held_pairs);
  if (!q->held_pairs) return false;
  uint32_t pairs = q->n_narrow / 2;
  uint64_t largest = pairs > 0 ? (uint64_t)q->pair_size[pairs - 1] & DSS_NARROW_UNIT : 0;
  for (size_t p = 0; p < layout->n_parts; p++) {
    const dss_cpu_part *part = &layout->parts[p];
    for (uint32_t g = 0; g < part->n_groups; g++)
      q->held_pairs[part->first_group + g] = pairs_that_fit(largest, part->n_raters[g]);
  }
  return true;
}

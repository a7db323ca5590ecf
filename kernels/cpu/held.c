#include "held.h"

#include <stdlib.h>

/* --- sums of several tiles ----------------------------------------------------------------------
 */

/* Bounds of E and Z (narrow.h) by the largest item and the group's raters; single ratings are held
 * in bytes. Where some value is unknown, Z is multiplied by the sum of two limbs. */
static uint8_t pairs_that_fit(uint64_t size, uint32_t n_raters, bool all_known) {
  uint64_t m = size < n_raters ? size : n_raters, half = size / 2 < m ? size / 2 : m;
  uint64_t within = m * m, between = half * (size - half) * (all_known ? 1 : 2);
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
      q->held_pairs[part->first_group + g] =
          pairs_that_fit(largest, part->n_raters[g], part->row[part->n_groups] == DSS_NO_ROW);
  }
  return true;
}

/* What the kernels share: the groups on a base, a base's labels, and sums that outgrow 64 bits. */
#ifndef DSS_CPU_GROUPS_H
#define DSS_CPU_GROUPS_H

#include <string.h>

#include "lanes.h"
#include "vectors.h"

static bool counts_ratings(const dss_cpu_question *q, size_t slot) {
  const size_t at[] = {q->slots.own_count, q->slots.complement_count, q->slots.x_count,
                       q->slots.y_count};
  for (size_t i = 0; i < sizeof at / sizeof *at; i++)
    if (at[i] != SIZE_MAX && slot >= at[i] && slot - at[i] < q->tables->n_levels) return true;
  return false;
}

/* What might not fit 64 bits much longer goes to 128, counts of ratings never. */
static void carry(const dss_cpu_layout *layout, const dss_cpu_question *q, dss_cpu_scratch *s) {
  size_t slots = q->slots.n, n = layout->plan->n_groups * slots;
  if (!s->any_carried) memset(s->carried, 0, n * DSS_LANES * sizeof *s->carried);
  s->any_carried = true;
  for (size_t i = 0; i < n; i++) {
    if (counts_ratings(q, i % slots)) continue;
    for (size_t at = i * DSS_LANES; at < (i + 1) * DSS_LANES; at++) {
      s->carried[at] += s->sums[at];
      s->sums[at] = 0;
    }
  }
}

static const uint8_t *labels_of(const dss_cpu_layout *layout, const dss_cpu_scratch *s,
                                size_t base) {
  return &s->labels[base * layout->plan->exchange.n_raters * DSS_LANES];
}

/* Every tested group on base b. */
#define FOR_GROUPS(layout, on, part, g)                                                            \
  for (const dss_cpu_part *part = (layout)->parts; part < (layout)->parts + (layout)->n_parts;     \
       part++)                                                                                     \
    for (uint32_t g = 0; part->base == (on) && g < part->n_groups; g++)                            \
      if ((layout)->plan->tested[part->first_group + g])

/* Whether a group's narrow items are left to the narrow kernel. */
static inline bool narrow_does(const dss_cpu_question *q, const dss_cpu_part *part, uint32_t g) {
  return part->row[g] != DSS_NO_ROW && (!q->more || part->row[part->n_groups] == DSS_NO_ROW);
}

/* And its tabled items to the tabled kernel. */
static inline bool tabled_does(const dss_cpu_part *part, uint32_t g) {
  return part->row[g] != DSS_NO_ROW && part->row[part->n_groups] == DSS_NO_ROW;
}

#endif

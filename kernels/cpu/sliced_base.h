/* What is at hand while a base's items are counted in slices: its rows of counts, and its sums. */
#ifndef DSS_CPU_SLICED_BASE_H
#define DSS_CPU_SLICED_BASE_H

#include "groups.h"
#include "slicing.h"

/* One base at work. */
typedef struct sliced_base {
  const dss_cpu_layout *layout;
  const dss_cpu_question *question;
  size_t number; /* of the base */
  const dss_cpu_base *base;
  dss_cpu_scratch *scratch;
  size_t n_blocks, halves;
  size_t step;              /* items whose counts are made before they are summed */
  size_t plane_cells, made; /* cells whose planes are made at once; the first of those there are */
  uint64_t held;            /* ratings whose sums have not been carried over */
} sliced_base;

/* Vectors of one row: [block][item][halves][4]. */
static size_t block_size(const sliced_base *z) {
  return 4 * z->step * z->halves;
}

static v32 *sliced_row(const sliced_base *z, size_t row) {
  return (v32 *)z->scratch->rows + row * DSS_SLICE_BLOCKS * block_size(z);
}

/* The group's sums in the block at hand, from a slot on; NULL: they are not wanted. */
static uint64_t *sums_at(const sliced_base *z, size_t group, size_t slot) {
  return slot == SIZE_MAX ? NULL
                          : &z->scratch->sums[(group * z->question->slots.n + slot) * DSS_LANES];
}

#endif

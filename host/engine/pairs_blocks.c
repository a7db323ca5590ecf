/* Means over the pairs of each two groups, and the pairs counted. Sums are integers, so that they
 * do not depend on the order of the tiles: a share, distance or kappa enters as a multiple of
 * 2^-40 of its unit. */
#include <math.h>
#include <string.h>

#include "host/core/alloc.h"
#include "pairs.h"

typedef struct block_sums {
  uint64_t pairs, kappa_pairs;
  dss_i128 agreement, distance, kappa;
} block_sums;

struct dss_pair_sums {
  const dss_plan *plan;
  uint32_t n_raters, min_shared;
  int distance_exponent; /* a distance is below 2 to this */
  double largest;
  dss_pair_totals totals;
  size_t n_blocks;
  size_t *first_block; /* [axes] */
  uint64_t *known;     /* [axes] counted pairs of raters with known values */
  block_sums *blocks;
};

static size_t blocks_of(const dss_kernel_axis *axis) {
  return (size_t)axis->n_groups * (axis->n_groups + 1) / 2;
}

uint64_t dss_pair_sums_bytes(const dss_plan *plan) {
  uint64_t blocks = 0;
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    blocks += blocks_of(&plan->kernel.axes[a]);
  return blocks * (sizeof(block_sums) + sizeof(dss_pair_block));
}

void dss_pair_sums_free(dss_pair_sums *sums) {
  if (!sums) return;
  free(sums->first_block);
  free(sums->known);
  free(sums->blocks);
  free(sums);
}

static dss_status fill_sums(dss_context *context, dss_pair_sums *s) {
  size_t n_axes = s->plan->kernel.n_axes;
  DSS_TRY(DSS_ALLOC(context, &s->first_block, n_axes));
  DSS_TRY(DSS_ALLOC(context, &s->known, n_axes));
  for (size_t a = 0; a < n_axes; a++) {
    s->first_block[a] = s->n_blocks;
    s->n_blocks += blocks_of(&s->plan->kernel.axes[a]);
  }
  return DSS_ALLOC(context, &s->blocks, s->n_blocks);
}

dss_status dss_pair_sums_new(dss_context *context, const dss_pair_plan *plan, uint32_t min_shared,
                             dss_pair_sums **sums) {
  dss_pair_sums *made;
  DSS_TRY(DSS_ALLOC(context, &made, 1));
  made->plan = plan->plan;
  made->n_raters = plan->problem.n_raters;
  made->min_shared = min_shared;
  frexp(plan->most_distance, &made->distance_exponent);
  dss_status status = fill_sums(context, made);
  if (status == DSS_OK)
    *sums = made;
  else
    dss_pair_sums_free(made);
  return status;
}

double dss_pair_sums_largest(const dss_pair_sums *sums) {
  return sums->largest;
}

/* --- adding -------------------------------------------------------------------------------- */

static dss_i128 fixed(double x, int exponent) {
  return (dss_i128)rint(ldexp(x, DSS_PAIR_MEAN_BITS - exponent));
}

/* Blocks of an axis by rows of the lower triangle: (larger group, smaller group). */
static size_t block_at(uint32_t g, uint32_t h) {
  uint32_t low = g < h ? g : h, high = g < h ? h : g;
  return (size_t)high * (high + 1) / 2 + low;
}

static void add_pair(dss_pair_sums *s, uint32_t r, uint32_t c, const block_sums *pair) {
  for (size_t a = 0; a < s->plan->kernel.n_axes; a++) {
    const int32_t *group = s->plan->kernel.axes[a].group;
    if (group[r] < 0 || group[c] < 0) continue;
    block_sums *to =
        &s->blocks[s->first_block[a] + block_at((uint32_t)group[r], (uint32_t)group[c])];
    s->known[a]++;
    to->pairs++;
    to->kappa_pairs += pair->kappa_pairs;
    to->agreement += pair->agreement;
    to->distance += pair->distance;
    to->kappa += pair->kappa;
  }
}

static void add_counted(dss_pair_sums *s, const dss_pair_strip *strip, size_t at, uint32_t r,
                        uint32_t c) {
  double share = (double)strip->agreements[at] / (double)strip->shared[at];
  bool has_kappa = !isnan(strip->kappa[at]);
  if (strip->distance[at] > s->largest) s->largest = strip->distance[at];
  s->totals.counted++;
  if (s->n_blocks == 0) return;
  const block_sums pair = {.kappa_pairs = has_kappa,
                           .agreement = fixed(share, 0),
                           .distance = fixed(strip->distance[at], s->distance_exponent),
                           .kappa = has_kappa ? fixed(strip->kappa[at], 0) : 0};
  add_pair(s, r, c, &pair);
}

void dss_pair_sums_add(dss_pair_sums *s, const dss_pair_strip *strip) {
  for (uint32_t i = 0; i < strip->rows; i++)
    for (uint32_t k = 0; k < strip->columns; k++) {
      uint32_t r = strip->first_row + i, c = strip->first_column + k;
      size_t at = (size_t)i * strip->columns + k;
      if (c <= r) continue;
      s->totals.pairs++;
      if (strip->shared[at] == 0) continue;
      s->totals.shared++;
      s->totals.no_kappa += isnan(strip->kappa[at]);
      s->totals.no_correlation += isnan(strip->correlation[at]);
      if ((uint32_t)strip->shared[at] >= s->min_shared) add_counted(s, strip, at, r, c);
    }
}

/* --- the summary --------------------------------------------------------------------------- */

static double mean_of(dss_i128 sum, int exponent, uint64_t n) {
  if (n == 0) return NAN;
  return ldexp(dss_signed_to_double(sum), exponent - DSS_PAIR_MEAN_BITS) / (double)n;
}

static void fill_blocks(const dss_pair_sums *s, size_t a, dss_pair_block *blocks) {
  const dss_kernel_axis *axis = &s->plan->kernel.axes[a];
  for (uint32_t g = 0; g < axis->n_groups; g++)
    for (uint32_t h = g; h < axis->n_groups; h++) {
      const block_sums *from = &s->blocks[s->first_block[a] + block_at(g, h)];
      *blocks++ =
          (dss_pair_block){.axis = a,
                           .first = axis->first_group + g,
                           .second = axis->first_group + h,
                           .pairs = from->pairs,
                           .kappa_pairs = from->kappa_pairs,
                           .agreement = mean_of(from->agreement, 0, from->pairs),
                           .distance = mean_of(from->distance, s->distance_exponent, from->pairs),
                           .kappa = mean_of(from->kappa, 0, from->kappa_pairs)};
    }
}

dss_status dss_pair_sums_finish(dss_context *context, const dss_pair_sums *s,
                                dss_pair_summary *summary) {
  const dss_kernel_plan *kernel = &s->plan->kernel;
  memset(summary, 0, sizeof *summary);
  DSS_TRY(DSS_ALLOC(context, &summary->axes, kernel->n_axes));
  DSS_TRY(DSS_ALLOC(context, &summary->groups, kernel->n_groups));
  DSS_TRY(DSS_ALLOC(context, &summary->blocks, s->n_blocks));
  summary->n_axes = kernel->n_axes;
  summary->n_groups = kernel->n_groups;
  summary->n_blocks = s->n_blocks;
  summary->totals = s->totals;
  const dss_pair_test none = {NAN, NAN, NAN, 0, 0};
  for (size_t a = 0; a < kernel->n_axes; a++) {
    summary->axes[a] = (dss_pair_axis){.name = s->plan->axes[a].name,
                                       .first_group = kernel->axes[a].first_group,
                                       .n_groups = kernel->axes[a].n_groups,
                                       .pairs = s->known[a],
                                       .anosim = none,
                                       .permanova = none};
    for (uint32_t r = 0; r < s->n_raters; r++)
      summary->axes[a].raters += kernel->axes[a].group[r] >= 0;
    fill_blocks(s, a, summary->blocks + s->first_block[a]);
  }
  for (size_t g = 0; g < kernel->n_groups; g++)
    summary->groups[g] = (dss_pair_group){s->plan->groups[g].axis, s->plan->groups[g].name,
                                          s->plan->groups[g].raters};
  return DSS_OK;
}

void dss_pair_summary_free(dss_pair_summary *summary) {
  free(summary->axes);
  free(summary->groups);
  free(summary->blocks);
  memset(summary, 0, sizeof *summary);
}

#include "weighting.h"

#include "host/core/alloc.h"

/* --- groups ---------------------------------------------------------------------------------- */

static void list_members(const dss_plan *plan, dss_members *m) {
  size_t n = 0;
  for (size_t a = 0; a < plan->kernel.n_axes; a++) {
    const dss_kernel_axis *axis = &plan->kernel.axes[a];
    for (uint32_t g = 0; g < axis->n_groups; g++) {
      m->ptr[axis->first_group + g] = n;
      n += plan->groups[axis->first_group + g].raters;
    }
    m->ptr[axis->first_group + axis->n_groups] = n;
    size_t *next = m->ptr + axis->first_group;
    for (uint32_t r = 0; r < plan->kernel.exchange.n_raters; r++)
      if (axis->group[r] >= 0) m->rater[next[axis->group[r]]++] = r;
    /* Each now points to its end, where the one behind it begins. */
    for (uint32_t g = axis->n_groups; g-- > 0;)
      next[g] -= plan->groups[axis->first_group + g].raters;
  }
}

dss_status dss_members_new(dss_context *context, const dss_plan *plan, dss_members *members) {
  size_t n = 0;
  *members = (dss_members){0};
  for (size_t g = 0; g < plan->kernel.n_groups; g++)
    n += plan->groups[g].raters;
  dss_status status = DSS_ALLOC(context, &members->ptr, plan->kernel.n_groups + 1);
  if (status == DSS_OK) status = DSS_ALLOC(context, &members->rater, n);
  if (status == DSS_OK)
    list_members(plan, members);
  else
    dss_members_free(members);
  return status;
}

void dss_members_free(dss_members *members) {
  free(members->ptr);
  free(members->rater);
  *members = (dss_members){0};
}

/* --- weights --------------------------------------------------------------------------------- */

static const dss_kernel_plan *kernel_of(const dss_drawing *d) {
  return &d->rated->plan->kernel;
}

static void fill(uint32_t *weight, uint32_t n, uint32_t value) {
  for (uint32_t i = 0; i < n; i++)
    weight[i] = value;
}

dss_status dss_drawing_new(dss_context *context, const dss_rated *rated, const dss_members *members,
                           dss_over over, dss_drawing *d) {
  size_t n_axes = rated->plan->kernel.n_axes;
  *d = (dss_drawing){.rated = rated,
                     .members = members,
                     .of_raters = over != DSS_OVER_ITEMS,
                     .of_items = over != DSS_OVER_RATERS};
  DSS_TRY(DSS_ALLOC(context, &d->axes, n_axes));
  for (size_t a = 0; a < n_axes; a++)
    DSS_TRY(DSS_ALLOC(context, &d->axes[a], rated->n_raters));
  DSS_TRY(DSS_ALLOC(context, &d->everyone, rated->n_raters));
  DSS_TRY(DSS_ALLOC(context, &d->items, rated->n_items));
  /* They come four at a time. */
  DSS_TRY(DSS_ALLOC(context, &d->words, (size_t)rated->n_raters + rated->n_items + 3));
  d->weights = (dss_weighting){(const uint32_t *const *)d->axes, d->everyone, d->items};
  dss_drawing_reset(d);
  return DSS_OK;
}

void dss_drawing_free(dss_drawing *d) {
  if (!d->rated) return;
  for (size_t a = 0; d->axes && a < kernel_of(d)->n_axes; a++)
    free(d->axes[a]);
  free(d->axes);
  free(d->everyone);
  free(d->items);
  free(d->words);
  *d = (dss_drawing){0};
}

void dss_drawing_reset(dss_drawing *d) {
  const dss_kernel_plan *kernel = kernel_of(d);
  for (size_t a = 0; a < kernel->n_axes; a++)
    for (uint32_t r = 0; r < d->rated->n_raters; r++)
      d->axes[a][r] = kernel->axes[a].group[r] >= 0;
  fill(d->everyone, d->rated->n_raters, 1);
  fill(d->items, d->rated->n_items, 1);
}

/* All axes share them. */
static void make_words(dss_drawing *d, uint64_t b) {
  for (uint32_t j = 0; j < d->rated->n_raters; j += 4)
    dss_random_words(kernel_of(d)->exchange.seed, DSS_PURPOSE_AXIS, b, j, &d->words[j]);
}

/* Each group draws among its own, with the words that stand where it stands on its axis. */
static void draw_axis(dss_drawing *d, uint64_t b, size_t a) {
  const dss_kernel_plan *kernel = kernel_of(d);
  const dss_kernel_axis *axis = &kernel->axes[a];
  const size_t *ptr = d->members->ptr + axis->first_group;
  fill(d->axes[a], d->rated->n_raters, 0);
  for (uint32_t g = 0; g < axis->n_groups; g++) {
    const uint32_t *rater = d->members->rater + ptr[g];
    uint32_t n = (uint32_t)(ptr[g + 1] - ptr[g]), offset = (uint32_t)(ptr[g] - ptr[0]);
    for (uint32_t j = offset; j < offset + n; j++)
      d->axes[a][rater[dss_random_bounded(kernel->exchange.seed, DSS_PURPOSE_AXIS, b, j, n,
                                          d->words[j])]]++;
  }
}

void dss_drawing_draw(dss_drawing *d, uint64_t b) {
  uint64_t seed = kernel_of(d)->exchange.seed;
  if (d->of_raters) {
    make_words(d, b);
    for (size_t a = 0; a < kernel_of(d)->n_axes; a++)
      draw_axis(d, b, a);
    dss_draw_weights(seed, DSS_PURPOSE_EVERYONE, b, d->rated->n_raters, d->everyone);
  }
  if (d->of_items) dss_draw_weights(seed, DSS_PURPOSE_ITEMS, b, d->rated->n_items, d->items);
}

/* --- quarters -------------------------------------------------------------------------------- */

/* Splits have numbers that no resample has, so that they share no bits with one. */
#define FIRST_SPLIT (UINT64_C(1) << 63)

/* By the top bits of words of raters, then of items. */
void dss_drawing_take_quarter(dss_drawing *d, uint64_t split, unsigned quarter) {
  const dss_kernel_plan *kernel = kernel_of(d);
  uint32_t raters = d->rated->n_raters, items = d->rated->n_items;
  for (uint32_t j = 0; j < raters + items; j += 4)
    dss_random_words(kernel->exchange.seed, DSS_PURPOSE_EVERYONE, FIRST_SPLIT + split, j,
                     &d->words[j]);
  for (uint32_t r = 0; r < raters; r++) {
    uint32_t weight = d->words[r] >> 31 == quarter / 2;
    d->everyone[r] = weight;
    for (size_t a = 0; a < kernel->n_axes; a++)
      d->axes[a][r] = kernel->axes[a].group[r] >= 0 ? weight : 0;
  }
  for (uint32_t u = 0; u < items; u++)
    d->items[u] = d->words[raters + u] >> 31 == quarter % 2;
}

/* --- one left out ---------------------------------------------------------------------------- */

uint64_t dss_drawing_units(const dss_rated *rated, dss_over over) {
  return (over != DSS_OVER_ITEMS ? (uint64_t)rated->n_raters : 0) +
         (over != DSS_OVER_RATERS ? (uint64_t)rated->n_items : 0);
}

void dss_drawing_leave(dss_drawing *d, uint64_t unit, uint32_t weight) {
  const dss_kernel_plan *kernel = kernel_of(d);
  uint64_t raters = d->of_raters ? d->rated->n_raters : 0;
  if (unit >= raters) {
    d->items[unit - raters] = weight;
    return;
  }
  d->everyone[unit] = weight;
  for (size_t a = 0; a < kernel->n_axes; a++)
    if (kernel->axes[a].group[unit] >= 0) d->axes[a][unit] = weight;
}

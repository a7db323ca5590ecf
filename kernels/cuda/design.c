#include "design.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "general.h"
#include "labels.h"
#include "products.h"
#include "trouble.h"

/* Resamples at once: enough to fill the largest GPU many times over; more only cost memory. */
enum { MOST_RESAMPLES = 65536, ENOUGH_RESAMPLES = 1024 };
/* Of what grows with resamples, or a quarter of more. A thread shuffles a resample, one swap after
 * the other: of large studies this many resamples are still few for a GPU. */
#define CHUNK_BYTES ((uint64_t)6 << 30)
#define GROUPS_BYTES ((uint64_t)2 << 30)   /* of the general kernel's sums, for ENOUGH_RESAMPLES */
#define PRODUCT_BYTES ((uint64_t)64 << 20) /* of a product's labels, and of its counts, at most */
#define MATRIX_BYTES ((uint64_t)1 << 30)   /* of one-hot ratings */
/* A column of accumulators: counts, histogram, extremes, a block of moments (part.c). */
enum { COLUMN_BYTES = 5600 };
#define UNKNOWN_LABEL(bits) ((uint32_t)(((uint64_t)1 << (bits)) - 1))

/* An operation of the matrix units on bytes costs so much less than one on integers: 1,979 dense
 * tera-operations a second against 132 x 128 lanes x 1.755 GHz (H100 SXM data sheet). Counting a
 * rating on an axis takes 18 of the latter, counted in the code of lists.cu for sm_90. */
enum { PRODUCT_GAIN = 67, PACK_OPERATIONS = 6, ROW_OPERATIONS = 5, AXIS_OPERATIONS = 18 };

/* --- labels ----------------------------------------------------------------------------------- */

static void lay_out_labels(dss_cu_design *d) {
  const dss_kernel_plan *plan = d->plan;
  uint32_t most = 0;
  for (size_t a = 0; a < plan->n_axes; a++)
    if (plan->axes[a].n_groups > most) most = plan->axes[a].n_groups;
  d->bits = most < UINT8_MAX ? 8 : most < UINT16_MAX ? 16 : 32;
  uint32_t in_word = 32 / d->bits;
  d->n_words = (uint32_t)((plan->n_axes + in_word - 1) / in_word);
  for (uint32_t a = 0; a < plan->n_axes; a++) {
    dss_cu_lists *axis = &d->axes[a];
    axis->axis = (dss_cu_axis){.number = a,
                               .word = a / in_word,
                               .shift = a % in_word * d->bits,
                               .mask = UNKNOWN_LABEL(d->bits),
                               .n_groups = plan->axes[a].n_groups};
    axis->first_group = (uint32_t)plan->axes[a].first_group;
    for (uint32_t g = 0; g < plan->axes[a].n_groups; g++)
      axis->n_tested += plan->tested[axis->first_group + g];
    axis->known = true;
    for (uint32_t r = 0; r < plan->exchange.n_raters; r++)
      if (plan->axes[a].group[r] < 0) axis->known = false;
  }
}

void dss_cu_words(const dss_cu_design *d, uint32_t rater, uint32_t *words) {
  memset(words, 0, d->n_words * sizeof *words);
  for (size_t a = 0; a < d->plan->n_axes; a++) {
    const dss_cu_axis *axis = &d->axes[a].axis;
    int32_t group = d->plan->axes[a].group[rater];
    words[axis->word] |= (group < 0 ? axis->mask : (uint32_t)group) << axis->shift;
  }
}

/* --- packs ------------------------------------------------------------------------------------ */

/* An axis's groups first .. first + n - 1 into the first pack that has room, or into a new one. */
static void pack_part(dss_cu_design *d, const dss_cu_lists *axis, uint32_t first, uint32_t n) {
  uint32_t p = 0;
  while (p < d->n_packs &&
         (d->packs[p].n_axes == DSS_PACK_AXES || d->packs[p].n_rows + n > DSS_PACK_ROWS))
    p++;
  dss_cu_pack *pack = &d->packs[p];
  if (p == d->n_packs) {
    *pack = (dss_cu_pack){0};
    d->n_packs++;
  }
  pack->axis[pack->n_axes++] = (dss_cu_pack_axis){axis->axis, first, n, pack->n_rows};
  for (uint32_t g = 0; g < n; g++) {
    uint32_t group = axis->first_group + first + g;
    pack->group[pack->n_rows++] = d->plan->tested[group] ? group : UINT32_MAX;
  }
}

/* Each pack has labels of its own: too many for very wide axes. */
enum { WIDEST_PACKED = 4 * DSS_PACK_ROWS };

/* Axes of more groups than a pack has rows in parts of about one size. Wide parts come first: so
 * packs are fuller. */
static dss_status make_packs(dss_cu_design *d) {
  for (size_t a = 0; a < d->plan->n_axes; a++)
    d->axes[a].packed =
        d->axes[a].known && d->axes[a].n_tested > 0 && d->axes[a].axis.n_groups <= WIDEST_PACKED;
  size_t most = d->plan->n_axes + d->plan->n_groups / DSS_PACK_ROWS + 1;
  d->packs = calloc(most + d->plan->n_axes, sizeof *d->packs);
  if (!d->packs) return DSS_ERR_MEMORY;
  for (uint32_t wide = DSS_PACK_ROWS; wide > 0; wide--)
    for (size_t a = 0; a < d->plan->n_axes; a++) {
      const dss_cu_lists *axis = &d->axes[a];
      uint32_t groups = axis->axis.n_groups, parts = (groups + DSS_PACK_ROWS - 1) / DSS_PACK_ROWS;
      if (!axis->packed) continue;
      uint32_t each = (groups + parts - 1) / parts;
      if (each != wide) continue;
      for (uint32_t first = 0; first < groups; first += each)
        pack_part(d, axis, first, groups - first < each ? groups - first : each);
    }
  return DSS_OK;
}

/* --- methods ---------------------------------------------------------------------------------- */

static bool is_nominal(const dss_tables *t) {
  if (t->distance != DSS_DISTANCE_EXACT) return false;
  for (uint32_t c = 0; c < t->n_levels; c++)
    for (uint32_t k = 0; k < t->n_levels; k++)
      if (t->exact_distance[(size_t)c * t->n_levels + k] != (c != k)) return false;
  return true;
}

static bool wants_more(const dss_sums_choice *choice) {
  return choice->complement || choice->plurality || choice->entropy || choice->cross_entropy ||
         choice->votes;
}

/* Operations of counting a resample, in those of integers. Lists are walked once for a pack, or for
 * so many groups of an axis in none. */
static double list_cost(const dss_cu_design *d, const dss_kernel_question *question) {
  double cost = 0.0;
  for (uint32_t p = 0; p < d->n_packs; p++)
    cost += PACK_OPERATIONS + ROW_OPERATIONS * d->packs[p].n_axes;
  for (size_t a = 0; a < d->plan->n_axes; a++)
    if (d->axes[a].n_tested > 0 && !d->axes[a].packed)
      cost +=
          AXIS_OPERATIONS * ((d->axes[a].axis.n_groups + DSS_LISTS_GROUPS - 1) / DSS_LISTS_GROUPS);
  return (double)question->n_ratings * cost;
}

static double product_cost(const dss_cu_design *d, const dss_kernel_question *question) {
  double rows = 0.0;
  for (size_t a = 0; a < d->plan->n_axes; a++)
    if (d->axes[a].n_tested > 0) rows += dss_cu_product_rows(&d->axes[a]);
  return 2.0 * question->n_items * question->tables.n_levels * d->n_places * rows / PRODUCT_GAIN;
}

/* Whether a product fits: one-hot ratings, and the labels of one warp's resamples. */
static bool product_fits(const dss_cu_design *d, const dss_kernel_question *question) {
  uint64_t columns = (uint64_t)question->n_items * question->tables.n_levels;
  return columns * d->n_places <= MATRIX_BYTES &&
         (uint64_t)DSS_WARP * d->product_rows * d->n_places <= 4 * PRODUCT_BYTES;
}

/* The largest part whose sums fit 64 bits: what a question adds to any is under 2^F times its
 * ratings. */
static uint64_t most_ratings(const dss_tables *t) {
  return (uint64_t)1 << (64 - t->weight_bits);
}

/* Loads cuBLAS where a question wants it first; it is never let go. */
static bool blas_is_there(dss_cu_design *d) {
  const dss_cu_blas *blas;
  if (!*d->no_blas && dss_cu_load_blas(&blas) != DSS_OK)
    snprintf(d->no_blas, sizeof d->no_blas, "%s", dss_cu_trouble());
  return !*d->no_blas;
}

/* Without cuBLAS, what would have been taken without products. */
static dss_status choose_method(dss_cu_design *d, const dss_kernel_question *question,
                                dss_cu_question *q) {
  const dss_tables *t = &question->tables;
  bool narrow = !wants_more(&d->plan->choice) && t->max_unit <= most_ratings(t);
  bool unequal = narrow && is_nominal(t) && t->n_levels <= DSS_UNEQUAL_LEVELS;
  bool served = t->n_levels >= 2 && (unequal || t->n_levels <= DSS_WHOLE_LEVELS);
  bool lists = served && t->max_unit <= DSS_LISTS_UNIT;
  bool products = served && t->max_unit <= DSS_PRODUCTS_UNIT && product_fits(d, question);
  bool cheaper = product_cost(d, question) < list_cost(d, question);
  q->tally = unequal ? DSS_CU_UNEQUAL : narrow ? DSS_CU_PAIRS : DSS_CU_WHOLE;
  q->method = products && (!lists || cheaper) ? DSS_CU_PRODUCTS
              : lists                         ? DSS_CU_LISTS
                                              : DSS_CU_GENERAL;
  if ((d->forced == DSS_CU_LISTS && lists) || (d->forced == DSS_CU_PRODUCTS && products) ||
      d->forced == DSS_CU_GENERAL)
    q->method = (dss_cu_method)d->forced;
  if (q->method == DSS_CU_PRODUCTS && !blas_is_there(d)) {
    if (d->forced == DSS_CU_PRODUCTS)
      return dss_cu_fail(DSS_ERR_DEVICE, "DSS_CUDA asks for matrix products, and %s", d->no_blas);
    q->method = lists ? DSS_CU_LISTS : DSS_CU_GENERAL;
    q->lacks_blas = true;
  }
  if (q->method == DSS_CU_GENERAL) q->tally = DSS_CU_WHOLE;
  return DSS_OK;
}

/* --- parts ------------------------------------------------------------------------------------ */

typedef struct part_limits {
  uint64_t ratings, items;
} part_limits;

/* Rows of a product are all groups of an axis, for so many warps of resamples. */
static uint64_t product_height(const dss_cu_design *d) {
  return (uint64_t)d->product_warps * DSS_WARP * d->product_rows;
}

/* What no part of a question may exceed, unless it is one item; bytes: of the device for a part. */
static part_limits limits_of(const dss_cu_design *d, size_t i, uint64_t bytes) {
  const dss_tables *t = &d->plan->questions[i].tables;
  const dss_cu_question *q = &d->questions[i];
  part_limits most = {bytes / sizeof(uint32_t) / 2, bytes / 2 / 64};
  if (q->tally != DSS_CU_WHOLE && most_ratings(t) < most.ratings) most.ratings = most_ratings(t);
  if (q->method == DSS_CU_PRODUCTS) {
    uint64_t columns = d->product_bytes / sizeof(int32_t) / product_height(d);
    if (columns / t->n_levels < most.items) most.items = columns / t->n_levels;
  }
  return most;
}

/* Cuts the items; part NULL: only counts the parts. */
static uint32_t cut(const dss_kernel_question *question, part_limits most, dss_cu_items *part) {
  uint32_t n = 0, first = 0;
  while (first < question->n_items) {
    uint64_t begin = question->item_ptr[first];
    uint32_t end = first + 1;
    while (end < question->n_items && end - first < most.items &&
           question->item_ptr[end + 1] - begin <= most.ratings)
      end++;
    if (part) part[n] = (dss_cu_items){first, end, begin, question->item_ptr[end] - begin};
    n++;
    first = end;
  }
  return n;
}

static dss_status make_parts(dss_cu_design *d, size_t i, uint64_t bytes) {
  const dss_kernel_question *question = &d->plan->questions[i];
  dss_cu_question *q = &d->questions[i];
  part_limits most = limits_of(d, i, bytes);
  free(q->part);
  q->n_parts = cut(question, most, NULL);
  q->part = calloc((size_t)q->n_parts + 1, sizeof *q->part);
  if (!q->part) return DSS_ERR_MEMORY;
  cut(question, most, q->part);
  return DSS_OK;
}

/* --- memory ----------------------------------------------------------------------------------- */

uint64_t dss_cu_part_bytes(const dss_cu_design *d, size_t i, const dss_cu_items *part) {
  const dss_cu_question *q = &d->questions[i];
  uint32_t levels = d->plan->questions[i].tables.n_levels, items = part->end - part->first;
  uint64_t rating = q->method == DSS_CU_LISTS ? sizeof(uint64_t) : sizeof(uint32_t);
  uint64_t bytes = part->n_ratings * rating + ((uint64_t)items + 1) * sizeof(uint64_t);
  if (q->method == DSS_CU_LISTS)
    bytes += (uint64_t)items * (DSS_CU_TOTAL * sizeof(uint32_t) + (DSS_CU_STEPS - 1) * rating);
  if (q->method == DSS_CU_PRODUCTS)
    bytes += (uint64_t)items * levels * sizeof(uint32_t) +
             (uint64_t)dss_cu_product_columns(items, levels) * d->n_places;
  return bytes + 4 * 512; /* what allocations round up */
}

static uint64_t table_bytes(const dss_tables *t) {
  return ((uint64_t)t->max_unit + 1) * (sizeof *t->weight + 3 * sizeof *t->count_log) +
         (uint64_t)t->n_levels * t->n_levels * sizeof(double) + 4096;
}

uint64_t dss_cu_saved(const dss_cu_design *d) {
  uint64_t most = 0;
  for (size_t i = 0; i < d->plan->n_questions; i++) {
    const dss_cu_question *q = &d->questions[i];
    uint64_t bytes = q->method == DSS_CU_GENERAL ? q->saved * d->at_once
                     : q->n_parts > 1            ? q->saved * d->plan->n_groups
                                                 : 0;
    if (bytes > most) most = bytes;
  }
  return most;
}

void dss_cu_product_sizes(const dss_cu_design *d, uint64_t *labels, uint64_t *counts) {
  uint64_t columns = 0;
  for (size_t i = 0; i < d->plan->n_questions; i++) {
    const dss_cu_question *q = &d->questions[i];
    for (uint32_t p = 0; q->method == DSS_CU_PRODUCTS && p < q->n_parts; p++) {
      uint64_t of_part = dss_cu_product_columns(q->part[p].end - q->part[p].first,
                                                d->plan->questions[i].tables.n_levels);
      if (of_part > columns) columns = of_part;
    }
  }
  *labels = columns > 0 ? product_height(d) * d->n_places : 0;
  *counts = product_height(d) * columns * sizeof(int32_t);
}

/* All but what grows with resamples: ratings, tables, products, the plan's arrays. */
static uint64_t fixed_bytes(const dss_cu_design *d) {
  const dss_kernel_plan *plan = d->plan;
  uint64_t bytes = 64 << 10, largest = 0, all = 0, labels, counts;
  bytes += plan->exchange.n_raters * ((uint64_t)d->n_words + 4 + 2 * DSS_WARP) * sizeof(uint32_t);
  bytes += plan->n_groups * (uint64_t)64 + d->n_packs * sizeof *d->packs;
  for (size_t i = 0; i < plan->n_questions; i++) {
    bytes += table_bytes(&plan->questions[i].tables);
    for (uint32_t p = 0; p < d->questions[i].n_parts; p++) {
      uint64_t part = dss_cu_part_bytes(d, i, &d->questions[i].part[p]);
      all += part;
      if (part > largest) largest = part;
    }
  }
  dss_cu_product_sizes(d, &labels, &counts);
  if (d->pairs) bytes += dss_cu_pairwise_fixed(d->pairs);
  return bytes + labels + counts + d->image + (d->resident ? all : largest);
}

static uint64_t resample_bytes(const dss_cu_design *d) {
  const dss_exchange *e = &d->plan->exchange;
  uint64_t scratch = e->n_arrangements > 0 ? dss_cu_labels_scratch(e) : 0;
  return (((uint64_t)d->n_words + d->n_packs) * e->n_raters + scratch) * sizeof(uint32_t) +
         (uint64_t)d->n_planes * e->n_raters + 2 * dss_cu_columns(d) * sizeof(double) +
         dss_cu_saved(d) + dss_cu_pairwise_a_resample(d);
}

/* Groups that the general kernel takes at once: all, unless their sums crowd out resamples. */
static void choose_at_once(dss_cu_design *d) {
  uint64_t saved = 0;
  for (size_t i = 0; i < d->plan->n_questions; i++)
    if (d->questions[i].method == DSS_CU_GENERAL && d->questions[i].saved > saved)
      saved = d->questions[i].saved;
  d->at_once = d->n_tested;
  while (d->at_once > 1 && saved * d->at_once > GROUPS_BYTES / ENOUGH_RESAMPLES)
    d->at_once = (d->at_once + 1) / 2;
}

/* Ratings stay on the device where they take at most half of the memory; else parts of a quarter
 * come one after the other. */
static dss_status choose_parts(dss_cu_design *d, uint64_t bytes) {
  d->resident = true;
  for (size_t i = 0; i < d->plan->n_questions; i++)
    DSS_CU_TRY(make_parts(d, i, UINT64_MAX));
  d->resident = fixed_bytes(d) <= bytes / 2;
  for (size_t i = 0; !d->resident && i < d->plan->n_questions; i++)
    DSS_CU_TRY(make_parts(d, i, bytes / 4));
  return DSS_OK;
}

static dss_status choose_resamples(dss_cu_design *d, uint64_t bytes) {
  d->fixed = fixed_bytes(d);
  d->a_resample = resample_bytes(d);
  uint64_t least = d->fixed + d->a_resample * DSS_WARP;
  if (bytes < least) return DSS_ERR_MEMORY;
  uint64_t room = bytes / 4 > CHUNK_BYTES ? bytes / 4 : CHUNK_BYTES;
  if (room > bytes - d->fixed) room = bytes - d->fixed;
  uint64_t warps = room / d->a_resample / DSS_WARP;
  if (warps > MOST_RESAMPLES / DSS_WARP) warps = MOST_RESAMPLES / DSS_WARP;
  d->resamples = (warps > 0 ? (uint32_t)warps : 1) * DSS_WARP;
  return DSS_OK;
}

/* --- the whole -------------------------------------------------------------------------------- */

void dss_cu_design_free(dss_cu_design *d) {
  for (size_t i = 0; d->questions && i < d->plan->n_questions; i++)
    free(d->questions[i].part);
  free(d->questions);
  free(d->axes);
  free(d->packs);
  memset(d, 0, sizeof *d);
}

static void choose_product(dss_cu_design *d, uint64_t bytes) {
  d->product_bytes = bytes / 8 < PRODUCT_BYTES ? bytes / 8 : PRODUCT_BYTES;
  for (size_t a = 0; a < d->plan->n_axes; a++)
    if (dss_cu_product_rows(&d->axes[a]) > d->product_rows)
      d->product_rows = dss_cu_product_rows(&d->axes[a]);
  uint64_t row = d->n_places > 64 ? d->n_places : 64;
  uint64_t warps = d->product_bytes / (row * DSS_WARP * (d->product_rows + 1));
  if (warps > MOST_RESAMPLES / DSS_WARP) warps = MOST_RESAMPLES / DSS_WARP;
  d->product_warps = warps > 0 ? (uint32_t)warps : 1;
}

/* DSS_CUDA names the method of every question that it can serve: for tests and measurements. */
static dss_status read_forced(dss_cu_design *d) {
  static const char *const names[] = {"lists", "products", "general"};
  const char *forced = getenv("DSS_CUDA");
  d->forced = -1;
  if (!forced || !*forced) return DSS_OK;
  for (int i = 0; i < 3; i++)
    if (strcmp(forced, names[i]) == 0) d->forced = i;
  if (d->forced >= 0) return DSS_OK;
  return dss_cu_fail(DSS_ERR_DEVICE, "DSS_CUDA: '%.40s' is not lists, products or general", forced);
}

/* Labels as lists read them. */
static void lay_out_lists(dss_cu_design *d, bool walks) {
  bool alone = false;
  for (size_t a = 0; a < d->plan->n_axes; a++)
    alone |= d->axes[a].n_tested > 0 && !d->axes[a].packed;
  if (walks && alone && d->bits == 8) d->n_planes = (uint32_t)d->plan->n_axes;
  if (!walks) d->n_packs = 0;
}

static dss_status make(dss_cu_design *d, uint64_t bytes) {
  const dss_kernel_plan *plan = d->plan;
  if (plan->exchange.n_raters > DSS_MOST_PLACES)
    return dss_cu_fail(DSS_ERR_DATA, "%u raters; the kernels have room for %d",
                       plan->exchange.n_raters, DSS_MOST_PLACES);
  DSS_CU_TRY(read_forced(d));
  d->axes = calloc(plan->n_axes + 1, sizeof *d->axes);
  d->questions = calloc(plan->n_questions + 1, sizeof *d->questions);
  if (!d->axes || !d->questions) return DSS_ERR_MEMORY;
  d->n_places = (plan->exchange.n_raters + 15) / 16 * 16;
  for (size_t g = 0; g < plan->n_groups; g++)
    d->n_tested += plan->tested[g];
  d->width = (uint32_t)(plan->n_statistics + (d->pairs ? d->pairs->n_statistics : 0));
  d->image = dss_cu_columns(d) * COLUMN_BYTES + bytes / 32;
  lay_out_labels(d);
  DSS_CU_TRY(make_packs(d));
  choose_product(d, bytes);
  bool walks = false;
  for (size_t i = 0; i < plan->n_questions; i++) {
    dss_cu_question *q = &d->questions[i];
    uint32_t levels = plan->questions[i].tables.n_levels;
    DSS_CU_TRY(choose_method(d, &plan->questions[i], q));
    walks |= q->method == DSS_CU_LISTS;
    q->saved = q->method == DSS_CU_GENERAL ? dss_cu_general_bytes(levels)
                                           : dss_cu_lists_bytes(levels, q->tally);
  }
  lay_out_lists(d, walks);
  choose_at_once(d);
  DSS_CU_TRY(choose_parts(d, bytes));
  return choose_resamples(d, bytes);
}

static bool fits(const dss_kernel_plan *plan, const dss_pairwise_plan *pairs, uint64_t mebibytes) {
  dss_cu_design d = {.plan = plan, .pairs = pairs};
  bool made = make(&d, mebibytes << 20) == DSS_OK;
  dss_cu_design_free(&d);
  return made;
}

/* How a plan is cut depends on the memory, so the least is looked for, between what does not do and
 * what does. */
static dss_status say_least(const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                            uint64_t bytes) {
  uint64_t little = bytes >> 20, enough = little + 1, most = (uint64_t)1 << 30;
  while (enough < most && !fits(plan, pairs, enough)) {
    little = enough;
    enough *= 2;
  }
  if (enough >= most) return DSS_ERR_MEMORY;
  while (enough - little > 1) {
    uint64_t middle = little + (enough - little) / 2;
    *(fits(plan, pairs, middle) ? &enough : &little) = middle;
  }
  return dss_cu_fail(DSS_ERR_MEMORY, "the plan needs %lu MiB of GPU memory, and may use %s",
                     (unsigned long)enough, dss_cu_bytes(bytes).text);
}

dss_status dss_cu_design_make(const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                              uint64_t bytes, dss_cu_design *design) {
  *design = (dss_cu_design){.plan = plan, .pairs = pairs};
  dss_status status = make(design, bytes);
  if (status == DSS_OK) return DSS_OK;
  dss_cu_design_free(design);
  return status == DSS_ERR_MEMORY ? say_least(plan, pairs, bytes) : status;
}

/* --- words ------------------------------------------------------------------------------------ */

static const char *const methods[] = {"lists of ratings", "matrix products",
                                      "a thread a resample and group"};

static const char *const tallies[] = {"sums of unequal levels together",
                                      "sums of each pair of levels", "sums for every statistic"};

static const char *reason_of(const dss_cu_design *d, size_t i) {
  const dss_kernel_question *question = &d->plan->questions[i];
  const dss_tables *t = &question->tables;
  if ((int)d->questions[i].method == d->forced) return "DSS_CUDA asks for it";
  if (d->questions[i].lacks_blas) return "matrix products would cost less, but there is no cuBLAS";
  switch (d->questions[i].method) {
  case DSS_CU_PRODUCTS:
    return t->max_unit > DSS_LISTS_UNIT ? "items have more ratings than bytes count"
                                        : "the design is dense, so that a product costs less";
  case DSS_CU_LISTS:
    return "walking over ratings costs less than products with so many zeros";
  case DSS_CU_GENERAL:
    return t->n_levels > DSS_WHOLE_LEVELS ? "there are more levels than the fast kernels serve"
                                          : "items are too large for the fast kernels";
  }
  return "";
}

/* What is added up, and how the axes are walked, and the items cut. */
enum { DESCRIBED = 192 };
static void describe_sums(const dss_cu_design *d, size_t i, char text[DESCRIBED]) {
  const dss_cu_question *q = &d->questions[i];
  uint32_t alone = 0, packs[DSS_PACK_AXES] = {0};
  for (size_t a = 0; a < d->plan->n_axes; a++)
    alone += d->axes[a].n_tested > 0 && !d->axes[a].packed;
  for (uint32_t p = 0; p < d->n_packs; p++)
    packs[d->packs[p].n_axes - 1]++;
  _Static_assert(DSS_PACK_AXES == 4, "four numbers are said");
  int used = snprintf(text, DESCRIBED, "%s", tallies[q->tally]);
  if (q->method == DSS_CU_LISTS)
    used += snprintf(text + used, DESCRIBED - used,
                     "; packs of 1 to 4 axes: %u, %u, %u, %u; axes alone: %u", packs[0], packs[1],
                     packs[2], packs[3], alone);
  if (q->n_parts > 1) snprintf(text + used, DESCRIBED - used, "; items in %u parts", q->n_parts);
}

void dss_cu_describe(const dss_cu_design *d, size_t n_devices, const char *name,
                     dss_backend_report *report) {
  char sums[DESCRIBED];
  describe_sums(d, 0, sums);
  snprintf(report->method, sizeof report->method, "%s; %u resamples at once",
           methods[d->questions[0].method], d->resamples);
  snprintf(report->why, sizeof report->why, "%s; %s; %zu %s (%s%s)%s", reason_of(d, 0), sums,
           n_devices, n_devices == 1 ? "GPU" : "GPUs", name, n_devices == 1 ? "" : " first",
           d->resident ? "" : "; ratings come in parts");
  for (size_t i = 0; i < d->plan->n_questions; i++)
    if (d->questions[i].lacks_blas)
      snprintf(report->note, sizeof report->note,
               "without matrix products, which would cost less: %s", d->no_blas);
  report->device_bytes = d->fixed + d->a_resample * d->resamples;
  report->host_bytes = d->image;
}

#include "pair_image.h"

#include <math.h>
#include <stdlib.h>

#include "host/core/alloc.h"
#include "host/stats/quantile.h"

enum { STRIP = 64, BLOCK = 4096 };

/* --- the order of raters ------------------------------------------------------------------- */

/* place[r]: where rater r stands, group by group; UINT32_MAX: of no group. */
static dss_status order_raters(dss_context *context, dss_pairs *pairs, dss_pair_image *image,
                               uint32_t *place) {
  uint32_t n = dss_pairs_n_raters(pairs);
  const dss_pair_axis *axis = image->axis == SIZE_MAX ? NULL : dss_pairs_axis(pairs, image->axis);
  image->n_groups = axis ? axis->n_groups : 1;
  DSS_TRY(DSS_ALLOC(context, &image->begin, image->n_groups + 2));
  uint32_t *next = image->begin + 1; /* counts, then places: begin[g + 1] ends as that of g + 1 */
  for (uint32_t r = 0; r < n; r++) {
    size_t g = axis ? dss_pairs_rater_group(pairs, image->axis, r) : 0;
    if (g == SIZE_MAX)
      image->n_unknown++;
    else
      next[g - (axis ? axis->first_group : 0) + 1]++;
  }
  for (size_t g = 1; g <= image->n_groups; g++)
    next[g] += next[g - 1];
  image->n_raters = next[image->n_groups];
  for (uint32_t r = 0; r < n; r++) {
    size_t g = axis ? dss_pairs_rater_group(pairs, image->axis, r) : 0;
    place[r] = g == SIZE_MAX ? UINT32_MAX : next[g - (axis ? axis->first_group : 0)]++;
  }
  /* Each group's place has run on to the next one's. */
  return DSS_OK;
}

/* --- reading ------------------------------------------------------------------------------- */

typedef struct reader {
  dss_context *context;
  dss_pairs *pairs;
  dss_pair_image *image;
  const uint32_t *place;
  uint32_t *counts;            /* [n_bins][n_bins] */
  double least;                /* shared items that count */
  double *shared, *agreements; /* [STRIP][BLOCK] */
} reader;

static size_t bin_of(const dss_pair_image *image, uint32_t place) {
  return (size_t)((uint64_t)place * image->n_bins / image->n_raters);
}

static void add_pair(reader *in, uint32_t r, uint32_t s, double shared, double agreements) {
  dss_pair_image *image = in->image;
  if (in->place[r] == UINT32_MAX || in->place[s] == UINT32_MAX) return;
  if (!(shared >= in->least)) {
    image->empty++;
    return;
  }
  size_t a = bin_of(image, in->place[r]), b = bin_of(image, in->place[s]);
  double share = agreements / shared;
  image->mean[a * image->n_bins + b] += share;
  in->counts[a * image->n_bins + b]++;
  image->mean[b * image->n_bins + a] += share;
  in->counts[b * image->n_bins + a]++;
}

/* The pairs above the diagonal, each once. */
static dss_status read_block(reader *in, uint32_t row, uint32_t rows, uint32_t column,
                             uint32_t columns) {
  DSS_TRY(dss_pairs_read(in->context, in->pairs, DSS_PAIR_SHARED, row, rows, column, columns,
                         in->shared));
  DSS_TRY(dss_pairs_read(in->context, in->pairs, DSS_PAIR_AGREEMENTS, row, rows, column, columns,
                         in->agreements));
  for (uint32_t i = 0; i < rows; i++)
    for (uint32_t k = 0; k < columns; k++)
      if (column + k > row + i)
        add_pair(in, row + i, column + k, in->shared[i * columns + k],
                 in->agreements[i * columns + k]);
  return DSS_OK;
}

static dss_status read_all(reader *in) {
  uint32_t n = dss_pairs_n_raters(in->pairs);
  for (uint32_t row = 0; row < n; row += STRIP) {
    uint32_t rows = n - row < STRIP ? n - row : STRIP;
    for (uint32_t column = row; column < n; column += BLOCK)
      DSS_TRY(read_block(in, row, rows, column, n - column < BLOCK ? n - column : BLOCK));
  }
  return DSS_OK;
}

/* --- colours ------------------------------------------------------------------------------- */

/* From sums to means, and the limits of the colours: what 98% of the pixels need. */
static dss_status finish(reader *in) {
  dss_pair_image *image = in->image;
  size_t all = image->n_bins * image->n_bins, n = 0;
  double *values = NULL;
  DSS_TRY(DSS_ALLOC(in->context, &values, all));
  for (size_t i = 0; i < all; i++) {
    image->mean[i] = in->counts[i] ? image->mean[i] / in->counts[i] : NAN;
    if (in->counts[i]) values[n++] = image->mean[i];
  }
  image->high = 1.0;
  dss_sort_ascending(values, n);
  if (n > 0 && dss_sorted_quantile(values, n, 0.99) > dss_sorted_quantile(values, n, 0.01)) {
    image->low = dss_sorted_quantile(values, n, 0.01);
    image->high = dss_sorted_quantile(values, n, 0.99);
  }
  free(values);
  return DSS_OK;
}

static dss_status read_image(reader *in) {
  dss_pair_image *image = in->image;
  image->n_bins = image->n_raters < DSS_MOST_BINS ? image->n_raters : DSS_MOST_BINS;
  size_t bins = image->n_bins * image->n_bins;
  if (image->n_bins == 0) return DSS_OK;
  DSS_TRY(DSS_ALLOC(in->context, &image->mean, bins));
  DSS_TRY(DSS_ALLOC(in->context, &in->counts, bins));
  DSS_TRY(DSS_ALLOC(in->context, &in->shared, (size_t)STRIP * BLOCK));
  DSS_TRY(DSS_ALLOC(in->context, &in->agreements, (size_t)STRIP * BLOCK));
  DSS_TRY(read_all(in));
  return finish(in);
}

dss_status dss_pair_image_read(dss_context *context, dss_pairs *pairs, size_t axis,
                               dss_pair_image *image) {
  uint32_t *place = NULL;
  const char *least = dss_pairs_provenance(pairs, "min_shared");
  bool grouped = dss_pairs_n_axes(pairs) > 0;
  *image = (dss_pair_image){.pairs = pairs, .axis = grouped ? axis : SIZE_MAX};
  if (grouped && !dss_pairs_has_rater_groups(pairs))
    return dss_fail(
        context, DSS_ERR_DATA,
        "the file of pairs has format 1.0 and does not tell the raters' groups; make it "
        "again with this version");
  reader in = {.context = context, .pairs = pairs, .image = image};
  in.least = fmax(least ? strtod(least, NULL) : 1.0, 1.0);
  DSS_TRY(DSS_ALLOC(context, &place, dss_pairs_n_raters(pairs)));
  dss_status status = order_raters(context, pairs, image, place);
  in.place = place;
  if (status == DSS_OK) status = read_image(&in);
  free(place);
  free(in.counts);
  free(in.shared);
  free(in.agreements);
  return status;
}

void dss_pair_image_free(dss_pair_image *image) {
  free(image->mean);
  free(image->begin);
  *image = (dss_pair_image){0};
}

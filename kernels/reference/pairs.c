/* Rater-pair products, written to be read: two raters' lists of items are walked side by side, and
 * each shared item adds to every term. */
#include "kernels/pairs.h"

#include <stdlib.h>
#include <string.h>

static uint64_t reference_bytes(const dss_pair_problem *problem, const dss_pair_reading *reading,
                                const dss_pair_shape *shape, const dss_resources *resources) {
  return 0;
}

static dss_status reference_open(const dss_pair_problem *problem, const dss_pair_reading *reading,
                                 const dss_pair_shape *shape, const dss_resources *resources,
                                 void **state) {
  *state = (void *)problem;
  return DSS_OK;
}

static void reference_close(void *state) {}

/* One item rated with codes a and b; out is at the pair, targets are `plane` apart. */
static void add_item(const dss_pair_problem *p, uint8_t a, uint8_t b, size_t plane, int32_t *out) {
  for (uint32_t i = 0; i < p->n_terms; i++) {
    const dss_pair_term *term = &p->terms[i];
    int32_t x = p->layers[(size_t)term->row * p->n_levels + a];
    int32_t y = p->layers[(size_t)term->column * p->n_levels + b];
    out[term->target * plane] += x * y;
  }
}

static void add_pair(const dss_pair_problem *p, uint32_t r, uint32_t s, size_t plane,
                     int32_t *out) {
  uint64_t i = p->rater_ptr[r], k = p->rater_ptr[s];
  while (i < p->rater_ptr[r + 1] && k < p->rater_ptr[s + 1]) {
    if (p->item[i] == p->item[k]) add_item(p, p->code[i], p->code[k], plane, out);
    uint32_t x = p->item[i], y = p->item[k];
    i += x <= y;
    k += y <= x;
  }
}

static dss_status reference_product(void *state, const dss_pair_part *part, int32_t *out) {
  const dss_pair_problem *p = state;
  size_t plane = (size_t)part->rows * part->columns;
  memset(out, 0, p->n_targets * plane * sizeof *out);
  for (uint32_t r = 0; r < part->rows; r++)
    for (uint32_t s = 0; s < part->columns; s++)
      add_pair(p, part->first_row + r, part->first_column + s, plane,
               out + (size_t)r * part->columns + s);
  return DSS_OK;
}

/* --- forms ------------------------------------------------------------------------------- */

static uint64_t reference_forms_bytes(const dss_pair_forms *largest,
                                      const dss_resources *resources) {
  return 0;
}

typedef struct forms_state {
  const uint32_t *sources;
} forms_state;

static dss_status reference_forms_open(const dss_pair_forms *largest,
                                       const dss_resources *resources, void **state) {
  *state = calloc(1, sizeof(forms_state));
  return *state ? DSS_OK : DSS_ERR_MEMORY;
}

static dss_status reference_forms_deal(void *state, const uint32_t *sources, uint32_t batch) {
  ((forms_state *)state)->sources = sources;
  return DSS_OK;
}

/* One matrix under one arrangement. */
static void add_form(const dss_pair_forms *f, const double *matrix, const uint32_t *sources,
                     uint32_t b, uint64_t *sums) {
  for (uint32_t r = 0; r < f->rows; r++) {
    int32_t own = dss_pair_label(f, sources, b, f->first_row + r);
    for (uint32_t s = 0; own >= 0 && s < f->columns; s++) {
      int32_t label = dss_pair_label(f, sources, b, f->first_column + s);
      if (label < 0) continue;
      uint64_t x = (uint64_t)matrix[(size_t)r * f->columns + s];
      if (label == own) sums[own] += x;
      if (f->with_known) sums[f->n_groups] += x;
    }
  }
}

static dss_status reference_forms(void *state, const dss_pair_forms *f, uint64_t *out) {
  const uint32_t *sources = ((const forms_state *)state)->sources;
  size_t width = dss_pair_forms_width(f);
  memset(out, 0, (size_t)f->n_matrices * f->batch * width * sizeof *out);
  for (uint32_t m = 0; m < f->n_matrices; m++)
    for (uint32_t b = 0; b < f->batch; b++)
      add_form(f, f->matrices[m], sources, b, out + ((size_t)m * f->batch + b) * width);
  return DSS_OK;
}

const dss_pair_backend dss_pair_backend_reference = {
    .name = "reference",
    .most_columns = 2048,
    .bytes = reference_bytes,
    .open = reference_open,
    .product = reference_product,
    .close = reference_close,
    .most_batch = 256,
    .forms_bytes = reference_forms_bytes,
    .forms_open = reference_forms_open,
    .forms_deal = reference_forms_deal,
    .forms = reference_forms,
    .forms_close = free,
};

/* Sums within groups of raters under many arrangements, on the GPU asked for or the first that is
 * usable: a matrix and a batch of labels go there, sums come back. */
#include "pair_forms.h"

#include <stdlib.h>

#include "devices.h"
#include "memory.h"
#include "pairs.h"
#include "trouble.h"

typedef struct forms_state {
  dss_cu_memory memory;
  double *matrix;
  int32_t *row_labels, *column_labels; /* of the device */
  int32_t *turned;                     /* labels on their way there */
  unsigned long long *out;
} forms_state;

static uint64_t forms_device_bytes(const dss_pair_forms *f) {
  return (uint64_t)f->rows * f->columns * sizeof(double) +
         ((uint64_t)f->rows + f->columns) * f->batch * sizeof(int32_t) +
         (uint64_t)f->batch * dss_pair_forms_width(f) * sizeof(uint64_t);
}

uint64_t dss_cu_forms_bytes(const dss_pair_forms *largest, const dss_resources *resources) {
  uint64_t raters = largest->rows > largest->columns ? largest->rows : largest->columns;
  if (largest->batch > 1 && !dss_cu_memory_is_there(resources, forms_device_bytes(largest)))
    return UINT64_MAX;
  return raters * largest->batch * sizeof(int32_t);
}

void dss_cu_forms_close(void *state) {
  forms_state *s = state;
  if (!s) return;
  dss_cu_memory_close(&s->memory);
  free(s->turned);
  free(s);
}

static dss_status open_forms(forms_state *s, const dss_pair_forms *largest,
                             const dss_resources *resources) {
  uint64_t batch = largest->batch, width = dss_pair_forms_width(largest);
  uint64_t raters = largest->rows > largest->columns ? largest->rows : largest->columns;
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  bool absent;
  s->turned = malloc(raters * batch * sizeof *s->turned + 1);
  if (!s->turned) return DSS_ERR_MEMORY;
  DSS_CU_TRY(dss_cu_usable(resources, 1, numbers, &n, &absent));
  DSS_CU_TRY(dss_cu_memory_open(&s->memory, numbers[0], resources->device_bytes));
  DSS_CU_TRY(dss_cu_memory_check(&s->memory, "the pairs' tests need", forms_device_bytes(largest)));
  DSS_CU_TRY(dss_cu_memory_take(&s->memory,
                                (uint64_t)largest->rows * largest->columns * sizeof *s->matrix,
                                "a matrix", (void **)&s->matrix));
  DSS_CU_TRY(dss_cu_memory_take(&s->memory, largest->rows * batch * sizeof *s->row_labels, "labels",
                                (void **)&s->row_labels));
  DSS_CU_TRY(dss_cu_memory_take(&s->memory, largest->columns * batch * sizeof *s->column_labels,
                                "labels", (void **)&s->column_labels));
  return dss_cu_memory_take(&s->memory, batch * width * sizeof *s->out, "sums", (void **)&s->out);
}

dss_status dss_cu_forms_open(const dss_pair_forms *largest, const dss_resources *resources,
                             void **state) {
  dss_cu_forget_trouble();
  forms_state *s = calloc(1, sizeof *s);
  if (!s) return DSS_ERR_MEMORY;
  dss_status status = open_forms(s, largest, resources);
  if (status != DSS_OK) {
    dss_cu_forms_close(s);
    return status;
  }
  *state = s;
  return DSS_OK;
}

/* Labels [batch][n] as [n][batch] on the device. */
static dss_status send_labels(forms_state *s, const int32_t *labels, uint32_t batch, uint32_t n,
                              int32_t *to) {
  for (uint64_t b = 0; b < batch; b++)
    for (uint64_t i = 0; i < n; i++)
      s->turned[i * batch + b] = labels[b * n + i];
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(to, s->turned, (uint64_t)n * batch * sizeof *to,
                                          cudaMemcpyHostToDevice, s->memory.stream),
                          "copying labels to the GPU"));
  return dss_cu_check(cudaStreamSynchronize(s->memory.stream), "copying labels to the GPU");
}

static dss_status add_matrix(forms_state *s, const dss_pair_forms *f, const double *matrix,
                             uint64_t *out) {
  uint64_t sums = (uint64_t)f->batch * dss_pair_forms_width(f) * sizeof *out;
  const dss_cu_forms forms = {f->rows,  f->columns, f->n_groups,   dss_pair_forms_width(f),
                              f->batch, s->matrix,  s->row_labels, s->column_labels,
                              s->out};
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(s->matrix, matrix,
                                          (uint64_t)f->rows * f->columns * sizeof *matrix,
                                          cudaMemcpyHostToDevice, s->memory.stream),
                          "copying a matrix to the GPU"));
  DSS_CU_TRY(dss_cu_check(cudaMemsetAsync(s->out, 0, sums, s->memory.stream), "clearing sums"));
  DSS_CU_TRY(dss_cu_check(dss_cu_add_forms(&forms, s->memory.stream), "adding up groups"));
  DSS_CU_TRY(
      dss_cu_check(cudaMemcpyAsync(out, s->out, sums, cudaMemcpyDeviceToHost, s->memory.stream),
                   "copying sums from the GPU"));
  return dss_cu_check(cudaStreamSynchronize(s->memory.stream), "adding up groups");
}

dss_status dss_cu_forms_run(void *state, const dss_pair_forms *f, uint64_t *out) {
  forms_state *s = state;
  dss_cu_forget_trouble();
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(s->memory.device), "going to the GPU"));
  DSS_CU_TRY(send_labels(s, f->row_labels, f->batch, f->rows, s->row_labels));
  DSS_CU_TRY(send_labels(s, f->column_labels, f->batch, f->columns, s->column_labels));
  for (uint32_t m = 0; m < f->n_matrices; m++)
    DSS_CU_TRY(
        add_matrix(s, f, f->matrices[m], out + (uint64_t)m * f->batch * dss_pair_forms_width(f)));
  return DSS_OK;
}

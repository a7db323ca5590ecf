/* One GPU with a plan on it: values of resamples, chunk by chunk. One thread of the host at a time.
 */
#ifndef DSS_CUDA_GPU_H
#define DSS_CUDA_GPU_H

#include "design.h"
#include "general.h"
#include "labels.h"
#include "products.h"

/* A part of a question's ratings on the device. */
typedef struct dss_cu_loaded {
  dss_cu_ratings ratings;
  const uint32_t *total; /* [n_items][K], for products */
  const int8_t *matrix;  /* one-hot, for products */
} dss_cu_loaded;

typedef struct dss_cu_gpu {
  int number;
  dss_cu_design design; /* its own: memory differs from GPU to GPU */
  cudaStream_t stream;
  const dss_cu_blas *blas; /* where there are products */
  cublasHandle_t products; /* or NULL */
  void **taken;            /* [n_taken] device memory that closing gives back */
  size_t n_taken;
  uint32_t *place; /* [n_raters] on the host: where the rater stands in the exchange's order */
  dss_cu_profiles profiles;
  dss_cu_labels labels;
  dss_tables *tables;       /* [n_questions] on the host, their arrays the device's */
  const uint8_t *tested;    /* [n_groups] */
  const dss_cu_pack *packs; /* [design.n_packs] */
  dss_cu_tested *each;      /* [n_tested] */
  dss_cu_loaded **loaded;   /* [n_questions][n_parts] where ratings are resident */
  unsigned char *part;      /* room for any part where they are not */
  unsigned char *saved;
  dss_cu_pairwise *pairwise;     /* [n_questions] what does not change; NULL without pairs */
  unsigned long long *pair_sums; /* as dss_cu_pairwise's, of the word that needs most */
  unsigned long long *pair_levels;
  int8_t *product_labels;
  int32_t *counts;
  double *values; /* [n_columns][design.resamples] */
  double *rows;   /* [design.resamples][n_columns] */
} dss_cu_gpu;

/* Takes memory of the device: all that is free, or so many bytes; with fewer resamples at once
 * where less turns out to be there. dss_cu_gpu_close frees what a failed call has taken, too. */
dss_status dss_cu_gpu_open(dss_cu_gpu *gpu, int number, const dss_kernel_plan *plan,
                           const dss_pairwise_plan *pairs, uint64_t bytes);
void dss_cu_gpu_close(dss_cu_gpu *gpu);

/* Bytes that a run may use on the current device. */
dss_status dss_cu_budget(uint64_t asked, uint64_t *bytes);

/* Device memory that closing gives back; 0 bytes: NULL. */
dss_status dss_cu_take(dss_cu_gpu *gpu, uint64_t bytes, const char *what, void **memory);
/* Gives the memory taken last back. */
void dss_cu_give_last(dss_cu_gpu *gpu);
/* The same, filled from the host. */
dss_status dss_cu_send(dss_cu_gpu *gpu, const void *from, uint64_t bytes, const char *what,
                       void **memory);

/* An array of so many elements into a pointer of a table, or NULL where there is none; in a
 * function that has `gpu` and returns a status. */
#define DSS_CU_SEND(to, from, count, what)                                                         \
  do {                                                                                             \
    void *sent = NULL;                                                                             \
    if (from) DSS_CU_TRY(dss_cu_send(gpu, from, (count) * sizeof *(from), what, &sent));           \
    (to) = sent;                                                                                   \
  } while (0)

/* Tables whose arrays are the device's. */
dss_status dss_cu_send_tables(dss_cu_gpu *gpu, const dss_tables *from, dss_tables *tables);

/* The values of resamples first .. first + n - 1, n at most design.resamples, into gpu->values;
 * they are made by the time the stream has come so far. */
dss_status dss_cu_gpu_make(dss_cu_gpu *gpu, uint64_t first, uint32_t n);

/* Values [columns][stride], turned round in `rows`, to the host, where they are when this returns.
 */
dss_status dss_cu_fetch(dss_cu_gpu *gpu, const double *values, uint64_t stride, uint32_t columns,
                        uint32_t n, double *rows, double *out);

/* pairwise.c: lists to the device; what grows with the resamples at once; and the values of a
 * question's statistics of pairs, of n resamples, whole warps, whose labels are made. */
dss_status dss_cu_pairwise_send(dss_cu_gpu *gpu);
dss_status dss_cu_pairwise_take(dss_cu_gpu *gpu);
dss_status dss_cu_pairwise_make(dss_cu_gpu *gpu, size_t question, uint32_t n);

/* ratings.c: a part of question i at `memory` [dss_cu_part_bytes]. */
dss_status dss_cu_load(dss_cu_gpu *gpu, size_t i, const dss_cu_items *part, unsigned char *memory,
                       dss_cu_loaded *loaded);

#endif

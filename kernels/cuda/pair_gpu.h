/* One GPU that makes parts of rater-pair matrices, two at a time: while one's results are copied to
 * the host, the next is multiplied. One thread of the host at a time. */
#ifndef DSS_CUDA_PAIR_GPU_H
#define DSS_CUDA_PAIR_GPU_H

#include "blas.h"
#include "kernels/pairs.h"
#include "memory.h"
#include "pairs.h"

enum { DSS_CU_PAIR_SLOTS = 2 };

/* What all GPUs of a run make parts of. */
typedef struct dss_cu_pair_job {
  const dss_pair_problem *problem;
  dss_pair_reading reading; /* its arrays live while GPUs open */
  bool counts;              /* are wanted: there is no reading */
  dss_pair_shape shape;
  bool narrow;     /* no rater has more ratings than 16 bits count */
  bool dense;      /* where raters stand together, at least half of all items were rated */
  uint64_t *rated; /* [groups of DSS_CU_PAIR_GROUP raters][words of items] a bit an item */
} dss_cu_pair_job;

enum { DSS_CU_PAIR_GROUP = 256 };

/* A part on its way. */
typedef struct dss_cu_pair_slot {
  dss_pair_part part;
  uint32_t stride;
  unsigned char *out;  /* of the device: what `made` gets; NULL where counts are wanted */
  unsigned char *made; /* of the host */
  uint32_t *number;    /* of the host: items of the part; NULL where layers stay on the GPU */
  cudaEvent_t computed, copied;
} dss_cu_pair_slot;

typedef struct dss_cu_pair_gpu {
  const dss_cu_pair_job *job;
  dss_cu_memory memory; /* its stream computes */
  cudaStream_t copies;
  const dss_cu_blas *blas;
  cublasHandle_t handle;
  dss_cu_pair_ratings ratings;
  dss_cu_pair_finish finish; /* what does not change; unused where counts are wanted */
  uint32_t *number;          /* [n_items] of the device */
  dss_cu_pair_block all;     /* every rater's layers, where they fit and are worth it */
  uint32_t items;            /* of a tile, where they do not */
  int8_t *row_layers, *column_layers;
  int32_t *sums; /* [n_targets][rows][stride] */
  dss_cu_pair_slot slots[DSS_CU_PAIR_SLOTS];
} dss_cu_pair_gpu;

/* Bytes of one GPU for parts of this shape, with layers of the fewest items; and of the host. */
uint64_t dss_cu_pair_device_bytes(const dss_cu_pair_job *job);
uint64_t dss_cu_pair_host_bytes(const dss_cu_pair_job *job);

/* dss_cu_pair_gpu_close frees what a failed call has taken, too. */
dss_status dss_cu_pair_gpu_open(dss_cu_pair_gpu *gpu, const dss_cu_pair_job *job, int number,
                                uint64_t bytes);
void dss_cu_pair_gpu_close(dss_cu_pair_gpu *gpu);

/* Begins a part in a slot whose last one was waited for. */
dss_status dss_cu_pair_gpu_start(dss_cu_pair_gpu *gpu, unsigned slot, const dss_pair_part *part);
/* Waits for it. */
dss_status dss_cu_pair_gpu_wait(dss_cu_pair_gpu *gpu, unsigned slot, dss_pair_made *made);

#endif

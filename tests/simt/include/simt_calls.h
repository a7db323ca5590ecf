/* What the headers here ask of the executor: read by both. */
#ifndef SIMT_CALLS_H
#define SIMT_CALLS_H

#include "cuda_runtime_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the running thread is: set by the executor, which alone may, whenever a thread goes on. */
#ifdef SIMT_EXECUTOR_H
#define SIMT_CONST
#else
#define SIMT_CONST const
#endif
extern __thread SIMT_CONST uint3 threadIdx, blockIdx;
extern __thread SIMT_CONST dim3 blockDim, gridDim;
/* The block's dynamic shared memory. */
unsigned char *simt_shared(void);

/* A kernel with its arguments. `text` is what stood in the call, for messages. */
typedef struct simt_kernel {
  const void *function;
  void (*call)(const void *arguments);
  const void *arguments;
  const char *text, *file;
  int line;
} simt_kernel;
cudaError_t simt_launch(const cudaLaunchConfig_t *config, const simt_kernel *kernel);

/* Where threads meet; meetings.h has a row for each, in this order. */
typedef enum simt_meeting {
  SIMT_BARRIER,
  SIMT_BARRIER_OR,
  SIMT_BARRIER_AND,
  SIMT_BARRIER_COUNT,
  SIMT_SYNC, /* from here on: of a warp */
  SIMT_SHUFFLE,
  SIMT_BALLOT,
  SIMT_MATCH,
  SIMT_SUM,
  SIMT_MIN_SIGNED,
  SIMT_MAX_SIGNED,
  SIMT_MIN_UNSIGNED,
  SIMT_MAX_UNSIGNED,
  SIMT_AND,
  SIMT_OR,
  SIMT_XOR,
  SIMT_N_MEETINGS
} simt_meeting;

/* Waits for the threads of the block or the lanes in mask. Returns what came of all values. */
unsigned long long simt_meet(simt_meeting meeting, unsigned mask, unsigned long long value,
                             const char *file, int line);
/* After a SIMT_SHUFFLE: what a lane gave. A lane that took no part gives poison. */
unsigned long long simt_given(unsigned mask, int lane);
/* Dies: a shuffle within segments of no power of two lanes. */
void simt_bad_width(int width, const char *file, int line);
/* The thread's number within its warp. */
int simt_lane(void);

#ifdef __cplusplus
}
#endif

#endif

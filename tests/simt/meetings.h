/* The meetings of include/simt_calls.h, in C: names, and what comes of values. */
#ifndef SIMT_MEETINGS_H
#define SIMT_MEETINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <simt_calls.h>

static const char *const simt_meeting_names[SIMT_N_MEETINGS] = {
    [SIMT_BARRIER] = "__syncthreads",
    [SIMT_BARRIER_OR] = "__syncthreads_or",
    [SIMT_BARRIER_AND] = "__syncthreads_and",
    [SIMT_BARRIER_COUNT] = "__syncthreads_count",
    [SIMT_SYNC] = "__syncwarp",
    [SIMT_SHUFFLE] = "a __shfl_sync",
    [SIMT_BALLOT] = "a vote",
    [SIMT_MATCH] = "__match_any_sync",
    [SIMT_SUM] = "__reduce_add_sync",
    [SIMT_MIN_SIGNED] = "__reduce_min_sync",
    [SIMT_MAX_SIGNED] = "__reduce_max_sync",
    [SIMT_MIN_UNSIGNED] = "__reduce_min_sync",
    [SIMT_MAX_UNSIGNED] = "__reduce_max_sync",
    [SIMT_AND] = "__reduce_and_sync",
    [SIMT_OR] = "__reduce_or_sync",
    [SIMT_XOR] = "__reduce_xor_sync",
};

/* Of lanes, not of the block. */
static inline bool simt_in_warp(simt_meeting meeting) {
  return meeting >= SIMT_SYNC;
}

/* The result so far with one more lane's value. */
static inline uint64_t simt_combined(simt_meeting meeting, uint64_t result, uint64_t value,
                                     unsigned lane) {
  switch (meeting) {
  case SIMT_BALLOT:
    return result | (uint64_t)(value != 0) << lane;
  case SIMT_SUM:
    return result + value;
  case SIMT_MIN_SIGNED:
    return (int64_t)value < (int64_t)result ? value : result;
  case SIMT_MAX_SIGNED:
    return (int64_t)value > (int64_t)result ? value : result;
  case SIMT_MIN_UNSIGNED:
    return value < result ? value : result;
  case SIMT_MAX_UNSIGNED:
    return value > result ? value : result;
  case SIMT_AND:
    return result & value;
  case SIMT_OR:
    return result | value;
  case SIMT_XOR:
    return result ^ value;
  default:
    return result;
  }
}

#endif

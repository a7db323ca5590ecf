/* Copies that the host has not waited for: it finds poison, and may not touch what they read. */
#include <criterion/criterion.h>
#include <string.h>

#include "deaths.h"
#include "selftest.h"
#include "simt.h"

#define OK(call) cr_assert_eq(call, cudaSuccess, "%s", cudaGetErrorString(cudaPeekAtLastError()))

enum { SIZE = 100 };

static unsigned char *device, *pinned;
static cudaStream_t one, two;
static cudaEvent_t event;

static void begin(void) {
  simt_settings settings;
  simt_environment(&settings);
  settings.devices = 2;
  simt_set(&settings);
  OK(cudaMalloc((void **)&device, SIZE));
  OK(cudaMemset(device, 7, SIZE));
  OK(cudaMallocHost((void **)&pinned, SIZE));
  memset(pinned, 1, SIZE);
  OK(cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking));
  OK(cudaStreamCreateWithFlags(&two, cudaStreamNonBlocking));
  OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
}

static void end(void) {
  cudaStreamDestroy(one);
  cudaStreamDestroy(two);
  cudaEventDestroy(event);
  cudaFree(device);
  cudaFreeHost(pinned);
  cr_assert(simt_nothing_left());
}

TestSuite(pending, .init = begin, .fini = end);

static void fetch(cudaStream_t stream) {
  OK(cudaMemcpyAsync(pinned, device, SIZE, cudaMemcpyDeviceToHost, stream));
}

/* The first and the last byte. */
static bool are(unsigned char value) {
  return pinned[0] == value && pinned[SIZE - 1] == value;
}

Test(pending, poison_until_the_stream_is_waited_for) {
  fetch(one);
  cr_assert(are(SIMT_POISON));
  OK(cudaStreamSynchronize(two));
  cr_assert(are(SIMT_POISON));
  OK(cudaMemcpy(device, device, 1,
                cudaMemcpyDeviceToDevice)); /* not for streams that do not block */
  cr_assert(are(SIMT_POISON));
  OK(cudaStreamSynchronize(one));
  cr_assert(are(7));
}

Test(pending, the_whole_device_is_waited_for) {
  fetch(one);
  OK(cudaSetDevice(1));
  OK(cudaDeviceSynchronize());
  cr_assert(are(SIMT_POISON));
  OK(cudaSetDevice(0));
  OK(cudaDeviceSynchronize());
  cr_assert(are(7));
}

Test(pending, events_cover_what_came_before) {
  OK(cudaEventRecord(event, one));
  fetch(one);
  OK(cudaEventSynchronize(event)); /* recorded too early */
  cr_assert(are(SIMT_POISON));
  OK(cudaEventRecord(event, two)); /* and elsewhere */
  OK(cudaEventSynchronize(event));
  cr_assert(are(SIMT_POISON));
  OK(cudaEventRecord(event, one));
  OK(cudaEventSynchronize(event));
  cr_assert(are(7));
}

Test(pending, streams_that_wait_for_others) {
  fetch(one);
  OK(cudaEventRecord(event, one));
  OK(cudaStreamSynchronize(two));
  cr_assert(are(SIMT_POISON));
  OK(cudaStreamWaitEvent(two, event, 0));
  cr_assert(are(SIMT_POISON));
  OK(cudaStreamSynchronize(two));
  cr_assert(are(7));
}

/* An event of the stream that waits, from before it did, promises nothing. */
Test(pending, events_from_before_the_wait) {
  cudaEvent_t early;
  OK(cudaEventCreate(&early));
  fetch(one);
  OK(cudaEventRecord(event, one));
  OK(cudaEventRecord(early, two));
  OK(cudaStreamWaitEvent(two, event, 0));
  OK(cudaEventSynchronize(early));
  cr_assert(are(SIMT_POISON));
  OK(cudaEventRecord(early, two));
  OK(cudaEventSynchronize(early));
  cr_assert(are(7));
  OK(cudaEventDestroy(early));
}

Test(pending, the_default_stream_waits_for_those_that_block) {
  cudaStream_t blocking;
  OK(cudaStreamCreate(&blocking));
  fetch(blocking);
  cr_assert(are(SIMT_POISON));
  OK(cudaStreamSynchronize(NULL));
  cr_assert(are(7));
  memset(pinned, 1, SIZE);
  fetch(NULL);
  cr_assert(are(SIMT_POISON));
  OK(cudaStreamSynchronize(blocking));
  cr_assert(are(7));
  OK(cudaStreamDestroy(blocking));
}

/* The order of one stream holds on the way back. */
Test(pending, a_copy_of_a_copy) {
  unsigned char *second, seen[SIZE];
  OK(cudaMalloc((void **)&second, SIZE));
  fetch(one);
  OK(cudaMemcpyAsync(second, pinned, SIZE, cudaMemcpyHostToDevice, one));
  OK(cudaStreamSynchronize(one));
  OK(cudaMemcpy(seen, second, SIZE, cudaMemcpyDeviceToHost));
  cr_assert(seen[0] == 7 && seen[SIZE - 1] == 7);
  /* Another stream reads what is not there yet. */
  fetch(one);
  OK(cudaMemcpyAsync(second, pinned, SIZE, cudaMemcpyHostToDevice, two));
  OK(cudaMemcpy(seen, second, SIZE, cudaMemcpyDeviceToHost));
  cr_assert_eq(seen[0], SIMT_POISON);
  OK(cudaFree(second));
  OK(cudaFreeHost(pinned)); /* waits, and ends what was pending */
  OK(cudaMallocHost((void **)&pinned, SIZE));
}

/* Pageable memory is staged. */
Test(pending, pageable_memory_is_there_at_once) {
  unsigned char host[SIZE] = {0};
  OK(cudaMemcpyAsync(host, device, SIZE, cudaMemcpyDeviceToHost, one));
  cr_assert_eq(host[SIZE - 1], 7);
  OK(cudaMemcpyAsync(device, host, SIZE, cudaMemcpyHostToDevice, one));
  memset(host, 9, SIZE);
  OK(cudaStreamSynchronize(one));
}

Test(pending, nothing_arrives_from_a_lost_device) {
  simt_settings settings;
  const dim3 single = {1, 1, 1};
  const cudaLaunchConfig_t config = {.gridDim = single, .blockDim = single, .stream = one};
  simt_get(&settings);
  settings.lost_at = 1;
  simt_set(&settings);
  fetch(one);
  OK(selftest_launch(&config));
  cr_assert_eq(cudaStreamSynchronize(one), cudaErrorLaunchFailure);
  cr_assert(are(SIMT_POISON));
}

static void change_early(const void *argument) {
  cudaMemcpyAsync(device, pinned, SIZE, cudaMemcpyHostToDevice, one);
  pinned[SIZE - 1] ^= 1;
  cudaStreamSynchronize(one);
}

static void change_late(const void *argument) {
  cudaMemcpyAsync(device, pinned, SIZE, cudaMemcpyHostToDevice, one);
  cudaStreamSynchronize(one);
  pinned[SIZE - 1] ^= 1;
  cudaDeviceSynchronize();
  fputs("lives\n", stderr);
  _exit(1);
}

Test(pending, the_source_must_stay) {
  must_die(change_early, NULL, "the host changed some of 100 bytes of pinned memory before");
  must_die(change_late, NULL, "lives");
}

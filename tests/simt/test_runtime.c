/* The host's side: what calls answer when all is well, when they are called wrongly, and with every
 * fault that can be planted. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "selftest.h"
#include "simt.h"

#define OK(call) cr_assert_eq(call, cudaSuccess, "%s", cudaGetErrorString(cudaPeekAtLastError()))
#define FAILS(call, error)                                                                         \
  do {                                                                                             \
    cudaError_t got = call;                                                                        \
    cr_assert_eq(got, error, "%s gave %s", #call, cudaGetErrorName(got));                          \
  } while (0)

static simt_settings defaults(void) {
  simt_settings settings;
  simt_environment(&settings);
  return settings;
}

/* --- errors --------------------------------------------------------------------------------- */

Test(errors, stay_until_asked_for) {
  void *memory;
  FAILS(cudaSetDevice(7), cudaErrorInvalidDevice);
  OK(cudaMalloc(&memory, 10));
  FAILS(cudaPeekAtLastError(), cudaErrorInvalidDevice);
  FAILS(cudaGetLastError(), cudaErrorInvalidDevice);
  FAILS(cudaGetLastError(), cudaSuccess);
  OK(cudaFree(memory));
  cr_assert_str_eq(cudaGetErrorName(cudaErrorMemoryAllocation), "cudaErrorMemoryAllocation");
  cr_assert_str_eq(cudaGetErrorString(cudaErrorMemoryAllocation), "out of memory");
  cr_assert_str_eq(cudaGetErrorString((cudaError_t)12345), "unrecognized error code");
}

/* --- launches ------------------------------------------------------------------------------- */

static cudaError_t launch(dim3 grid, dim3 block, size_t shared) {
  const cudaLaunchConfig_t config = {
      .gridDim = grid, .blockDim = block, .dynamicSmemBytes = shared};
  return selftest_launch(&config);
}

Test(launches, keep_the_limits) {
  const dim3 one = {1, 1, 1};
  OK(launch(one, (dim3){1024, 1, 1}, 0));
  OK(launch(one, (dim3){16, 1, 64}, 48 * 1024));
  OK(launch((dim3){1, 65535, 1}, one, 0));
  const dim3 blocks[] = {{1025, 1, 1}, {32, 33, 1}, {1, 1, 65}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}};
  for (int i = 0; i < 6; i++)
    FAILS(launch(one, blocks[i], 0), cudaErrorInvalidConfiguration);
  const dim3 grids[] = {{0, 1, 1},     {1, 0, 1},     {1, 1, 0},
                        {1, 65536, 1}, {1, 1, 65536}, {1u << 31, 1, 1}};
  for (int i = 0; i < 6; i++)
    FAILS(launch(grids[i], one, 0), cudaErrorInvalidConfiguration);
  FAILS(launch(one, one, 48 * 1024 + 1), cudaErrorInvalidValue);
  FAILS(cudaGetLastError(), cudaErrorInvalidValue);
  FAILS(selftest_launch(NULL), cudaErrorInvalidValue);
}

Test(launches, ask_for_more_shared_memory_first) {
  struct cudaFuncAttributes attributes;
  uint64_t *out;
  int blocks = -1;
  OK(cudaMalloc((void **)&out, 8));
  OK(cudaMemset(out, 0, 8));
  FAILS(selftest_shared(100 * 1024, out), cudaErrorInvalidValue);
  OK(selftest_occupancy(&blocks, 256, 100 * 1024));
  cr_assert_eq(blocks, 0);
  FAILS(selftest_allow(227 * 1024 + 1), cudaErrorInvalidValue);
  OK(selftest_allow(227 * 1024));
  OK(selftest_shared(227 * 1024, out));
  OK(selftest_attributes(&attributes));
  cr_assert_eq(attributes.maxDynamicSharedSizeBytes, 227 * 1024);
  cr_assert_eq(attributes.maxThreadsPerBlock, 1024);
  OK(selftest_occupancy(&blocks, 256, 100 * 1024));
  cr_assert_eq(blocks, 2);
  OK(selftest_occupancy(&blocks, 1024, 0));
  cr_assert_eq(blocks, 1);
  OK(cudaFree(out));
}

/* Of one device: another must be asked anew. */
Test(launches, ask_each_device) {
  simt_settings settings = defaults();
  uint64_t *out;
  settings.devices = 2;
  simt_set(&settings);
  OK(selftest_allow(100 * 1024));
  OK(cudaSetDevice(1));
  OK(cudaMalloc((void **)&out, 8));
  FAILS(selftest_shared(100 * 1024, out), cudaErrorInvalidValue);
  OK(selftest_allow(100 * 1024));
  OK(selftest_shared(100 * 1024, out));
  OK(cudaFree(out));
}

/* --- memory --------------------------------------------------------------------------------- */

Test(memory, copies_go_the_way_they_say) {
  unsigned char host[64], other[64], *device, *second;
  void *pinned;
  memset(host, 3, sizeof host);
  OK(cudaMalloc((void **)&device, sizeof host));
  OK(cudaMalloc((void **)&second, sizeof host));
  OK(cudaMallocHost(&pinned, sizeof host));
  OK(cudaMemcpy(device, host, sizeof host, cudaMemcpyHostToDevice));
  OK(cudaMemcpy(second, device, sizeof host, cudaMemcpyDeviceToDevice));
  OK(cudaMemcpyAsync(pinned, second, sizeof host, cudaMemcpyDeviceToHost, NULL));
  OK(cudaDeviceSynchronize());
  OK(cudaMemcpy(other, pinned, sizeof host, cudaMemcpyDefault));
  cr_assert_eq(memcmp(host, other, sizeof host), 0);
  OK(cudaMemset(second + 60, 9, 4));
  OK(cudaMemcpy(other, second + 56, 8, cudaMemcpyDefault));
  cr_assert(other[3] == 3 && other[4] == 9);

  FAILS(cudaMemcpy(device, host, 64, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  FAILS(cudaMemcpy(host, device, 64, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  FAILS(cudaMemcpy(device, second, 64, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  FAILS(cudaMemcpy(host, other, 64, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  FAILS(cudaMemcpy(device, host, 65, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  FAILS(cudaMemcpy(device + 1, host, 64, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  FAILS(cudaMemcpy(host, device, 64, (enum cudaMemcpyKind)9), cudaErrorInvalidMemcpyDirection);
  FAILS(cudaMemset(device, 0, 65), cudaErrorInvalidValue);
  FAILS(cudaMemset(host, 0, 1), cudaErrorInvalidValue);
  OK(cudaFree(second));
  FAILS(cudaMemcpy(host, second, 64, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  FAILS(cudaFree(second), cudaErrorInvalidValue);
  FAILS(cudaFree(device + 8), cudaErrorInvalidValue);
  FAILS(cudaFree(pinned), cudaErrorInvalidValue);
  FAILS(cudaFreeHost(device), cudaErrorInvalidValue);
  OK(cudaFree(device));
  OK(cudaFreeHost(pinned));
  OK(cudaFree(NULL));
  cr_assert(simt_nothing_left());
}

Test(memory, runs_out) {
  simt_settings settings = defaults();
  simt_counts counts;
  size_t left, total;
  void *first, *second;
  settings.device_bytes = 1000;
  simt_set(&settings);
  OK(cudaMalloc(&first, 600));
  FAILS(cudaMalloc(&second, 401), cudaErrorMemoryAllocation);
  cr_assert_null(second);
  OK(cudaMemGetInfo(&left, &total));
  cr_assert(left == 400 && total == 1000);
  OK(cudaMalloc(&second, 400));
  cr_assert_not(simt_nothing_left());
  simt_count(&counts);
  cr_assert(counts.allocations == 2 && counts.bytes == 1000 && counts.most_bytes == 1000);
  cr_assert_eq(counts.failed, 1);
  OK(cudaFree(first));
  OK(cudaFree(second));
  FAILS(cudaMalloc(&second, SIZE_MAX), cudaErrorMemoryAllocation);
  OK(cudaMalloc(&second, 0));
  cr_assert_null(second);
  cr_assert(simt_nothing_left());
}

/* --- streams, events ------------------------------------------------------------------------ */

Test(streams, live_on_their_device) {
  simt_settings settings = defaults();
  const dim3 one = {1, 1, 1};
  cudaStream_t stream;
  cudaEvent_t start, end, untimed;
  float milliseconds = -1;
  settings.devices = 2;
  simt_set(&settings);
  OK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  OK(cudaEventCreate(&start));
  OK(cudaEventCreate(&end));
  OK(cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming));
  FAILS(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorInvalidResourceHandle);
  OK(cudaEventRecord(start, stream));
  OK(cudaEventRecord(end, stream));
  OK(cudaEventRecord(untimed, stream));
  OK(cudaEventElapsedTime(&milliseconds, start, end));
  cr_assert(milliseconds >= 0 && milliseconds < 1e4f);
  FAILS(cudaEventElapsedTime(&milliseconds, start, untimed), cudaErrorInvalidResourceHandle);
  OK(cudaStreamWaitEvent(stream, end, 0));
  OK(cudaStreamSynchronize(stream));
  OK(cudaEventSynchronize(end));

  OK(cudaSetDevice(1));
  const cudaLaunchConfig_t config = {.gridDim = one, .blockDim = one, .stream = stream};
  FAILS(selftest_launch(&config), cudaErrorInvalidResourceHandle);
  FAILS(cudaEventRecord(start, NULL), cudaErrorInvalidResourceHandle);
  OK(cudaStreamWaitEvent(NULL, end, 0)); /* events are for all devices to wait for */
  OK(cudaSetDevice(0));
  OK(selftest_launch(&config));

  simt_counts counts;
  simt_count(&counts);
  cr_assert(counts.streams == 1 && counts.events == 3 && counts.launches == 1);
  OK(cudaStreamDestroy(stream));
  FAILS(selftest_launch(&config), cudaErrorInvalidResourceHandle);
  FAILS(cudaStreamDestroy(stream), cudaErrorInvalidResourceHandle);
  OK(cudaEventDestroy(start));
  OK(cudaEventDestroy(end));
  OK(cudaEventDestroy(untimed));
  FAILS(cudaEventSynchronize(end), cudaErrorInvalidResourceHandle);
  cr_assert(simt_nothing_left());
}

/* --- devices and their faults --------------------------------------------------------------- */

Test(devices, are_as_set) {
  simt_settings settings = defaults();
  struct cudaDeviceProp prop;
  int count, value;
  settings.devices = 3;
  settings.device_bytes = 123456789;
  settings.major = 8;
  settings.minor = 0;
  settings.processors = 7;
  simt_set(&settings);
  OK(cudaGetDeviceCount(&count));
  cr_assert_eq(count, 3);
  OK(cudaGetDeviceProperties(&prop, 2));
  cr_assert(prop.major == 8 && prop.minor == 0 && prop.multiProcessorCount == 7);
  cr_assert(prop.totalGlobalMem == 123456789 && prop.sharedMemPerBlockOptin == 163 * 1024);
  OK(cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 1));
  cr_assert_eq(value, 7);
  OK(cudaDeviceGetAttribute(&value, cudaDevAttrClockRate, 1));
  cr_assert_eq(value, 1000000);
  FAILS(cudaGetDeviceProperties(&prop, 3), cudaErrorInvalidDevice);
  FAILS(selftest_allow(163 * 1024 + 1), cudaErrorInvalidValue);
  OK(selftest_allow(163 * 1024));
}

Test(devices, none) {
  simt_settings settings = defaults();
  int count = -1;
  void *memory;
  settings.devices = 0;
  simt_set(&settings);
  FAILS(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  cr_assert_eq(count, 0);
  FAILS(cudaMalloc(&memory, 1), cudaErrorNoDevice);
  FAILS(cudaSetDevice(0), cudaErrorNoDevice);
  FAILS(launch((dim3){1, 1, 1}, (dim3){1, 1, 1}, 0), cudaErrorNoDevice);
}

Test(devices, driver_too_old) {
  const int versions[] = {0, 12080, 12999};
  for (int i = 0; i < 3; i++) {
    simt_settings settings = defaults();
    int value = -1;
    size_t left;
    void *memory;
    settings.driver = versions[i];
    simt_set(&settings);
    OK(cudaDriverGetVersion(&value));
    cr_assert_eq(value, versions[i]);
    FAILS(cudaGetDeviceCount(&value), cudaErrorInsufficientDriver);
    FAILS(cudaSetDevice(0), cudaErrorInsufficientDriver);
    FAILS(cudaMalloc(&memory, 1), cudaErrorInsufficientDriver);
    FAILS(cudaMemGetInfo(&left, &left), cudaErrorInsufficientDriver);
    FAILS(cudaDeviceSynchronize(), cudaErrorInsufficientDriver);
    FAILS(launch((dim3){1, 1, 1}, (dim3){1, 1, 1}, 0), cudaErrorInsufficientDriver);
  }
}

Test(devices, without_code_for_them) {
  const dim3 one = {1, 1, 1};
  simt_settings settings = defaults();
  settings.no_image = true;
  simt_set(&settings);
  FAILS(launch(one, one, 0), cudaErrorNoKernelImageForDevice);
  FAILS(selftest_allow(1000), cudaErrorNoKernelImageForDevice);
  settings.no_image = false;
  settings.major = 7;
  settings.minor = 5;
  simt_set(&settings);
  FAILS(launch(one, one, 0), cudaErrorNoKernelImageForDevice);
}

Test(devices, are_lost) {
  simt_settings settings = defaults();
  const dim3 one = {1, 1, 1};
  uint32_t seen = 77, *out, *other;
  void *pinned;
  cudaStream_t stream;
  settings.devices = 2;
  settings.lost_at = 3;
  simt_set(&settings);
  OK(cudaMalloc((void **)&out, 4));
  OK(cudaMallocHost(&pinned, 4));
  OK(cudaStreamCreate(&stream));
  OK(cudaMemset(out, 0x11, 4));
  OK(launch(one, one, 0));
  OK(launch(one, one, 0));
  OK(selftest_places(one, one, out)); /* is not known yet, as launches return at once */
  FAILS(cudaStreamSynchronize(stream), cudaErrorLaunchFailure);
  FAILS(cudaGetLastError(), cudaErrorLaunchFailure);
  FAILS(cudaGetLastError(), cudaErrorLaunchFailure); /* for good */
  FAILS(cudaMemcpy(&seen, out, 4, cudaMemcpyDeviceToHost), cudaErrorLaunchFailure);
  cr_assert_eq(seen, 77);
  FAILS(launch(one, one, 0), cudaErrorLaunchFailure);
  FAILS(cudaMalloc((void **)&other, 4), cudaErrorLaunchFailure);

  /* The other device goes on. */
  OK(cudaSetDevice(1));
  OK(cudaMalloc((void **)&other, 4));
  OK(selftest_places(one, one, other));
  OK(cudaMemcpy(&seen, other, 4, cudaMemcpyDeviceToHost));
  cr_assert_eq(seen, 0);
  OK(cudaFree(other));

  /* What the lost one had goes when it is freed, though with an error. */
  OK(cudaSetDevice(0));
  FAILS(cudaFree(out), cudaErrorLaunchFailure);
  FAILS(cudaFreeHost(pinned), cudaErrorLaunchFailure);
  FAILS(cudaStreamDestroy(stream), cudaErrorLaunchFailure);
  cr_assert(simt_nothing_left());
}

/* --- several host threads ------------------------------------------------------------------- */

enum { HOSTS = 4, ROUNDS = 20, BLOCKS = 10 };

static void *host(void *argument) {
  size_t number = *(size_t *)argument, wrong = 0;
  uint64_t *out, seen[BLOCKS];
  if (cudaSetDevice((int)number % 2) || cudaMalloc((void **)&out, sizeof seen)) return argument;
  for (unsigned round = 1; round <= ROUNDS; round++) {
    wrong += selftest_sums(BLOCKS, 128, round, out) != cudaSuccess;
    wrong += cudaMemcpy(seen, out, sizeof seen, cudaMemcpyDeviceToHost) != cudaSuccess;
    for (int i = 0; i < BLOCKS; i++)
      wrong += seen[i] != round * (127 * 64);
  }
  wrong += cudaFree(out) != cudaSuccess;
  return wrong ? argument : NULL;
}

Test(hosts, launch_at_once) {
  simt_settings settings = defaults();
  pthread_t threads[HOSTS];
  size_t numbers[HOSTS];
  simt_counts counts;
  settings.devices = 2;
  simt_set(&settings);
  for (size_t i = 0; i < HOSTS; i++) {
    numbers[i] = i;
    cr_assert_eq(pthread_create(&threads[i], NULL, host, &numbers[i]), 0);
  }
  for (size_t i = 0; i < HOSTS; i++) {
    void *failed;
    cr_assert_eq(pthread_join(threads[i], &failed), 0);
    cr_assert_null(failed);
  }
  simt_count(&counts);
  cr_assert_eq(counts.launches, HOSTS * ROUNDS);
  cr_assert(simt_nothing_left());
}

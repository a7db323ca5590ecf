#include "memory.h"

#include "devices.h"
#include "gpu.h"
#include "trouble.h"

#define MEBIBYTE ((uint64_t)1 << 20)

dss_status dss_cu_memory_open(dss_cu_memory *m, int device, uint64_t most) {
  m->device = device;
  m->most = most;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(device), "opening the GPU"));
  return dss_cu_check(cudaStreamCreateWithFlags(&m->stream, cudaStreamNonBlocking),
                      "opening the GPU");
}

void dss_cu_memory_close(dss_cu_memory *m) {
  cudaSetDevice(m->device);
  while (m->n_taken > 0)
    cudaFree(m->taken[--m->n_taken]);
  while (m->n_pinned > 0)
    cudaFreeHost(m->pinned[--m->n_pinned]);
  if (m->stream) cudaStreamDestroy(m->stream);
  m->stream = NULL;
  cudaGetLastError(); /* a device that was lost has nothing to give back */
}

dss_status dss_cu_memory_left(const dss_cu_memory *m, uint64_t *bytes) {
  DSS_CU_TRY(dss_cu_budget(0, bytes));
  if (m->most > 0 && m->most - m->held < *bytes) *bytes = m->most - m->held;
  return DSS_OK;
}

dss_status dss_cu_memory_check(const dss_cu_memory *m, const char *who, uint64_t needed) {
  uint64_t room;
  DSS_CU_TRY(dss_cu_memory_left(m, &room));
  if (needed <= room) return DSS_OK;
  return dss_cu_fail(DSS_ERR_MEMORY, "%s %lu MiB of GPU memory, and may use %s", who,
                     (unsigned long)((needed + MEBIBYTE - 1) / MEBIBYTE), dss_cu_bytes(room).text);
}

dss_status dss_cu_memory_take(dss_cu_memory *m, uint64_t bytes, const char *what, void **taken) {
  *taken = NULL;
  bool allowed = m->most == 0 || bytes <= m->most - m->held;
  cudaError_t error =
      allowed ? cudaMalloc(taken, bytes > 0 ? bytes : 1) : cudaErrorMemoryAllocation;
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return dss_cu_fail(DSS_ERR_MEMORY, "GPU %d has no room for %s: %s", m->device, what,
                       dss_cu_bytes(bytes).text);
  }
  DSS_CU_TRY(dss_cu_check(error, what));
  m->held += bytes;
  m->taken[m->n_taken++] = *taken;
  return DSS_OK;
}

dss_status dss_cu_memory_send(dss_cu_memory *m, const void *from, uint64_t bytes, const char *what,
                              const void **sent) {
  void *memory;
  DSS_CU_TRY(dss_cu_memory_take(m, bytes, what, &memory));
  *sent = memory;
  DSS_CU_TRY(
      dss_cu_check(cudaMemcpyAsync(memory, from, bytes, cudaMemcpyHostToDevice, m->stream), what));
  return dss_cu_check(cudaStreamSynchronize(m->stream), what);
}

dss_status dss_cu_memory_pin(dss_cu_memory *m, uint64_t bytes, const char *what, void **pinned) {
  *pinned = NULL;
  DSS_CU_TRY(dss_cu_check(cudaMallocHost(pinned, bytes > 0 ? bytes : 1), what));
  m->pinned[m->n_pinned++] = *pinned;
  return DSS_OK;
}

bool dss_cu_memory_is_there(const dss_resources *resources, uint64_t bytes) {
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  bool absent, asked = false;
  if (dss_cu_usable(resources, DSS_CU_MOST_DEVICES, numbers, &n, &absent) != DSS_OK) return true;
  for (size_t i = 0; i < n; i++) {
    uint64_t room;
    if (cudaSetDevice(numbers[i]) != cudaSuccess ||
        dss_cu_budget(resources->device_bytes, &room) != DSS_OK)
      continue;
    if (bytes <= room) return true;
    asked = true;
  }
  return !asked;
}

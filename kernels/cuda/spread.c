#include "spread.h"

#include <omp.h>
#include <stdio.h>

#include "devices.h"
#include "trouble.h"

dss_status dss_cu_open_all(const dss_resources *resources, dss_cu_open_fn open, void *user,
                           size_t *n_gpus) {
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  bool absent;
  dss_status status = DSS_OK;
  *n_gpus = 0;
  DSS_CU_TRY(dss_cu_usable(resources, DSS_CU_MOST_DEVICES, numbers, &n, &absent));
  for (size_t i = 0; i < n; i++) {
    dss_status opened = open(user, *n_gpus, numbers[i]);
    if (opened == DSS_OK)
      ++*n_gpus;
    else
      status = opened;
  }
  return *n_gpus > 0 ? DSS_OK : status;
}

typedef struct range {
  uint64_t first, count;
} range;

static range share(size_t n_gpus, uint64_t block, uint64_t first, uint64_t count, size_t i) {
  uint64_t begin = first / block, blocks = (first + count - 1) / block - begin + 1;
  uint64_t from = (begin + blocks * i / n_gpus) * block;
  uint64_t end = (begin + blocks * (i + 1) / n_gpus) * block;
  if (from < first) from = first;
  if (end > first + count) end = first + count;
  return (range){from, end > from ? end - from : 0};
}

dss_status dss_cu_spread(size_t n_gpus, uint64_t block, uint64_t first, uint64_t count,
                         dss_cu_share_fn work, void *user) {
  int n = (int)n_gpus;
  dss_status all = DSS_OK;
  char line[512] = "";
#pragma omp parallel for num_threads(n) schedule(static, 1)
  for (int i = 0; i < n; i++) {
    range r = share(n_gpus, block, first, count, (size_t)i);
    dss_cu_forget_trouble();
    dss_status status = r.count > 0 ? work(user, (size_t)i, r.first, r.count) : DSS_OK;
#pragma omp critical(dss_cuda_failure)
    if (status != DSS_OK && all == DSS_OK) {
      all = status;
      snprintf(line, sizeof line, "%s", dss_cu_trouble());
    }
  }
  return all == DSS_OK ? DSS_OK : dss_cu_fail(all, "%s", line);
}

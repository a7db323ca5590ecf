#include "trouble.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char line[512];

const char *dss_cu_trouble(void) {
  return line;
}

void dss_cu_forget_trouble(void) {
  *line = '\0';
}

dss_status dss_cu_fail(dss_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  return status;
}

dss_status dss_cu_check(cudaError_t error, const char *what) {
  if (error == cudaSuccess) return DSS_OK;
  cudaGetLastError(); /* or calls that are fine would report it again */
  dss_status status = error == cudaErrorMemoryAllocation ? DSS_ERR_MEMORY : DSS_ERR_DEVICE;
  return dss_cu_fail(status, "%s: %s (%s)", what, cudaGetErrorString(error),
                     cudaGetErrorName(error));
}

dss_cu_size dss_cu_bytes(uint64_t bytes) {
  static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double amount = (double)bytes;
  unsigned unit = 0;
  while (amount >= 1024.0 && unit < 4) {
    amount /= 1024.0;
    unit++;
  }
  dss_cu_size size;
  snprintf(size.text, sizeof size.text, unit ? "%.1f %s" : "%.0f %s", amount, units[unit]);
  return size;
}

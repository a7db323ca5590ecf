#include "apportion.h"

#include <math.h>

#include "host/core/alloc.h"

dss_status dss_apportion(dss_context *context, size_t n, const double *shares, uint64_t total,
                         uint64_t *parts) {
  double *remainders = NULL, sum = 0;
  DSS_TRY(DSS_ALLOC(context, &remainders, n));
  for (size_t i = 0; i < n; i++)
    sum += shares[i];
  uint64_t given = 0;
  for (size_t i = 0; i < n; i++) {
    double exact = (double)total * shares[i] / sum;
    parts[i] = (uint64_t)floor(exact);
    remainders[i] = exact - floor(exact);
    given += parts[i];
  }
  for (; given < total; given++) {
    size_t largest = 0;
    for (size_t i = 1; i < n; i++)
      if (remainders[i] > remainders[largest]) largest = i;
    parts[largest]++;
    remainders[largest] = -1;
  }
  free(remainders);
  return DSS_OK;
}

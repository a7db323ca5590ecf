/* The forms of kernels/pairs.h: the cuda backend's part of its table. */
#ifndef DSS_CUDA_PAIR_FORMS_H
#define DSS_CUDA_PAIR_FORMS_H

#include "kernels/pairs.h"

/* What a check of the device's memory says of them. */
#define DSS_CU_FORMS_NEED "the pairs' tests need"

uint64_t dss_cu_forms_bytes(const dss_pair_forms *largest, const dss_resources *resources);
uint64_t dss_cu_forms_least(const dss_pair_forms *largest);
dss_status dss_cu_forms_open(const dss_pair_forms *largest, const dss_resources *resources,
                             void **state);
dss_status dss_cu_forms_deal(void *state, const uint32_t *sources, uint32_t batch);
dss_status dss_cu_forms_run(void *state, const dss_pair_forms *forms, uint64_t *out);
void dss_cu_forms_close(void *state);

#endif

/* Whole parts by shares. */
#ifndef DSS_SIMULATE_APPORTION_H
#define DSS_SIMULATE_APPORTION_H

#include <stddef.h>
#include <stdint.h>

#include "host/core/context.h"

/* Divides `total` into whole parts [n] by their shares (any positive unit), by largest remainder;
 * ties go to the first. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_apportion(dss_context *context, size_t n, const double *shares,
                                      uint64_t total, uint64_t *parts);

#endif

/* A look at the texts' storage in an HDF5 file before the library reads any of it. */
#ifndef DSS_CORE_H5_HEAP_H
#define DSS_CORE_H5_HEAP_H

#include <stdint.h>

#include "context.h"

/* Checks every global heap collection in the open file of `bytes` bytes, leaving out [skip[0],
 * skip[1]) where that lies within the file. DSS_ERR_DATA. */
DSS_MUST_USE dss_status dss_h5_check_heaps(dss_context *context, const char *path, int descriptor,
                                           uint64_t bytes, const uint64_t skip[2]);

#endif

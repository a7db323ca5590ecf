/* Stands in for the CUDA backend where there is no compiler for it. */
#include "kernels/backend.h"
#include "kernels/pairs.h"

const dss_backend *const dss_cuda = NULL;
const dss_pair_backend *const dss_pair_cuda = NULL;

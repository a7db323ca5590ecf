/* Stands in for the CUDA backend where there is no compiler for it. */
#include "kernels/backend.h"

const dss_backend *const dss_cuda = NULL;

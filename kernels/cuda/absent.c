/* Stands in for the CUDA backend where there is no compiler for it. */
#include "kernels/backend.h"
#include "kernels/pairs.h"
#include "kernels/pairwise.h"

const dss_backend *const dss_cuda = NULL;
const dss_pair_backend *const dss_pair_cuda = NULL;
const dss_pairwise_backend *const dss_pairwise_cuda = NULL;

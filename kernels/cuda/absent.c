#include "kernels/backend.h"

const dss_backend *const dss_cuda = NULL;

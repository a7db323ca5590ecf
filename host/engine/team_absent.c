/* A build without MPI. */
#include "team.h"

dss_team *(*const dss_team_mpi)(void) = NULL;

const char *dss_team_library(void) {
  return "";
}

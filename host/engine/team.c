#include "team.h"

#include <errno.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/core/context.h"

/* --- how we were started --------------------------------------------------------------------- */

/* A number from the environment, or fallback. */
static unsigned number_of(const char *name, unsigned fallback) {
  const char *text = getenv(name);
  if (!text || !*text) return fallback;
  char *end;
  errno = 0;
  unsigned long number = strtoul(text, &end, 10);
  return errno || *end || number > 1u << 30 ? fallback : (unsigned)number;
}

/* Open MPI's mpirun, then what other launchers set: PMI of MPICH, Intel MPI and Slurm; and Slurm
 * with PMIx, which itself tells a process its rank only. */
void dss_launched(unsigned *rank, unsigned *size) {
  static const char *const names[][2] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                         {"PMI_RANK", "PMI_SIZE"},
                                         {"PMIX_RANK", "SLURM_STEP_NUM_TASKS"}};
  *rank = 0;
  *size = 1;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    unsigned of = number_of(names[i][1], 0);
    if (of < 2 || !getenv(names[i][0])) continue;
    *size = of;
    *rank = number_of(names[i][0], 0);
    return;
  }
}

/* --- beginning and end ----------------------------------------------------------------------- */

dss_status dss_team_begin(dss_context *context, dss_team **team) {
  unsigned rank, size;
  *team = NULL;
  dss_launched(&rank, &size);
  if (size == 1) return DSS_OK;
  if (!dss_team_mpi)
    return dss_fail(context, DSS_ERR_DEVICE,
                    "started as one of %u processes, but this build has no MPI (configure with "
                    "-DDSS_MPI=ON); for independent processes give --shard I/N",
                    size);
  *team = dss_team_mpi();
  if (!*team) return dss_fail(context, DSS_ERR_DEVICE, "MPI does not start");
  if ((*team)->size == size) return DSS_OK;
  return dss_fail(context, DSS_ERR_DEVICE,
                  "MPI started %u of %u processes: start them with the launcher of %s, which this "
                  "build is linked to (with srun: --mpi=pmix)",
                  (*team)->size, size, dss_team_library());
}

unsigned dss_team_rank(const dss_team *team) {
  return team ? team->rank : 0;
}

unsigned dss_team_size(const dss_team *team) {
  return team ? team->size : 1;
}

void dss_team_end(dss_team *team, dss_status status) {
  if (team) team->end(status);
}

/* --- errors ---------------------------------------------------------------------------------- */

/* What came of a step in one process. */
typedef struct verdict {
  unsigned rank;
  dss_status status;
  char text[1024];
} verdict;

/* That of the first process that failed, to process 0. */
static void find_first(const dss_team *team, verdict *first) {
  verdict next;
  if (team->rank > 0) team->send(0, first, sizeof *first);
  for (unsigned rank = 1; rank < team->size && team->rank == 0; rank++) {
    team->receive(rank, &next, sizeof next);
    if (first->status == DSS_OK) *first = next;
  }
}

dss_status dss_team_agree(dss_context *context, dss_team *team, dss_status status) {
  if (!team || !team->any(status != DSS_OK)) return status;
  verdict first = {.rank = team->rank, .status = status};
  if (status != DSS_OK) snprintf(first.text, sizeof first.text, "%s", dss_context_error(context));
  find_first(team, &first);
  team->share(&first.status, sizeof first.status);
  team->agreed = true;
  if (team->rank > 0 || first.rank == 0) return first.status;
  return dss_fail(context, first.status, "process %u: %s", first.rank,
                  *first.text ? first.text : dss_status_name(first.status));
}

bool dss_team_agreed(const dss_team *team) {
  return team && team->agreed;
}

/* --- who takes what of a machine ---------------------------------------------------------------
 */

static void divide_gpus(const dss_team *team, dss_resources *resources) {
  dss_device devices[64];
  char why[256];
  size_t n = 0;
  if (resources->device || !dss_cuda) return;
  if (dss_cuda->devices(devices, sizeof devices / sizeof *devices, &n, why) != DSS_OK || n == 0)
    return;
  resources->device = 1 + (unsigned)(team->local_rank % n);
}

void dss_team_divide(const dss_team *team, bool threads_given, dss_resources *resources) {
  if (!team) return;
  divide_gpus(team, resources);
  if (threads_given || !team->undivided) return;
  unsigned share = (unsigned)omp_get_num_procs() / team->local_size;
  if (share < 1) share = 1;
  if (share < resources->threads) resources->threads = share;
}

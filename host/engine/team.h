/* The processes that make one run together: a table of calls, which team_mpi.c fills. Every process
 * makes the same calls in the same order. A call that fails ends the job, as MPI does by default.
 * A NULL team is one process alone. */
#ifndef DSS_ENGINE_TEAM_H
#define DSS_ENGINE_TEAM_H

#include <stddef.h>

#include "dissensus/batch.h"
#include "kernels/backend.h"

struct dss_team {
  unsigned rank, size;
  unsigned local_rank, local_size; /* among those on this machine */
  bool undivided;                  /* which all may use the same processors */
  bool agreed;                     /* on an error, with which all end: dss_team_agree */
  /* n bytes of process 0 to all. */
  void (*share)(void *bytes, size_t n);
  /* Whether any process says so. */
  bool (*any)(bool own);
  /* Every process has made rows starts[rank] .. starts[rank + 1] - 1 of rows, in doubles, at their
   * place; process 0, or every one, gets the others'. */
  void (*rows)(double *rows, const size_t *starts, bool everyone);
  void (*send)(unsigned to, const void *bytes, size_t n);
  void (*receive)(unsigned from, void *bytes, size_t n);
  /* Memory until the team ends, one block at most: *common to all processes on the machine where
   * that is to be had, else each one's own. NULL: there is none for this process. */
  void *(*block)(size_t bytes, bool *common);
  /* Process 0 has written its block: now all have that in theirs. */
  void (*spread)(void);
  void (*end)(dss_status status);
};

/* Of n things, the first of process `rank`; that of process `size` is n. Process 0 has something
 * unless n is 0. */
static inline uint64_t dss_team_first(const dss_team *team, uint64_t n, unsigned rank) {
  unsigned size = dss_team_size(team);
  return n / size * rank + (n % size * rank + size - 1) / size;
}

/* Fills the table where this build has MPI; NULL: it has not. */
extern dss_team *(*const dss_team_mpi)(void);

/* A machine's processors and GPUs divided among the processes on it: a GPU, by the local rank,
 * where none was asked for; as many threads as make no more of them than there are processors. */
void dss_team_divide(const dss_team *team, bool threads_given, dss_resources *resources);

#endif

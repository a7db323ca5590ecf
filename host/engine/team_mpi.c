/* Teams by MPI. Messages are bytes: all processes run the same program on the same kind of machine,
 * as MPI jobs do. A failed call ends the job (MPI_ERRORS_ARE_FATAL). */
#define _GNU_SOURCE /* sched_getaffinity */
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "team.h"

/* Less than LEAST_SHARED is not worth the trouble. */
enum { PIECE = 1 << 30, DATA_TAG = 1, LEAST_SHARED = 1 << 20, ALIGNED = 64 };

static dss_team team;

static void broadcast(void *bytes, size_t n, MPI_Comm among) {
  for (size_t done = 0; done < n; done += PIECE)
    MPI_Bcast((char *)bytes + done, (int)(n - done < PIECE ? n - done : PIECE), MPI_BYTE, 0, among);
}

static void mpi_share(void *bytes, size_t n) {
  broadcast(bytes, n, MPI_COMM_WORLD);
}

static bool mpi_any(bool own) {
  int mine = own, all = 0;
  MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_LOR, MPI_COMM_WORLD);
  return all != 0;
}

static void mpi_send(unsigned to, const void *bytes, size_t n) {
  for (size_t done = 0; done < n; done += PIECE)
    MPI_Send((const char *)bytes + done, (int)(n - done < PIECE ? n - done : PIECE), MPI_BYTE,
             (int)to, DATA_TAG, MPI_COMM_WORLD);
}

static void mpi_receive(unsigned from, void *bytes, size_t n) {
  for (size_t done = 0; done < n; done += PIECE)
    MPI_Recv((char *)bytes + done, (int)(n - done < PIECE ? n - done : PIECE), MPI_BYTE, (int)from,
             DATA_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/* From every process in turn: rows are few, and processes many at most in the hundreds. */
static void mpi_rows(double *rows, const size_t *starts, bool everyone) {
  if (team.rank == 0)
    for (unsigned r = 1; r < team.size; r++)
      mpi_receive(r, rows + starts[r], (starts[r + 1] - starts[r]) * sizeof *rows);
  else
    mpi_send(0, rows + starts[team.rank],
             (starts[team.rank + 1] - starts[team.rank]) * sizeof *rows);
  if (everyone) mpi_share(rows, starts[team.size] * sizeof *rows);
}

/* --- a block of memory ----------------------------------------------------------------------- */

static MPI_Comm machine = MPI_COMM_NULL; /* the processes on this one */

static struct {
  void *at;
  size_t bytes;
  MPI_Win window;   /* that it is in, or none */
  MPI_Comm holders; /* of all blocks, one process each */
} block = {.window = MPI_WIN_NULL, .holders = MPI_COMM_NULL};

/* A container's /dev/shm may be small: NULL for all on the machine. */
static void *in_window(size_t bytes) {
  void *own = NULL, *first = NULL;
  MPI_Aint size = 0;
  int unit = 1, good, all_good;
  MPI_Comm_set_errhandler(machine, MPI_ERRORS_RETURN);
  good = MPI_Win_allocate_shared(team.local_rank == 0 ? (MPI_Aint)bytes : 0, 1, MPI_INFO_NULL,
                                 machine, &own, &block.window) == MPI_SUCCESS &&
         MPI_Win_shared_query(block.window, 0, &size, &unit, &first) == MPI_SUCCESS;
  MPI_Comm_set_errhandler(machine, MPI_ERRORS_ARE_FATAL);
  good = good && size >= (MPI_Aint)bytes;
  MPI_Allreduce(&good, &all_good, 1, MPI_INT, MPI_LAND, machine);
  if (!all_good) {
    if (block.window != MPI_WIN_NULL) MPI_Win_free(&block.window);
    return NULL;
  }
  MPI_Win_lock_all(MPI_MODE_NOCHECK, block.window);
  return first;
}

static void *mpi_block(size_t bytes, bool *common) {
  block.bytes = bytes;
  block.at = bytes >= LEAST_SHARED && team.local_size > 1 ? in_window(bytes) : NULL;
  *common = block.at != NULL;
  if (!block.at) block.at = aligned_alloc(ALIGNED, (bytes / ALIGNED + 1) * ALIGNED);
  bool holds = !*common || team.local_rank == 0;
  MPI_Comm_split(MPI_COMM_WORLD, holds ? 0 : MPI_UNDEFINED, (int)team.rank, &block.holders);
  return block.at;
}

static void mpi_spread(void) {
  if (block.holders != MPI_COMM_NULL) broadcast(block.at, block.bytes, block.holders);
  if (block.window == MPI_WIN_NULL) return;
  MPI_Win_sync(block.window);
  MPI_Barrier(machine);
  MPI_Win_sync(block.window);
}

static void free_block(void) {
  if (block.holders != MPI_COMM_NULL) MPI_Comm_free(&block.holders);
  if (block.window == MPI_WIN_NULL) {
    free(block.at);
    return;
  }
  MPI_Win_unlock_all(block.window);
  MPI_Win_free(&block.window);
}

/* --- beginning and end ----------------------------------------------------------------------- */

/* An error that the others do not know of ends them where they wait. */
static void mpi_end(dss_status status) {
  if (status != DSS_OK && !team.agreed) MPI_Abort(MPI_COMM_WORLD, (int)status);
  free_block();
  MPI_Comm_free(&machine);
  MPI_Barrier(MPI_COMM_WORLD); /* by when process 0 has said what all ended with */
  MPI_Finalize();
}

/* Nobody has divided a machine's processors whose processes may all use the same. */
static bool same_processors(void) {
  cpu_set_t own, all, any;
  CPU_ZERO(&own);
  if (sched_getaffinity(0, sizeof own, &own) != 0) return false;
  MPI_Allreduce(&own, &all, sizeof own, MPI_BYTE, MPI_BAND, machine);
  MPI_Allreduce(&own, &any, sizeof own, MPI_BYTE, MPI_BOR, machine);
  return CPU_EQUAL(&all, &any);
}

static void find_neighbours(void) {
  int rank = 0, size = 1;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  MPI_Comm_rank(machine, &rank);
  MPI_Comm_size(machine, &size);
  team.undivided = same_processors();
  team.local_rank = (unsigned)rank;
  team.local_size = (unsigned)size;
}

static dss_team *begin(void) {
  int provided, rank = 0, size = 1;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return NULL;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  team = (dss_team){.rank = (unsigned)rank,
                    .size = (unsigned)size,
                    .share = mpi_share,
                    .any = mpi_any,
                    .rows = mpi_rows,
                    .send = mpi_send,
                    .receive = mpi_receive,
                    .block = mpi_block,
                    .spread = mpi_spread,
                    .end = mpi_end};
  find_neighbours();
  return &team;
}

dss_team *(*const dss_team_mpi)(void) = begin;

const char *dss_team_library(void) {
  static char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  text[strcspn(text, ",\n")] = '\0';
  return text;
}

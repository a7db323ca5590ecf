/* Teams by MPI. Messages are bytes: all processes run the same program on the same kind of machine,
 * as MPI jobs do. A failed call ends the job (MPI_ERRORS_ARE_FATAL). */
#define _GNU_SOURCE /* sched_getaffinity, memfd_create */
#include <fcntl.h>
#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
  bool common;      /* to all on the machine, who cannot write there but for the first */
  MPI_Comm holders; /* of all blocks, one process each */
} block = {.holders = MPI_COMM_NULL};

/* Where the file of a machine's first process is, and which it is: behind another's walls the same
 * number may be another process. */
typedef struct place {
  long long process, descriptor, device, inode;
} place;

/* Memory that has no name which could be left behind, and lies in no folder that could be too small
 * (MPI's own shared windows are files in /dev/shm). */
static int make_file(size_t bytes, place *p) {
  struct stat file;
  int made = memfd_create("dissensus", MFD_CLOEXEC);
  if (made < 0) return -1;
  if (posix_fallocate(made, 0, (off_t)bytes) != 0 || fstat(made, &file) != 0) {
    close(made);
    return -1;
  }
  *p = (place){getpid(), made, (long long)file.st_dev, (long long)file.st_ino};
  return made;
}

static int open_file(const place *p) {
  char path[64];
  struct stat file;
  snprintf(path, sizeof path, "/proc/%lld/fd/%lld", p->process, p->descriptor);
  int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return -1;
  if (fstat(opened, &file) == 0 && (long long)file.st_dev == p->device &&
      (long long)file.st_ino == p->inode)
    return opened;
  close(opened);
  return -1;
}

/* NULL for all on the machine where one of them cannot have it. */
static void *in_common(size_t bytes) {
  place p = {.descriptor = -1};
  bool first = team.local_rank == 0;
  int file = first ? make_file(bytes, &p) : -1, good, all_good;
  MPI_Bcast(&p, sizeof p, MPI_BYTE, 0, machine);
  if (p.descriptor < 0) return NULL;
  if (!first) file = open_file(&p);
  int may = first ? PROT_READ | PROT_WRITE : PROT_READ;
  void *at = file < 0 ? MAP_FAILED : mmap(NULL, bytes, may, MAP_SHARED, file, 0);
  good = at != MAP_FAILED;
  MPI_Allreduce(&good, &all_good, 1, MPI_INT, MPI_LAND, machine);
  if (file >= 0) close(file);
  if (good && !all_good) munmap(at, bytes);
  return all_good ? at : NULL;
}

static void *mpi_block(size_t bytes, bool *common) {
  block.bytes = bytes;
  block.at = bytes >= LEAST_SHARED && team.local_size > 1 ? in_common(bytes) : NULL;
  *common = block.common = block.at != NULL;
  if (!block.at) block.at = aligned_alloc(ALIGNED, (bytes / ALIGNED + 1) * ALIGNED);
  bool holds = !*common || team.local_rank == 0;
  MPI_Comm_split(MPI_COMM_WORLD, holds ? 0 : MPI_UNDEFINED, (int)team.rank, &block.holders);
  return block.at;
}

static void mpi_spread(void) {
  if (block.holders != MPI_COMM_NULL) broadcast(block.at, block.bytes, block.holders);
  MPI_Barrier(machine);
}

static void free_block(void) {
  if (block.holders != MPI_COMM_NULL) MPI_Comm_free(&block.holders);
  if (block.common)
    munmap(block.at, block.bytes);
  else
    free(block.at);
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

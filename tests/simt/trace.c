/* Which kernels a program launches: SIMT_KERNELS names a file, to which each is added when it is
 * launched first, as a line with its distance in bytes from simt_launch. Kernels are static, so
 * that only the program's own table of symbols, by nm, knows the names. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "executor.h"
#include "state.h"

enum { MOST = 1024 };

static const void *seen[MOST];
static size_t n_seen;

static bool is_new(const void *function) {
  size_t i = 0;
  while (i < n_seen && seen[i] != function)
    i++;
  if (i < n_seen) return false;
  if (n_seen < MOST) seen[n_seen++] = function; /* beyond, lines repeat */
  return true;
}

void simt_note_kernel(const void *function) {
  const char *path = getenv("SIMT_KERNELS");
  if (!path || !*path) return;
  simt_lock();
  if (is_new(function)) {
    intptr_t from = (intptr_t)simt_launch;
    FILE *file = fopen(path, "a");
    if (!file) simt_die("SIMT_KERNELS: cannot write %s", path);
    fprintf(file, "%" PRIdPTR "\n", (intptr_t)function - from);
    if (fclose(file)) simt_die("SIMT_KERNELS: cannot write %s", path);
  }
  simt_unlock();
}

#include "cpus.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_ROOM = 4096 };

static unsigned lesser(unsigned a, unsigned b) {
  return a < b ? a : b;
}

/* The number that text begins with, if it is one of 1 .. UINT_MAX and only `end` may follow; else
 * 0. */
static unsigned count_in(const char *text, const char *end) {
  size_t digits = text ? strspn(text, "0123456789") : 0;
  if (digits == 0 || digits > 10 || !strchr(end, text[digits])) return 0;
  unsigned long long value = strtoull(text, NULL, 10);
  return value <= UINT_MAX ? (unsigned)value : 0;
}

/* Processors that a group may use at once; UINT_MAX: as many as there are. */
static unsigned share(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return UINT_MAX;
  long long whole = quota / period + (quota % period != 0);
  return whole < UINT_MAX ? (unsigned)whole : UINT_MAX;
}

/* The numbers in a file's first line, n of them; false where there are fewer, "max" say. */
static bool read_numbers(const char *folder, const char *name, size_t n, long long *numbers) {
  char path[PATH_ROOM + 32], line[128] = "";
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (!file) return false;
  bool got = fgets(line, sizeof line, file) != NULL;
  fclose(file);
  const char *at = line;
  for (size_t i = 0; got && i < n; i++) {
    char *end;
    numbers[i] = strtoll(at, &end, 10);
    got = end != at;
    at = end;
  }
  return got;
}

static unsigned limit_v2(const char *folder) {
  long long numbers[2];
  return read_numbers(folder, "cpu.max", 2, numbers) ? share(numbers[0], numbers[1]) : UINT_MAX;
}

static unsigned limit_v1(const char *folder) {
  long long quota, period;
  return read_numbers(folder, "cpu.cfs_quota_us", 1, &quota) &&
                 read_numbers(folder, "cpu.cfs_period_us", 1, &period)
             ? share(quota, period)
             : UINT_MAX;
}

/* The least limit of root/path and of the folders above it, root included. Folders that are not
 * there are passed over: a container sees its own group as the root, and its name all the same. */
static unsigned least_limit(const char *root, const char *path, unsigned (*limit)(const char *)) {
  char folder[PATH_ROOM];
  size_t shortest = strlen(root);
  int used = snprintf(folder, sizeof folder, "%s%s", root, strstr(path, "/..") ? "" : path);
  if (used < 0 || (size_t)used >= sizeof folder) return limit(root);
  unsigned least = limit(folder);
  for (size_t end = (size_t)used; end > shortest; end--) {
    if (folder[end - 1] != '/') continue;
    folder[end - 1] = '\0';
    least = lesser(least, limit(folder));
  }
  return least;
}

static bool among(const char *controllers, const char *name) {
  size_t length = strlen(name);
  for (const char *at = controllers; *at; at += *at == ',') {
    size_t here = strcspn(at, ",");
    if (here == length && strncmp(at, name, length) == 0) return true;
    at += here;
  }
  return false;
}

/* One line of /proc/self/cgroup: "4:cpu,cpuacct:/path", or "0::/path" of version 2. */
static unsigned limit_of_line(const char *sys, char *line) {
  char *controllers = strchr(line, ':');
  char *path = controllers ? strchr(controllers + 1, ':') : NULL;
  if (!path) return UINT_MAX;
  *controllers++ = *path++ = '\0';
  path[strcspn(path, "\n")] = '\0';
  bool second = *controllers == '\0';
  if (!second && !among(controllers, "cpu")) return UINT_MAX;
  /* Where a folder of version 2 stands alone, where beside those of version 1; the usual names of
   * version 1. */
  const char *const folders[2] = {second ? "" : "/cpu", second ? "/unified" : "/cpu,cpuacct"};
  unsigned least = UINT_MAX;
  for (size_t i = 0; i < 2; i++) {
    char root[PATH_ROOM];
    snprintf(root, sizeof root, "%s/fs/cgroup%s", sys, folders[i]);
    least = lesser(least, least_limit(root, path, second ? limit_v2 : limit_v1));
  }
  return least;
}

static unsigned control_groups(const dss_cpus_seen *seen) {
  char path[PATH_ROOM], *line = NULL;
  size_t room = 0;
  unsigned least = UINT_MAX;
  snprintf(path, sizeof path, "%s/self/cgroup", seen->proc);
  FILE *file = fopen(path, "r");
  if (!file) return least;
  while (getline(&line, &room, file) > 0)
    least = lesser(least, limit_of_line(seen->sys, line));
  free(line);
  fclose(file);
  return least;
}

unsigned dss_cpus_allowed_by(const dss_cpus_seen *seen) {
  unsigned openmp = seen->openmp > 0 ? seen->openmp : 1;
  if (count_in(seen->omp_num_threads, ", ") > 0) return openmp;
  unsigned slurm = count_in(seen->slurm_cpus_per_task, "");
  unsigned least = lesser(openmp, control_groups(seen));
  return slurm > 0 ? lesser(least, slurm) : least;
}

unsigned dss_cpus_allowed(unsigned openmp) {
  const dss_cpus_seen seen = {.proc = "/proc",
                              .sys = "/sys",
                              .openmp = openmp,
                              .omp_num_threads = getenv("OMP_NUM_THREADS"),
                              .slurm_cpus_per_task = getenv("SLURM_CPUS_PER_TASK")};
  return dss_cpus_allowed_by(&seen);
}

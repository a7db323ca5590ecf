/* How many threads a process should start, on made-up /proc and /sys. */
#define _XOPEN_SOURCE 700 /* nftw */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/core/cpus.h"

typedef struct tree {
  char folder[64], proc[96], sys[96];
} tree;

static tree made;

/* Writes folder/path, whose folders are made too. */
static void put(const char *path, const char *text) {
  char full[512];
  int used = snprintf(full, sizeof full, "%s/%s", made.folder, path);
  cr_assert(used > 0 && (size_t)used < sizeof full);
  for (char *at = full + strlen(made.folder) + 1; (at = strchr(at, '/')); at++) {
    *at = '\0';
    mkdir(full, 0700);
    *at = '/';
  }
  FILE *file = fopen(full, "w");
  cr_assert_not_null(file);
  fputs(text, file);
  fclose(file);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)status, (void)kind, (void)where;
  return remove(path);
}

static void set_up(void) {
  strcpy(made.folder, "/tmp/dissensus-test-XXXXXX");
  cr_assert_not_null(mkdtemp(made.folder));
  snprintf(made.proc, sizeof made.proc, "%s/proc", made.folder);
  snprintf(made.sys, sizeof made.sys, "%s/sys", made.folder);
}

static void tear_down(void) {
  nftw(made.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(cpus, .init = set_up, .fini = tear_down);

static unsigned allowed(unsigned openmp, const char *omp_num_threads, const char *slurm) {
  const dss_cpus_seen seen = {made.proc, made.sys, openmp, omp_num_threads, slurm};
  return dss_cpus_allowed_by(&seen);
}

static void expect(unsigned wanted, unsigned openmp) {
  unsigned got = allowed(openmp, NULL, NULL);
  cr_assert_eq(got, wanted, "%u threads, not %u", got, wanted);
}

Test(cpus, nothing_limits) {
  expect(8, 8);
  expect(1, 0);
}

Test(cpus, slurm_and_openmp) {
  static const struct {
    const char *openmp, *slurm;
    unsigned wanted;
  } cases[] = {{NULL, "3", 3},     {NULL, "12", 8}, {NULL, "0", 8},        {NULL, "", 8},
               {NULL, "three", 8}, {NULL, "3x", 8}, {NULL, "-3", 8},       {NULL, "99999999999", 8},
               {"8", "3", 8},      {"8,2", "3", 8}, {"8 ", "3", 8},        {"", "3", 3},
               {"0", "3", 3},      {"all", "3", 3}, {"4294967296", "3", 3}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    cr_expect_eq(allowed(8, cases[i].openmp, cases[i].slurm), cases[i].wanted, "case %zu", i);
}

Test(cpus, second_version) {
  put("proc/self/cgroup", "0::/\n");
  expect(8, 8);
  put("sys/fs/cgroup/cpu.max", "max 100000\n");
  expect(8, 8);
  static const struct {
    const char *text;
    unsigned wanted;
  } cases[] = {{"300000 100000\n", 3}, {"250000 100000\n", 3}, /* two and a half */
               {"1000 100000\n", 1},   {"100001 100000\n", 2},
               {"900000 100000\n", 8}, {"9223372036854775807 1\n", 8},
               {"0 100000\n", 8},      {"-1 100000\n", 8},
               {"300000 0\n", 8},      {"300000\n", 8},
               {"three\n", 8},         {"", 8}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    put("sys/fs/cgroup/cpu.max", cases[i].text);
    expect(cases[i].wanted, 8);
  }
}

Test(cpus, parents_limit_too) {
  put("proc/self/cgroup", "0::/system.slice/job_7/step_0\n");
  put("sys/fs/cgroup/system.slice/job_7/step_0/cpu.max", "600000 100000\n");
  expect(6, 8);
  put("sys/fs/cgroup/system.slice/job_7/cpu.max", "400000 100000\n");
  expect(4, 8);
  put("sys/fs/cgroup/system.slice/cpu.max", "500000 100000\n");
  expect(4, 8);
  put("sys/fs/cgroup/cpu.max", "200000 100000\n");
  expect(2, 8);
}

Test(cpus, a_container_sees_its_own_group_as_the_root) {
  put("proc/self/cgroup", "0::/docker/0123/not/here\n");
  put("sys/fs/cgroup/cpu.max", "200000 100000\n");
  expect(2, 8);
  put("proc/self/cgroup", "0::/../../other\n");
  expect(2, 8);
}

Test(cpus, first_version) {
  put("proc/self/cgroup", "12:cpuset:/job\n4:cpu,cpuacct:/job/step\n3:cpuacct:/no\n0::/\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/step/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/step/cpu.cfs_period_us", "100000\n");
  expect(8, 8);
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "350000\n");
  expect(8, 8); /* no period */
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "50000\n");
  expect(7, 8);
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "500000\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  expect(5, 8);
  put("sys/fs/cgroup/unified/cpu.max", "100000 100000\n");
  expect(1, 8);
}

Test(cpus, other_controllers_say_nothing) {
  put("proc/self/cgroup", "3:cpuacct:/a\n2:cpuset:/a\n");
  put("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "100000\n");
  put("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  expect(8, 8);
}

Test(cpus, garbage) {
  static const char *const texts[] = {"",  "\n", "no colon\n", "0:\n",
                                      ":", "::", "0::",        "0::relative\n"};
  put("sys/fs/cgroup/cpu.max", "max\n");
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    put("proc/self/cgroup", texts[i]);
    expect(8, 8);
  }
  char *longer = malloc(20000);
  cr_assert_not_null(longer);
  memset(longer, 'x', 19999);
  longer[19999] = '\0';
  memcpy(longer, "0::/", 4);
  put("proc/self/cgroup", longer);
  expect(8, 8);
  put("sys/fs/cgroup/cpu.max", "300000 100000\n");
  expect(3, 8);
  free(longer);
}

Test(cpus, this_process) {
  unsigned n = dss_cpus_allowed(4);
  cr_assert(n >= 1 && n <= 4);
}

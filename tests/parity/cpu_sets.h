/* The instruction sets of the cpu backend, and which of them this machine has. DSS_CPU forces one.
 */
#ifndef DSS_TESTS_CPU_SETS_H
#define DSS_TESTS_CPU_SETS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#define DSS_CPU_X86 /* as kernels/cpu/CMakeLists.txt has it */
#endif
#include "kernels/cpu/lanes.h"

enum { CPU_SETS = 3 };
static const char *const cpu_sets[CPU_SETS] = {"avx512", "avx2", "portable"};

static inline bool machine_has_set(const char *name) {
  if (strcmp(name, "portable") == 0) return true;
#ifdef DSS_CPU_X86
  __builtin_cpu_init();
  if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2");
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

/* The sets to test; says which are left out. At least one: portable. */
static inline size_t machine_sets(const char *have[CPU_SETS]) {
  size_t n = 0;
  for (size_t i = 0; i < CPU_SETS; i++) {
    if (machine_has_set(cpu_sets[i]))
      have[n++] = cpu_sets[i];
    else
      printf("SKIPPED: instruction set %s, which this machine lacks\n", cpu_sets[i]);
  }
  if (n < CPU_SETS)
    printf("SKIPPED: %zu of %d instruction sets in all\n", (size_t)CPU_SETS - n, CPU_SETS);
  fflush(stdout);
  return n;
}

/* NULL: none of that name in this build. */
static inline const dss_cpu_kernels *set_kernels(const char *name) {
#ifdef DSS_CPU_X86
  if (strcmp(name, "avx512") == 0) return &dss_cpu_avx512;
  if (strcmp(name, "avx2") == 0) return &dss_cpu_avx2;
#endif
  return strcmp(name, "portable") == 0 ? &dss_cpu_portable : NULL;
}

#endif

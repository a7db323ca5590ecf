/* How many threads a process should start. */
#ifndef DSS_CORE_CPUS_H
#define DSS_CORE_CPUS_H

/* What there is to see; a test makes its own. */
typedef struct dss_cpus_seen {
  const char *proc, *sys; /* "/proc", "/sys" */
  unsigned openmp;        /* threads that OpenMP would start: OMP_NUM_THREADS, else the affinity
                             mask's processors */
  /* Variables of the environment; NULL: not set. */
  const char *omp_num_threads, *slurm_cpus_per_task;
} dss_cpus_seen;

/* OMP_NUM_THREADS where it says a number; else the least of the affinity mask, the limits of the
 * control groups that the process is in (v2 cpu.max, v1 cpu.cfs_quota_us, parents included; parts
 * of a processor count as one) and SLURM_CPUS_PER_TASK. At least 1. What cannot be read or is no
 * number limits nothing. */
unsigned dss_cpus_allowed_by(const dss_cpus_seen *seen);

/* That for this process. Thread-safe as long as nobody changes the environment. */
unsigned dss_cpus_allowed(unsigned openmp);

#endif

/* Job scripts for Slurm. */
#ifndef DSS_CLI_SLURM_SCRIPT_H
#define DSS_CLI_SLURM_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum slurm_template { SLURM_ARRAY, SLURM_MPI, SLURM_GPU } slurm_template;

typedef struct slurm_job {
  slurm_template template;
  uint64_t shards;       /* ARRAY: its tasks */
  uint64_t ranks;        /* MPI */
  uint64_t nodes;        /* MPI (0: Slurm's choice) and GPU */
  uint64_t gpus;         /* GPU: on each node, a rank for each */
  uint64_t threads;      /* of a task */
  uint64_t megabytes;    /* of a task's memory */
  uint64_t minutes;      /* until Slurm ends a task, which then goes on where it was */
  bool json;             /* the job's log is JSON, an object a line */
  const char *program;   /* the path of dissensus */
  const char *arguments; /* "gai STUDY ...", quoted for a shell, without those that a job sets */
  const char *made_by;   /* the command line that asks for the script; for a comment */
  const char *results;   /* the file to make */
} slurm_job;

/* A script for bash that submits itself. Failures are the stream's, ferror. */
void slurm_write(FILE *stream, const slurm_job *job);

#endif

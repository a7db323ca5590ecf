#include "slurm_script.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

/* Seconds before the time limit at which Slurm warns a job: two minutes, of short ones a quarter.
 */
static unsigned warning(const slurm_job *job) {
  return job->minutes < 8 ? (unsigned)job->minutes * 15 : 120;
}

/* --- pieces -------------------------------------------------------------------------------- */

/* One comment, whatever names the text has. */
static void comment(FILE *out, const char *text) {
  fputs("# ", out);
  for (; *text; text++)
    fputs(*text == '\n' ? "\n# " : (char[2]){*text}, out);
  fputc('\n', out);
}

static void assign(FILE *out, const char *name, const char *value) {
  fprintf(out, "%s=", name);
  text_quote(out, value);
  fputc('\n', out);
}

/* The name of a file without folder and ending, of letters that no pattern of Slurm's knows. */
static void plain_name(const char *path, char name[64]) {
  const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path;
  const char *dot = strrchr(from, '.');
  size_t length = dot && dot > from ? (size_t)(dot - from) : strlen(from), used = 0;
  for (size_t i = 0; i < length && used < 63; i++, used++) {
    char c = from[i];
    int plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name[used] = plain || c == '.' || (c == '-' && used > 0) ? c : '_';
  }
  name[used] = '\0';
}

static void directive(FILE *out, const char *name, uint64_t value) {
  fprintf(out, "#SBATCH --%s=%" PRIu64 "\n", name, value);
}

/* --- what is asked of Slurm ------------------------------------------------------------------ */

static void tasks(FILE *out, const slurm_job *job) {
  switch (job->template) {
  case SLURM_ARRAY:
    fprintf(out, "#SBATCH --array=0-%" PRIu64 "\n#SBATCH --ntasks=1\n", job->shards - 1);
    fprintf(out, "#SBATCH --mem=%" PRIu64 "M\n", job->megabytes);
    break;
  case SLURM_MPI:
    directive(out, "ntasks", job->ranks);
    if (job->nodes > 0) directive(out, "nodes", job->nodes);
    fprintf(out, "#SBATCH --mem-per-cpu=%" PRIu64 "M\n",
            (job->megabytes + job->threads - 1) / job->threads);
    break;
  case SLURM_GPU:
    directive(out, "nodes", job->nodes);
    directive(out, "ntasks-per-node", job->gpus);
    directive(out, "gpus-per-node", job->gpus);
    fprintf(out, "#SBATCH --mem=%" PRIu64 "M\n", job->megabytes * job->gpus);
    break;
  }
  directive(out, "cpus-per-task", job->threads);
}

static void head(FILE *out, const slurm_job *job, const char *name) {
  fputs("#!/bin/bash\n", out);
  comment(out, job->made_by);
  fputs("# Submit with: bash THIS [options of sbatch]. A job that Slurm ends, or that the time "
        "limit meets,\n# writes a checkpoint, is requeued, and goes on from there.\n",
        out);
  fprintf(out, "#SBATCH --job-name=dissensus-%s\n", name);
  tasks(out, job);
  fprintf(out, "#SBATCH --time=%" PRIu64 ":%02" PRIu64 ":00\n", job->minutes / 60,
          job->minutes % 60);
  fprintf(out, "#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --signal=B:USR1@%u\n",
          warning(job));
  fprintf(out, "#SBATCH --output=%s-%s.log\n\n", name,
          job->template == SLURM_ARRAY ? "%A_%a" : "%j");
  assign(out, "program", job->program);
  assign(out, "results", job->results);
  fputs("work=$results.job # checkpoints and parts; removed at the end\n", out);
}

/* Lines of the script's own in the job's log, like those of the program. */
static void notes(FILE *out, const slurm_job *job) {
  fprintf(out,
          "note() {\n"
          "  printf '%s\\n' \"$(date -u +%%Y-%%m-%%dT%%H:%%M:%%S.%%3NZ)\" \"$*\" >&2\n"
          "}\n\n",
          job->json ? "{\"time\":\"%s\",\"level\":\"info\",\"message\":\"%s\"}"
                    : "%s dissensus slurm: %s");
}

static const char *log_option(const slurm_job *job) {
  return job->json ? "--log json " : "";
}

/* --- what is run ----------------------------------------------------------------------------- */

static void submit_array(FILE *out, const slurm_job *job, const char *name) {
  fprintf(out, "shards=%" PRIu64 "\n\n", job->shards);
  fprintf(out,
          "if [ \"${1:-}\" = merge ]; then\n"
          "  parts=()\n"
          "  for ((i = 0; i < shards; i++)); do\n"
          "    parts+=(\"$work/$i.h5\")\n"
          "  done\n"
          "  \"$program\" merge \"${parts[@]}\" %s-o \"$results\" || exit\n"
          "  rm -rf \"$work\"\n"
          "  exit\n"
          "fi\n\n"
          "# By hand: the shards, and behind them their merge.\n"
          "if [ -z \"${SLURM_ARRAY_TASK_ID:-}\" ]; then\n"
          "  if [ -e \"$results\" ]; then\n"
          "    echo \"$results: exists already\" >&2\n"
          "    exit 4\n"
          "  fi\n"
          "  job=$(sbatch --parsable \"$@\" \"$0\") || exit\n"
          "  job=${job%%%%;*}\n"
          "  merge=$(sbatch --parsable \"$@\" --array=0 --dependency=afterok:\"$job\" \\\n"
          "    --kill-on-invalid-dep=yes --job-name=dissensus-merge \\\n"
          "    --output=%s-merge-%%A.log \"$0\" merge) || exit\n"
          "  echo \"jobs $job (shards) and ${merge%%%%;*} (merge)\"\n"
          "  exit\n"
          "fi\n\n"
          "job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\n"
          "output=$work/$SLURM_ARRAY_TASK_ID.h5\n",
          log_option(job), name);
}

static void submit_one(FILE *out) {
  fputs("\nif [ -z \"${SLURM_JOB_ID:-}\" ]; then\n"
        "  if [ -e \"$results\" ]; then\n"
        "    echo \"$results: exists already\" >&2\n"
        "    exit 4\n"
        "  fi\n"
        "  exec sbatch \"$@\" \"$0\"\n"
        "fi\n\n"
        "job=$SLURM_JOB_ID\n"
        "output=$results\n",
        out);
}

/* The signal goes to the shell, which hands it on; `wait` ends at each, and is called again for the
 * status. A program that a signal met before it could handle it has lost nothing. */
static void stops(FILE *out) {
  fputs("mkdir -p \"$work\" || exit\n\n"
        "caught=\n"
        "# shellcheck disable=SC2317 # called by trap\n"
        "stop() {\n"
        "  stopped=yes caught=yes\n"
        "  kill -USR1 \"$running\" 2>/dev/null\n"
        "}\n"
        "trap stop USR1 TERM\n\n",
        out);
}

static void launch(FILE *out, const slurm_job *job) {
  if (job->template == SLURM_ARRAY)
    fprintf(out, "\"$program\" %s \\\n  --shard \"$SLURM_ARRAY_TASK_ID/$shards\" ", job->arguments);
  else
    fprintf(out,
            "# mpirun that Slurm ends waits so long, ends its ranks, and kills them after as long "
            "again.\n"
            "export OMPI_MCA_odls_base_sigkill_timeout=${OMPI_MCA_odls_base_sigkill_timeout:-10}\n"
            "mpirun -n \"$SLURM_NTASKS\" --bind-to none \\\n"
            "  \"$program\" %s \\\n  --threads \"$SLURM_CPUS_PER_TASK\" ",
            job->arguments);
  fputs(log_option(job), out);
  fputs("-o \"$output\" \\\n  --checkpoint \"$work\" --every 10m --resume &\n"
        "running=$!\n",
        out);
}

static void end(FILE *out, const slurm_job *job) {
  fputs("while\n"
        "  stopped=\n"
        "  wait \"$running\"\n"
        "  status=$?\n"
        "  [ -n \"$stopped\" ]\n"
        "do :; done\n\n"
        "# 75: a checkpoint was written. Another status behind a signal: it came too early or too "
        "late\n"
        "# for that, and an older checkpoint, if any, is there. A job that is about to end was\n"
        "# cancelled, or Slurm requeues it, unless its time is over.\n"
        "if [ \"$status\" -eq 75 ] || { [ \"$status\" -ne 0 ] && [ -n \"$caught\" ]; }; then\n"
        "  state=$(squeue --noheader --jobs=\"$job\" --format='%T %r')\n"
        "  case $state in\n"
        "    COMPLETING*TimeLimit*) again=yes ;;\n"
        "    COMPLETING* | CANCELLED*) again= ;;\n"
        "    *) again=yes ;;\n"
        "  esac\n"
        "  [ \"${SLURM_RESTART_COUNT:-0}\" -lt 1000 ] || again=\n"
        "  note \"job $job stopped ($state)${again:+, and is requeued}\"\n"
        "  [ -z \"$again\" ] || scontrol requeue \"$job\"\n"
        "fi\n",
        out);
  if (job->template != SLURM_ARRAY) fputs("[ \"$status\" -ne 0 ] || rm -rf \"$work\"\n", out);
  fputs("exit \"$status\"\n", out);
}

void slurm_write(FILE *stream, const slurm_job *job) {
  char name[64];
  plain_name(job->results, name);
  head(stream, job, name);
  if (job->template == SLURM_ARRAY)
    submit_array(stream, job, name);
  else
    submit_one(stream);
  notes(stream, job);
  stops(stream);
  launch(stream, job);
  end(stream, job);
}

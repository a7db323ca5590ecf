#!/bin/sh
# Jobs of `dissensus slurm` under a real Slurm (with_slurm.sh): an array of shards with its merge,
# ranks of MPI, and jobs that are ended by SIGTERM and by a requeue. Every results file is the plain
# run's, byte for byte.
# Usage: with_slurm.sh slurm_jobs.sh DISSENSUS
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cd "$folder"
failures=0
# So that created_at is the same; mpirun asks whether root means it, and need not take its time.
SOURCE_DATE_EPOCH=1700000000 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_odls_base_sigkill_timeout=1 OMPI_MCA_orte_tmpdir_base=$folder
export SOURCE_DATE_EPOCH OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
export OMPI_MCA_odls_base_sigkill_timeout OMPI_MCA_orte_tmpdir_base

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

awk 'BEGIN {
  print "rater,item,safe,harm,gender,team"
  for (r = 1; r <= 60; r++)
    for (u = 1; u <= 80; u++)
      printf "r%d,i%d,%d,%d,%s,%s\n", r, u, 1 + (r * u + (r > 30) * u) % 4, (r * 7 + u * u) % 3,
        r % 2 ? "man" : "woman", r < 20 ? "a" : r < 50 ? "b" : "c"
}' >ratings.csv
"$dissensus" import ratings.csv -o study.h5 --rater rater --item item --rating safe:ordinal \
  --rating harm --rater-attr gender,team --quiet

# What is asked for: as many resamples as one thread of this machine makes in about 12 seconds, so that
# either half of them can be met while it runs.
rate=$("$dissensus" gai study.h5 --by gender --by team --permutations 1000000000 --threads 1 --dry-run \
  --quiet | tr -s ' \n' ' ' | sed -n 's/.* tried in [^:]*: \([0-9.e+]*\) a second.*/\1/p')
permutations=$(awk -v rate="$rate" 'BEGIN { printf "%d", 12 * rate }')
set -- --by gender --by team --permutations "$permutations" --bootstrap 200 --seed 3
"$dissensus" gai study.h5 "$@" -o plain.h5 --quiet

# job FILE RESULTS OPTIONS...: a script of one processor a task.
job() {
  script=$1 results=$2
  shift 2
  "$dissensus" slurm study.h5 --results "$results" --threads 1 --memory 200MiB --quiet -o "$script" \
    "$@" || fail "slurm $*"
  sbatch --test-only "$script" 2>said || fail "sbatch --test-only $script: $(cat said)"
}

# state JOB: its state, or several of an array, as `scontrol show job` has them.
state() {
  scontrol show job "$1" 2>/dev/null | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p' | sort -u | tr '\n' ' '
}

# until_state JOB STATE SECONDS
until_state() {
  for _ in $(seq $(($3 * 5))); do
    [ "$(state "$1")" = "$2 " ] && return 0
    sleep 0.2
  done
  fail "job $1 is $(state "$1"), not $2"
  return 1
}

restarts() {
  scontrol show job "$1" | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p'
}

# same RESULTS: the plain run's bytes, and nothing left beside.
same() {
  cmp "$1" plain.h5 || fail "$1 differs from the plain run"
  [ ! -e "$1.job" ] || fail "$1.job is left"
}

# logs NAME: what it says carries the time.
logs() {
  grep -q '^20[0-9-]*T[0-9:.]*Z dissensus: ' "$1"-*.log || fail "no times in the log: $(cat "$1"-*.log)"
}

# --- an array, one task of which is ended by SIGTERM; then the same file is not made again
job array.sh array.h5 "$@" --shards 2
submitted=$(bash array.sh) || fail "bash array.sh"
array=$(echo "$submitted" | sed 's/jobs \([0-9]*\) .*/\1/')
merge=$(echo "$submitted" | sed 's/.* and \([0-9]*\) .*/\1/')
until_state "${array}_1" RUNNING 20 && sleep 2
scancel --signal=TERM --batch "${array}_1"
until_state "$merge" COMPLETED 120 || cat array-*.log
[ "$(restarts "${array}_1")" -eq 1 ] || fail "task 1 started again $(restarts "${array}_1") times, not once"
same array.h5
logs array
got=0
bash array.sh 2>stderr || got=$?
[ "$got" -eq 4 ] && grep -q 'exists already' stderr || fail "submitted again: status $got"

# --- a task that is cancelled stays so; submitted again, and then requeued by Slurm, it goes on
job again.sh again.h5 "$@" --shards 2
submitted=$(bash again.sh) || fail "bash again.sh"
array=$(echo "$submitted" | sed 's/jobs \([0-9]*\) .*/\1/')
until_state "${array}_0" RUNNING 20 && sleep 1
scancel "$array" || fail "scancel"
until_state "${array}_0" CANCELLED 20
submitted=$(bash again.sh) || fail "bash again.sh, again"
array=$(echo "$submitted" | sed 's/jobs \([0-9]*\) .*/\1/')
merge=$(echo "$submitted" | sed 's/.* and \([0-9]*\) .*/\1/')
until_state "${array}_0" RUNNING 20 && sleep 1
scontrol requeue "${array}_0" || fail "scontrol requeue"
until_state "$merge" COMPLETED 120 || cat again-*.log
same again.h5

# --- ranks of MPI, warned by Slurm before their time is over
if command -v mpirun >/dev/null; then
  job mpi.sh mpi.h5 "$@" --template mpi --ranks 2
  mpi=$(bash mpi.sh | sed 's/[^0-9]//g') || fail "bash mpi.sh"
  until_state "$mpi" RUNNING 20 && sleep 2
  scancel --signal=USR1 --batch "$mpi"
  until_state "$mpi" COMPLETED 120 || cat mpi-*.log
  [ "$(restarts "$mpi")" -eq 1 ] || fail "the MPI job started again $(restarts "$mpi") times, not once"
  same mpi.h5
  logs mpi
fi

# --- ranks that srun starts itself, where Slurm and MPI speak PMIx; not each a run of its own
if command -v mpirun >/dev/null && srun --mpi=list 2>&1 | grep -q pmix; then
  srun --mpi=pmix -n 2 "$dissensus" gai study.h5 "$@" -o srun.h5 --force > said 2>&1 ||
    fail "srun: $(cat said)"
  cmp srun.h5 plain.h5 || fail "srun's ranks differ from the plain run"
  [ "$(grep -c 'wrote srun.h5' said)" -eq 1 ] || fail "srun's ranks did not find each other: $(cat said)"
fi

# --- a node with GPUs: what is asked for is there to be had
job gpu.sh gpu.h5 "$@" --template gpu --gpus 2
grep -q 'using 2 processors' said || fail "a rank for each GPU: $(cat said)"

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
command -v mpirun >/dev/null || { echo "SKIPPED: no mpirun here; all else passed"; exit 77; }
srun --mpi=list 2>&1 | grep -q pmix || { echo "SKIPPED: srun without PMIx; all else passed"; exit 77; }
echo "all passed"

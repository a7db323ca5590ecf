#!/bin/sh
# The job scripts of `dissensus slurm` on paper: what they ask of Slurm, that a shell reads them as
# meant, and what is refused. Needs no Slurm.
# Usage: slurm_scripts.sh DISSENSUS
set -eu
dissensus=$1
. "$(dirname "$0")/../cli/refusals.sh"

# Names that a shell and Slurm's patterns could misread.
study="a study's %j.h5"
awk 'BEGIN {
  print "rater,item,safe,gender,team"
  for (r = 1; r <= 12; r++)
    for (u = 1; u <= 10; u++)
      printf "r%d,i%d,%d,%s,%s\n", r, u, 1 + (r * u) % 4, r % 2 ? "man" : "$(touch bad)", r < 6 ? "a" : "b"
}' >ratings.csv
"$dissensus" import ratings.csv -o "$study" --rater rater --item item --rating safe:ordinal \
  --rater-attr gender,team --quiet

# script OPTIONS...: the job script, in job.sh; parsed, and looked over where shellcheck is there.
script() {
  "$dissensus" slurm "$study" --quiet "$@" >job.sh || fail "slurm $*"
  bash -n job.sh || fail "not bash: slurm $*"
  [ "$(head -n 1 job.sh)" = '#!/bin/bash' ] || fail "the first line: slurm $*"
  if command -v shellcheck >/dev/null; then
    # SC2016: a dollar in single quotes is a name's.
    shellcheck --exclude=SC2016 job.sh || fail "shellcheck: slurm $*"
  fi
}

# asks LINE...: job.sh has these lines for Slurm.
asks() {
  for line in "$@"; do
    grep -qxF -- "#SBATCH --$line" job.sh || fail "no --$line in: $(grep SBATCH job.sh)"
  done
}

script --results "out/the %A
results.h5" --by gender --where 'gender=$(touch bad)' --permutations 50 --shards 12 --time 90m \
  --memory 3GiB --threads 3
asks array=0-11 ntasks=1 mem=3072M cpus-per-task=3 time=1:30:00 requeue open-mode=append \
  signal=B:USR1@120 'output=the__A_results-%A_%a.log' job-name=dissensus-the__A_results
grep -v '^#' job.sh | grep -q threads && fail "gai is given threads, too"
script --template mpi --results r.h5 --ranks 6 --nodes 2 --threads 4 --memory 1000MiB --time 1:00:01
asks ntasks=6 nodes=2 mem-per-cpu=250M cpus-per-task=4 time=1:01:00 'output=r-%j.log'
grep -q '^mpirun -n "\$SLURM_NTASKS"' job.sh || fail "no mpirun"
script --template mpi --results r.h5 --stop-after 20 --time 3:00
asks time=0:03:00 signal=B:USR1@45
script --template gpu --results r.h5 --nodes 2 --gpus 4 --memory 1GiB --backend cuda
asks nodes=2 ntasks-per-node=4 gpus-per-node=4 mem=4096M
grep -q 'cpus-per-task=[1-9]' job.sh || fail "no threads by default"
script --results r.h5 --by team
grep -qx '#SBATCH --array=0-1' job.sh || fail "two shards are enough here"
grep -qx '#SBATCH --mem=[1-9][0-9]*M' job.sh || fail "no memory by default"
grep -qx '#SBATCH --time=[0-9]*:[0-9][05]:00' job.sh || fail "no time by default"

# The shell gives the program what it was given here: a program that only shows its words.
printf '#!/bin/sh\nprintf "<%%s>" "$@" >words\n' >show
chmod +x show
script --results "$study.results" --by gender,team --where 'gender=$(touch bad)' --shards 2
sed "s|^program=.*|program=$folder/show|" job.sh >shown.sh
SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_JOB_ID=5 bash shown.sh || fail "the script with another program"
expected="<gai><$study><--by><gender,team><--where><gender=\$(touch bad)><--shard><1/2>"
expected="$expected<-o><$study.results.job/1.h5><--checkpoint><$study.results.job>"
[ "$(cat words)" = "$expected<--every><10m><--resume>" ] || fail "words: $(cat words)"
rm words
bash shown.sh merge || fail "the merge with another program"
[ "$(cat words)" = "<merge><$study.results.job/0.h5><$study.results.job/1.h5><-o><$study.results>" ] ||
  fail "words of the merge: $(cat words)"
[ ! -e "$study.results.job" ] || fail "parts are left after the merge"
[ ! -e bad ] || fail "a name was run"

# The script's own lines are like the program's: behind the time, or JSON.
noted() {
  sed -n '/^note() {/,/^}/p' job.sh >note.sh
  bash -c '. ./note.sh && note "job 1 stopped (RUNNING None)"' 2>&1
}
stamp='[0-9]*-[0-9][0-9]-[0-9][0-9]T[0-9:]*\.[0-9][0-9][0-9]Z'
noted | grep -qx "$stamp dissensus slurm: job 1 stopped (RUNNING None)" || fail "noted: $(noted)"
for template in array mpi gpu; do
  script --template $template --results r.h5 --log json
  noted | grep -qx "{\"time\":\"$stamp\",\"level\":\"info\",\"message\":\"job 1 stopped (RUNNING None)\"}" ||
    fail "noted as JSON: $(noted)"
  grep -q ' --log json -o "\$output"' job.sh || fail "the log of $template is not JSON"
done

# --- files
"$dissensus" slurm "$study" --results r.h5 -o made.sh 2>said || fail "-o"
grep -q 'submit it with: bash made.sh' said || fail "no closing line: $(cat said)"
bash -n made.sh || fail "a file that is not bash"
attempt() {
  observe "$dissensus" slurm "$@"
}
refuses 4 "exists" "$study" --results r.h5 -o made.sh
"$dissensus" slurm "$study" --results r.h5 -o made.sh --force --quiet || fail "--force"
refuses 4 "no/such" "$study" --results r.h5 -o no/such/job.sh
refuses 4 "none.h5" none.h5 --results r.h5
refuses 2 "STUDY is missing" --results r.h5
refuses 2 "--results RESULTS is missing" "$study"
refuses 2 "'pbs' is not array, mpi or gpu" "$study" --results r.h5 --template pbs
refuses 2 "--shards goes with --template array" "$study" --results r.h5 --template mpi --shards 2
refuses 2 "--ranks goes with --template mpi" "$study" --results r.h5 --ranks 2
refuses 2 "--gpus goes with --template gpu" "$study" --results r.h5 --gpus 2
refuses 2 "--nodes goes with --template mpi or gpu" "$study" --results r.h5 --nodes 2
refuses 2 "--shards: 1 is not between" "$study" --results r.h5 --shards 1
for option in explain dry-run resume shard=0/2 checkpoint=c every=5m time-limit=5m; do
  refuses 2 "--${option%%=*} is for runs by hand" "$study" --results r.h5 "--$option"
done
refuses 2 "which no shard sees: take --template mpi" "$study" --results r.h5 --stop-after 20
refuses 2 "--memory: '2GB' is no size" "$study" --results r.h5 --memory 2GB
refuses 2 "--memory: 0 is not between" "$study" --results r.h5 --memory 0
for time in "" 0 1d -5 1:60:00 1:00:00x 99999999999h; do
  refuses 2 "--time: " "$study" --results r.h5 --time "$time"
done
refuses 2 "shoe" "$study" --results r.h5 --by shoe
if [ -w /dev/full ]; then
  refuses_full=0
  "$dissensus" slurm "$study" --results r.h5 --quiet >/dev/full 2>stderr || refuses_full=$?
  [ "$refuses_full" -eq 4 ] || fail "status $refuses_full on a full standard output"
fi

finish
command -v shellcheck >/dev/null || { echo "SKIPPED: no shellcheck here; all else passed"; exit 77; }
echo "all passed"

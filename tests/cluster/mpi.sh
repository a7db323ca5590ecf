#!/bin/sh
# Several processes make one run: with any number of ranks its bytes are those of one process.
# Usage: mpi.sh DISSENSUS MPIRUN; skipped where the build has no MPI.
set -eu
dissensus=$1
mpirun=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "$mpirun" ]; then
  echo "SKIPPED: this build has no MPI"
  exit 77
fi
cd "$work"
. "$here/study.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_base_warn_component_unused=0 OMPI_MCA_orte_tmpdir_base="$work"
# Sanitizers know nothing of what MPI keeps until the process ends.
export LSAN_OPTIONS=detect_leaks=0

start() { # RANKS OPTIONS...: in the background, so that its number is mpirun's
  ranks=$1
  shift
  exec "$mpirun" -n "$ranks" "$dissensus" gai study.h5 --quiet --force "$@"
}

run() {
  (start "$@")
}

same() { # RANKS... -- OPTIONS...
  all=
  while [ "$1" != -- ]; do
    all="$all $1"
    shift
  done
  shift
  "$dissensus" gai study.h5 --quiet --force -o plain.h5 "$@"
  for ranks in $all; do
    run "$ranks" -o ranks.h5 "$@"
    cmp plain.h5 ranks.h5 || die "$ranks ranks differ: $*"
  done
}

same 1 2 3 5 -- --by all --depth 2 --permutations 50000 --bootstrap 60
same 3 -- --by group --permutations 12289 --metrics all --scheme within:site --save-null
same 5 -- --by group --permutations 100000 --stop-after 20
same 2 -- --by site --permutations 5000 --metrics pair-gai
same 4 -- --by all --permutations 0 --bootstrap 60 --over both
same 2 -- --by group --permutations 100 --backend reference

# A larger study stands once in the memory of the machine.
awk 'BEGIN { srand(4); print "rater,item,harm,group"
  for (i = 1; i <= 6000; i++) for (k = 0; k < 40; k++) {
    r = (i * 7 + k * 13) % 900
    printf "r%d,i%d,%d,%s\n", r, i, 1 + int(rand() * 5), r % 3 ? "x" : "y" } }' > large.csv
"$dissensus" import large.csv -o large.h5 --rater rater --item item --rating harm \
  --rater-attr group --quiet
"$dissensus" gai large.h5 --quiet -o plain.h5 --permutations 500 --force
"$mpirun" -n 3 "$dissensus" gai large.h5 -o ranks.h5 --permutations 500 --force 2> said
cmp plain.h5 ranks.h5 || die "a study in shared memory differs"
grep -q "3 processes on this machine share 1 MiB of the plan" said ||
  die "nothing was shared: $(cat said)"
# A container's /dev/shm is small: that is not where it lies. And where processes do not see each
# other, each has its own: the first says a number that is another process outside.
walls="unshare --pid --fork"
if $walls true 2> /dev/null; then
  unshare --mount sh -c 'mount --make-rprivate / && mount -t tmpfs -o size=16k none /dev/shm &&
    OMPI_MCA_btl=^vader exec "$@"' sh "$mpirun" -n 3 "$dissensus" gai large.h5 -o ranks.h5 \
    --permutations 500 --force > said 2>&1 || die "a small /dev/shm: status $?, $(cat said)"
  cmp plain.h5 ranks.h5 || die "a study in shared memory differs, with a small /dev/shm"
  grep -q "3 processes on this machine share 1 MiB of the plan" said ||
    die "nothing was shared, with a small /dev/shm: $(cat said)"
  # shellcheck disable=SC2086 # a command
  OMPI_MCA_btl=^vader "$mpirun" -n 1 $walls "$dissensus" gai large.h5 -o ranks.h5 --permutations 500 \
    --force : -n 2 "$dissensus" gai large.h5 -o ranks.h5 --permutations 500 --force > said 2>&1 ||
    die "processes that do not see each other: status $?, $(cat said)"
  cmp plain.h5 ranks.h5 || die "a study in memory of each process differs"
  ! grep -q "processes on this machine share" said || die "something was shared: $(cat said)"
else
  echo "SKIPPED: processes that do not see each other, as nobody lets us make such here"
  skipped=77
fi

# One process reads the study, and warns: the others' need not even be there.
"$dissensus" gai large.h5 --quiet -o plain.h5 --permutations 500 --force
several="--permutations 500 --force -o ranks.h5"
# shellcheck disable=SC2086 # options
"$mpirun" -n 1 "$dissensus" gai large.h5 $several : -n 2 "$dissensus" gai absent.h5 $several \
  > said 2>&1 || die "only one has the study: $(cat said)"
cmp plain.h5 ranks.h5 || die "the plan of a study that only one has differs"
"$mpirun" -n 3 "$dissensus" gai study.h5 -o ranks.h5 --by site --by group --scheme within:site \
  --permutations 100 --force > said 2>&1 || die "within: $(cat said)"
[ "$(grep -c 'axis site does not change' said)" -eq 1 ] || die "not warned once: $(cat said)"

# Stopped by a signal that mpirun hands on, and resumed with another number of ranks, then by one
# process: a checkpoint says nothing of ranks.
long="--by all --depth 2 --permutations 300000 --bootstrap 60 --checkpoint state --every 0.2s"
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 --quiet --force -o plain.h5 --by all --depth 2 --permutations 300000 \
  --bootstrap 60
# wait_for_checkpoint: until the run in the background has a new checkpoint, or has ended.
checkpoints() {
  find state -name 'run.*.h5' 2> /dev/null | sort
}
wait_for_checkpoint() {
  tries=0
  while [ "$(checkpoints)" = "$before" ] && kill -0 $pid 2> /dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 3000 ] || die "no checkpoint within a minute"
    sleep 0.02
  done
}
# resamples: how many the newest checkpoint has.
resamples() {
  h5dump -a /part/resamples "$(checkpoints | tail -n 1)" | sed -n 's/.*(0): //p'
}
# wait_for_resamples: until a new checkpoint has more than the pilot's. (One that lay there before says
# nothing of the ranks: they may not even listen to signals yet.)
wait_for_resamples() {
  wait_for_checkpoint
  while kill -0 $pid 2> /dev/null && [ "$(resamples 2> /dev/null || echo 0)" -le 4096 ]; do
    sleep 0.05
  done
}
stopped=0
rm -f ranks.h5
for ranks in 3 2; do
  before=$(checkpoints)
  # shellcheck disable=SC2086 # options
  start "$ranks" -o ranks.h5 $long --resume > said 2>&1 &
  pid=$!
  wait_for_resamples
  kill -USR1 $pid 2> /dev/null || true
  status=0
  wait $pid || status=$?
  [ "$status" -ne 75 ] || [ "$(resamples)" -gt 4096 ] || die "stopped after $(resamples) resamples"
  [ "$status" -ne 75 ] || stopped=$((stopped + 1))
  [ "$status" -eq 75 ] || [ "$status" -eq 0 ] || die "status $status of $ranks ranks: $(cat said)"
done
[ "$stopped" -gt 0 ] || die "no run was stopped in time: make it longer"
# shellcheck disable=SC2086 # options
[ -e ranks.h5 ] || "$dissensus" gai study.h5 --quiet -o ranks.h5 $long --resume
cmp plain.h5 ranks.h5 || die "resumed runs differ"
[ -z "$(ls state)" ] || die "checkpoints are left: $(ls state)"

# SIGTERM is enough where a round lasts more than a second and no checkpoint is due: the ranks leave
# off in its midst, and what they had counted before is there. They have the signal from a scheduler,
# which sends it to all of a job. It goes to them sooner where a life ends before it comes, and later
# where a life has nothing counted yet.
slow="--metrics all --permutations 40000"
# shellcheck disable=SC2086 # options
"$dissensus" gai large.h5 --quiet --force -o slow.h5 $slow
go_on() {
  # shellcheck disable=SC2086 # options
  exec "$mpirun" -n 2 "$dissensus" gai large.h5 --force -o ranks.h5 $slow --checkpoint late \
    --every 1h --resume
}
rm -f ranks.h5
kept=0
delay=2
for life in 1 2 3 4 5 6 7 8 9 10 11 12; do
  [ "$kept" -lt 2 ] || break
  [ ! -e ranks.h5 ] || [ "$kept" -eq 0 ] || break
  rm -f marker ranks.h5
  touch marker
  go_on > said 2>&1 &
  pid=$!
  sleep "$delay"
  # shellcheck disable=SC2046 # numbers
  kill -TERM $(pgrep -P $pid -f 'gai large.h5') 2> /dev/null || true
  status=0
  wait $pid || status=$?
  case $status in
    0) delay=$(echo "$delay" | awk '{ print $1 / 2 }') ;;
    75) if [ -n "$(find late -name 'run.*.h5' -newer marker)" ]; then
      kept=$((kept + 1))
    else
      delay=$(echo "$delay" | awk '{ print $1 * 1.5 }')
    fi ;;
    *) delay=$(echo "$delay" | awk '{ print $1 * 1.5 }') ;; # not yet listening
  esac
done
[ "$kept" -gt 0 ] || die "SIGTERM alone left no checkpoint in $life lives: $(cat said)"
[ -e ranks.h5 ] || (go_on > said 2>&1) || die "does not go on after SIGTERM: $(cat said)"
cmp slow.h5 ranks.h5 || die "stopped in the midst of rounds and resumed: differs"

# Two processes that a launcher of another MPI started do not find each other.
refuse 5 "dissensus gai: MPI started 1 of 2 processes: *" \
  env PMI_RANK=0 PMI_SIZE=2 "$dissensus" gai study.h5 -o alone.h5 --quiet
run 3 -o ranks.h5 --by group --permutations 100 --explain > said 2>&1
[ "$(grep -c '  backend ' said)" -eq 1 ] || die "explained more than once: $(cat said)"

# Stopped in the bootstrap, by a signal and then within the first steps of a group, life after life
# with other numbers of ranks: what is made of a group is kept, however few of it a life makes.
intervals="--by all --depth 2 --permutations 0 --bootstrap 20000 --over both"
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 --quiet --force -o intervals.h5 $intervals
rm -f ranks.h5
# shellcheck disable=SC2086 # options
start 2 -o ranks.h5 $intervals --checkpoint state --every 0.02 > said 2>&1 &
pid=$!
before=
wait_for_checkpoint
kill -USR1 $pid 2> /dev/null || true
status=0
wait $pid || status=$?
[ "$status" -eq 75 ] || die "status $status of a bootstrap that was stopped: $(cat said)"
[ "$(grep -c 'interrupted after' said)" -eq 1 ] || die "said more than once: $(cat said)"
grep -q 'interrupted after [0-9]* of 16 groups of the bootstrap' said ||
  die "not stopped in the bootstrap: $(cat said)"
# shellcheck disable=SC2086 # options
run 3 -o ranks.h5 $intervals --checkpoint state --resume
cmp intervals.h5 ranks.h5 || die "a resumed bootstrap differs"

few="--by group --permutations 0 --bootstrap 41 --over both --question harm"
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 --quiet --force -o intervals.h5 $few
rm -f ranks.h5
far=0
lives=0
left_out=0
for ranks in 2 3 2 1 3 3 2 3 2 3 2 3; do
  status=0
  # shellcheck disable=SC2086 # options
  run "$ranks" -o ranks.h5 $few --threads 2 --checkpoint state --time-limit 0.001 --resume \
    > said 2>&1 || status=$?
  [ "$status" -eq 75 ] || die "life $lives: status $status of $ranks ranks: $(cat said)"
  # groups, resamples and leave-one-out values, as one number
  now=$(sed -n -e 's/.*after \([0-9]*\) of 2 groups of the bootstrap and \([0-9]*\) of 41 .*/\1 \2 0/p' \
    -e 's/.*after \([0-9]*\) of 2 groups of the bootstrap, \([0-9]*\) .* and \([0-9]*\) leave.*/\1 \2 \3/p' said |
    awk '{ print $1 * 1000 + $2 + $3 }')
  [ "${now:-0}" -gt "$far" ] || die "life $lives of $ranks ranks got no further than $far: $(cat said)"
  ! grep -q 'leave-one-out' said || left_out=$((left_out + 1))
  far=$now
  lives=$((lives + 1))
done
[ "$left_out" -gt 0 ] || die "no life ended in the jackknife: $(cat said)"
# shellcheck disable=SC2086 # options
run 3 -o ranks.h5 $few --checkpoint state --resume
cmp intervals.h5 ranks.h5 || die "a bootstrap of $lives lives differs"

# A rank that dies ends the job, and the checkpoint resumes it.
rm -f ranks.h5
before=$(checkpoints)
# shellcheck disable=SC2086 # options
start 3 -o ranks.h5 $long > said 2>&1 &
pid=$!
wait_for_resamples
victim=
for child in $(pgrep -P $pid -f 'gai study.h5'); do victim=$child; done
[ -n "$victim" ] || die "no rank to kill"
kill -KILL "$victim"
status=0
wait $pid || status=$?
[ "$status" -ne 0 ] || die "a job whose rank was killed ended well"
grep -q "signal 9 (Killed)" said || die "nothing is said of the rank that died: $(cat said)"
[ ! -e ranks.h5 ] || die "results of a job that died"
[ "$(resamples)" -gt 4096 ] || die "the checkpoint has $(resamples) resamples"
# shellcheck disable=SC2086 # options
run 2 -o ranks.h5 $long --resume
cmp plain.h5 ranks.h5 || die "resumed after a rank died: differs"

# mpirun ends its ranks after SIGTERM; they write a checkpoint by that alone, where none was due.
rm -f ranks.h5
export OMPI_MCA_odls_base_sigkill_timeout=5
before=$(checkpoints)
# shellcheck disable=SC2086 # options
start 2 -o ranks.h5 $long > said 2>&1 &
pid=$!
wait_for_resamples
kill -TERM $pid
status=0
wait $pid || status=$?
unset OMPI_MCA_odls_base_sigkill_timeout
[ "$status" -ne 0 ] || die "status 0 after SIGTERM"
# shellcheck disable=SC2086 # options
run 3 -o ranks.h5 $long --resume
cmp plain.h5 ranks.h5 || die "resumed after SIGTERM: differs"
# shellcheck disable=SC2086 # options
"$mpirun" -n 2 "$dissensus" gai study.h5 -o ranks.h5 $long --resume > said 2>&1
[ "$(grep -c 'is complete already' said)" -eq 1 ] || die "resumed when all was done: $(cat said)"

# An error, whoever meets it, is said once, and is the job's status.
fails() { # STATUS LINE COMMAND...
  wanted=$1
  line=$2
  shift 2
  status=0
  "$@" > said 2>&1 || status=$?
  [ "$status" -eq "$wanted" ] || die "status $status, not $wanted, of: $* ($(cat said))"
  [ "$(grep -c '^dissensus' said)" -eq 1 ] || die "not said once, of: $* ($(cat said))"
  grep -q "^dissensus gai: $line" said || die "of $*: $(cat said)"
}
fails 2 "axis 'absent'" run 3 -o ranks.h5 --by absent --checkpoint state
fails 2 "filter 'site=" run 3 -o ranks.h5 --where site=nowhere
fails 4 "absent.h5" "$mpirun" -n 3 "$dissensus" gai absent.h5 -o ranks.h5
echo "no study" > bad.h5
fails 3 "bad.h5" "$mpirun" -n 2 "$dissensus" gai bad.h5 -o ranks.h5
fails 4 "ranks.h5: .*exists" "$mpirun" -n 3 "$dissensus" gai study.h5 -o ranks.h5
fails 4 "absent/ranks.h5" run 2 -o absent/ranks.h5
fails 4 "absent/state: " run 3 -o ranks.h5 --permutations 100 --checkpoint absent/state
mkdir kept
fails 4 "kept: " run 3 -o kept --permutations 100 --save-null
export DSS_CPU=absent
fails 5 ".*DSS_CPU" run 3 -o ranks.h5 --permutations 100
unset DSS_CPU
several="gai study.h5 --quiet --force --permutations 100 -o ranks.h5"
# shellcheck disable=SC2086 # options
fails 5 "process 1: .*DSS_CPU" "$mpirun" -n 1 "$dissensus" $several : \
  -n 2 env DSS_CPU=absent "$dissensus" $several
echo "MPI: runs of 1, 2, 3, 4 and 5 ranks the same; $stopped stopped, one killed, resumed the same"
exit "${skipped:-0}"

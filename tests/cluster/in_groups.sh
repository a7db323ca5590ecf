#!/bin/sh
# Runs that are stopped inside a group's bootstrap and resumed: nothing is made twice, and the bytes are
# those of the run that nobody stopped. Usage: in_groups.sh DISSENSUS
set -eu
dissensus=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
here=$(cd "$(dirname "$0")" && pwd)
cd "$work"
. "$here/study.sh"

few="--by group --permutations 0 --bootstrap 41 --question harm --quiet"
# life OPTIONS...: a life of one step, at most one row for each thread; sets groups, resamples and
# left_out to how far it says that the run has come, and far to all of it.
life() {
  status=0
  # shellcheck disable=SC2086 # options
  "$dissensus" gai study.h5 $few -o out.h5 --checkpoint state --time-limit 0.001 --resume "$@" \
    2> said || status=$?
  [ "$status" -eq 75 ] || die "status $status of a life: $(cat said)"
  line='dissensus gai: interrupted after \([0-9]*\) of 2 groups of the bootstrap'
  end='of the next; the checkpoint is in state: go on with --resume'
  # shellcheck disable=SC2046 # three numbers
  set -- $(sed -n -e "s/^$line and \([0-9]*\) of 41 resamples $end$/\1 \2 0/p" \
    -e "s/^$line, \([0-9]*\) resamples and \([0-9]*\) leave-one-out values $end$/\1 \2 \3/p" said)
  [ $# -eq 3 ] || die "a life says: $(cat said)"
  groups=$1
  resamples=$2
  left_out=$3
  far=$((groups * 1000 + resamples + left_out))
}

for over in raters items both; do
  few="--by group --permutations 0 --bootstrap 41 --question harm --quiet --over $over"
  # shellcheck disable=SC2086 # options
  "$dissensus" gai study.h5 $few -o plain.h5 --force --backend cpu
  rm -rf state out.h5
  # The first life ends within the first step of the first group, and has kept what that made.
  life --threads 2 --backend cpu
  [ "$groups $resamples $left_out" = "0 2 0" ] || die "after the first step of 2 threads: $(cat said)"
  life --threads 3 --backend reference
  [ "$groups $resamples $left_out" = "0 5 0" ] || die "after 3 more: $(cat said)"
  lives=2
  in_jackknife=0
  while [ "$groups" -eq 0 ] || [ "$left_out" -eq 0 ]; do
    before=$far
    if [ $((lives % 2)) -eq 0 ]; then
      life --threads 8 --backend cpu
    else
      life --threads 7 --backend reference
    fi
    [ "$far" -gt "$before" ] || die "life $lives made nothing: $(cat said)"
    [ "$left_out" -eq 0 ] || in_jackknife=$((in_jackknife + 1))
    lives=$((lives + 1))
  done
  [ "$in_jackknife" -gt 2 ] || die "stopped $in_jackknife times among what is left out"
  # shellcheck disable=SC2086 # options
  "$dissensus" gai study.h5 $few -o out.h5 --checkpoint state --resume --backend cpu
  cmp plain.h5 out.h5 || die "over $over, $lives lives: differs"
  [ -z "$(ls state)" ] || die "checkpoints are left: $(ls state)"
done

# A life that ends where the resamples do, and one that ends where a group does: no steps are left of
# the one, and of the other only the intervals.
rm -rf state out.h5
life --threads 41 --backend cpu
[ "$groups $resamples $left_out" = "0 41 0" ] || die "all resamples in a step: $(cat said)"
life --threads 90 --backend cpu
[ "$groups $resamples $left_out" = "0 41 90" ] || die "all that is left out in a step: $(cat said)"
life --threads 41 --backend cpu
[ "$groups $resamples $left_out" = "1 41 0" ] || die "the next group: $(cat said)"
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $few -o out.h5 --checkpoint state --resume --backend cpu
cmp plain.h5 out.h5 || die "ends of steps: differs"

# The shard whose group is the second of all.
rm -rf state out.h5
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $few -o part0.h5 --shard 0/2 --backend cpu
status=0
for limit in 0.001 0.001 ""; do
  status=0
  # shellcheck disable=SC2086 # options
  "$dissensus" gai study.h5 $few -o part1.h5 --shard 1/2 --checkpoint state --resume --threads 3 \
    --backend cpu ${limit:+--time-limit $limit} 2> said || status=$?
  [ "$status" -eq 0 ] || grep -q "after 0 of 1 groups of the bootstrap and [36] of 41 resamples" said ||
    die "a shard: $(cat said)"
done
[ "$status" -eq 0 ] || die "status $status of a shard: $(cat said)"
"$dissensus" merge part0.h5 part1.h5 -o out.h5 --quiet --force
cmp plain.h5 out.h5 || die "a shard that was stopped: differs"

# Checkpoints that fall due while a group is under way are written: killed without a word, the run
# goes on within the group.
long="--by group --permutations 0 --bootstrap 300000 --question harm --metrics irr --quiet"
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $long -o plain.h5 --force
rm -rf state out.h5
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $long -o out.h5 --checkpoint state --every 0.02 --threads 1 &
pid=$!
tries=0
until ls state/run.*.h5 > /dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 3000 ] || die "no checkpoint within a minute"
  sleep 0.02
done
kill -KILL $pid
wait $pid 2> /dev/null || true
[ ! -e out.h5 ] || die "the run was through before it could be killed"
status=0
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $long -o out.h5 --checkpoint state --time-limit 0.001 --resume --threads 1 \
  2> said || status=$?
[ "$status" -eq 75 ] || die "status $status behind the kill: $(cat said)"
# 1 is what a run makes that begins anew.
case $(cat said) in
  *"and 1 of 300000 resamples of the next;"*) die "begun anew: $(cat said)" ;;
  *"after 0 of 2 groups of the bootstrap and "*" of 300000 resamples of the next;"*) ;;
  *"after 1 of 2 groups"*) ;;
  *) die "behind the kill: $(cat said)" ;;
esac
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $long -o out.h5 --checkpoint state --resume
cmp plain.h5 out.h5 || die "killed within a group: differs"
echo "checkpoints within groups: kept, and the bytes are the same"

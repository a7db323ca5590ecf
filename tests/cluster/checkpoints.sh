#!/bin/sh
# Checkpoints: stopped by signals and by the clock and resumed; damaged, foreign and missing ones;
# disks that are full or cannot be written. Usage: checkpoints.sh DISSENSUS
set -eu
dissensus=$1
work=$(mktemp -d)
leave() {
  umount "$work/disk" 2> /dev/null || true
  rm -rf "$work"
}
trap leave EXIT
trap 'exit 1' INT TERM
here=$(cd "$(dirname "$0")" && pwd)
cd "$work"
. "$here/study.sh"

long="--by all --depth 2 --permutations 400000 --bootstrap 60 --quiet"
gai() {
  # shellcheck disable=SC2086 # options
  "$dissensus" gai study.h5 $long "$@"
}
gai -o plain.h5

# stopped SIGNAL STATE: a run of its own that the signal ends with 75 and one line.
stopped() {
  state=$2
  rm -rf "$state"/* out.h5
  # shellcheck disable=SC2086 # options
  env --default-signal=INT "$dissensus" gai study.h5 $long -o out.h5 --checkpoint "$state" \
    --every 0.05 2> said &
  pid=$!
  tries=0
  until ls "$state"/run.*.h5 > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 3000 ] || die "no checkpoint within a minute"
    sleep 0.02
  done
  kill "-$1" $pid
  status=0
  wait $pid || status=$?
  [ "$status" -eq 75 ] || die "status $status after SIG$1: $(cat said)"
  case $(cat said) in
    "dissensus gai: interrupted after "*" of 400000 resamples; the checkpoint is in $state: go on with --resume") ;;
    *) die "after SIG$1: $(cat said)" ;;
  esac
  [ ! -e out.h5 ] || die "results of a run that was stopped"
}
for signal in TERM USR1 INT; do
  stopped $signal state
  gai -o out.h5 --checkpoint state --resume
  cmp plain.h5 out.h5 || die "resumed after SIG$signal: differs"
  [ -z "$(ls state)" ] || die "checkpoints are left: $(ls state)"
done

# Who starts it with SIGINT ignored, as a shell does in the background, means it.
sh -c 'trap "" INT; exec "$@"' sh "$dissensus" gai study.h5 $long -o out2.h5 --checkpoint state \
  --every 0.05 2> said &
pid=$!
tries=0
until ls state/run.*.h5 > /dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 3000 ] || die "no checkpoint within a minute"
  sleep 0.02
done
kill -INT $pid
wait $pid || die "an ignored SIGINT ended it: status $?, $(cat said)"
cmp plain.h5 out2.h5 || die "an ignored SIGINT: differs"
rm out2.h5

# The same command with --resume starts, goes on, and has nothing to do when all is done.
rm -rf state out.h5
rounds=0
for limit in 0.05 0.1s 0:01 2 4 8 16 32 1m 2m 4m; do
  status=0
  gai -o out.h5 --checkpoint state --time-limit $limit --resume 2> said || status=$?
  [ "$status" -ne 0 ] || break
  [ "$status" -eq 75 ] || die "status $status at the time limit: $(cat said)"
  rounds=$((rounds + 1))
done
[ "$rounds" -gt 0 ] || die "the time limit never came"
cmp plain.h5 out.h5 || die "resumed after $rounds time limits: differs"
gai -o out.h5 --checkpoint state --resume
cmp plain.h5 out.h5
refuse 4 "dissensus gai: out.h5: exists already*" "$dissensus" gai study.h5 -o out.h5 --by group \
  --checkpoint state --resume

# However short the time, each life gets on, also within the pilot, the first 4096 resamples.
rm -rf state/* out.h5
last=0
for life in 1 2 3 4 5; do
  status=0
  gai -o out.h5 --checkpoint state --time-limit 0.001 --resume 2> said || status=$?
  [ "$status" -eq 75 ] || die "life $life: status $status: $(cat said)"
  made=$(sed -n 's/.*interrupted after \([0-9]*\) of.*/\1/p' said)
  [ "$made" -gt "$last" ] || die "life $life made nothing: $(cat said)"
  last=$made
done
[ "$last" -lt 4096 ] || die "five steps are more than the pilot"
gai -o out.h5 --checkpoint state --resume
cmp plain.h5 out.h5 || die "resumed within the pilot: differs"

# What is there is not what was asked for.
"$dissensus" gai study.h5 -o kept.h5 --by group --permutations 5000 --quiet
refuse 4 "dissensus gai: kept.h5: exists already*" "$dissensus" gai study.h5 -o kept.h5 --by group \
  --permutations 5000 --save-null --checkpoint state --resume --quiet
"$dissensus" gai study.h5 -o kept.h5 --by group --permutations 5000 --checkpoint state --resume --quiet

# A run that is complete takes nothing of another's that has stopped here, or that goes on.
"$dissensus" gai study.h5 -o one.h5 --by group --permutations 5000 --checkpoint state --quiet
stopped TERM state
cp -r state sound
"$dissensus" gai study.h5 -o one.h5 --by group --permutations 5000 --checkpoint state --resume --quiet
[ "$(ls state)" = "$(ls sound)" ] || die "a complete run took another's checkpoints: $(ls state)"
rm -rf state
# Its own it does take: what is left when a run ends between its results and its checkpoints.
gai -o plain2.h5 --checkpoint sound --resume
stopped TERM state
gai -o plain2.h5 --checkpoint state --resume
[ -z "$(ls state)" ] || die "a complete run leaves its own checkpoints: $(ls state)"
# Killed while it removed them: what is left goes when it is called again.
touch state/run.lock
gai -o plain2.h5 --checkpoint state --resume
[ -z "$(ls state)" ] || die "a complete run leaves its lock: $(ls state)"
rm -rf sound plain2.h5

# Two runs in one folder.
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $long -o out2.h5 --checkpoint state --every 0.05 2> said2 &
pid=$!
tries=0
until ls state/run.*.h5 > /dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 3000 ] || die "no checkpoint within a minute"
  sleep 0.02
done
# shellcheck disable=SC2086 # options
refuse 4 "dissensus gai: state: another run keeps its checkpoints here" \
  "$dissensus" gai study.h5 $long -o out3.h5 --checkpoint state --resume
"$dissensus" gai study.h5 -o one.h5 --by group --permutations 5000 --checkpoint state --resume --quiet
# shellcheck disable=SC2086 # options
refuse 4 "dissensus gai: state: another run keeps its checkpoints here" \
  "$dissensus" gai study.h5 $long -o out3.h5 --checkpoint state --resume
kill -TERM $pid
wait $pid || true
rm -rf state/*

# Shards, in one folder.
for i in 0 1; do
  status=0
  gai -o "part$i.h5" --shard $i/2 --checkpoint state --time-limit 0.1 --resume 2> said || status=$?
  [ "$status" -eq 75 ] || [ "$status" -eq 0 ] || die "status $status of shard $i: $(cat said)"
done
for i in 1 0; do
  [ -e "part$i.h5" ] || gai -o "part$i.h5" --shard $i/2 --checkpoint state --resume
done
"$dissensus" merge part1.h5 part0.h5 -o out.h5 --force --quiet
cmp plain.h5 out.h5 || die "resumed shards differ"
[ -z "$(ls state)" ] || die "checkpoints of shards are left: $(ls state)"

# --- damaged and foreign ----------------------------------------------------------------------

stopped TERM state
[ "$(ls state/run.*.h5 | wc -l)" -eq 2 ] || die "two generations are kept, not: $(ls state)"
cp -r state sound
newest=$(ls state/run.*.h5 | tail -n 1)
older=$(ls state/run.*.h5 | head -n 1)
damage() {
  printf 'x' | dd of="$1" bs=1 seek=5000 conv=notrunc 2> /dev/null
}
damage "$newest"
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 ${long% --quiet} -o out.h5 --checkpoint state --resume --force 2> said
grep -q "checkpoint refused: $newest: is damaged: its bytes are not those of its name" said ||
  die "nothing is said of the damaged one: $(cat said)"
cmp plain.h5 out.h5 || die "resumed from the older generation: differs"
# The damaged one makes way for the next, not the good one.
rm -rf state out.h5
cp -r sound state
damage "$newest"
gai -o out.h5 --checkpoint state --time-limit 0.001 --resume 2> said || true
[ ! -e "$newest" ] && [ -e "$older" ] || die "after a damaged one: $(ls state)"
rm -rf state
cp -r sound state
rm -f out.h5
damage "$newest"
: > "$older"
: > state/run.1.a.h5
: > "state/run.-1.$(printf '%064d' 0).h5"
: > "state/run.99999999999999999999.$(printf '%064d' 0).h5"
refuse 3 "*dissensus gai: state: no checkpoint here can be used; the newest: *is damaged*" \
  "$dissensus" gai study.h5 $long -o out.h5 --checkpoint state --resume
rm -rf state
cp -r sound state
refuse 3 "*is a checkpoint of another run: seed is '1' there, '2' here" \
  "$dissensus" gai study.h5 $long -o out.h5 --checkpoint state --resume --seed 2
refuse 3 "*is of a run without --save-null" \
  "$dissensus" gai study.h5 $long -o out.h5 --checkpoint state --resume --save-null
refuse 4 "dissensus gai: state: has a checkpoint already; give --resume to go on from it, or remove it" \
  "$dissensus" gai study.h5 $long -o out.h5 --checkpoint state
[ "$(ls state)" = "$(ls sound)" ] || die "a refusal touched the checkpoints"
rm -rf state sound

# The values of resamples beside a checkpoint: cut, and changed.
null="--by group --permutations 200000 --save-null --quiet"
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 $null -o saved.h5
for fault in none cut changed; do
  rm -rf state out.h5
  # shellcheck disable=SC2086 # options
  "$dissensus" gai study.h5 $null -o out.h5 --checkpoint state --every 0.05 2> said &
  pid=$!
  tries=0
  until [ -e state/run.rows ] && [ "$(wc -c < state/run.rows)" -gt 400000 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || die "no values within a minute"
    sleep 0.1
  done
  kill -TERM $pid
  status=0
  wait $pid || status=$?
  [ "$status" -eq 75 ] || die "--save-null was not stopped: status $status, $(cat said)"
  case $fault in
    cut) head -c 1000 state/run.rows > cut && mv cut state/run.rows ;;
    changed) damage state/run.rows ;;
  esac
  if [ $fault = none ]; then
    # shellcheck disable=SC2086 # options
    "$dissensus" gai study.h5 $null -o out.h5 --checkpoint state --resume
    cmp saved.h5 out.h5 || die "--save-null, resumed: differs"
  else
    # The generation before may be of the pilot, which needs no values, and is then gone on from.
    status=0
    # shellcheck disable=SC2086 # options
    "$dissensus" gai study.h5 ${null% --quiet} -o out.h5 --checkpoint state --resume 2> said || status=$?
    grep -q "checkpoint refused: state/run.rows: " said || die "$fault values are believed: $(cat said)"
    case $status in
      0) cmp saved.h5 out.h5 || die "$fault values: other results" ;;
      3) grep -q "no checkpoint here can be used; the newest: " said || die "$fault: $(cat said)" ;;
      *) die "$fault values: status $status" ;;
    esac
  fi
done
rm -rf state out.h5

# --- what makes no sense ----------------------------------------------------------------------

for option in "--resume" "--every 5s" "--time-limit 1h"; do
  # shellcheck disable=SC2086 # an option and its argument
  refuse 2 "dissensus gai: --* goes with --checkpoint DIR*" "$dissensus" gai study.h5 -o out.h5 $option
done
for bad in 0 -1 5x abc 1:99 1:2:3:4 "" 1e9; do
  refuse 2 "dissensus gai: --every: '$bad' is no time such as 90s, 15m, 2h or 1:30:00*" \
    "$dissensus" gai study.h5 -o out.h5 --checkpoint state "--every=$bad"
done
refuse 4 "dissensus gai: absent/state: cannot make the folder for checkpoints: *" \
  "$dissensus" gai study.h5 -o out.h5 --checkpoint absent/state
refuse 4 "dissensus gai: study.h5: no folder for checkpoints: *" \
  "$dissensus" gai study.h5 -o out.h5 --checkpoint study.h5

# --- disks ------------------------------------------------------------------------------------

mkdir disk
if ! mount -t tmpfs -o size=12m dissensus-test disk 2> why; then
  echo "checkpoints hold; SKIPPED: full disks, as nobody lets us mount here: $(cat why)"
  exit 77
fi
# Full while the run goes on: it warns, ends well, and the last good checkpoint has survived until then.
stopped TERM disk
dd if=/dev/zero of=disk/fill bs=1k 2> /dev/null || true
# shellcheck disable=SC2086 # options
"$dissensus" gai study.h5 ${long% --quiet} -o full.h5 --checkpoint disk --resume --every 0.05 2> said
grep -q "no checkpoint could be written, and the run goes on: .*No space left on device" said ||
  die "no warning of a full disk: $(cat said)"
cmp plain.h5 full.h5 || die "a full disk changed the results"
# Full when the run is to stop: a clear error, and the good one is still there and good.
stopped TERM disk
good=$(ls disk)
dd if=/dev/zero of=disk/fill bs=1k 2> /dev/null || true
status=0
gai -o out.h5 --checkpoint disk --time-limit 0.001 --resume 2> said || status=$?
[ "$status" -eq 4 ] || die "status $status on a full disk: $(cat said)"
grep -q "No space left on device" said || die "on a full disk: $(cat said)"
[ "$(ls disk | grep -v fill)" = "$good" ] || die "the good checkpoint is gone: $(ls disk)"
rm disk/fill
# Read-only from here on.
mount -o remount,ro disk
status=0
gai -o out.h5 --checkpoint disk --time-limit 0.001 --resume 2> said || status=$?
[ "$status" -eq 4 ] || die "status $status on a read-only disk: $(cat said)"
grep -q "Read-only file system" said || die "on a read-only disk: $(cat said)"
[ "$(ls disk)" = "$good" ] || die "the good checkpoint is gone: $(ls disk)"
mount -o remount,rw disk
gai -o out.h5 --checkpoint disk --resume
cmp plain.h5 out.h5 || die "resumed on the disk that was full: differs"
echo "checkpoints: signals, the clock, damage, other runs and full disks"

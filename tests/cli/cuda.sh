#!/bin/sh
# The cuda backend as a user meets it, its kernels run on the host (tests/simt/): the same CSV report as
# the reference's, byte for byte; devices; too little memory; devices that fail, with cuda and with
# auto. usage: cuda.sh DISSENSUS-SIMT
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
SIMT_DEVICE_BYTES=$((256 << 20))
export SIMT_DEVICE_BYTES

failures=0
fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# expect STATUS WORDS command...: the exit status, and one line on standard error that has the words.
expect() {
  status=$1 words=$2 got=0
  shift 2
  "$@" > out 2> err || got=$?
  [ "$got" -eq "$status" ] || fail "status $got, not $status: $*: $(cat err)"
  grep -qF -- "$words" err || fail "not '$words': $*: $(cat err)"
  [ "$status" -eq 0 ] || [ "$(wc -l < err)" -eq 1 ] || fail "not one line: $*: $(cat err)"
}

awk 'BEGIN { srand(11); print "rater,item,harm,kind,points,group,site"
  for (r = 1; r <= 40; r++) for (i = 1; i <= 30; i++) if (rand() < i / 30)
    printf "r%d,i%d,%d,%s,%.1f,%s,%s\n", r, i, 1 + int(rand() * 5), substr("abc", 1 + int(rand() * 3), 1),
      0.5 * int(rand() * 4), r % 3 ? "x" : "y", r % 7 ? (r % 2 ? "north" : "south") : "" }' > ratings.csv
"$dissensus" import ratings.csv -o study.h5 --rater rater --item item --rating harm:ordinal \
  --rating kind --rating points:interval --rater-attr group,site --quiet

# --- the same results ---------------------------------------------------------------------------

make() { # name options...
  name=$1
  shift
  rm -f "$name.h5" "$name.csv"
  "$dissensus" gai study.h5 -o "$name.h5" --quiet "$@" &&
    "$dissensus" report "$name.h5" --format csv > "$name.csv"
}

compared=0
compare() { # options...
  make reference --backend reference "$@"
  [ "$(wc -l < reference.csv)" -gt 7 ] || fail "hardly anything in the report: $*"
  for devices in 1 3; do
    SIMT_DEVICES=$devices make cuda --backend cuda "$@" || fail "cuda with $*"
    cmp reference.csv cuda.csv || fail "$devices devices with $*"
    compared=$((compared + 1))
  done
}

compare --by all --depth 2 --permutations 300 --metrics all
compare --by all --depth 2 --permutations 4200 --question kind
compare --by group --permutations 60 --scheme strata:site --units common --ties skip --metrics all
compare --by site --permutations 9000 --stop-after 20 --question kind
compare --by group --permutations 50 --bootstrap 60 --over both --metrics all
compare --by all --depth 2 --permutations 300 --metrics pair-gai
compare --by group --permutations 5000 --scheme strata:site --metrics pair_xrr,voting --stop-after 20
SIMT_DEVICES=2 make cuda --backend cuda --device 1 --by group --permutations 300
make reference --backend cpu --by group --permutations 300
cmp reference.csv cuda.csv || fail "--device 1"

# --- devices ------------------------------------------------------------------------------------

SIMT_DEVICES=2 "$dissensus" devices > out
[ "$(wc -l < out)" -eq 2 ] || fail "two devices: $(cat out)"
grep -q '^1  SIMT executor 1, compute capability 9.0, 0.2 GiB of memory, 0.2 GiB free$' out ||
  fail "devices: $(cat out)"
SIMT_CAPABILITY=7.5 "$dissensus" devices > out
grep -q 'not usable: compute capability 7.5' out || fail "an old device: $(cat out)"
for variable in SIMT_DEVICES SIMT_DRIVER; do
  env $variable=0 "$dissensus" devices > out
  grep -q '^no GPU: ' out || fail "$variable=0: $(cat out)"
done
gai="$dissensus gai study.h5 -o r.h5 --by group --permutations 50"
expect 5 'driver is too old' env SIMT_DRIVER=11000 "$dissensus" devices
expect 5 'driver is too old' env SIMT_DRIVER=11000 $gai --backend cuda
expect 5 'no GPU driver is installed' env SIMT_DRIVER=0 $gai --backend cuda
expect 5 'no GPU is visible' env SIMT_DEVICES=0 $gai --backend cuda
expect 5 'compute capability 7.5' env SIMT_CAPABILITY=7.5 $gai --backend cuda
expect 5 'there is no GPU 3: 2 are visible' env SIMT_DEVICES=2 $gai --backend cuda --device 3
expect 5 'is not lists, products or general' env DSS_CUDA=x $gai --backend cuda
expect 2 '--device' $gai --device x
expect 2 '--device-memory' $gai --device-memory 0
"$dissensus" gai study.h5 --explain --backend cuda --by group > out
grep -q 'GPU memory' out || fail "--explain: $(cat out)"
"$dissensus" gai study.h5 --dry-run --backend cuda --by group --permutations 60 --bootstrap 60 \
  --metrics pair-gai > out
[ "$(grep -c ' tried in ' out)" -eq 2 ] || fail "--dry-run: $(cat out)"

# --- memory -------------------------------------------------------------------------------------

awk 'BEGIN { srand(3); print "rater,item,harm,group"
  for (r = 1; r <= 6000; r++) for (k = 0; k < 5; k++)
    printf "r%d,i%d,%d,%s\n", r, 1 + (r * 7 + k * 611) % 3000, 1 + int(rand() * 5), r % 3 ? "x" : "y" }' > large.csv
"$dissensus" import large.csv -o large.h5 --rater rater --item item --rating harm --rater-attr group --quiet
large="$dissensus gai large.h5 -o large-r.h5 --by group --permutations 40 --backend cuda --quiet"
expect 6 'the plan needs' $large --device-memory 1
least=$(sed -n 's/.*needs \([0-9]*\) MiB.*/\1/p' err)
expect 6 "needs $least MiB" $large --device-memory $((least - 1))
$large --device-memory "$least" || fail "the least memory does not do: $least MiB"
rm -f large-r.h5
# Less is free than was said: fewer resamples at once, the same results.
env SIMT_DEVICE_BYTES=$((least * 3 / 2 << 20)) $large || fail "a small device"
"$dissensus" report large-r.h5 --format csv > cuda.csv
"$dissensus" gai large.h5 -o large-c.h5 --by group --permutations 40 --backend cpu --quiet
"$dissensus" report large-c.h5 --format csv > cpu.csv
cmp cuda.csv cpu.csv || fail "results in little memory"

# With statistics of pairs their lists need it too, as --explain says beforehand.
awk 'BEGIN { srand(5); print "rater,item,kind,group"
  for (r = 1; r <= 600; r++) for (i = 1; i <= 30; i++) if (rand() < 0.6)
    printf "r%d,i%d,%s,%s\n", r, i, substr("abc", 1 + int(rand() * 3), 1), r % 3 ? "x" : "y" }' > many.csv
"$dissensus" import many.csv -o many.h5 --rater rater --item item --rating kind --rater-attr group --quiet
many="$dissensus gai many.h5 --by group --permutations 200 --metrics pair-gai --quiet"
$many --backend cpu -o many-c.h5
"$dissensus" report many-c.h5 --format csv > cpu.csv
expect 6 'the plan needs' $many --backend cuda -o many-r.h5 --device-memory 2
least=$(sed -n 's/.*needs \([0-9]*\) MiB.*/\1/p' err)
expect 6 "needs $least MiB" $many --backend cuda -o many-r.h5 --device-memory $((least - 1))
expect 6 "needs $least MiB" $many --backend cuda --explain --device-memory 2
[ "$least" -gt 4 ] || fail "$least MiB for 180,000 pairs from both sides"
at_once() { # options...: resamples that the GPU has room for, says --explain
  "$dissensus" gai many.h5 --by group --backend cuda --device-memory 16 --explain "$@" |
    sed -n 's/.*; \([0-9]*\) resamples at once$/\1/p'
}
alone=$(at_once) both=$(at_once --metrics pair-gai)
[ "$both" -lt "$alone" ] || fail "--explain: '$alone' resamples at once, with pairs '$both'"
for memory in "$least" $((2 * least)); do
  $many --backend cuda -o many-r.h5 --force --device-memory "$memory" || fail "pairs in $memory MiB"
  "$dissensus" report many-r.h5 --format csv > cuda.csv
  cmp cuda.csv cpu.csv || fail "statistics of pairs in $memory MiB"
done
env SIMT_DEVICE_BYTES=$((3 * least << 20)) $many --backend cuda -o many-r.h5 --force ||
  fail "statistics of pairs on a small device"
"$dissensus" report many-r.h5 --format csv > cuda.csv
cmp cuda.csv cpu.csv || fail "statistics of pairs on a small device"

# --- pairs --------------------------------------------------------------------------------------

pairs() { # backend file options...
  backend=$1 file=$2
  shift 2
  "$dissensus" pairs study.h5 -o "$file" --force --backend "$backend" --by group --permutations 99 "$@" 2> err
}
for question in harm kind points; do
  pairs cpu p-cpu.h5 --question $question > cpu.txt
  pairs cuda p-cuda.h5 --question $question > cuda.txt || fail "pairs of $question"
  [ "$(wc -l < cpu.txt)" -gt 5 ] && cmp cpu.txt cuda.txt || fail "pairs of $question"
done
# One rater: nothing but the reason, in the CSV too, and no word of p-values.
printf 'rater,item,kind,group\nr1,i1,a,x\nr1,i2,b,x\n' > one.csv
"$dissensus" import one.csv -o one.h5 --rater rater --item item --rating kind --rater-attr group --quiet
for backend in cpu cuda; do
  "$dissensus" pairs one.h5 -o p-one.h5 --force --backend $backend --by group --format csv > $backend.csv 2> err ||
    fail "pairs of one rater by $backend: $(cat err)"
  grep -q 'one rater: there are no pairs' err && ! grep -q p-value err || fail "of one rater: $(cat err)"
done
cmp cpu.csv cuda.csv || fail "pairs of one rater"
head -1 cpu.csv | grep -q ',p,reason$' || fail "no column for the reason: $(cat cpu.csv)"
[ "$(grep -c '^kind,group,.*,one rater: there are no pairs$' cpu.csv)" -eq "$(($(wc -l < cpu.csv) - 1))" ] &&
  [ "$(wc -l < cpu.csv)" -ge 3 ] || fail "pairs of one rater without the reason: $(cat cpu.csv)"
# A device too small for the tiles that the host has room for: smaller ones.
awk 'BEGIN { srand(4); print "rater,item,kind,group"
  for (r = 1; r <= 500; r++) for (i = 1; i <= 40; i++) if (rand() < 0.5)
    printf "r%d,i%d,%s,%s\n", r, i, substr("abcde", 1 + int(rand() * 5), 1), r % 3 ? "x" : "y" }' > medium.csv
"$dissensus" import medium.csv -o medium.h5 --rater rater --item item --rating kind --rater-attr group --quiet
for backend in cpu cuda; do
  SIMT_DEVICE_BYTES=3000000 "$dissensus" pairs medium.h5 -o p-small.h5 --force --backend $backend --by group \
    --permutations 400 > $backend.txt 2> err || fail "pairs on a small device by $backend: $(cat err)"
done
[ "$(wc -l < cpu.txt)" -gt 5 ] && cmp cpu.txt cuda.txt || fail "pairs on a small device"
expect 6 'the pairs need 1 MiB of GPU memory, and may use 22.0 KiB' env SIMT_DEVICE_BYTES=30000 "$dissensus" pairs medium.h5 -o p-no.h5 --backend cuda
rm -f p-no.h5
expect 6 "the pairs' tests need 1 MiB of GPU memory, and may use " env SIMT_DEVICE_BYTES=300000 "$dissensus" pairs study.h5 -o p-no.h5 --backend cuda \
  --question kind --by group --permutations 9
# The least that is named does.
awk 'BEGIN { srand(6); print "rater,item,kind,group"
  for (r = 1; r <= 450; r++) for (i = 1; i <= 520; i++)
    printf "r%d,i%d,%s,%s\n", r, i, substr("abc", 1 + int(rand() * 3), 1), r % 3 ? "x" : "y" }' > heavy.csv
"$dissensus" import heavy.csv -o heavy.h5 --rater rater --item item --rating kind --rater-attr group --quiet
heavy="$dissensus pairs heavy.h5 -o p-no.h5 --backend cuda --by group --permutations 9 --quiet"
expect 6 'the pairs need 2 MiB of GPU memory' $heavy --device-memory 1
$heavy --device-memory 2 > /dev/null 2> err || fail "pairs in the least memory: $(cat err)"
rm -f p-no.h5
expect 5 'backend cuda: ' env SIMT_LOST_AT=2 "$dissensus" pairs study.h5 -o p-no.h5 --backend cuda \
  --by group --permutations 99 --question kind --quiet
[ ! -e p-no.h5 ] || fail "a file of pairs by a device that was lost"
expect 5 'no GPU is visible' env SIMT_DEVICES=0 "$dissensus" pairs study.h5 -o p-no.h5 --backend cuda \
  --question kind
pairs cpu p-cpu.h5 --question kind > cpu.txt
SIMT_DEVICES=2 pairs cuda p-cuda.h5 --question kind --device 1 --device-memory 1 > cuda.txt || fail "pairs --device 1"
cmp cpu.txt cuda.txt || fail "pairs --device 1"
grep -aq -- '--backend cuda --by group --permutations 99 --question kind' p-cuda.h5 && ! grep -aq -- --device p-cuda.h5 ||
  fail "the command of pairs"
SIMT_DEVICES=3 pairs cuda p-cuda.h5 --question kind > cuda.txt || fail "pairs on three devices"
cmp cpu.txt cuda.txt || fail "pairs on three devices"
expect 5 'backend cuda: there is no GPU 3: 2 are visible' env SIMT_DEVICES=2 "$dissensus" pairs study.h5 -o p-no.h5 \
  --backend cuda --device 3 --question kind

# Raters and items enough for auto to take a GPU: without one, with one, and with one that fails.
awk 'BEGIN { srand(5); print "rater,item,kind,group"
  for (r = 1; r <= 300; r++) for (i = 1; i <= 30; i++) if (rand() < 0.2)
    printf "r%d,i%d,%s,%s\n", r, i, rand() < 0.5 ? "a" : "b", r % 3 ? "x" : "y"
  for (i = 31; i <= 230000; i++) printf "r300,i%d,a,y\n", i }' > wide.csv
"$dissensus" import wide.csv -o wide.h5 --rater rater --item item --rating kind --rater-attr group --quiet
wide="$dissensus pairs wide.h5 -o p-wide.h5 --force --by group --permutations 99"
backend_is() { # backend
  cmp cpu.txt out || fail "pairs by $1"
  grep -aqw "$1" p-wide.h5 || fail "pairs not by $1"
}
SIMT_DEVICES=0 $wide > cpu.txt 2> err
[ "$(wc -l < cpu.txt)" -gt 5 ] || fail "hardly anything in the summary"
! grep -q cuda err || fail "no GPU is nothing to complain about: $(cat err)"
$wide > out 2> err
backend_is cuda
! grep -aqw cpu p-wide.h5 || fail "pairs not by cuda"
for at in 1 11 20; do
  expect 0 'backend cpu goes on, because backend cuda failed: ' env SIMT_LOST_AT=$at $wide
  backend_is 'cuda, then cpu'
done
for fault in SIMT_CAPABILITY=7.5 SIMT_DRIVER=11000; do
  expect 0 'backend cpu, because backend cuda cannot run this: ' env "$fault" $wide
  backend_is cpu
done
expect 0 'cannot run this: there is no GPU 1: 1 is visible' $wide --device 1
# A GPU that was named and is not taken is worth a line, and one only.
expect 0 'backend cpu, because backend cuda cannot run this: no GPU is visible' env SIMT_DEVICES=0 $wide --device 0
for short in "$gai --force" "$dissensus pairs study.h5 -o p-no.h5 --force --question kind"; do
  expect 0 'backend cpu, and not GPU 0: so little work takes less time than starting one' $short --device 0
  [ "$(grep -c 'backend cpu' err)" -eq 1 ] || fail "not one line: $(cat err)"
  $short > out 2> err || fail "$short: $(cat err)"
  ! grep -q 'backend cpu' err || fail "no GPU was named: $(cat err)"
done
rm -f p-no.h5
expect 5 'backend cuda: ' env SIMT_LOST_AT=11 $wide --backend cuda

# --- failures -----------------------------------------------------------------------------------

rm -f r.h5
for fault in SIMT_NO_IMAGE=1 SIMT_LOST_AT=1 SIMT_LOST_AT=4 SIMT_LOST_AT=9; do
  expect 5 'backend cuda: ' env "$fault" $gai --backend cuda --quiet
  [ ! -e r.h5 ] || fail "a file after $fault"
done

# --- without cuBLAS -----------------------------------------------------------------------------

# A dense question goes by lists, many ratings of an item by the general kernel; the numbers are the same.
no_cublas='backend cuda: without matrix products, which would cost less: cuBLAS is not installed'
for study in study many; do
  by="--by group --permutations 60 --backend cuda"
  [ $study = study ] && by="$by --question kind"
  "$dissensus" gai $study.h5 --explain $by > out
  grep -q '^  method  *matrix products' out || fail "$study without products: $(cat out)"
  expect 0 "$no_cublas" env SIMT_NO_CUBLAS=1 "$dissensus" gai $study.h5 --explain $by
  [ "$(wc -l < err)" -eq 1 ] || fail "not one line without cuBLAS: $(cat err)"
  method='lists of ratings'
  [ $study = study ] || method='a thread a resample and group'
  grep -q "^  method  *$method" out || fail "$study without cuBLAS: $(cat out)"
  tr -s ' \n' ' ' < out | grep -q 'would cost less, but there is no cuBLAS' || fail "why: $(cat out)"
  expect 0 "$no_cublas" env SIMT_NO_CUBLAS=1 "$dissensus" gai $study.h5 -o blas.h5 --force $by
  [ "$(grep -c cuBLAS err)" -eq 1 ] || fail "not one line without cuBLAS: $(cat err)"
  "$dissensus" gai $study.h5 -o with.h5 --force $by --quiet
  "$dissensus" report blas.h5 --format csv > without.csv
  "$dissensus" report with.h5 --format csv > with.csv
  cmp with.csv without.csv || fail "results without cuBLAS"
done
expect 5 'backend cuda: DSS_CUDA asks for matrix products, and cuBLAS is not installed' \
  env SIMT_NO_CUBLAS=1 DSS_CUDA=products "$dissensus" gai many.h5 -o no.h5 $by
[ ! -e no.h5 ] || fail "a file without cuBLAS"
SIMT_NO_CUBLAS=1 DSS_CUDA=lists "$dissensus" gai study.h5 -o no.h5 --by group --permutations 60 --backend cuda \
  --question kind 2> err || fail "lists want cuBLAS"
! grep -q cuBLAS err || fail "cuBLAS where nobody wants it: $(cat err)"
expect 5 'backend cuda: cuBLAS is not installed' env SIMT_NO_CUBLAS=1 "$dissensus" pairs medium.h5 -o p-no.h5 \
  --backend cuda --by group --permutations 99 --quiet
expect 0 'backend cpu goes on, because backend cuda failed: cuBLAS is not installed' env SIMT_NO_CUBLAS=1 $wide
backend_is cpu

# --- goes on ------------------------------------------------------------------------------------

# With auto the cpu goes on, and says so. So many resamples are worth a GPU; tests stop before.
auto="$dissensus gai study.h5 --by group --by site --question kind --stop-after 20 --permutations 100000000"
$auto --backend cpu -o cpu.h5 --quiet
"$dissensus" report cpu.h5 --format csv > cpu.csv
expect 0 'backend cpu goes on, because backend cuda failed: ' env SIMT_LOST_AT=8 $auto --dry-run
expect 5 'backend cuda: ' env SIMT_LOST_AT=8 $gai --dry-run --backend cuda
for fault in SIMT_NO_IMAGE=1 SIMT_LOST_AT=1 SIMT_LOST_AT=8 SIMT_LOST_AT=14; do
  rm -f auto.h5
  expect 0 'backend cpu goes on, because backend cuda failed: ' env "$fault" $auto -o auto.h5
  "$dissensus" report auto.h5 --format csv > auto.csv
  cmp cpu.csv auto.csv || fail "results after $fault"
  "$dissensus" report auto.h5 --format json > auto.json
  grep -Eq '"backend":"(cuda, then )?cpu"' auto.json || fail "provenance after $fault"
done
# One of three devices is lost under the bootstrap, which comes after some 250 launches.
boot="$dissensus gai study.h5 --by group --by site --question kind --bootstrap 3000"
expect 5 'backend cuda: ' env SIMT_DEVICES=3 SIMT_LOST_AT=30 $boot --permutations 0 --backend cuda -o r.h5 --quiet
[ ! -e r.h5 ] || fail "a file with intervals by a device that was lost"
boot="$boot --stop-after 20 --permutations 100000000"
$boot --backend cpu -o cpu-boot.h5 --quiet
"$dissensus" report cpu-boot.h5 --format csv > cpu-boot.csv
for lost in 300 350 400 450; do
  env SIMT_DEVICES=3 SIMT_LOST_AT=$lost $boot -o auto.h5 --force 2> err || break
  "$dissensus" report auto.h5 --format csv > auto.csv
  cmp cpu-boot.csv auto.csv || fail "intervals after SIMT_LOST_AT=$lost"
  ! grep -q "the host makes a group's bootstrap, because backend cuda failed: " err || break
done
grep -q "the host makes a group's bootstrap" err || fail "no device was lost under the bootstrap: $(cat err)"
# With statistics of pairs, which the cpu then makes beside.
$auto --metrics pair-gai --backend cpu -o cpu.h5 --quiet --force
"$dissensus" report cpu.h5 --format csv > cpu.csv
for lost in 2 5 8 14 20 26; do
  rm -f auto.h5 r.h5
  expect 0 'because backend cuda failed: ' env SIMT_LOST_AT=$lost $auto --metrics pair-gai -o auto.h5
  "$dissensus" report auto.h5 --format json > auto.json
  grep -q '"backend":"cuda, then cpu"' auto.json || fail "provenance after SIMT_LOST_AT=$lost"
  "$dissensus" report auto.h5 --format csv > auto.csv
  cmp cpu.csv auto.csv || fail "statistics of pairs after SIMT_LOST_AT=$lost"
  expect 5 'backend cuda: ' env SIMT_LOST_AT=$lost $gai --metrics pair-gai --backend cuda --quiet
  [ ! -e r.h5 ] || fail "a file with statistics of pairs after SIMT_LOST_AT=$lost"
done
for fault in SIMT_CAPABILITY=7.5 SIMT_DRIVER=11000; do
  expect 0 'backend cpu, because backend cuda cannot run this: ' env "$fault" $auto -o auto.h5 --force
done
env SIMT_DEVICES=0 $auto -o auto.h5 --force 2> err
! grep -q cuda err || fail "no GPU is nothing to complain about: $(cat err)"

[ "$failures" -eq 0 ] || exit 1
echo "$compared reports are the reference's"

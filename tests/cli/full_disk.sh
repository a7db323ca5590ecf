#!/bin/sh
# A disk that fills up while null distributions are saved, in earnest: a file system of 1 MiB.
# Usage: full_disk.sh DISSENSUS; skipped where nobody lets us mount.
set -eu
dissensus=$1
folder=$(mktemp -d)
disk=$folder/disk
mkdir "$disk"
leave() {
  umount "$disk" 2> /dev/null || true
  rm -rf "$folder"
}
trap leave EXIT
trap 'exit 1' INT TERM
if ! mount -t tmpfs -o size=1m dissensus-test "$disk" 2> "$folder/why"; then
  echo "SKIPPED: cannot mount a small file system here: $(cat "$folder/why")"
  exit 77
fi

die() {
  echo "full_disk: $*" >&2
  exit 1
}

# HDF5 loses some memory of its own when a file is thrown away; ours still counts.
echo leak:libhdf5 > "$folder/list"
export LSAN_OPTIONS="suppressions=$folder/list:print_suppressions=0"

awk 'BEGIN {
  srand(5); print "item,rater,group,score"
  for (u = 0; u < 30; u++) for (r = 0; r < 20; r++)
    printf "i%d,r%d,%s,%d\n", u, r, r % 2 ? "a" : "b", 1 + int(5 * rand())
}' > "$folder/table.csv"
"$dissensus" import "$folder/table.csv" --rater rater --item item --rating score:ordinal \
  --rater-attr group --quiet -o "$folder/study.h5"
save() { # permutations
  status=0
  "$dissensus" gai "$folder/study.h5" --metrics all --permutations "$1" --save-null --quiet \
    -o "$disk/r.h5" 2> "$folder/err" || status=$?
}

# 18 values of 8 bytes a resample: more than the disk, which is full when the first are written, in
# the middle, or at the very end.
save 100
[ "$status" -eq 0 ] || die "status $status with room enough: $(cat "$folder/err")"
kib=$(du -k "$disk/r.h5" | cut -f 1)
rm "$disk/r.h5"
tries=0
for room in 0 4 8 16 32 $((kib / 2)) $((kib - 24)) $((kib - 12)) $((kib - 8)) $((kib - 4)) 1020; do
  [ $((1024 - room)) -eq 0 ] || dd if=/dev/zero of="$disk/fill" bs=1024 count=$((1024 - room)) 2> /dev/null
  [ "$room" -eq 1020 ] && save 20000 || save 100
  said=$(cat "$folder/err")
  [ "$status" -eq 4 ] || die "status $status with $room KiB left: $said"
  case $said in
    "dissensus gai: $disk/r.h5: cannot write"*": No space left on device") ;;
    *) die "with $room KiB left: $said" ;;
  esac
  [ "$(ls "$disk")" = fill ] || die "left behind with $room KiB left: $(ls "$disk")"
  rm "$disk/fill"
  tries=$((tries + 1))
done
save 100
[ "$status" -eq 0 ] || die "status $status with room again: $(cat "$folder/err")"
"$dissensus" report "$disk/r.h5" --quiet > /dev/null
rm "$disk/r.h5"

# The matrices of pairs, in the same places.
awk 'BEGIN {
  srand(6); print "item,rater,group,score"
  for (u = 0; u < 20; u++) for (r = 0; r < 300; r++)
    if (rand() < 0.2) printf "i%d,r%d,%s,%d\n", u, r, r % 2 ? "a" : "b", 1 + int(3 * rand())
}' > "$folder/pairs.csv"
"$dissensus" import "$folder/pairs.csv" --rater rater --item item --rating score:ordinal \
  --rater-attr group --quiet -o "$folder/pairs.h5"
pairs() {
  status=0
  "$dissensus" pairs "$folder/pairs.h5" --by group --permutations 9 --quiet -o "$disk/p.h5" \
    > "$folder/said" 2> "$folder/err" || status=$?
}
pairs
[ "$status" -eq 0 ] || die "status $status with room enough for pairs: $(cat "$folder/err")"
kib=$(du -k "$disk/p.h5" | cut -f 1)
rm "$disk/p.h5"
for room in 0 4 8 16 $((kib / 3)) $((kib / 2)) $((kib - 16)) $((kib - 8)) $((kib - 4)); do
  dd if=/dev/zero of="$disk/fill" bs=1024 count=$((1024 - room)) 2> /dev/null
  pairs
  said=$(cat "$folder/err")
  [ "$status" -eq 4 ] || die "pairs: status $status with $room KiB left: $said"
  case $said in
    "dissensus pairs: $disk/p.h5: cannot write"*": No space left on device") ;;
    *) die "pairs: with $room KiB left: $said" ;;
  esac
  [ "$(ls "$disk")" = fill ] || die "pairs left behind with $room KiB left: $(ls "$disk")"
  rm "$disk/fill"
  tries=$((tries + 1))
done
echo "$tries full disks survived"

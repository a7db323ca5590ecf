#!/bin/sh
# Files that cannot be read or written: exit status, one line on standard error, nothing left behind.
# Usage: file_errors.sh DISSENSUS
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"

die() {
  echo "file_errors: $*" >&2
  exit 1
}

# expect STATUS TEXT COMMAND...: the command ends with it and says it, in one line.
expect() {
  wanted=$1
  text=$2
  shift 2
  status=0
  "$@" >out 2>err || status=$?
  [ "$status" -eq "$wanted" ] || die "status $status, not $wanted, of: $*: $(cat err)"
  grep -qF -- "$text" err || die "no '$text' in: $(cat err)"
  [ "$(grep -c '' err)" -eq 1 ] || die "not one line: $(cat err)"
}

# Awk's own generator, seeded: enough ratings that the files are longer than the limits below.
awk 'BEGIN {
  srand(5); print "item,rater,group,score"
  for (u = 0; u < 300; u++) for (r = 0; r < 20; r++)
    printf "i%d,r%d,%s,%d\n", u, r, r % 2 ? "a" : "b", 1 + int(5 * rand())
}' >table.csv
import() {
  "$dissensus" import table.csv --rater rater --item item --rating score:ordinal \
    --rater-attr group --quiet -o "$@"
}
gai() {
  "$dissensus" gai study.h5 --permutations 20 --quiet -o "$@"
}
import study.h5
gai results.h5

for command in "info" "gai -o x.h5" "report"; do
  expect 4 "missing.h5: cannot open" "$dissensus" $command missing.h5
  expect 3 "table.csv: is not an HDF5 file" "$dissensus" $command table.csv
done
expect 3 "is of kind 'dissensus-results'; expected dissensus-study" "$dissensus" info results.h5
expect 3 "is of kind 'dissensus-study'; expected dissensus-results" "$dissensus" report study.h5
for size in 8 100 3000 5000 9000; do
  head -c $size study.h5 >cut.h5
  expect 3 "cut.h5: is" "$dissensus" info cut.h5
  head -c $size results.h5 >cut.h5
  expect 3 "cut.h5: is" "$dissensus" report cut.h5
done
rm cut.h5

before=$(ls)
expect 4 "exists already" import study.h5
expect 4 "exists already" gai results.h5
expect 4 "no/folder.h5" import no/folder.h5
expect 4 "no/folder.h5" gai no/folder.h5

# A full disk, by the limit on a file's size (512 or 1024 bytes a block). The command ignores the signal, so that
# write fails with EFBIG where it would fail with ENOSPC.
for blocks in 4 8; do
  expect 4 "full.h5: cannot write" sh -c "ulimit -f $blocks; exec \"\$@\"" sh \
    "$dissensus" import table.csv --rater rater --item item --rating score --quiet -o full.h5 \
    --rater-attr group
  expect 4 "full.h5: cannot write" sh -c "ulimit -f $blocks; exec \"\$@\"" sh \
    "$dissensus" gai study.h5 --permutations 20 --quiet -o full.h5
done
[ "$(ls)" = "$before" ] || die "left behind: $(ls)"

#!/bin/sh
# Files that cannot be read or written: exit status, one line on standard error, nothing left behind.
# Usage: file_errors.sh DISSENSUS
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"

# HDF5 loses some memory of its own when it refuses a file; under a leak checker ours still counts.
# (The checker's options take no path with a blank, so the list lies here.)
mkdir "$folder/.checker"
echo leak:libhdf5 > "$folder/.checker/list"
export LSAN_OPTIONS="suppressions=$folder/.checker/list:print_suppressions=0"

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
report() {
  "$dissensus" report results.h5 --format json --quiet -o "$@"
}
import study.h5
gai results.h5

for command in "info" "gai -o x.h5" "report"; do
  expect 4 "missing.h5: cannot open" "$dissensus" $command missing.h5
  expect 3 "table.csv: is not an HDF5 file" "$dissensus" $command table.csv
done
expect 3 "is of kind 'dissensus-results'; expected dissensus-study: \`dissensus report\` shows it" \
  "$dissensus" info results.h5
expect 3 "is of kind 'dissensus-study'; expected dissensus-results: a study has no report; \`dissensus info\` says" \
  "$dissensus" report study.h5
"$dissensus" power --raters-per-group 4 --gai 2 --attribute g=a,b --items 8 --studies 2 --permutations 99 --quiet \
  --format json >power.json
expect 3 "power.json: is not an HDF5 file but text: what power and simulate write is a report already" \
  "$dissensus" report power.json
printf '\0\0\0' >none.h5
expect 3 "none.h5: is not an HDF5 file" "$dissensus" report none.h5
! grep -q text err || die "three bytes of 0 are text"
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
expect 4 "exists already" gai results.h5 --save-null
expect 4 "exists already" report table.csv
expect 4 "no/folder.h5" import no/folder.h5
expect 4 "no/folder.h5" gai no/folder.h5
expect 4 "no/folder.h5" gai no/folder.h5 --save-null
expect 4 "no/folder.json" report no/folder.json

# A full disk, by the limit on a file's size (512 or 1024 bytes a block). The command ignores the signal, so that
# write fails with EFBIG where it would fail with ENOSPC.
for blocks in 4 8; do
  expect 4 "full.h5: cannot write" sh -c "ulimit -f $blocks; exec \"\$@\"" sh \
    "$dissensus" import table.csv --rater rater --item item --rating score --quiet -o full.h5 \
    --rater-attr group
  for save in "" --save-null; do
    expect 4 "full.h5: cannot write" sh -c "ulimit -f $blocks; exec \"\$@\"" sh \
      "$dissensus" gai study.h5 --permutations 20 --quiet -o full.h5 $save
  done
done
for format in csv json; do # longer than a block, which the error itself must fit into
  expect 4 "full.txt: the report cannot be written: " sh -c "ulimit -f 1; exec \"\$@\"" sh \
    "$dissensus" report results.h5 --format $format --quiet -o full.txt
done
[ "$(ls)" = "$before" ] || die "left behind: $(ls)"

# An output that is there but no file is refused before the work: inputs that are missing or no
# study are not even looked at.
ln -s nowhere link.h5
mkdir folder.h5
mkfifo pipe.h5
before=$(ls)
for odd in link.h5 folder.h5 pipe.h5; do
  for force in "" --force; do
    expect 4 "$odd: is not a regular file" "$dissensus" import none.csv --rater rater --item item \
      --rating score -o $odd $force
    expect 4 "$odd: is not a regular file" "$dissensus" gai none.h5 -o $odd $force
    expect 4 "$odd: is not a regular file" "$dissensus" gai none.h5 -o $odd $force --save-null
    expect 4 "$odd: is not a regular file" "$dissensus" report none.h5 -o $odd $force
  done
done
[ "$(ls)" = "$before" ] || die "left behind: $(ls)"
[ -h link.h5 ] && [ ! -e nowhere ] || die "the link was followed or replaced"
rm -r link.h5 folder.h5 pipe.h5

# No output takes the place of what the command reads, by whatever name, --force or not.
printf 'item,topic\n' >items.csv
awk -F, 'NR > 1 && !seen[$1]++ { print $1 ",t" length($1) }' table.csv >>items.csv
printf 'rater,age\n' >raters.csv
awk -F, 'NR > 1 && !seen[$2]++ { print $2 "," length($2) }' table.csv >>raters.csv
printf 'rater rater\nitem item\nrating score\nraters raters.csv\n' >own.preset
cp items.csv odd.csv
ln -s study.h5 soft.h5
ln results.h5 hard.h5
kept=$(ls | grep -vx -e out -e err)
sums=$(cksum $kept)
own() {
  for force in "" --force; do
    expect 2 "is a file that this command reads" "$dissensus" "$@" $force
    [ "$(cksum $kept)" = "$sums" ] || die "changed by: $*"
  done
}
rated="--rater rater --item item --rating score"
own import table.csv $rated -o table.csv
own import table.csv $rated -o ./table.csv
own import table.csv $rated -o "$folder/table.csv"
own import table.csv $rated --items items.csv -o items.csv
own import table.csv $rated --raters raters.csv -o raters.csv
own import table.csv --preset ./own.preset -o own.preset
own import table.csv --preset ./own.preset -o raters.csv
own import - $rated -o table.csv <table.csv
own gai study.h5 -o study.h5
own gai study.h5 -o soft.h5
own gai soft.h5 -o study.h5
own gai soft.h5 -o study.h5 --save-null
own report results.h5 -o results.h5
own report results.h5 -o hard.h5
# ... and what it does not read may be replaced.
"$dissensus" import table.csv $rated --items items.csv --quiet -o odd.csv --force ||
  die "--force replaces a file that is not read"
rm items.csv raters.csv own.preset odd.csv soft.h5 hard.h5
[ -z "$(ls | grep part-)" ] || die "left behind: $(ls)"

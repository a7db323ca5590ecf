#!/bin/sh
# Figures from the command line: what is written where, and every way in which it is refused.
# Usage: command.sh DISSENSUS COMMENTS_CSV TOY_EVALUATION
set -eu
dissensus=$1
comments=$2
toy=$3
folder=$(mktemp -d)
mounted=
leave() {
  [ -z "$mounted" ] || umount "$folder/disk" 2> /dev/null || true
  rm -rf "$folder"
}
trap leave EXIT
trap 'exit 1' INT TERM
cd "$folder"

# Caches of fontconfig and Pango, and what HDF5 loses when it refuses a file; ours still counts.
mkdir "$folder/.checker"
printf 'leak:%s\n' libhdf5 libfontconfig libpango libglib libcairo > "$folder/.checker/list"
export LSAN_OPTIONS="suppressions=$folder/.checker/list:print_suppressions=0"

die() {
  echo "figures: $*" >&2
  exit 1
}

# expect STATUS TEXT COMMAND...: the command ends with it and says it, in one line; what takes long says
# besides how far it is.
expect() {
  wanted=$1
  text=$2
  shift 2
  status=0
  "$@" > out 2> err || status=$?
  [ "$status" -eq "$wanted" ] || die "status $status, not $wanted, of: $*: $(cat err)"
  grep -qF -- "$text" err || die "no '$text' in: $(cat err)"
  [ "$(grep -cv '^dissensus: figures: *[0-9]*%, ' err)" -eq 1 ] || die "not one line: $(cat err)"
}

"$dissensus" import "$comments" -o study.h5 --rater worker --item comment --rating toxicity:ordinal \
  --rater-attr gender,age --bin age=40 --quiet
"$dissensus" gai study.h5 -o results.h5 --by all --permutations 200 --bootstrap 60 --quiet
"$dissensus" pairs study.h5 -o pairs.h5 --by gender --permutations 50 --quiet > /dev/null
"$toy" study.h5 evaluation.h5 200 60 both 1 1 gender age gender,age

# Without Cairo: one line, and nothing else.
if "$dissensus" --version | grep -q "without figures"; then
  expect 2 "this build draws none" "$dissensus" report results.h5 --figures figures
  expect 2 "this build draws none" "$dissensus" report evaluation.h5 --figures figures
  [ ! -e figures ] || die "a build without Cairo made a folder"
  "$dissensus" report evaluation.h5 --format html | grep -q "draws no figures" || die "HTML without a word"
  echo "SKIPPED: this build draws no figures; that it says so was tested"
  exit 77
fi

# All formats, and nothing on standard output.
expect 0 "figures: 16 figures, 48 files" "$dissensus" report results.h5 --figures figures
[ ! -s out ] || die "a report was written that nobody asked for"
for name in q1-toxicity-a1-gender-forest q1-toxicity-a1-gender-irr-xrr q1-toxicity-a1-gender-null-2-woman \
  q1-toxicity-a3-gender-age-heatmap q1-toxicity-p-values; do
  for ending in svg pdf png; do
    [ -s "figures/$name.$ending" ] || die "no figures/$name.$ending in: $(ls figures)"
  done
done
[ "$(ls figures | wc -l)" -eq 48 ] || die "not 48 files: $(ls figures)"

# Again: refused, then allowed, with the same bytes; another order of formats, and a locale.
expect 4 "figures/q1-toxicity-a1-gender-forest.svg: exists already" \
  "$dissensus" report results.h5 --figures figures
cp -R figures before
expect 0 "16 figures, 48 files" "$dissensus" report results.h5 --figures figures --force
diff -r before figures > /dev/null || die "the same results gave other bytes"
expect 0 "16 figures, 32 files" "$dissensus" report results.h5 --figures other --figure-format png,svg
[ "$(ls other/*.pdf 2> /dev/null | wc -l)" -eq 0 ] || die "a PDF that nobody asked for"
cmp figures/q1-toxicity-p-values.svg other/q1-toxicity-p-values.svg

# With a report.
"$dissensus" report results.h5 --figures third --figure-format svg --format csv -o third.csv --quiet
[ -s third.csv ] && [ "$(ls third | wc -l)" -eq 16 ] || die "no report beside the figures"
"$dissensus" report results.h5 --figures third --figure-format svg --format csv --force --quiet |
  cmp - third.csv

# Pairs.
expect 0 "of-pairs: 1 figure, 3 files" "$dissensus" report pairs.h5 --figures of-pairs
[ -s of-pairs/pairs-toxicity-a1-gender.svg ] || die "no figure of pairs: $(ls of-pairs)"
"$dissensus" report pairs.h5 > summary
grep -q "ANOSIM R" summary || die "no summary of pairs"
"$dissensus" report pairs.h5 --format csv | grep -q "^toxicity,gender,,,anosim_r" || die "no CSV of pairs"
expect 2 "of pairs there is no latex" "$dissensus" report pairs.h5 --format latex
expect 2 "not to a file" "$dissensus" report pairs.h5 -o summary.txt

# An evaluation: alone, again, beside a report, and in its HTML, with words for who does not see them.
expect 0 "of-evaluation: 10 figures, 30 files" "$dissensus" report evaluation.h5 --figures of-evaluation
[ ! -s out ] || die "a report of the evaluation was written that nobody asked for"
for name in a1-gender-v1-mean-forest a3-gender-age-v1-mean-forest a2-age-v3-difference-rest-forest \
  a2-age-v3-difference-pairs-forest a3-gender-age-v3-difference-matrix; do
  for ending in svg pdf png; do
    [ -s "of-evaluation/q1-toxicity-$name.$ending" ] || die "no $name.$ending in: $(ls of-evaluation)"
  done
done
expect 4 "exists already" "$dissensus" report evaluation.h5 --figures of-evaluation
cp -R of-evaluation before-evaluation
expect 0 "10 figures" "$dissensus" report evaluation.h5 --figures of-evaluation --force
diff -r before-evaluation of-evaluation > /dev/null || die "the same evaluation gave other bytes"
"$dissensus" report evaluation.h5 --figures fourth --figure-format png --format csv --quiet > fourth.csv
[ "$(ls fourth | wc -l)" -eq 10 ] && grep -q "^toxicity,.*,mean," fourth.csv || die "no report beside figures"
"$dissensus" report evaluation.h5 --format html > evaluation.html
[ "$(grep -c '<figure><img alt="' evaluation.html)" -eq 10 ] || die "not ten figures in the HTML"
for text in "Every group against everyone else" "Every two groups" 'alt="Forest plot. toxicity: mean by gender;'; do
  grep -qF -- "$text" evaluation.html || die "no '$text' in the HTML"
done
[ "$(grep -c 'src="data:image/svg+xml;base64,' evaluation.html)" -eq 10 ] || die "figures that are no SVG"

# Results without anything to draw.
"$dissensus" gai study.h5 -o bare.h5 --metrics irr --permutations 0 --quiet
expect 2 "the results make no figure" "$dissensus" report bare.h5 --figures bare
[ ! -e bare ] || die "a folder without a figure"

# Mistakes.
expect 2 "'gif' is not svg, pdf or png" "$dissensus" report results.h5 --figures x --figure-format gif
expect 2 "'' is not svg, pdf or png" "$dissensus" report results.h5 --figures x --figure-format svg,
expect 2 "--figure-format goes with --figures" "$dissensus" report results.h5 --figure-format svg
expect 2 "the folder's name is empty" "$dissensus" report results.h5 --figures ""
expect 4 "study.h5/x: cannot make this folder: Not a directory" \
  "$dissensus" report results.h5 --figures study.h5/x
expect 4 "study.h5: cannot make this folder" "$dissensus" report results.h5 --figures study.h5
expect 4 "no/such: cannot make this folder: No such file or directory" \
  "$dissensus" report results.h5 --figures no/such
expect 3 "is of kind 'dissensus-study'; expected dissensus-results" \
  "$dissensus" report study.h5 --figures x
[ ! -e x ] || die "a folder after a mistake"
mkdir -p taken/q1-toxicity-p-values.svg
expect 4 "is not a regular file" "$dissensus" report results.h5 --figures taken --figure-format svg --force
if [ "$(id -u)" -ne 0 ]; then
  mkdir locked
  chmod 500 locked
  expect 4 "cannot write here" "$dissensus" report results.h5 --figures locked
fi

# A file that cannot be written whole is none: a limit on its size, then a disk that is full.
mkdir limited
status=0
(ulimit -f 20; "$dissensus" report results.h5 --figures limited --figure-format svg) 2> err || status=$?
[ "$status" -eq 4 ] && grep -q "svg: cannot be written" err || die "status $status: $(cat err)"
[ -z "$(ls -A limited)" ] || die "left behind: $(ls -A limited)"
mkdir disk
if mount -t tmpfs -o size=64k dissensus-test disk 2> /dev/null; then
  mounted=yes
  expect 4 "No space left on device" "$dissensus" report results.h5 --figures disk --figure-format svg
  [ -z "$(ls -A disk)" ] || die "left behind on a full disk: $(ls -A disk)"
else
  echo "a full disk was not tried: nothing may be mounted here"
fi
echo "figures are written whole, where they should, or refused in one line"

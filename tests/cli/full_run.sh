#!/bin/sh
# The main job on a small study, every command once, under a tool that watches it: valgrind, or the
# sanitizer that the build has in it. Any complaint of the tool is a failure.
# Usage: full_run.sh dissensus-generate dissensus PROJECT [wrapper ...]
set -eu
generate=$1
dissensus=$2
settings=$3/tests/cli/small.ini
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

"$@" "$generate" --settings "$settings" --out "$work" > "$work/said"
"$@" "$dissensus" import "$work/ratings.csv" -o "$work/study.h5" --rater rater_id --item item_id \
  --rating harm_to_self:ordinal --rating harm_to_others:interval --rating violation_type:nominal \
  --derive 'worst=max(harm_to_self,harm_to_others)' --rater-attr gender,age_group,ethnicity \
  --items "$work/items.csv" --item-key item_id --item-attr topic
"$@" "$dissensus" info "$work/study.h5" > "$work/said"
"$@" "$dissensus" gai "$work/study.h5" -o "$work/results.h5" --by all --depth 3 --metrics all \
  --permutations 300 --threads 4
"$@" "$dissensus" gai "$work/study.h5" -o "$work/intervals.h5" --by gender --by ethnicity \
  --metrics all --permutations 0 --bootstrap 40 --over both --threads 3
"$@" "$dissensus" gai "$work/study.h5" -o "$work/within.h5" --by gender,ethnicity --where topic=Bias \
  --scheme within:gender --permutations 100 --threads 3 --question worst --save-null
"$@" "$dissensus" gai "$work/study.h5" -o "$work/of-pairs.h5" --by gender --by gender,ethnicity \
  --metrics pair-gai --permutations 200 --threads 3 --save-null
"$@" "$dissensus" pairs "$work/study.h5" -o "$work/pairs.h5" --question harm_to_self --by gender \
  --by gender,ethnicity --permutations 40 --threads 3 > "$work/said"
"$@" "$dissensus" pairs "$work/study.h5" -o "$work/half.h5" --question violation_type --by age_group \
  --permutations 20 --threads 3 --half --memory 60MiB --format json > "$work/said"
for format in table csv json markdown latex; do
  "$@" "$dissensus" report "$work/intervals.h5" --format $format -o "$work/intervals.$format"
  "$@" "$dissensus" report "$work/results.h5" --format $format -o "$work/report.$format"
  [ -s "$work/report.$format" ] || {
    echo "no $format report" >&2
    exit 1
  }
done
# What was watched did its work: 26 groups, 4 questions, every estimate of an alpha there.
n=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
  $c["statistic"] == "irr" && $c["estimate"] != "" { n++ } END { print n + 0 }' "$work/report.csv")
[ "$n" -eq 104 ] || {
  echo "$n IRRs instead of 26 groups x 4 questions" >&2
  exit 1
}
echo "a full run without complaint"

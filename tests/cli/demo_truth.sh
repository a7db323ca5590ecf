#!/bin/sh
# The main job on the demo data finds the truth that the generator put in: cohesive trisections above
# 1 and significant, incoherent ones below 1, the others mostly neither; and under --null nothing.
# Usage: demo_truth.sh dissensus-generate dissensus PROJECT
set -eu
generate=$1
dissensus=$2
settings=$3/data/demo/dive.ini
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# analyse FOLDER options...: FOLDER/tidy.csv from a fresh draw.
analyse() {
  folder=$work/$1
  shift
  "$generate" --settings "$settings" --out "$folder" "$@" > /dev/null
  "$dissensus" import "$folder/ratings.csv" -o "$folder/study.h5" --quiet --rater rater_id \
    --item item_id --rating harm_to_self:ordinal --rating harm_to_others:ordinal \
    --rating violation_type:nominal --rater-attr gender,age_group,ethnicity \
    --items "$folder/items.csv" --item-key item_id --item-attr topic
  "$dissensus" gai "$folder/study.h5" -o "$folder/results.h5" --quiet --by gender,age_group,ethnicity \
    --permutations 1000 --seed 1
  "$dissensus" report "$folder/results.h5" --format csv -o "$folder/tidy.csv"
}

# judge FOLDER: reads truth.csv, then tidy.csv (labels hold no commas), by the names of its columns.
judge() {
  awk -F, '
    FNR == NR { if (FNR > 1) truth[$1 " * " $2 " * " $3] = $5; next }
    FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["statistic"] != "gai" { next }
    {
      kind = truth[$column["group"]]
      gai = $column["estimate"]
      p = $column["p"]
      n[kind]++
      sum[kind] += gai
      if (kind == "cohesive" && !(gai > 1.2 && p < 0.01)) wrong($0)
      if (kind == "incoherent" && !(gai < 0.85)) wrong($0)
      if (kind == "incoherent" && p < 0.01) found++
      if (kind == "null" && p < 0.01) false_alarms++
    }
    function wrong(line) { print "not as the truth is: " line; failed = 1 }
    END {
      print n["cohesive"] + 0 " cohesive, " n["incoherent"] + 0 " incoherent (" found + 0 \
        " significant), " n["null"] + 0 " null (" false_alarms + 0 " significant), mean GAI of null " \
        sum["null"] / n["null"]
      if (n["cohesive"] + n["incoherent"] + n["null"] != 90) wrong("not 30 trisections x 3 questions")
      if (n["incoherent"] && found < 6) wrong("incoherent ones are not found")
      if (false_alarms > 4) wrong("too many of the null ones are significant")
      exit failed
    }' "$work/$1/truth.csv" "$work/$1/tidy.csv"
}

analyse demo
judge demo
analyse null --null
judge null

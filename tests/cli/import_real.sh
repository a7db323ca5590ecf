#!/bin/sh
# The real data kept beside the project: shapes after import, long and wide.
# Usage: import_real.sh DISSENSUS SHARED
set -eu
dissensus=$1
data=$2/data
if [ ! -f "$data/popquorn_offensiveness.csv" ]; then
  echo "SKIPPED: no real ratings in $data"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM

# imports SUMMARY ARGUMENTS...
imports() {
  summary=$1
  shift
  "$dissensus" import "$@" -o "$folder/study.h5" --force 2>"$folder/stderr"
  tail -n 1 "$folder/stderr" | grep -q -- "$summary\$" && return
  cat "$folder/stderr"
  echo "FAILED: '$summary' was expected"
  exit 1
}

popquorn='raters 262, items 1500, questions 1, ratings 13036'
imports "$popquorn" "$data/popquorn_offensiveness.csv" --rater user_id --item instance_id \
  --rating offensiveness:ordinal --rater-attr gender,race,age,education
imports "$popquorn" "$data/popquorn_offensiveness.csv" --preset popquorn
imports 'raters 2513, items 102, questions 1, ratings 256326' "$data/london_faces_ratings.csv" \
  --layout wide --rating attractiveness:ordinal --rater-attr rater_sex,rater_sexpref,rater_age \
  --bin rater_age=18,25,40 --items "$data/london_faces_info.csv" --item-key face_id
echo "real data: shapes as published"

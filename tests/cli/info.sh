#!/bin/sh
# dissensus info on three designs: complete, partly shared, and blocks that rated disjoint items.
# Usage: info.sh DISSENSUS
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"

die() {
  echo "info: $*" >&2
  exit 1
}

# info NAME [OPTIONS]: what the command says of the table NAME.csv is in `said`, on one line.
info() {
  name=$1
  shift
  [ -e "$name.h5" ] || "$dissensus" import "$name.csv" --rater rater --item item --rating score:ordinal \
    --rater-attr gender,batch --item-attr topic --quiet -o "$name.h5"
  "$dissensus" info "$name.h5" --quiet "$@" | tr -s ' \n' ' ' >said
}
says() {
  grep -qF -- "$1" said || die "$name: no '$1' in: $(cat said)"
}
says_not() {
  ! grep -qF -- "$1" said || die "$name: '$1' in: $(cat said)"
}

# table NAME CONDITION: 8 raters, 6 items, ratings where the condition on r and u holds.
table() {
  awk "BEGIN {
    print \"item,rater,gender,batch,topic,score\"
    for (u = 0; u < 6; u++) for (r = 0; r < 8; r++) if ($2)
      printf \"i%d,r%d,%s,b%d,%s,%d\n\", u, r, r == 7 ? \"\" : r % 2 ? \"Man\" : \"Woman\", int(r / 4),
        u < 2 ? \"Bias\" : \"Harm\", 1 + (u * 3 + r) % 5
  }" >"$1.csv"
}
table complete "1"
table partly "(r + u) % 2 == 0 || u == 0"
table blocks "int(r / 4) == int(u / 3)"

info complete
says "raters 8 items 6 questions 1"
says "Question score (ordinal, 5 levels) ratings 48, 100% of all rater-item pairs"
says "raters an item min 8, median 8.0, max 8 items a rater min 6, median 6.0, max 6"
says "Rater attribute gender 3 Man 4 Woman 1 (unknown)"
says "Item attribute topic 2 Bias 4 Harm"
says "Axis gender, raters in each group 3 Man 4 Woman"
says "2 axes, 4 groups Design"
says "Complete: every rater rated every item."

says "use --scheme within:ATTR. Engine backend cpu method "
says " resamples a step, narrow kernel why no item has more than 63 ratings: narrow kernel,"
says "5 cells are counted for 2 axes"
DSS_CPU=portable info complete --by gender
says "method portable, "
says "cells are counted for 1 axis"
DSS_CPU=z80 info complete
says "Engine None: backend cpu: DSS_CPU forces 'z80', but this machine has"

info complete --by gender,batch
says "Axis gender*batch, raters in each group"
says "1 Man * b1 (too small to test)"
says "1 of them too small to test (fewer than 2 raters)"
info complete --by all --depth 2
says "3 axes, 8 groups"

info partly
says "Partly shared: raters rated"
says "raters an item min 4, median 4.0, max 8"
says_not "blocks"

info blocks
says "ratings 24, 50% of all rater-item pairs"
says "The raters fall into 2 blocks that rated disjoint sets of items:"
says "block 1: 4 raters, 3 items block 2: 4 raters, 3 items"
says "Raters of different blocks must not be exchanged"
says "Warning: all raters of a block have the same batch."
says "batch keeps the blocks apart: use --scheme strata:batch."
says_not "same gender"
says_not "gender keeps"

# Without groups there is no plan, and nothing to say of an engine.
"$dissensus" import complete.csv --rater rater --item item --rating score:ordinal --quiet -o groupless.h5
"$dissensus" info groupless.h5 --quiet >said
says "No rater attributes"
says_not "Engine"

status=0
"$dissensus" info blocks.h5 --by nothing >/dev/null 2>err || status=$?
[ "$status" -eq 2 ] || die "status $status for an unknown attribute"
"$dissensus" info blocks.h5 --depth 2 >/dev/null 2>err || status=$?
[ "$status" -eq 2 ] || die "status $status for --depth without --by all"
if [ -e /dev/full ]; then
  status=0
  "$dissensus" info blocks.h5 >/dev/full 2>err || status=$?
  [ "$status" -eq 4 ] || die "status $status for a full standard output"
fi

#!/bin/sh
# dissensus steer on a small table: what it says, counts and names; every way to get it wrong, each
# with its status and one line, and nothing left behind.
# Usage: steer.sh DISSENSUS
set -eu
dissensus=$1
. "$(dirname "$0")/refusals.sh"

attempt() {
  observe "$dissensus" steer "$@" -o out/e.h5 --quiet
}

# notes PATTERN: a note of the report in notes.json.
notes() {
  tr -d '\n' <notes.json | grep -q -- "$1" || fail "no note like $1: $(cat notes.json)"
}

# Nine raters (one of unknown sex, one the only x), seven items; i7 is rated by women alone.
awk 'BEGIN {
  print "who,what,topic,sex,age,q,other,kind"
  for (r = 1; r <= 9; r++)
    for (u = 1; u <= 7; u++)
      if (u < 7 || r % 2)
        printf "r%d,i%d,%s,%s,%s,%d,%d,%s\n", r, u, u % 2 ? "a" : "b", r == 9 ? "" : r == 8 ? "x" : r % 2 ? "f" : "m",
          r < 5 ? "old" : "new", 1 + (r * u + u * u) % 4, 1 + r % 3, u % 2 ? "yes" : "no"
}' >ratings.csv
"$dissensus" import ratings.csv -o s.h5 --rater who --item what --rating q:ordinal --rating other:ordinal \
  --rating kind:nominal --rater-attr sex,age --item-attr topic --quiet

# i6 has no row, i5 no baseline, i2 no prediction for men, x none at all; women's do not vary.
cat >p.csv <<'END'
what,sex,said,plain
i1,f,2,1
i1,m,1.5,
i2,f,2,3
i2,m,NA,3
i3,f,2,3.25
i3,m,4,3.25
i4,f,2,1
i4,m,2.5,1
i5,f,2,
i5,m,3,
i7,f,2,4
i7,m,3,4
i7,robot,3,4
i9,f,3,1
i8,m,3,1
END
good="s.h5 --question q --predictions p.csv --item what --prediction said"

# --- what it finds
"$dissensus" steer $good --baseline plain --by sex --permutations 99 --bootstrap 60 --threads 1 -o e.h5 \
  --items-by topic >table 2>stderr || fail "a good run"
"$dissensus" steer $good --baseline plain --by sex --permutations 99 --bootstrap 60 --threads 3 -o e3.h5 \
  --items-by topic --quiet >/dev/null || fail "a good run on three threads"
for e in e e3; do "$dissensus" report $e.h5 --format csv >$e.csv; done
cmp -s e.csv e3.csv || fail "threads change something"
"$dissensus" report e.h5 --format json >notes.json
notes '"items of the predictions that the study does not have", *"count": *2, *"names": *"i9, i8"'
notes '"predictions for groups that the study does not have", *"count": *1, *"names": *"sex=robot"'
notes '"rows without a prediction", *"count": *1, *"names": *"i2"'
notes '"rated items without a prediction", *"count": *1, *"names": *"i6"'
notes '"rated items without a baseline", *"count": *2, *"names": *"i5, i6"'
notes "\"ratings by raters of no group of the axis 'sex'\", *\"count\": *7,"
notes "\"ratings without a prediction on the axis 'sex'\", *\"count\": *16, *\"names\": *\"i1, i2, i3, i4, i5, i6\""
notes "\"ratings with a prediction and without a baseline on the axis 'sex'\", *\"count\": *7, *\"names\": *\"i5\""
notes "\"groups whose predictions do not vary on the axis 'sex'\", *\"count\": *1, *\"names\": *\"f\""
grep -q '^q,steered,,sex,f,,pearson,4,5,20,,the predictions do not vary,' e.csv || fail "no reason for women"
grep -q '^q,steered,,sex,x,,pearson,0,0,0,,fewer raters than the minimum,' e.csv || fail "no reason for x"
grep -q '^q,steered,topic=b,sex,m,,mae,' e.csv || fail "no part of the items"
grep -q '^q,steered,,sex,m,f,mae_missteered,' e.csv || fail "no mis-steering"
grep -q '^q,steered,,sex,,,mae_specificity,' e.csv || fail "no specificity"

# The picture of the one matrix that is of errors says which way they are better.
if "$dissensus" report e.h5 --figures drawn --quiet >/dev/null 2>stderr; then
  "$dissensus" report e.h5 --format html -o e.html --quiet || fail "a page"
  [ "$(grep -o 'An error: smaller is better' e.html | wc -l)" -eq 1 ] || fail "an error without its direction"
fi

# Two groups without a rating that has a prediction; the note names both.
printf 'what,sex,said\ni7,m,2\n' >only.csv
"$dissensus" steer s.h5 --question q --predictions only.csv --item what --prediction said --by sex -o only.h5 \
  --permutations 9 --quiet >/dev/null || fail "predictions for nobody's ratings"
"$dissensus" report only.h5 --format json >notes.json
notes "\"groups without a rating that has a prediction on the axis 'sex'\", *\"count\": *2, *\"names\": *\"f, m\""
"$dissensus" report only.h5 --format csv | grep -q '^q,steered,,sex,m,,mae,0,0,0,,no item with both' ||
  fail "no reason for men"

# Predictions for one group alone: nothing to hold its own against.
awk -F, 'NR == 1 || $2 == "m"' p.csv >men.csv
"$dissensus" steer s.h5 --question q --predictions men.csv --item what --prediction said --by sex -o men.h5 \
  --permutations 9 --quiet >/dev/null || fail "predictions for men"
"$dissensus" report men.h5 --format csv >men.out
grep -q "^q,steered,,sex,,,mae_specificity,.*,no group has both its own predictions and another group's," men.out ||
  fail "no reason of the specificity"

# By rater: no mis-steering, and no group told.
awk -F, 'NR > 1 { print $2 "," $1 "," 1 + NR % 4 } END { print "i1,nobody,2" }' ratings.csv | sed '1i what,who,said' >each.csv
"$dissensus" steer s.h5 --question q --predictions each.csv --item what --prediction said --rater who --by age \
  -o each.h5 --permutations 9 --quiet >/dev/null || fail "predictions by rater"
"$dissensus" report each.h5 --format csv >each.out
! grep -q 'missteered\|specificity' each.out || fail "predictions for raters cannot be mis-steered"
grep -q '^q,steered,,age,new,,kendall,5,7,33,' each.out || fail "by rater: kendall of new"
"$dissensus" report each.h5 --format json >notes.json
notes '"predictions for raters that the study does not have", *"count": *1, *"names": *"nobody"'

# The one question with an order is the one that is meant, and what is left out is said.
"$dissensus" import ratings.csv -o one.h5 --rater who --item what --rating q:ordinal --rating kind:nominal \
  --rater-attr sex,age --item-attr topic --quiet
for study in "one.h5" "one.h5 --question q"; do
  "$dissensus" steer $study --predictions p.csv --item what --prediction said --by sex --permutations 9 \
    -o one_e.h5 --force --quiet --format csv >"out_$(echo "$study" | wc -w)" 2>stderr || fail "one question: $study"
done
cmp -s out_1 out_3 || fail "a question left out changes the other"
"$dissensus" steer one.h5 --predictions p.csv --item what --prediction said --by sex --permutations 9 -o one_e.h5 \
  --force --quiet --format json >notes.json
notes '"nominal questions, whose levels have no order, are left out", *"count": *1, *"names": *"kind"'

# --- usage
refuses 2 '--predictions CSV is needed' s.h5 --item what --prediction said
refuses 2 '--item COL is needed' s.h5 --predictions p.csv --prediction said
refuses 2 '--prediction COL is needed' s.h5 --predictions p.csv --item what
refuses 2 "--against: 'medians' is neither ratings nor means" $good --against medians
refuses 2 'not both' $good --rater who --told sex
refuses 2 'predictions are of one question; with --question name one of: q, other' s.h5 --predictions p.csv --item what --prediction said --by sex
refuses 2 "no rater attribute is named 'site'" $good --told site --by sex
refuses 2 "the axis 'age' has the attribute 'age', which is not among those told" $good --told sex --by age
refuses 2 "'sex' is told twice" $good --told sex,sex --by sex
refuses 2 "no item attribute is named 'colour'" $good --by sex --items-by colour
refuses 2 'named twice' $good --by sex --baseline said
got=0
"$dissensus" steer $good --by sex -o p.csv --force --quiet 2>stderr || got=$?
[ "$got" -eq 2 ] && grep -q '^i9,f,3,1$' p.csv || fail "the output may be the predictions"

# Women and men rated items of their own, and predictions are of those of women: nothing of men is missing but
# that, in the matrix as elsewhere.
awk 'BEGIN { srand(3); print "who,what,sex,q"; for (r = 1; r <= 8; r++) for (i = 1; i <= 8; i++)
  if ((r > 4) == (i > 4)) printf "r%d,i%d,%s,%d\n", r, i, (r > 4 ? "f" : "m"), 1 + int(rand() * 4) }' >apart.csv
awk 'BEGIN { srand(5); print "what,sex,said"; for (i = 5; i <= 8; i++) for (k = 0; k < 2; k++)
  printf "i%d,%s,%d\n", i, (k ? "m" : "f"), 1 + int(rand() * 4) }' >theirs.csv
"$dissensus" import apart.csv -o apart.h5 --quiet --rater who --item what --rating q:ordinal --rater-attr sex
"$dissensus" steer apart.h5 --predictions theirs.csv --item what --prediction said --by sex --permutations 9 \
  -o apart.e.h5 --quiet --format csv >apart.rows
for row in 'm,,mae' 'm,f,mae_missteered'; do
  grep -q "^q,steered,,sex,$row,0,0,0,,no item with both a rating and a prediction," apart.rows ||
    fail "$row: another reason: $(grep "sex,$row" apart.rows)"
done

# --- data
refuses 3 "'age'" $good --by sex --by age
refuses 3 "'says'" s.h5 --question q --predictions p.csv --item what --prediction says --by sex
refuses 3 "question 'kind' is nominal" s.h5 --question kind --predictions p.csv --item what --prediction said --by sex
bad() { # STATUS MESSAGE ROW: the good table with one row more, the sixteenth after the header
  (cat p.csv; printf '%s\n' "$3") >bad.csv
  refuses "$1" "$2" s.h5 --question q --predictions bad.csv --item what --prediction said --baseline plain --by sex
}
bad 3 "bad.csv:17: column 3 'said': '4.5' is neither a number from 1 to 4 nor a level of question 'q'" i6,f,4.5,1
bad 3 "bad.csv:17: column 4 'plain': 'high' is neither a number from 1 to 4" i6,f,4,high
bad 3 "the item 'i3' with 'm' stands here and on line 7" i3,m,2,3.25
bad 3 "bad.csv:17: column 4 'plain': another baseline of the item stands on line 2" i1,x,2,1.5
bad 3 "the row tells nothing of who rates" i6,,2,1
bad 3 "column of its own, the baseline; what was told is taken to be sex: if it was more, name all with --told" i6,,2,1
printf 'what,sex,said,plain\ni1,f,2,\ni2,f,3,\n' >bad.csv
refuses 3 "bad.csv: no rated item of the study has a baseline in column 'plain'" \
  s.h5 --question q --predictions bad.csv --item what --prediction said --baseline plain --by sex
printf 'what,sex,age,said\ni1,f,old,2\ni1,f,new,3\n' >bad.csv
refuses 3 "'i1' with 'f' stands here and on line 2; what was told is taken to be sex: if it was more, name all with --told" \
  s.h5 --question q --predictions bad.csv --item what --prediction said --by sex
printf 'what,who,said\ni1,r1,2\ni1,r1,3\n' >bad.csv
refuses 3 "'i1' with 'r1' stands here and on line 2" s.h5 --question q --predictions bad.csv --item what --prediction said --rater who
! grep -q told stderr || fail "predictions for raters are told nothing"
printf 'what,sex,age,said\ni1,f,,2\n' >bad.csv
refuses 3 "no row tells just what the axis 'age' is made of, and none tells everything" s.h5 --question q --predictions bad.csv --item what --prediction said --by sex --by age
printf 'what,sex,said\nzz,f,2\n' >bad.csv
refuses 3 "none of the 1 item in column 'what' is one of the study" s.h5 --question q --predictions bad.csv --item what --prediction said --by sex
printf 'what,sex,said\ni1,z,2\ni2,z,3\n' >bad.csv
refuses 3 "bad.csv: no rating of the study has a prediction" s.h5 --question q --predictions bad.csv --item what --prediction said --by sex
refuses 4 'nothing.csv' s.h5 --question q --predictions nothing.csv --item what --prediction said --by sex
got=0
"$dissensus" steer $good --by sex -o e.h5 --quiet 2>stderr || got=$?
[ "$got" -eq 4 ] || fail "status $got where the output is there already"

finish
echo "steering found, counted, named and refused as it should"

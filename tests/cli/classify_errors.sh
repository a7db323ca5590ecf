#!/bin/sh
# dissensus classify as a command: what it refuses, with one line, the right status and no output left
# behind, and what it counts and names.
# Usage: classify_errors.sh DISSENSUS
set -eu
dissensus=$1
. "$(dirname "$0")/evaluation_says.sh"
. "$(dirname "$0")/refusals.sh"

# classify ARGUMENTS...: on the study; the status is kept in got.
classify() {
  observe "$dissensus" classify study.h5 -o out/e.h5 --force --quiet --permutations 50 "$@"
}

attempt() {
  classify "$@"
}

# Six raters, five items; u rated by women alone, nobody of Z but r6; two questions.
cat >ratings.csv <<'END'
r,i,sex,age,topic,q,word
r1,a,f,X,t1,1,low
r2,a,m,X,t1,4,high
r1,b,f,X,t1,4,high
r2,b,m,X,t1,1,low
r3,b,f,Y,t1,4,high
r4,b,m,Y,t1,2,mid
r3,c,f,Y,t2,3,mid
r4,c,m,Y,t2,3,mid
r5,c,f,X,t2,1,low
r2,c,m,X,t2,1,low
r1,u,f,X,,4,high
r3,u,f,Y,,2,mid
r5,d,f,X,t2,2,mid
r4,d,m,Y,t2,4,high
r6,e,m,Z,t2,2,mid
END
"$dissensus" import ratings.csv -o study.h5 --quiet --rater r --item i --rating q:ordinal \
  --rating word:ordinal --levels word=low,mid,high --rater-attr sex,age --item-attr topic

printf 'i,A,B\na,1,0.5\nb,0,0.9\nc,1,0.1\nd,0,0.2\nu,1,0.3\n' >p.csv
printf 'i,by,says\na,A,yes\nb,A,no\nc,A,yes\na,B,no\nb,B,\n' >long.csv
labels='--predictions p.csv --item i --classifiers A --positive 1'
scores='--predictions p.csv --item i --classifiers B'
given='--question q --threshold 3'

# --- usage
refuses 2 '--predictions CSV is needed' --item i --positive 1 $given
refuses 2 '--item COL is needed' --predictions p.csv --positive 1 $given
refuses 2 '--threshold LEVEL is needed' $labels --question q
refuses 2 'then --positive LABEL says which' --predictions p.csv --item i $given
refuses 2 'not both' $labels --scores $given
refuses 2 '--classifier and --value go together' $labels --classifier A $given
refuses 2 "'half' is not mean, majority or any" $labels $given --rule half
refuses 2 "--gaps: 'tp' is not fnr, fpr, precision, recall, f1 or auc" $labels $given --gaps fnr,tp
refuses 2 "--gaps: '' is not" $labels $given --gaps fnr,
refuses 2 'labels have no AUC' $labels $given --gaps auc
refuses 2 'without a score threshold' $scores --scores $given --gaps auc,fnr
refuses 2 "the score threshold 'nan' is not a finite number" $scores --score-threshold nan $given
refuses 2 "the score threshold '0x1' is not" $scores --score-threshold 0x1 $given
refuses 2 'drivers' $labels $given --drivers 1000001
refuses 2 "no item attribute is named 'topics'; there are: topic" $labels $given --items-by topics
refuses 2 "the item attribute 'topic' is named twice" $labels $given --items-by topic,topic
refuses 2 "the column 'A' is named twice" $labels --classifiers A $given

# --- thresholds
refuses 2 "question 'q': the threshold '5' is no level; the scale's levels are: 1, 2, 3, 4" \
  $labels --question q --threshold 5
refuses 2 "question 'q': the threshold '2.5' is no level" $labels --question q --threshold 2.5
refuses 2 "question 'word': the threshold '3' is no level; the scale's levels are: low, mid, high" \
  $labels --threshold 3
refuses 2 "question 'q' has no threshold" $labels --threshold word=high
refuses 2 "the threshold '4.01' is outside the scale; the scale's levels are: 1, 2, 3, 4" \
  $labels --question q --threshold 4.01 --rule mean
refuses 2 "the threshold 'three' is no number" $labels --question q --threshold three --rule mean
refuses 2 "the level 'low' is no number, and there is no mean" \
  $labels --question word --threshold 2 --rule mean
refuses 2 "two thresholds for all questions, '2' and '3': there can be one" \
  $labels --question q --threshold 2 --threshold 3
refuses 2 "two thresholds for question 'q', 'q=2' and 'q=3': there can be one" \
  $labels --question q --threshold q=2 --threshold q=3
refuses 2 "the threshold 'harm=2': the study has no question 'harm'" \
  $labels --question q --threshold 3 --threshold harm=2
refuses 2 "the threshold 'word=high': question 'word' is not evaluated" \
  $labels --question q --threshold 3 --threshold word=high
classify $labels --threshold 3 --threshold word=high
[ "$got" -eq 0 ] || fail "a threshold for each question"

# --- predictions
refuses 4 'nowhere.csv' --predictions nowhere.csv --item i --positive 1 $given
refuses 3 "p.csv:1: no column is named 'item'; there are: i, A, B" \
  --predictions p.csv --item item --positive 1 $given
refuses 3 "p.csv:1: no column is named 'C'" $labels,C $given --classifiers C
refuses 3 "p.csv: no prediction is labelled 'yes', which is to be positive; there are: 1, 0" \
  --predictions p.csv --item i --classifiers A --positive yes $given
refuses 3 "long.csv:2: column 3 'says': 'yes' is not a finite number" --predictions long.csv --item i \
  --classifier by --value says --scores $given
refuses 3 "long.csv: no classifier is named 'C'; there are: A, B" --predictions long.csv --item i \
  --classifier by --value says --classifiers C --positive yes $given
refuses 2 "the classifier 'A' is named twice" --predictions long.csv --item i --classifier by \
  --value says --classifiers A,A --positive yes $given
printf 'i,A\na,1\na,0\n' >twice.csv
refuses 3 "twice.csv:3: column 1 'i': the item 'a' stands here and on line 2" \
  --predictions twice.csv --item i --positive 1 $given
printf 'i,by,says\na,A,1\na,A,0\n' >twice.csv
refuses 3 "twice.csv:3: column 1 'i': the item 'a' with 'A' stands here and on line 2" \
  --predictions twice.csv --item i --classifier by --value says --positive 1 $given
printf 'i,by,says\na,,1\n' >noname.csv
refuses 3 "noname.csv:2: column 2 'by': the classifier has no name" --predictions noname.csv --item i \
  --classifier by --value says --positive 1 $given
printf 'i,A\nx,1\ny,0\n' >others.csv
refuses 3 "none of the 2 items in column 'i' is one of the study; the first is 'x' there and 'a' in" \
  --predictions others.csv --item i --positive 1 $given
printf 'i,A\na,\nx,1\nb,NA\n' >empty.csv
refuses 3 "no prediction is labelled '1'" --predictions empty.csv --item i --positive 1 $given
refuses 3 'no rated item of the study has a prediction (2 rows of its items)' \
  --predictions empty.csv --item i --scores $given
printf 'i,A\na,1\n' >one.csv
refuses 3 'no rated item of the study has a prediction (1 row of its items)' \
  --predictions one.csv --item i --positive 1 $given --where topic=t2

# --- what is counted and named
printf 'i,A,B\na,1,1\nb,,0\nx,1,1\ny,1,\nc,0,0\n' >some.csv
some='--predictions some.csv --item i --positive 1'
notes 2 'items of some.csv that the study does not have (2 rows)' 'x, y' $some $given
notes 3 'rated items without a prediction' 'u, d, e' $some $given
notes 4 "rated items without a prediction by 'A'" 'b, u, d, e' $some $given
notes 2 'items of some.csv without a rating in what is compared' 'a, b' $some $given \
  --where topic=t2
notes 1 "items whose 'topic' is unknown, which are in no part by it" 'u' $some $given --items-by topic
notes 1 'groups of fewer than 2 raters, which have no rates and no gaps' 'age: Z' $some $given
printf 'i,A\nu,1\n' >few.csv
few='--predictions few.csv --item i --positive 1'
notes 1 "groups without a rating of any predicted item (question 'q')" 'sex: m' $few $given --by sex
says 'q,A,,sex,m,,fn' 'no item with both a rating and a prediction' $few $given
says 'q,A,,sex,f,m,fpr_gap' 'the predictions do not vary' $few $given

# Labels that are not positive, those of rated items alone; scores have none.
printf 'i,A,B\na,yes,no\nb,no,maybe\nc,yes,yes\nx,odd,odd\ne,,No\n' >labels.csv
said='--predictions labels.csv --item i'
other='predictions with a label that is not among the positive ones, counted as negative'
notes 4 "$other" 'no, maybe, No' $said --positive yes $given
notes 2 "$other" 'maybe, No' $said --positive yes,no $given
notes 1 "$other" 'no' $said --classifiers A --positive yes $given
silent "$other" $said --positive yes,no,maybe,No $given
silent "$other" $scores --score-threshold 0.5 $given

# A nominal question that no threshold suits is left out where none is named; the rest is as if they
# had been named.
left='nominal questions that no threshold suits, left out'
cut -d, -f1-6 ratings.csv | awk -F, -v OFS=, '{ print $0, NR == 1 ? "kind" : NR % 2 ? "x" : "y" }' >kinds.csv
"$dissensus" import kinds.csv -o kinds.h5 --quiet --rater r --item i --rating q:ordinal --rating kind:nominal \
  --rater-attr sex,age --item-attr topic
cp study.h5 words.h5
cp kinds.h5 study.h5
notes 1 "$left" 'kind' $labels --threshold 3
classify $labels --threshold 3 --format csv
cp stdout all.csv
classify $labels --threshold 3 --question q --format csv
cmp -s stdout all.csv || fail 'a question left out changes the others'
notes 1 "$left" 'kind' $labels --threshold 3 --rule mean
refuses 2 "question 'kind': a nominal scale has no mean" $labels --threshold 3 --threshold kind=x --rule mean
refuses 2 "question 'kind': the threshold '3' is no level; the scale's levels are: x, y" \
  $labels --threshold 3 --question q --question kind
silent "$left" $labels --threshold 3 --threshold kind=x
cp words.h5 study.h5

# Constant predictions.
printf 'i,A\na,1\nb,1\nc,1\nd,1\nu,1\n' >same.csv
same='--predictions same.csv --item i'
notes 5 "predictions by 'A', every one of which is positive" '' $same --positive 1 $given
notes 5 "predictions by 'B', every one of which is positive" '' $scores --score-threshold 0 $given
notes 5 "predictions by 'B', none of which is positive" '' $scores --score-threshold 2 $given
says 'q,B,,sex,m,,precision' 'the classifier calls no item positive' $scores --score-threshold 2 \
  $given
notes 5 "predictions by 'A', all of which are the same score" '' $same --scores $given
says 'q,A,,sex,f,m,fnr_gap' 'the predictions do not vary' $same --positive 1 $given
says 'q,A,,sex,,,largest_fpr_gap' 'the predictions do not vary' $same --positive 1 $given
says 'q,A,,,,,auc' 'the predictions do not vary' $same --scores $given

# --- rules, by hand. Women: a 1, b 4 4, c 3 1, u 4 2, d 2; men: a 4, b 1 2, c 3 1, d 4.
says 'q,A,,sex,f,,fn' 1 $labels $given            # b; c and u are ties
says 'q,A,,sex,f,,tp' 0 $labels $given
notes 3 "views of an item by a group that are a tie and count as not positive (question 'q')" '' \
  $labels $given --by sex
says 'q,A,,sex,f,,tp' 2 $labels $given --rule any # c and u
says 'q,A,,sex,f,,tp' 1 $labels $given --rule mean # u, whose mean is 3
says 'q,A,,sex,m,,tp' 1 $labels $given            # a; c is a tie
says 'q,A,,sex,m,,fn' 1 $labels $given            # d
says 'q,A,,sex,f,m,fnr_gap' 0.5 $labels $given
says 'q,A,topic=t2,sex,m,,fnr' 1 $labels $given --items-by topic
says 'q,A,,age,Z,,fnr' 'fewer raters than the minimum' $labels $given

# --- intervals: the file's bytes, whatever the threads; the logit one is marked.
export SOURCE_DATE_EPOCH=1700000000
awk 'BEGIN { print "r,i,sex,q"
  for (r = 0; r < 24; r++) for (u = 0; u < 20; u++)
    print "r" r ",i" u "," (r % 2 ? "f" : "m") "," 1 + (3 * r + 5 * u + r * u) % 4 }' >more.csv
awk 'BEGIN { print "i,A"; for (u = 0; u < 20; u++) print "i" u "," u % 3 % 2 }' >more_said.csv
"$dissensus" import more.csv -o more.h5 --quiet --rater r --item i --rating q:ordinal --rater-attr sex
for over in raters items both; do
  for threads in 1 3; do
    "$dissensus" classify more.h5 --predictions more_said.csv --item i --positive 1 --rule mean --threshold 3 \
      --bootstrap 60 --over $over --permutations 50 --threads $threads -o $threads.h5 --force --quiet \
      >$threads.txt || fail "intervals over $over on $threads threads"
  done
  cmp -s 1.h5 3.h5 || fail "threads change intervals over $over"
done
grep -q '\] g' 3.txt && grep -q 'g behind one: in its place' 3.txt || fail 'no interval is marked g'

# Nine items are few, ten are not: of 20 that all find harmful 11 are called, of the others 10.
awk 'BEGIN { print "r,i,sex,q"
  for (r = 0; r < 6; r++) for (u = 0; u < 40; u++)
    print "r" r ",i" u "," (r % 2 ? "f" : "m") "," (u < 20 ? 4 : 1) }' >counted.csv
awk 'BEGIN { print "i,A"; for (u = 0; u < 40; u++) print "i" u "," (u < 11 || (u >= 20 && u < 30)) }' >counted_said.csv
"$dissensus" import counted.csv -o counted.h5 --quiet --rater r --item i --rating q:ordinal --rater-attr sex
counted() {
  "$dissensus" classify counted.h5 --predictions counted_said.csv --item i --positive 1 --threshold 4 \
    --permutations 0 -o counted_out.h5 --force --quiet "$@" >counted.txt || fail "few items: $*"
}
counted --bootstrap 40
grep -q '7 rates and gaps that hang on fewer than 10 items' counted.txt || fail 'seven rates and gaps hang on few items'
for name in 'A: fnr of all raters' 'A: recall of all raters' 'A: fnr of f'; do
  tr -s '\n ' '  ' <counted.txt | grep -q "$name" || fail "few items: no '$name'"
done
! grep -q 'A: fpr\|A: precision\|A: f1' counted.txt || fail 'ten items are few'
counted
! grep -q 'hang on fewer' counted.txt || fail 'few items without intervals'
! grep -q 'Under the rule any' counted.txt || fail 'the rule is not any'
counted --rule any
counted --rule any --bootstrap 40
grep -q '\[0\.' counted.txt || fail 'any over both: no intervals'
counted --rule any --bootstrap 40 --over raters
! grep -q '\[0\.' counted.txt || fail 'any over raters: intervals'
grep -q 'no interval: a bootstrap is biased' counted.txt || fail 'any over raters: no reason'
! grep -q 'hang on fewer' counted.txt || fail 'any over raters: few items without intervals'
grep -q 'Under the rule any one rating makes a view positive' counted.txt || fail 'any: nothing is said of it'

# The output is none of the inputs, whatever --force says.
cp p.csv out/e.h5
classify --predictions out/e.h5 --item i --classifiers A --positive 1 $given
[ "$got" -eq 2 ] && cmp -s p.csv out/e.h5 || fail 'the output is the predictions'

finish
echo "classify: what is wrong is refused, what is left out is named"

#!/bin/sh
# dissensus severity and dissensus response as commands: what they refuse, with one line, the right
# status and no output left behind, and what they count and name.
# Usage: severity_errors.sh DISSENSUS
set -eu
dissensus=$1
. "$(dirname "$0")/evaluation_says.sh"
. "$(dirname "$0")/refusals.sh"

# evaluate COMMAND STUDY ARGUMENTS...: the status is kept in got.
evaluate() {
  command=$1
  study=$2
  shift 2
  observe "$dissensus" "$command" "$study" -o out/e.h5 --force --quiet --permutations 50 "$@"
}

attempt() {
  evaluate "$@"
}

# Seven raters. Nobody of site W rated `others`; r7 is alone in E, r5 and r6's sex is unknown; item d
# has no topic and one rating of `self`.
cat >ratings.csv <<'END'
r,i,sex,site,topic,self,others,word,kind
r1,a,f,N,t1,1,2,low,x
r2,a,m,N,t1,4,4,high,y
r3,a,f,S,t1,4,1,high,z
r1,b,f,N,t2,4,4,high,x
r2,b,m,N,t2,1,2,low,y
r4,b,m,S,t2,2,3,mid,x
r5,a,,W,t1,3,,mid,x
r6,b,,W,t2,2,,mid,y
r6,c,,W,t2,2,,mid,y
r3,c,f,S,t2,1,1,low,z
r4,c,m,S,t2,3,2,mid,x
r7,c,m,E,t2,3,3,mid,x
r7,d,m,E,,4,4,high,x
END
"$dissensus" import ratings.csv -o study.h5 --rater r --item i --rating self:ordinal \
  --rating others:ordinal --rating word:ordinal --rating kind --levels word=low,mid,high \
  --rater-attr sex,site --item-attr topic --quiet
sed 's/,[^,]*,[^,]*,[^,]*,[^,]*$/,3/; 1s/,3$/,flat/' ratings.csv >flat.csv
"$dissensus" import flat.csv -o flat.h5 --rater r --item i --rating flat:ordinal --rater-attr sex,site \
  --levels flat=1,2,3 --keep-unused-levels --quiet

q='--question self'
# --- severity: usage
refuses 2 "--statistics: unknown statistic 'meen'" severity study.h5 --statistics mean,meen,share
refuses 2 "the threshold '9' is no level of question 'self'; its levels are 1, 2, 3, 4" \
  severity study.h5 $q --threshold 9
refuses 2 "the threshold 'high' is no level of question 'self'" severity study.h5 $q --threshold high
refuses 2 "the threshold 'huge' is no level of question 'word'; its levels are low, mid, high" \
  severity study.h5 --question word --threshold word=huge
refuses 2 "two thresholds for all questions, '2' and '3': there can be one" \
  severity study.h5 $q --threshold 2 --threshold 3
refuses 2 "two thresholds for question 'self', 'self=2' and 'self=2': there can be one" \
  severity study.h5 $q --threshold self=2 --threshold 4 --threshold self=2
refuses 2 "the threshold 'harm=2': the study has no question 'harm'" \
  severity study.h5 $q --threshold harm=2
refuses 2 "the threshold 'word=mid': question 'word' is not evaluated" \
  severity study.h5 $q --threshold word=mid
refuses 2 "no item attribute is named 'subject'; there are: topic" severity study.h5 $q --items-by subject
refuses 2 "the item attribute 'topic' is named twice" severity study.h5 $q --items-by topic,topic
refuses 2 "the contrast 'self,others' is named twice" \
  severity study.h5 $q --question others --contrast self,others --contrast self,others
refuses 2 "the study has no question 'harm'" severity study.h5 --question harm
refuses 2 "the contrast 'self,harm' does not name two of the questions evaluated" \
  severity study.h5 --threshold kind=x --contrast self,harm
refuses 2 "the contrast 'self,self' does not name two" severity study.h5 $q --contrast self,self
refuses 2 "the contrast 'self,others' does not name two" severity study.h5 $q --contrast self,others
refuses 2 "the contrast 'self,word' is of questions with different scales or levels" \
  severity study.h5 $q --question word --contrast self,word
refuses 2 "the contrast 'self,others' has no share" \
  severity study.h5 $q --question others --contrast self,others --statistics share
refuses 2 "question 'kind' is nominal: of levels without order there are shares, but no mean" \
  severity study.h5 --question kind --statistics mean
refuses 2 "question 'kind' is nominal and has 3 levels: name the one whose share is asked for" \
  severity study.h5 --question kind
refuses 2 "the raters have no attribute 'race'" severity study.h5 $q --by race
refuses 4 "none.h5" severity none.h5

# Nominal questions are left out where none is named, and nothing else changes; of a study of nothing
# else, and where one is named, or a threshold of its own is wrong, there is an error.
"$dissensus" import ratings.csv -o kinds.h5 --rater r --item i --rating kind:nominal --rater-attr sex,site --quiet
refuses 2 "question 'kind' is nominal and has 3 levels: name the one whose share is asked for" \
  severity kinds.h5
refuses 2 "question 'kind' is nominal and has 3 levels" severity study.h5 $q --question kind
refuses 2 "the threshold 'low' is no level of question 'kind'" severity study.h5 --threshold kind=low
left="nominal questions of which no share was asked for, left out"
notes 1 "$left" "kind" severity study.h5
notes 1 "$left" "kind" severity study.h5 --statistics mean
for command in severity response; do
  evaluate $command study.h5 --format csv
  cp stdout all.csv
  evaluate $command study.h5 $q --question others --question word --format csv
  cmp -s all.csv stdout || fail "a question left out changes the others: $command"
done

# --- severity: data
awk -F, -v OFS=, 'NR > 1 { if (NR % 2) $6 = ""; else $7 = "" } { print }' ratings.csv >apart.csv
"$dissensus" import apart.csv -o apart.h5 --rater r --item i --rating self:ordinal \
  --rating others:ordinal --levels self=1,2,3,4 --levels others=1,2,3,4 --keep-unused-levels --rater-attr sex,site --quiet
refuses 3 "the contrast 'self,others': no rater rated an item on both questions" \
  severity apart.h5 --contrast self,others

# --- severity: what is counted and named
notes 1 "nominal questions, whose levels have no order: shares only" "kind" \
  severity study.h5 --threshold kind=x
notes 1 "ordinal questions whose labels are not all numbers: their levels count as 1, 2, 3 ..." "word" \
  severity study.h5 --question word $q
notes 1 "items whose 'topic' is unknown, which are in no part by it" "d" \
  severity study.h5 $q --items-by topic
notes 3 "ratings on one question of a contrast without the same rater's on the other, which it leaves out" \
  "self - others" severity study.h5 $q --question others --contrast self,others

# --- severity: values and reasons
says "self,,,sex,f,,mean" 2.5 severity study.h5 $q
says "self,,,sex,f,,median" 2.5 severity study.h5 $q
says "self,,,sex,f,,share" 0.5 severity study.h5 $q
says "self,,,sex,f,,share" 1 severity study.h5 $q --threshold 1
for order in "--threshold self=1 --threshold 4" "--threshold 4 --threshold self=1"; do
  says "self,,,sex,f,,share" 1 severity study.h5 $q $order # that of the question, wherever it stands
  says "others,,,sex,f,,share" 0.25 severity study.h5 $q --question others $order
done
says "word,,,sex,f,,mean" 2 severity study.h5 --question word
says "kind,,,sex,f,,share" 0.5 severity study.h5 --question kind --threshold z
says "self,,,sex,f,m,cliffs_delta" -0.083333333333333329 severity study.h5 $q
says "self,,topic=t1,sex,f,m,mean_difference" -1.5 severity study.h5 $q --items-by topic
says "self,,,sex,f,m,mean_difference" -0.33333333333333331 severity study.h5 $q --no-pairs
for command in severity response; do # of two groups one comparison, not three
  "$dissensus" $command study.h5 -o two.h5 $q --by sex --force --quiet --format csv >stdout
  grep -q ",sex,f,m," stdout || fail "$command: no comparison of two groups"
  if grep -q "everyone else" stdout; then fail "$command: two groups are compared again"; fi
done
says "self - others,,,sex,f,,mean" 0.5 severity study.h5 $q --question others --contrast self,others
says "self,,,site,E,,mean" "fewer raters than the minimum" severity study.h5 $q
says "self,,,site,E,N,mean_difference" "fewer raters than the minimum" severity study.h5 $q
says "others,,,site,W,,mean" "the group rated no item" severity study.h5 $q --question others
says "others,,,site,N,W,cliffs_delta" "the other group has no rating" \
  severity study.h5 $q --question others
says "self,,,sex,m,everyone else,mean_difference" "the other group has no rating" \
  severity study.h5 $q --where sex=m --by sex
says "self,,,sex,,,anova_f" "fewer than two groups have ratings" \
  severity study.h5 $q --where sex=m --by sex
says "flat,,,sex,,,kruskal_h" "the ratings do not vary" severity flat.h5
says "flat,,,sex,,,anova_f" "the ratings do not vary" severity flat.h5
says "flat,,,sex,f,m,mean_difference" 0 severity flat.h5

# --- the file's bytes, whatever the threads and the vectors
export SOURCE_DATE_EPOCH=1700000000
for command in severity response; do
  "$dissensus" $command study.h5 -o one.h5 --question self --question others --permutations 9000 \
    --bootstrap 60 --threads 1 --force --quiet >stdout
  "$dissensus" $command study.h5 -o three.h5 --question self --question others --permutations 9000 \
    --bootstrap 60 --threads 3 --force --quiet >stdout
  cmp one.h5 three.h5 2>stderr || fail "three threads leave other bytes: $command"
  DSS_CPU=portable "$dissensus" $command study.h5 -o portable.h5 --question self --question others \
    --permutations 9000 --bootstrap 60 --force --quiet >stdout
  cmp one.h5 portable.h5 2>stderr || fail "other vectors leave other bytes: $command"
done

# --- response
refuses 2 "--statistics: unknown statistic 'tau'" response study.h5 --statistics gamma,tau
refuses 2 "--bins" response study.h5 --bins 1
refuses 2 "--bins" response study.h5 --bins 101
refuses 2 "question 'kind' is nominal: levels without order follow no severity" \
  response study.h5 --question kind
refuses 2 "question 'kind' is nominal: levels without order" response study.h5 $q --question kind
refuses 2 "question 'kind' is nominal: levels without order" response kinds.h5
awk -F, -v OFS=, 'NR > 1 { $2 = $2 NR } { print }' ratings.csv >single.csv
"$dissensus" import single.csv -o single.h5 --rater r --item i --rating self:ordinal --rater-attr sex \
  --levels self=1,2,3,4 --keep-unused-levels --quiet
refuses 3 "question 'self': no item has two ratings, so that there is no consensus" \
  response single.h5 --by sex --min-raters 2
awk -F, -v OFS=, 'NR > 1 && $2 != "a" { $2 = $2 NR } { print }' ratings.csv >one.csv
"$dissensus" import one.csv -o one_item.h5 --rater r --item i --rating self:ordinal --rater-attr sex \
  --levels self=1,2,3,4 --keep-unused-levels --quiet
refuses 3 "question 'self': only one item has two ratings; whether ratings follow severity takes two" \
  response one_item.h5 --by sex --min-raters 2
notes 1 "nominal questions, whose levels have no order, are left out" "kind" response study.h5
notes 1 "ratings of items that nobody else rated, which have no consensus and are left out" "self" \
  response study.h5 $q
says "flat,,,sex,f,,gamma" '"the ratings' response flat.h5
says "flat,,,sex,f,,information" 0 response flat.h5
says "self,,,site,E,,gamma" "fewer raters than the minimum" response study.h5 $q
# Both raters of E rated c, and one of them d, which nobody else did: one item with a consensus. Within
# it gamma can only be -1.
{ cat ratings.csv && echo r8,c,m,E,t2,4,4,high,x; } >in_e.csv
"$dissensus" import in_e.csv -o in_e.h5 --rater r --item i --rating self:ordinal --rater-attr site --quiet
for row in E,,gamma E,,information "E,everyone else,gamma_difference" E,N,rising_difference; do
  says "self,,,site,$row" "a group's ratings are all of one item" response in_e.h5 --by site \
    --min-raters 2
done
says "self,,,site,N,,gamma" -1 response in_e.h5 --by site --min-raters 2
# Everyone else but W rated c alone.
{ awk -F, -v OFS=, 'NR > 1 { $3 = "W" } { print }' ratings.csv
  for rater in x1,c,X x2,c,X y1,c,Y y2,c,Y; do echo "$rater,E,t2,4,4,high,x"; done; } >rest.csv
"$dissensus" import rest.csv -o rest.h5 --rater r --item i --rating self:ordinal --rater-attr sex --quiet
says "self,,,sex,W,everyone else,gamma_difference" "a group's ratings are all of one item" \
  response rest.h5 --by sex --min-raters 2

# A question of one level has no threshold, and so no shares.
awk -F, -v OFS=, 'NR > 1 { $6 = 2 } { print }' ratings.csv >level.csv
"$dissensus" import level.csv -o level.h5 --rater r --item i --rating self:ordinal --rater-attr sex --quiet
for statistic in share share_difference; do
  "$dissensus" severity level.h5 -o level_e.h5 --by sex --statistics $statistic --permutations 20 --min-raters 2 \
    --quiet --force --format csv >level.out || fail "a question of one level: $statistic"
  grep -q 'the ratings do not vary' level.out && ! grep -q "$statistic,[^,]*,[^,]*,[^,]*,0," level.out ||
    fail "$statistic of one level: $(cat level.out)"
done

# F has no unit: squares of huge and of tiny values neither overflow nor vanish.
for unit in "" e160 e-200; do
  { echo r,i,q,sex; awk -v unit="$unit" 'BEGIN {
      for (r = 0; r < 8; r++) for (i = 0; i < 4; i++)
        print "r" r ",i" i "," 1 + (r * r + i * r + r % 2) % 5 unit "," (r % 2 ? "f" : "m") }'; } >unit.csv
  "$dissensus" import unit.csv -o unit.h5 --rater r --item i --rating q:ratio --rater-attr sex --quiet --force
  "$dissensus" severity unit.h5 -o unit_f.h5 --by sex --statistics anova_f --permutations 0 --quiet --force \
    --format csv | awk -F, '/anova_f/ { printf "%.10g\n", $11 }' >>units.txt
done
[ "$(sort -u units.txt | wc -l)" = 1 ] && [ "$(wc -l <units.txt)" = 3 ] && awk '!($1 > 0) { exit 1 }' units.txt ||
  { echo "F depends on the unit: $(cat units.txt)"; exit 1; }

finish
echo "severity and response refuse what they must, and count and name the rest"

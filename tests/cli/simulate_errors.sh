#!/bin/sh
# dissensus simulate and power as commands: exit statuses, one line an error, and no output, whole or
# half, after a failure; figures.
# Usage: simulate_errors.sh DISSENSUS
set -eu
dissensus=$1
. "$(dirname "$0")/refusals.sh"

# Caches of fontconfig and Pango, and what HDF5 loses when it refuses a file; ours still counts.
mkdir "$folder/.checker"
printf 'leak:%s\n' libhdf5 libfontconfig libpango libglib libcairo >"$folder/.checker/list"
export LSAN_OPTIONS="suppressions=$folder/.checker/list:print_suppressions=0"

attempt() {
  observe "$dissensus" "$@" --quiet
}

pool() {
  status=$1
  message=$2
  shift 2
  refuses "$status" "$message" simulate -o out/s.h5 --truth out/t.json "$@"
}

# --- a pool with known truth -------------------------------------------------------------------

g='--attribute g=a,b'
pool 2 'there is no attribute: a pool needs groups of raters' --raters 10
pool 2 "attribute 'g': not of the form NAME=VALUE:SHARE" --attribute g
pool 2 "attribute 'g=a:-1,b': a share is no positive number" --attribute g=a:-1,b
pool 2 "attribute 'g=a:0,b': a share is no positive number" --attribute g=a:0,b
pool 2 "attribute 'g=a:x,b': a share is no positive number" --attribute g=a:x,b
pool 2 "attribute 'g=a,,b': a value has no name" --attribute g=a,,b
pool 2 "attribute 'g=a,a': a value is there twice" --attribute g=a,a
pool 2 "attribute 'g': of 5 raters none is 'b'" --attribute g=a:100,b --raters 5
many=v$(seq -s ,v 1 100)
pool 2 'the attributes make more than 4096 combinations' --attribute "g=$many" --attribute "h=$many"
pool 2 "question 'x': not of the form NAME:SCALE=SHARE,SHARE" $g --question x
pool 2 "question 'x=1': it needs 2 to 256 levels" $g --question x=1
pool 2 "question 'x:odd=1,1': the scale is not nominal" $g --question x:odd=1,1
pool 2 "question 'x=1,-1': a share is no positive number" $g --question x=1,-1
pool 2 "question ':ordinal=1,1': it has no name" $g --question :ordinal=1,1
pool 2 "effect 'h=a: cohesion 1': there is no attribute 'h'" $g --effect 'h=a: cohesion 1'
pool 2 "effect 'g=c: cohesion 1': attribute 'g' has no value 'c'" $g --effect 'g=c: cohesion 1'
pool 2 "effect 'a: cohesion 1': 'a' is not of the form ATTR=VALUE" $g --effect 'a: cohesion 1'
pool 2 "effect 'g=a,g=b: severity 1': two values of one attribute" $g --effect 'g=a,g=b: severity 1'
pool 2 "effect 'g=a': not of the form" $g --effect 'g=a'
pool 2 "effect 'g=a: cohesion': not of the form" $g --effect 'g=a: cohesion'
pool 2 "effect 'g=a: charm 2': not of the form" $g --effect 'g=a: charm 2'
pool 2 "effect 'g=a: severity 3 severity -4': not of the form" $g --effect 'g=a: severity 3 severity -4'
pool 2 "effect 'g=a: cohesion 0.2': its group's cohesion is there twice" $g \
  --effect 'g=a: cohesion 0.2' --effect 'g=a: cohesion 0.2'
pool 2 "effect 'g=a: severity 1': its group's severity is there twice" $g \
  --effect 'g=a: cohesion 0.2 severity 1' --effect 'g=b: severity 1' --effect 'g=a: severity 1'
pool 2 "missing 0.999: it leaves no rating of rating" $g --raters 4 --items 4 --missing .999
pool 2 'cohesion must be above -1, severity within -10 and 10' $g --effect 'g=a: cohesion -1'
pool 2 "effect 'g=a: cohesion 3': too much cohesion" $g --effect 'g=a: cohesion 3'
pool 2 '30 ratings an item, but only 20 raters' $g --raters 20 --ratings-per-item 30
pool 2 '8 ratings an item, but only 5 raters in a batch' $g --raters 20 --batches 4 --ratings-per-item 8
pool 2 '30 items a rater, but only 20 items' $g --items 20 --items-per-rater 30
pool 2 '6 items a rater, but only 5 items in a batch' $g --items 20 --batches 4 --items-per-rater 6
pool 2 '21 batches, but only 20 raters' $g --raters 20 --batches 21
pool 2 '21 batches, but only 20 items' $g --items 20 --batches 21
pool 2 'give one, the other follows from it' $g --items-per-rater 5 --ratings-per-item 5
pool 2 '1 raters and 100 items: at least 2 and 1 are needed' $g --raters 1
pool 2 "--raters: '0.5' is no whole number" $g --raters 0.5
pool 2 '--items: 0 is not between 1 and' $g --items 0
pool 2 'missing 1: it must be at least 0 and below 1' $g --missing 1
pool 2 '--missing: -0.1 is not between 0 and 1' $g --missing=-0.1
pool 2 "--missing: 'half' is no number" $g --missing half
pool 2 'agreement 0: it must be above 0 and below 1' $g --agreement 0
pool 2 'leniency 0.9: it must be at least 0, and with the agreement, 0.35, at most 1' $g --leniency 0.9
pool 6 'of memory; this machine has' $g --raters 4000000000 --items 4000000000
pool 2 '--times, --items-times, --by and --depth go with --from STUDY' $g --times 3
pool 2 "unexpected 'study.h5'; a study to grow goes with --from" $g study.h5
pool 4 'none.conf: cannot be read: No such file or directory' --settings none.conf
printf 'attribute g=a,b\nrators 5\n' >bad.conf
pool 2 "bad.conf, line 2: unknown option 'rators'" --settings bad.conf
refuses 2 '-o STUDY is missing' simulate $g
refuses 2 '--truth out/s.h5: is the file of -o' simulate $g -o out/s.h5 --truth out/s.h5
refuses 2 '--truth ./out/s.h5: is the file of -o' simulate $g -o out/s.h5 --truth ./out/s.h5 --force
refuses 2 '--truth: the file'"'"'s name is empty' simulate $g -o out/s.h5 --truth=
refuses 2 '--truth -: it goes to a file; of the report, --format json has it' \
  simulate $g -o out/s.h5 --truth -
refuses 4 'out/none/t.json: No such file or directory' simulate $g -o out/s.h5 --truth out/none/t.json
refuses 4 'out: is not a regular file' simulate $g -o out/s.h5 --truth out --force
refuses 4 'out/none/s.h5: No such file or directory' simulate $g -o out/none/s.h5
echo kept >t.json
refuses 4 't.json: exists already; give --force to replace it' simulate $g -o out/s.h5 --truth t.json
[ "$(cat t.json)" = kept ] || fail 'the truth there was is gone'

# --- a pool grown from a study -----------------------------------------------------------------

"$dissensus" simulate -o study.h5 $g --raters 20 --items 15 --quiet 2>stderr || fail 'a small study'
"$dissensus" simulate -o kinds.h5 $g --question k:nominal=1,1,1 --raters 20 --items 15 --quiet
"$dissensus" simulate -o twins.h5 $g --question k=1,1 --question l=1,1 --raters 20 --items 15 --quiet
pool 4 'none.h5: ' --from none.h5
pool 3 'bad.conf: ' --from bad.conf
pool 2 "--times: 0 is not between 1 and 100000" --from study.h5 --times 0
pool 2 "items times 4: it must be 1 to the raters' times, 3" --from study.h5 --times 3 --items-times 4
pool 2 '--depth: 4 is not between 1 and 3' --from study.h5 --depth 4
pool 2 "the study has no rater attribute 'h'" --from study.h5 --by h
pool 2 "rater attribute 'g' is there twice" --from study.h5 --by g,g
pool 2 '--raters does not go with --from: the study says it' --from study.h5 --raters 10
pool 2 '--effect does not go with --from' --from study.h5 --effect 'g=a: severity 1'
pool 3 'no question has an order' --from kinds.h5
pool 2 "--format: 'xml' is not table, csv, json, markdown, latex, html or none" $g --format xml
"$dissensus" simulate $g --raters 2 -o lone.h5 >stdout 2>stderr || fail 'groups of one rater'
grep -qF 'no report: no group on any axis has 2 raters or more' stderr && [ ! -s stdout ] && [ -s lone.h5 ] ||
  fail 'groups of one rater have no report'
if "$dissensus" --version | grep -q Cairo; then
  pool 2 '--figure out/f.gif: its name must end with .svg, .pdf or .png' $g --figure out/f.gif
  pool 4 'out/none/f.svg: No such file or directory' $g --figure out/none/f.svg
  refuses 2 '--figure ./out/s.svg: is the file of -o' simulate $g -o out/s.svg --figure ./out/s.svg
  refuses 2 '--figure ./out/t.svg: is the file of --truth' \
    simulate $g -o out/s.h5 --truth out/t.svg --figure ./out/t.svg --force
  ln study.h5 drawn.svg
  pool 2 '--figure drawn.svg: is a file that this command reads' --from study.h5 --figure drawn.svg --force
  rm drawn.svg
  # Nothing to draw is a failure where a drawing was asked for.
  status=0
  "$dissensus" simulate $g --raters 2 -o bare.h5 --figure bare.svg --quiet >stdout 2>stderr || status=$?
  [ "$status" -eq 3 ] && [ "$(wc -l <stderr)" -eq 1 ] && [ ! -e bare.svg ] && [ -s bare.h5 ] ||
    fail "no figure: $status $(cat stderr)"
  for ending in svg pdf png; do
    "$dissensus" simulate $g --raters 20 --items 9 -o drawn.h5 --figure drawn.$ending --format none \
      --force --quiet >stdout 2>stderr || fail "a figure as $ending: $(cat stderr)"
    [ -s drawn.$ending ] && [ ! -s stdout ] || fail "no drawing in $ending"
  done
  "$dissensus" simulate $g --raters 20 --items 9 -o drawn.h5 --figure drawn.svg --force --quiet >stdout
  grep -q GAI stdout || fail 'no table beside the figure'
else
  pool 2 '--figure: this build draws none' $g --figure out/f.svg
fi
{
  echo rater,item,x,g
  for item in 1 2 3 4 5 6; do
    echo "a,$item,$((item % 2)),p"
    echo "b,$item,$((1 - item % 2)),p"
    echo "c,$item,$((item % 2)),q"
    echo "d,$item,$((1 - item % 2)),q"
  done
} >opposed.csv
"$dissensus" import opposed.csv -o opposed.h5 --rater rater --item item --rating x:ordinal \
  --rater-attr g --quiet 2>stderr || fail 'a study without agreement'
pool 3 "question 'x': its raters do not agree, so that GAI has no meaning" --from opposed.h5
sed '1s/$/,block/; 1!s/$/,x/' opposed.csv >blocks.csv
"$dissensus" import blocks.csv -o blocks.h5 --rater rater --item item --rating x:ordinal --rater-attr g \
  --item-attr block --quiet
pool 3 "the study has an item attribute 'block' already" --from blocks.h5 --times 4 --items-times 2
pool 3 "question 'x': its raters do not agree" --from blocks.h5 --times 4 # no block is made
refuses 2 'is a file that this command reads' simulate --from study.h5 -o study.h5 --force
printf 'attribute g=a,b\nraters 9\n' >good.conf
ln study.h5 alias.h5
before=$(cksum study.h5 good.conf)
for truth in study.h5 ./study.h5 alias.h5; do
  refuses 2 "--truth $truth: is a file that this command reads" \
    simulate --from study.h5 -o out/s.h5 --truth $truth --force
done
refuses 2 '--truth ./good.conf: is a file that this command reads' \
  simulate --settings good.conf -o out/s.h5 --truth ./good.conf --force
refuses 2 '-o ./good.conf: is a file that this command reads' \
  simulate --settings good.conf -o ./good.conf --force
[ "$(cksum study.h5 good.conf)" = "$before" ] || fail 'an input was changed'

# What is said of the ratings is said once, though the report measures them twice.
"$dissensus" simulate $g --raters 60 --items 60 --missing 0.95 -o kept.h5 >stdout 2>stderr || fail 'few ratings'
[ "$(grep -c 'kept .* of 60 raters' stderr)" -eq 1 ] || fail 'what was kept is not said once'

# So is that groups are small, of a pool and of the study it was grown from.
"$dissensus" simulate --attribute g=A:0.2,B:0.8 --raters 5 --items 10 -o tiny.h5 >stdout 2>stderr || fail 'a tiny study'
for times in 1 10; do
  "$dissensus" simulate --from tiny.h5 --times $times -o grown$times.h5 >stdout 2>stderr || fail "grown $times times"
  [ "$(grep -c '1 of 2 groups has fewer than 2 raters' stderr)" -eq 1 ] || fail "small groups, $times times: not said once"
done

# --- power -------------------------------------------------------------------------------------

p="power -o out/p.csv --format csv $g --items 10 --studies 5"
refuses 2 'the grid is empty: no number of raters a group' $p --gai 1.5
refuses 2 'the grid is empty: no GAI' $p --raters-per-group 10
refuses 2 '1 items: at least 2 are needed; across one there is no agreement' \
  power $g --items 1 --raters-per-group 10 --gai 1.5
# The reason is the cause, not that GAI lacks an IRR.
refuses 3 'no simulated study has a GAI: no item with two ratings in the group (in 6); more items' \
  power $g --items 2 --raters-per-group 2 --ratings-per-item 2 --studies 3 --gai 1.2
refuses 3 'no simulated study has a GAI: no variation: every pairable rating is equal (in 6); more items' \
  power $g --items 3 --raters-per-group 3 --items-per-rater 3 --question q=0.9999999,0.0000001 --studies 3 --gai 1.2
refuses 2 'GAI 0: it must be a positive number' $p --raters-per-group 10 --gai 1.2,0
refuses 2 'GAI -1: it must be a positive number' $p --raters-per-group 10 --gai=-1
refuses 2 "--gai: 'x' is no number" $p --raters-per-group 10 --gai x
refuses 2 'GAI 9: with an agreement of 0.35 and a leniency of 0.1 it can be' $p --raters-per-group 10 --gai 9
refuses 2 '1 raters a group: at least 2 are needed' $p --raters-per-group 1,10 --gai 1.5
refuses 2 '30 ratings an item, but only 20 raters' $p --raters-per-group 10 --ratings-per-item 30 --gai 2
refuses 2 '1 ratings an item: at least 2 are needed' $p --raters-per-group 10 --ratings-per-item 1 --gai 2
refuses 2 'give one, the other follows' $p --raters-per-group 10 --ratings-per-item 5 --items-per-rater 5 --gai 2
refuses 2 "the group: there is no attribute 'h'" $p --raters-per-group 10 --gai 1.5 --group h=a
refuses 2 "the group: attribute 'g' has no value 'c'" $p --raters-per-group 10 --gai 1.5 --group g=c
refuses 2 "the group 'h=x': it has all raters" $p --attribute h=x --raters-per-group 10 --gai 1.5 --group h=x
refuses 2 "the group: attribute 'h' has one value only" $p --attribute h=x --raters-per-group 10 \
  --gai 1.5 --group h=x,g=a
refuses 2 'missing 0.999: it leaves no rating of rating' $p --raters-per-group 2 --gai 1.5 --missing .999
refuses 2 'their smallest p, 0.2, is not below alpha, 0.05' $p --raters-per-group 10 --gai 2 --permutations 9
refuses 2 'their smallest p, 0.05, is not below alpha, 0.05' $p --raters-per-group 10 --gai 2 --permutations 39
refuses 2 'alpha 0: it must be above 0' $p --raters-per-group 10 --gai 2 --alpha 0
refuses 2 'power 0.01: it must be above alpha, 0.05' $p --raters-per-group 10 --gai 2 --power 0.01
refuses 2 "--significance: 'r' is neither p nor q" $p --raters-per-group 10 --gai 2 --significance r
refuses 2 '--by and --min-raters go with --study' $p --raters-per-group 10 --gai 2 --by g
refuses 2 "--format: 'xml' is not table, csv, json, markdown, latex or html" power $g --raters-per-group 10 --gai 2 --format xml
refuses 6 'of memory' $p --raters-per-group 2000000000 --gai 2 --items 4000000000
refuses 4 'out/none/p.csv: ' power $g --raters-per-group 10 --gai 2 -o out/none/p.csv
refuses 2 "unexpected 'study.h5'; a study goes with --study" power study.h5

s='power -o out/p.csv --studies 5 --permutations 99'
refuses 4 'none.h5: ' $s --study none.h5
refuses 2 "the study has no rater attribute 'h'" $s --study study.h5 --by h
refuses 2 'more than 3 attributes' $s --study study.h5 --by a,b,c,d
refuses 2 "the study has no question 'x'" $s --study study.h5 --question x
refuses 2 'the study has 2 questions: name one of those with an order: ' $s --study twins.h5
refuses 3 'it is nominal with 3 levels, and the model needs an order' $s --study kinds.h5
refuses 3 "question 'x': its raters do not agree" $s --study opposed.h5
refuses 3 'no group with 11 raters or more' $s --study study.h5 --min-raters 11
refuses 2 'give a smaller alpha instead' $s --study study.h5 --significance q
refuses 2 '--raters-per-group does not go with --study' $s --study study.h5 --raters-per-group 5
refuses 2 '--agreement does not go with --study' $s --study study.h5 --agreement 0.2

# What is left out is said, and only raters that are compared are counted.
awk 'BEGIN { srand(2); print "r,u,q,age"
  for (r = 1; r <= 20; r++) for (u = 1; u <= 12; u++)
    printf "r%d,u%d,%d,%s\n", r, u, 1 + int((u * 7 % 12) / 4 + rand()), (r == 1 ? "lone" : r == 2 ? "" : r % 2 ? "old" : "new") }' >few.csv
"$dissensus" import few.csv -o few.h5 --quiet --rater r --item u --rating q:ordinal --rater-attr age
"$dissensus" power --study few.h5 --gai 1.5 --studies 5 --permutations 99 >table 2>stderr || fail 'a study with a lone rater'
grep -q 'axis age: 1 rater with an unknown value takes no part' stderr || fail "unknown raters are not said: $(cat stderr)"
grep -q 'axis age: 1 group has fewer than 2 raters and is left out' stderr || fail 'a small group is not said'
grep -q 'age=new: 9 of 19 raters' table || fail "raters that are not compared are counted: $(cat table)"

# --- figures, and q ----------------------------------------------------------------------------

refuses 2 'its name must end with .svg, .pdf or .png' $p --raters-per-group 6 --gai 2 --figure out/f.gif
small="$g --items 8 --studies 5 --permutations 99 --quiet"
cp study.h5 study.svg
printf 'raters-per-group 4\n' >conf.svg
before=$(cksum study.svg conf.svg)
if "$dissensus" power $small --raters-per-group 4,8 --gai 1.5,2 --figure f.svg >table 2>stderr; then
  grep -q '^<?xml' f.svg || fail 'no SVG'
  grep -q 'Raters of the group for a power of 80%' table || fail 'no needed number of raters'
  "$dissensus" power $small --raters-per-group 8 --ratings-per-item 4,8 --gai 2 --significance q \
    --figure f.pdf >table 2>stderr || fail 'along ratings, by q'
  head -c 4 f.pdf | grep -q '%PDF' || fail 'no PDF'
  grep -q 'found where q < 0.05' table || fail 'q is not said'
  "$dissensus" power --study study.h5 --gai 1.5,2 --studies 5 --permutations 99 --quiet \
    --figure f.png >table 2>stderr || fail 'of a study, with a figure'
  head -c 4 f.png | grep -q PNG || fail 'no PNG'
  refuses 4 'f.svg: exists already' power $small --raters-per-group 4 --gai 2 --figure f.svg
  f="power $small --raters-per-group 4 --gai 2 --force"
  refuses 4 'out/none/f.svg: No such file or directory' $f --figure out/none/f.svg
  refuses 2 '--figure ./out/p.svg: is the file of -o' $f -o out/p.svg --figure ./out/p.svg
  refuses 2 '--figure ./conf.svg: is a file that this command reads' $f --settings conf.svg \
    --figure ./conf.svg
  refuses 2 '--figure ./study.svg: is a file that this command reads' power --study study.svg \
    --figure ./study.svg --force
  [ "$(cksum study.svg conf.svg)" = "$before" ] || fail 'an input was changed by a figure'
else
  grep -q 'made without Cairo' stderr || fail 'a figure'
fi

finish
echo "every refusal has its status and its line"

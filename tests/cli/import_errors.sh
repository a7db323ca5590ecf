#!/bin/sh
# dissensus import as a command: presets on fixtures, exit statuses, one line an error, and never an
# output, whole or half, after a failure.
# Usage: import_errors.sh DISSENSUS PROJECT
set -eu
dissensus=$1
fixtures=$2/data/fixtures
. "$(dirname "$0")/refusals.sh"

# accepts SUMMARY INPUT ARGUMENTS...: imports, and the last line ends with SUMMARY.
accepts() {
  summary=$1
  shift
  rm -f study.h5
  "$dissensus" import "$@" -o study.h5 2>stderr </dev/null || fail "import $*"
  tail -n 1 stderr | grep -q -- "$summary\$" || fail "'$summary' after import $*"
  [ -s study.h5 ] || fail "no study after import $*"
}

attempt() {
  observe "$dissensus" import "$@" -o out/study.h5 --quiet
}

printf 'r,u,q\na,x,1\nb,x,2\na,y,2\n' >good.csv
printf 'r,u,q\na,x,1\nb,x,2,3\n' >ragged.csv
printf 'r,u,q\na,x,1\na,x,2\nb,y,1\n' >twice.csv
columns='--rater r --item u --rating q:ordinal'

# Published layouts.
accepts 'raters 3, items 4, questions 6, ratings 72' "$fixtures/dices_350.csv" --preset dices-350
accepts 'raters 3, items 3, questions 4, ratings 24' "$fixtures/dices_990.csv" --preset dices-990
accepts 'raters 4, items 3, questions 1, ratings 9' "$fixtures/d3code_ratings.csv" --preset d3code \
  --raters "$fixtures/d3code_raters.csv" --items "$fixtures/d3code_items.csv"
grep -q '1 has no row in it, 1 key matches no rater' stderr || fail "joined counts of d3code"
accepts 'raters 4, items 3, questions 1, ratings 9' "$fixtures/popquorn.csv" --preset popquorn
accepts 'raters 4, items 3, questions 1, ratings 7' "$fixtures/lewidi.json" --layout lewidi \
  --rating irony --raters "$fixtures/lewidi_annotators.json" --rater-attr Gender,Age --bin Age=30

# A preset of one's own, and options on top of it.
printf '# mine\nrater=r\nitem u\nrating=q:ordinal\n' >own.preset
accepts 'raters 2, items 2, questions 1, ratings 3' good.csv --preset own.preset
accepts 'raters 2, items 2, questions 1, ratings 3' good.csv --preset ./own.preset --missing NA
refuses 4 'none.preset: cannot be read: No such file or directory' good.csv --preset none.preset
refuses 2 "there is no preset of that name" good.csv --preset dices

# Standard input, by name and by what it says of places.
rm -f study.h5
"$dissensus" import - $columns -o study.h5 --quiet <good.csv || fail "standard input"
got=0
"$dissensus" import - $columns -o out/study.h5 <ragged.csv 2>stderr || got=$?
[ "$got" -eq 3 ] || fail "status of a ragged standard input"
grep -qF 'standard input:3: column 4: the row has 4 fields, the header has 3' stderr ||
  fail "place in standard input"

# Statuses.
refuses 3 'ragged.csv:3: column 4: the row has 4 fields, the header has 3' ragged.csv $columns
refuses 3 "twice.csv:3: column 3 'q': rater 'a' rates item 'x' again after line 2" twice.csv $columns
refuses 3 "good.csv:1: no column is named 'z'; there are: r, u, q" good.csv --rater r --item z --rating q
refuses 4 'none.csv: cannot be opened: No such file or directory' none.csv $columns
refuses 2 '--rating is needed' good.csv --rater r --item u
refuses 2 "--layout 'tall': long, wide or lewidi was expected" good.csv $columns --layout tall
refuses 2 "--duplicates 'all': error, first or last was expected" good.csv $columns --duplicates all
accepts 'raters 2, items 2, questions 1, ratings 2' twice.csv $columns --duplicates last

# What is commonly mixed up.
printf 'r;u;q\na;x;1\n' >semicolons.csv
printf 'id,age\n1,20\n' >others.csv
refuses 3 "semicolons.csv:1: the file seems to be separated by ';'; commas are expected" \
  semicolons.csv $columns
refuses 3 "others.csv: no rater has a row here: raters are named like 'a' in column 'r' of good.csv, rows here like '1' in column 'id'" \
  good.csv $columns --raters others.csv --rater-key id
refuses 3 "good.csv:1: no column is named 'sex', neither here nor in others.csv; here are: r, u, q; there: id, age" \
  good.csv $columns --raters others.csv --rater-key id --rater-attr sex
refuses 2 "--derive 'y=max(q,q)': 'q' is named twice" good.csv $columns --derive 'y=max(q,q)'
printf 'sex,x,y\nf,1,2\nm,2,2\n' >wide.csv
accepts 'raters 2, items 3, questions 1, ratings 6' wide.csv --layout wide --rating q
grep -qF "3 columns taken as items: 'sex' to 'y'" stderr || fail "the item columns"
grep -qF "1 of 3 item columns shares no level with another item, the first is 'sex'" stderr ||
  fail "a forgotten attribute"

# A file whose name is not UTF-8 can be read, and provenance says so in UTF-8.
odd=$(printf 'odd\344.csv')
cp good.csv "$odd"
"$dissensus" import "$odd" $columns -o odd.h5 --quiet || fail "a file name that is not UTF-8"
grep -qaF "import \$'odd\\xE4.csv' " odd.h5 || fail "the command line of a file name that is not UTF-8"

# Outputs: an existing one stays as it is, a folder must be there and writable.
cp good.csv kept.h5
got=0
"$dissensus" import good.csv $columns -o kept.h5 2>stderr || got=$?
[ "$got" -eq 4 ] || fail "status $got for an existing output"
cmp -s good.csv kept.h5 || fail "an existing output was touched"
"$dissensus" import ragged.csv $columns -o kept.h5 --force 2>stderr && fail "ragged with --force"
cmp -s good.csv kept.h5 || fail "an existing output was touched by a failed import"
"$dissensus" import good.csv $columns -o kept.h5 --force --quiet || fail "--force"
cmp -s good.csv kept.h5 && fail "--force did not replace"
got=0
"$dissensus" import good.csv $columns -o no/such/folder.h5 2>stderr || got=$?
[ "$got" -eq 4 ] || fail "status $got for a folder that is not there"

# The same input twice is the same file, when the time is fixed.
SOURCE_DATE_EPOCH=0 "$dissensus" import good.csv $columns -o one.h5 --quiet
SOURCE_DATE_EPOCH=0 "$dissensus" import good.csv $columns -o two.h5 --quiet
cmp -s one.h5 two.h5 || fail "two imports differ"

finish
echo "import: all as expected"

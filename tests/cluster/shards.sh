#!/bin/sh
# Shards and merge: whatever is asked for, the merged file has the bytes of the run in one piece; what
# is missing, doubled or of another run is named. Usage: shards.sh DISSENSUS
set -eu
dissensus=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
here=$(cd "$(dirname "$0")" && pwd)
cd "$work"
. "$here/study.sh"

gai() {
  "$dissensus" gai study.h5 --quiet --force "$@"
}

# same N OPTIONS...: in N parts, merged in another order than they were made.
same() {
  n=$1
  shift
  gai -o plain.h5 "$@"
  parts=
  i=0
  while [ "$i" -lt "$n" ]; do
    gai -o "part$i.h5" --shard "$i/$n" --threads $((1 + i % 3)) "$@"
    parts="part$i.h5 $parts"
    i=$((i + 1))
  done
  # shellcheck disable=SC2086 # a list of names
  "$dissensus" merge $parts -o merged.h5 --force --quiet
  cmp plain.h5 merged.h5 || die "$n shards differ: $*"
}

same 1 --by all --permutations 100
same 2 --by all --depth 2 --metrics all --permutations 20000
same 3 --by group,site --permutations 12289 --bootstrap 80 --over both
same 5 --by all --permutations 5000 --bootstrap 40            # fewer blocks than shards
same 4 --by site --permutations 0 --bootstrap 60              # no resamples at all
same 2 --by group --permutations 9000 --save-null
same 3 --by group --permutations 8192 --metrics pair-gai --scheme strata:site --save-null
same 2 --by group --permutations 30000 --backend reference --question kind

# A cell whose null is the pilot alone: its quantiles are those of the values.
same 3 --by group --permutations 4096
same 2 --by all --permutations 40000 --min-raters 14

same 5 --by group --permutations 5000 --save-null

# Several backends, in whatever order the parts are given.
gai -o part0.h5 --by group --permutations 5000 --shard 0/2 --backend reference
gai -o part1.h5 --by group --permutations 5000 --shard 1/2 --backend cpu
"$dissensus" merge part0.h5 part1.h5 -o merged.h5 --force --quiet
"$dissensus" merge part1.h5 part0.h5 -o other.h5 --quiet
cmp merged.h5 other.h5 || die "the order of the parts shows"

# Exact enumeration.
head -n 1 ratings.csv > few.csv
grep -E '^r[1-8],' ratings.csv >> few.csv
"$dissensus" import few.csv -o few.h5 --rater rater --item item --rating harm --rater-attr group \
  --quiet
"$dissensus" gai few.h5 -o plain.h5 --permutations 100000 --quiet --force
for i in 0 1; do
  "$dissensus" gai few.h5 -o "part$i.h5" --permutations 100000 --shard "$i/2" --quiet --force
done
"$dissensus" merge part0.h5 part1.h5 -o merged.h5 --quiet --force
cmp plain.h5 merged.h5 || die "all arrangements differ"

# --- what is refused --------------------------------------------------------------------------

for i in 0 1 2; do gai -o "part$i.h5" --by all --permutations 20000 --bootstrap 40 --shard "$i/3"; done
gai -o seed.h5 --by all --permutations 20000 --bootstrap 40 --shard 1/3 --seed 2
gai -o axes.h5 --by group --permutations 20000 --bootstrap 40 --shard 1/3
gai -o more.h5 --by all --permutations 30000 --bootstrap 40 --shard 1/3
gai -o plain.h5 --by all --permutations 20000
for i in 0 1 2; do gai -o "bare$i.h5" --by all --permutations 20000 --shard "$i/3"; done
gai -o saves.h5 --by all --permutations 20000 --shard 1/3 --save-null
merge() { # STATUS PATTERN PART...
  wanted=$1
  pattern=$2
  shift 2
  refuse "$wanted" "dissensus merge: $pattern" "$dissensus" merge "$@" -o none.h5 --quiet
  [ ! -e none.h5 ] || die "a refused merge left a file"
}
merge 3 "resamples 4096 to 12287 of 20000 are in none of the parts" bare0.h5 bare2.h5
merge 3 "resamples 0 to 4095 of 20000 are in none of the parts" bare2.h5 bare1.h5
merge 3 "resamples 12288 to 19999 of 20000 are in none of the parts" bare0.h5 bare1.h5
merge 3 "bare1.h5 and bare1.h5 both have resamples 4096 to 12287" bare0.h5 bare1.h5 bare1.h5 bare2.h5
merge 3 "part0.h5 and part0.h5 both have the bootstrap of group *" part0.h5 part0.h5
merge 3 "the bootstrap of group *, question harm, is in none of the parts" part0.h5 part1.h5
merge 3 "seed.h5 and part0.h5 are parts of different runs: seed is '2' there, '1' here" part0.h5 seed.h5
merge 3 "axes.h5 and part0.h5 are parts of different runs: there are 1 axes there, 3 here" \
  part0.h5 axes.h5
merge 3 "more.h5 and part0.h5 are parts of different runs: permutations is '30000' there, '20000' here" \
  part0.h5 more.h5
merge 3 "saves.h5 and bare0.h5 are parts of different runs: only one has the values of its resamples*" \
  bare0.h5 saves.h5 bare2.h5
merge 3 "plain.h5: is of kind 'dissensus-results'; expected dissensus-part: \`dissensus report\` shows it" plain.h5
merge 3 "study.h5: is of kind 'dissensus-study'; expected dissensus-part*" bare0.h5 study.h5
merge 4 "absent.h5: cannot open: *" absent.h5
merge 2 "PART is missing*" 
head -c 3000 bare1.h5 > cut.h5
merge 3 "cut.h5: *" bare0.h5 cut.h5 bare2.h5
refuse 2 "dissensus merge: -o bare0.h5: is a file that this command reads*" \
  "$dissensus" merge bare0.h5 bare1.h5 bare2.h5 -o bare0.h5 --force
refuse 3 "dissensus report: bare0.h5: is of kind 'dissensus-part'*" "$dissensus" report bare0.h5
for bad in 3/3 1 a/b 1/0 -1/2 1/2/3 "" 1/2000000; do
  refuse 2 "dissensus gai: --shard: *" "$dissensus" gai study.h5 -o none.h5 "--shard=$bad"
done
refuse 2 "dissensus gai: --stop-after looks at all resamples*" \
  "$dissensus" gai study.h5 -o none.h5 --shard 0/2 --stop-after 20
echo "shards: ten runs the same in pieces, and every fault named"

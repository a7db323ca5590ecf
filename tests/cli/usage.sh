#!/bin/sh
# The command's manners: help, version, unknown names, strict numbers, exit statuses, a full standard
# output, quiet and JSON messages.
# Usage: usage.sh DISSENSUS
set -eu
dissensus=$1
. "$(dirname "$0")/refusals.sh"

# run STATUS ARGUMENTS...: and no other status.
run() {
  expected=$1
  shift
  observe "$dissensus" "$@"
  [ "$got" -eq "$expected" ] || fail "status $got instead of $expected: dissensus $*"
}

attempt() {
  observe "$dissensus" "$@"
}

# misuse MESSAGE ARGUMENTS...: refused as a usage error, with MESSAGE and a hint.
misuse() {
  message=$1
  shift
  refuses 2 "$message" "$@"
  grep -qF -- "--help" stderr || fail "no hint to --help: $*"
}

# --- help and version
for command in import info gai slurm pairs severity response classify steer simulate power report selftest; do
  run 0 "$command" --help
  cp "$folder/stdout" "$folder/help"
  grep -q "^Usage: dissensus $command" "$folder/help" || fail "usage of $command"
  [ "$(grep -c "^  dissensus $command" "$folder/help")" -eq 2 ] || fail "two examples of $command"
  [ -z "$(awk 'length > 80' "$folder/help")" ] || fail "help of $command is wider than 80 columns"
  run 0 help "$command"
  cmp -s "$folder/stdout" "$folder/help" || fail "help $command differs from $command --help"
done
run 0 --help
grep -q "^  selftest" "$folder/stdout" || fail "the list of commands"
[ -z "$(awk 'length > 80' "$folder/stdout")" ] || fail "help is wider than 80 columns"
run 0 --version
grep -q '^dissensus [0-9]*\.[0-9]*\.[0-9]*$' "$folder/stdout" || fail "version"
grep -q '^with [A-Z].*[0-9]$\|^without MPI$' "$folder/stdout" || fail "version's MPI"
run 0 gai --version
run 2
[ ! -s "$folder/stdout" ] || fail "help goes to standard error when nothing was asked for"

# --- names
misuse "did you mean 'gai'" gia
misuse "did you mean 'report'" reprot x
misuse "unknown command 'zebra'" zebra
misuse "unknown command 'zebra'" help zebra
misuse "a command comes first" --quiet gai
misuse "did you mean --permutations" gai s.h5 --permutation5 5
misuse "unknown option --ranks" gai s.h5 -o r.h5 --ranks
misuse "unknown option -x" gai -x
misuse "--force takes no argument" gai s.h5 --force=yes
misuse "--seed needs S" gai s.h5 --seed
misuse "could be several options" gai s.h5 --m 1
misuse "'xml' is not text, timed or json" gai s.h5 --log xml
misuse "'gpu' is not auto, reference, cpu or cuda" gai s.h5 -o r.h5 --backend gpu

# --- numbers
for bad in "" -1 +1 1e3 1,000 " 1" "1 " 0x10 1.5 ten; do
  misuse "is not a whole number" gai s.h5 -o r.h5 --permutations="$bad"
done
misuse "is too large" gai s.h5 -o r.h5 --seed 18446744073709551616
misuse "--permutations" gai s.h5 -o r.h5 --permutations 4611686018427387905
misuse "is not a whole number" gai s.h5 -o r.h5 --stop-after default
misuse "--bootstrap: 4611686018427387905 is not between" gai s.h5 -o r.h5 --bootstrap 4611686018427387905
misuse "--bootstrap: 1: a 95% interval needs 40 resamples at least" gai s.h5 -o r.h5 --bootstrap 1
misuse "--bootstrap: 39: a 95% interval needs 40" gai s.h5 -o r.h5 --bootstrap 39
misuse "'rater' is not raters, items or both" gai s.h5 -o r.h5 --bootstrap 9 --over rater
misuse "'BCA' is not bca, basic or percentile" gai s.h5 -o r.h5 --bootstrap 9 --interval BCA
misuse "--over goes with --bootstrap" gai s.h5 -o r.h5 --over items
misuse "--interval goes with --bootstrap" gai s.h5 -o r.h5 --interval basic
misuse "--min-raters" gai s.h5 -o r.h5 --min-raters 1
misuse "--threads" gai s.h5 -o r.h5 --threads 0
misuse "--depth" gai s.h5 -o r.h5 --by all --depth 0

# --- operands and options that do not go together
misuse "STUDY is missing" gai -o r.h5
misuse "there is also 'b.h5'" gai a.h5 b.h5 -o r.h5
misuse "-o RESULTS is missing" gai s.h5
misuse "cannot go to standard output" gai s.h5 -o -
misuse "STUDY is missing" gai --explain
misuse "--explain takes no argument" gai s.h5 --explain=all
misuse "--threads" gai s.h5 --explain --threads 0
misuse "STUDY is missing" gai --dry-run
misuse "no null distribution with --permutations 0" gai s.h5 -o r.h5 --save-null --permutations 0
misuse "--save-null takes no argument" gai s.h5 -o r.h5 --save-null=all
misuse "--depth goes with --by all" gai s.h5 -o r.h5 --by gender --depth 2
misuse "give no other --by" gai s.h5 -o r.h5 --by all --by gender
misuse "unknown statistic 'kappa'" gai s.h5 -o r.h5 --metrics irr,kappa
for scheme in strata strata: within: blocks:site; do
  misuse "is not free, strata:ATTR or within:ATTR" gai s.h5 -o r.h5 --scheme "$scheme"
done
misuse "STUDY is missing" pairs -o p.h5
misuse "-o PAIRS is missing" pairs s.h5
misuse "cannot go to standard output" pairs s.h5 -o -
misuse "--half takes no argument" pairs s.h5 -o p.h5 --half=upper
misuse "--min-shared: 0 is not between" pairs s.h5 -o p.h5 --min-shared 0
misuse "--permutations: 1099511627777 is not" pairs s.h5 -o p.h5 --permutations 1099511627777
misuse "--threads" pairs s.h5 -o p.h5 --threads 0
misuse "'gpu' is not auto, reference, cpu or cuda" pairs s.h5 -o p.h5 --backend gpu
misuse "'markdown' is not table, csv or json" pairs s.h5 -o p.h5 --format markdown
misuse "--scheme goes with --by" pairs s.h5 -o p.h5 --scheme free
misuse "is not free, strata:ATTR or within:ATTR" pairs s.h5 -o p.h5 --by g --scheme strata:
misuse "--device: 1024 is not between" pairs s.h5 -o p.h5 --device 1024
misuse "--device: 'first' is not a whole number" pairs s.h5 -o p.h5 --device first
misuse "--device-memory: 0 is not between" pairs s.h5 -o p.h5 --device-memory 0
for size in "" GiB 1GB 2gib 1.5GiB -1 "1 GiB" 1GiBs; do
  misuse "is no size such as 500MiB or 2GiB" pairs s.h5 -o p.h5 --memory="$size"
done
misuse "16777216TiB is too large" pairs s.h5 -o p.h5 --memory 16777216TiB
misuse "is too large" pairs s.h5 -o p.h5 --memory 99999999999999999999
misuse "RESULTS is missing" report
misuse "is not table, csv, json, markdown, latex or html" report r.h5 --format pdf
misuse "unexpected operand" selftest now

# --- files
run 4 gai "$folder/none.h5" -o "$folder/r.h5"
run 4 gai "$folder/none.h5" --explain
run 4 gai "$folder/none.h5" --dry-run
run 4 gai "$folder/none.h5" -o "$folder/no/such/folder/r.h5"
run 4 pairs "$folder/none.h5" -o "$folder/p.h5"
run 4 pairs "$folder/none.h5" -o "$folder/no/such/folder/p.h5"
run 4 report "$folder/none.h5"
: >"$folder/there.h5"
run 4 gai "$folder/none.h5" -o "$folder/there.h5"
grep -qF -- "--force" "$folder/stderr" || fail "an existing output is refused before the work"
echo "no HDF5" >"$folder/text.h5"
run 3 report "$folder/text.h5"

# --- messages
run 4 report "$folder/none.h5" --log json
grep -q '^{"time":"[^"]*Z","level":"error","message":".*none.h5' "$folder/stderr" || fail "a JSON line"
for log in "--log json" --log=json; do
  # shellcheck disable=SC2086 # an option and its argument
  run 2 gai --later $log
  grep -q '^{"time":"[^"]*Z","level":"error","message":".*--later' "$folder/stderr" ||
    fail "a JSON line of a usage error, $log"
done
# Behind the time in the log of a batch job, unless told otherwise.
stamp='^[0-9]*-[0-9][0-9]-[0-9][0-9]T[0-9:]*\.[0-9][0-9][0-9]Z '
run 4 report "$folder/none.h5" --log timed
grep -q "${stamp}dissensus report: .*none.h5" "$folder/stderr" || fail "a timed line"
SLURM_JOB_ID=7
export SLURM_JOB_ID
run 4 report "$folder/none.h5"
grep -q "${stamp}dissensus report: .*none.h5" "$folder/stderr" || fail "a batch job's line"
run 2 gai --later
grep -q "${stamp}dissensus gai: unknown option" "$folder/stderr" || fail "a batch job's usage error"
run 4 report "$folder/none.h5" --log text
grep -q "^dissensus report: .*none.h5" "$folder/stderr" || fail "text in a batch job"
unset SLURM_JOB_ID
run 4 report "$folder/none.h5"
grep -q "^dissensus report: .*none.h5" "$folder/stderr" || fail "a time outside batch jobs"
# Bytes that are not UTF-8 (Latin-1 here) are escaped: the message is whole, and it is JSON.
latin1=$(printf 'M\344nner')
for log in text json; do
  run 4 report "$folder/$latin1.h5" --log $log
  grep -qF 'M\xE4nner.h5: cannot open' "$folder/stderr" ||
    grep -qF 'M\\xE4nner.h5: cannot open' "$folder/stderr" || fail "a Latin-1 path with --log $log"
  iconv -f UTF-8 -t UTF-8 "$folder/stderr" >/dev/null 2>&1 || fail "not UTF-8 with --log $log"
  run 2 gai s.h5 -o r.h5 --log $log --metrics "$latin1"
  grep -q 'unknown statistic .M\\*xE4nner' "$folder/stderr" || fail "a Latin-1 name with --log $log"
  printf 'u,i,v,g\na,x,1,%s\nb,x,2,c\n' "$latin1" >"$folder/latin1.csv"
  run 3 import "$folder/latin1.csv" -o "$folder/s.h5" --rater u --item i --rating v:interval \
    --rater-attr g --log $log
  grep -q 'latin1.csv' "$folder/stderr" || fail "a Latin-1 label with --log $log"
  iconv -f UTF-8 -t UTF-8 "$folder/stderr" >/dev/null 2>&1 || fail "not UTF-8 with --log $log"
done
run 4 report "$folder/none.h5" --quiet
[ "$(wc -l <"$folder/stderr")" -eq 1 ] || fail "errors are said even with --quiet"

# --- a full standard output
got=0
"$dissensus" --help >/dev/full 2>"$folder/stderr" || got=$?
[ "$got" -eq 4 ] || fail "status $got on a full standard output"

finish
echo "all passed"

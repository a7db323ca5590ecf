#!/bin/sh
# From ratings to a report on a small table: what the commands say, write and leave behind.
# Usage: main_job.sh DISSENSUS
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
failures=0

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# Twelve raters, ten items, two questions; a group of one, and a name that wants quoting.
awk 'BEGIN {
  print "rater,item,topic,safe,harm,gender,team"
  for (r = 1; r <= 12; r++)
    for (u = 1; u <= 10; u++)
      printf "r%d,i%d,%s,%d,%d,%s,%s\n", r, u, u % 2 ? "Bias" : "Other", 1 + (r * u + (r > 6) * u) % 4,
        (r * 7 + u * u) % 3, r % 2 ? "\"man, \"\"he\"\"\"" : "woman", r == 12 ? "c" : r < 6 ? "a" : "b"
}' >ratings.csv
"$dissensus" import ratings.csv -o study.h5 --rater rater --item item --rating safe:ordinal \
  --rating harm --rater-attr gender,team --item-attr topic --quiet 2>stderr
[ ! -s stderr ] || fail "import --quiet says something"

# --- gai
"$dissensus" gai study.h5 -o res.h5 --by gender --by gender,team --permutations 50 --seed 3 \
  --metrics all --threads 1 >stdout 2>stderr
[ ! -s stdout ] || fail "gai writes to standard output"
grep -q "dissensus report res.h5" stderr || fail "no closing line"
"$dissensus" gai --seed 3 study.h5 --metr all --by gender --permutations=50 --by gender,team \
  -o "a file.h5" --force --quiet 2>stderr
[ ! -s stderr ] || fail "gai --quiet says something"
"$dissensus" gai study.h5 -o one.h5 --question safe --where topic=Bias --by all --depth 1 \
  --permutations 0 --log json 2>stderr
[ "$(grep -vc '^{"time":' stderr)" -eq 0 ] || fail "a line that is not JSON"
grep -q 'filter topic=Bias leaves 5 of 10 items' stderr || fail "the filter is not named"
grep -q '60 of 120 ratings are dropped by the filters' stderr || fail "dropped ratings are not counted"
"$dissensus" report one.h5 --format json | grep -q '"ratings_dropped":"60"' ||
  fail "dropped ratings are not in the provenance"

latin1=$(printf 'M\344nner.h5')
"$dissensus" gai study.h5 -o "$latin1" --permutations 0 --log json 2>stderr
grep -qF 'wrote M\\xE4nner.h5;' stderr || fail "a Latin-1 output in JSON: $(cat stderr)"
[ -e "$latin1" ] || fail "a Latin-1 output"

# --- intervals: in every report, and refused where they would not fit
"$dissensus" gai study.h5 -o ci.h5 --by gender --permutations 0 --bootstrap 200 --over items \
  --interval basic --quiet
"$dissensus" report ci.h5 >ci.txt
grep -q '^By gender, 95% intervals$' ci.txt || fail "no table of intervals"
grep -q '^95% intervals: basic bootstrap over items, 200 resamples, seed 1.$' ci.txt ||
  fail "no note on the intervals"
"$dissensus" report ci.h5 --format csv | awk -F, 'NR > 1 && $6 == "irr" && $27 != "basic"' |
  grep . && fail "an IRR without a basic interval"
"$dissensus" report ci.h5 --format json | grep -q '"bootstrap":"200","over":"items","interval":"basic"' ||
  fail "the bootstrap in provenance"
"$dissensus" report one.h5 | grep -q interval && fail "intervals that nobody asked for"
status=0
"$dissensus" gai study.h5 -o big.h5 --bootstrap 100000000000 --quiet 2>stderr || status=$?
[ "$status" -eq 6 ] || fail "status $status for a bootstrap too large"
[ "$(wc -l <stderr)" -eq 1 ] && grep -q "too many to hold" stderr || fail "too large: $(cat stderr)"
[ ! -e big.h5 ] || fail "an output of a bootstrap too large"

# --- progress: a bar on a terminal (script, of Debian's bsdutils, makes one), plain lines elsewhere
bar="'$dissensus' gai study.h5 -o bar.h5 --permutations 3000 --force"
TERM=xterm script -qec "$bar" /dev/null </dev/null >screen
grep -q 'permutations \[####*\.*\] *[0-9]*%, [0-9]* of 3000' screen || fail "no progress bar"
TERM=xterm script -qec "$bar --quiet" /dev/null </dev/null >screen
[ ! -s screen ] || fail "a progress bar with --quiet"
TERM=xterm script -qec "$bar --permutations 0 --bootstrap 20000" /dev/null </dev/null >screen
grep -q 'bootstrap \[####*\.*\] *[0-9]*%, [0-9]* of' screen || fail "no progress bar of the bootstrap"
"$dissensus" gai study.h5 -o bar.h5 --permutations 3000 --force 2>stderr
grep -q '\[#' stderr && fail "a progress bar without a terminal"

# --- backends that are not there are known words; the library answers, before any work is done
if CUDA_VISIBLE_DEVICES='' "$dissensus" devices | grep -q '^no GPU: '; then
  status=0
  CUDA_VISIBLE_DEVICES='' "$dissensus" gai study.h5 -o none.h5 --backend cuda --quiet >stdout 2>stderr || status=$?
  [ "$status" -eq 5 ] || fail "status $status for --backend cuda"
  [ "$(wc -l <stderr)" -eq 1 ] && grep -q cuda stderr || fail "--backend cuda: $(cat stderr)"
  [ ! -s stdout ] && [ ! -e none.h5 ] || fail "an output of --backend cuda"
else
  fail "devices: $("$dissensus" devices)"
fi

# --- an axis that no shuffle changes is warned of once, and not where nothing is shuffled
for options in "--by gender" "--by gender --by team" "--by gender --permutations 0"; do
  "$dissensus" gai study.h5 -o still.h5 --force --scheme strata:gender $options 2>stderr
  case $options in *0) expected=0 ;; *) expected=1 ;; esac
  [ "$(grep -c 'shuffle' stderr)" -eq $expected ] || fail "$options: warnings: $(cat stderr)"
done

# --- what would run: said, not done
# explains TEXT OPTIONS...: standard output, its blanks squeezed, has the text; no file appears.
explains() {
  text=$1
  shift
  "$dissensus" gai study.h5 --explain "$@" 2>stderr | tr -s ' \n' ' ' >said || fail "--explain $*"
  grep -qF -- "$text" said || fail "--explain $*: not '$text' in: $(cat said)"
}
explains "questions 2: safe, harm groups 5 on 2 axes, 4 of them tested statistics irr, xrr, gai, difference"
explains "scheme free resamples 10000 at random, seed 1 stop after never bootstrap none backend cpu"
explains "scheme strata:team resamples" --scheme strata:team
explains "statistics irr, plurality scheme" --metrics irr,plurality
explains "statistics irr, xrr, gai, difference, pair_irr, pair_xrr, pair_gai, pair_difference scheme" \
  --metrics pair-gai
explains " of the pilot, 5.4 KiB of lists of pairs; " --metrics pair-gai
explains "pairs at most 132 of raters who share an item threads" --metrics pair-gai
explains "resamples none: estimates only" --permutations 0
explains "20 exceedances on each side" --stop-after 20
explains "all 924 distinct arrangements stop after never" --by gender --stop-after 20
explains "50 resamples over items, basic intervals" --bootstrap 50 --over items --interval basic
explains "backend reference method scalar walk over rating lists why" --backend reference
explains "results, and before them the study with the plan threads 3 sums exact" --threads 3
explains " KiB of the plan, 5.0 KiB of the pilot; " --permutations 16
explains " KiB of the plan, 0.0 KiB of the pilot; " --permutations 0
DSS_CPU=portable explains "backend cpu method portable, " --metrics all
explains " resamples a step, tabled kernel why no item has more than 256 states of a group" --metrics all
"$dissensus" gai study.h5 -o unmade.h5 --dry-run --permutations 50 --quiet >said
[ ! -e unmade.h5 ] || fail "--dry-run writes a file"
"$dissensus" gai study.h5 -o unmade.h5 --explain --quiet >said 2>stderr
[ ! -s stderr ] || fail "--explain --quiet says something beside: $(cat stderr)"
[ ! -e unmade.h5 ] || fail "--explain writes a file"
export SLURM_CPUS_PER_TASK=1
explains " threads 1 sums"
export OMP_NUM_THREADS=3
explains " threads 3 sums"
explains " threads 2 sums" --threads 2
unset SLURM_CPUS_PER_TASK OMP_NUM_THREADS
explains " tried in " --dry-run --permutations 500
explains "start " --dry-run --permutations 0
explains "a shard of 16 " --dry-run --bootstrap 50 --permutations 5
explains "less where tests stop early" --dry-run --stop-after 20 --permutations 90000
explains " tried in " --dry-run --metrics pair-gai --backend reference
explains "memory in all " --dry-run --by gender
[ "$(grep -o ' tried in ' said | wc -l)" -eq 1 ] || fail "a bootstrap that nobody asked for"
status=0
CUDA_VISIBLE_DEVICES='' "$dissensus" gai study.h5 --explain --backend cuda 2>stderr || status=$?
[ "$status" -eq 5 ] || fail "status $status for --explain --backend cuda"
if [ -w /dev/full ]; then
  status=0
  "$dissensus" gai study.h5 --explain >/dev/full 2>stderr || status=$?
  [ "$status" -eq 4 ] || fail "status $status for --explain on a full standard output"
fi

# --- the instruction set: forced ones give the same bytes, others are refused
for set in avx512 avx2 portable z80; do
  status=0
  DSS_CPU=$set "$dissensus" gai study.h5 -o $set.h5 --permutations 300 --metrics all --quiet \
    2>stderr || status=$?
  if [ "$status" -eq 0 ] && [ "$set" != z80 ]; then
    "$dissensus" report $set.h5 --format csv >$set.csv
    "$dissensus" report $set.h5 --format json | grep -q '"backend":"cpu"' || fail "backend of $set"
    continue
  fi
  [ "$set" != portable ] || fail "portable code is not there: $(cat stderr)"
  [ "$status" -eq 5 ] || fail "status $status for DSS_CPU=$set"
  [ "$(wc -l <stderr)" -eq 1 ] && grep -q "DSS_CPU forces '$set', but this machine has .*portable" stderr ||
    fail "DSS_CPU=$set: $(cat stderr)"
  [ ! -e $set.h5 ] || fail "an output of DSS_CPU=$set"
done
for set in avx512 avx2; do
  [ ! -e $set.csv ] || cmp -s $set.csv portable.csv || fail "$set differs from portable"
done
status=0
DSS_CPU=z80 "$dissensus" gai study.h5 -o z80.h5 --backend cpu --quiet 2>stderr || status=$?
[ "$status" -eq 5 ] || fail "status $status for DSS_CPU=z80 --backend cpu"
DSS_CPU=z80 "$dissensus" gai study.h5 -o z80.h5 --backend reference --permutations 0 --quiet ||
  fail "DSS_CPU is the cpu backend's business alone"

# --- reports
"$dissensus" report res.h5 --format csv >res.csv
# Header; 2 questions x (2 + 5 groups x 9 statistics + 2 DSI).
[ "$(wc -l <res.csv)" -eq $((1 + 2 * (2 * 9 + 1 + 5 * 9 + 1))) ] || fail "rows of the CSV"
grep -q '^safe,gender,"man, ""he""",6,60,irr,' res.csv || fail "a quoted name"
"$dissensus" report "a file.h5" --format csv | cmp -s - res.csv || fail "the order of options matters"
"$dissensus" report res.h5 --format json >res.json
grep -q '"command":"dissensus gai study.h5 --by gender --by gender,team --permutations 50 --seed 3 --metrics all"' \
  res.json || fail "the command in provenance: $(grep -o '"command":"[^"]*"' res.json)"
"$dissensus" report one.h5 --format csv | cut -d, -f1 | sort -u | tr '\n' ' ' >questions
[ "$(cat questions)" = "question safe " ] || fail "questions: $(cat questions)"
for format in table csv json markdown latex; do
  "$dissensus" report res.h5 --format "$format" -o out.txt --quiet || fail "report --format $format"
  [ -s out.txt ] || fail "an empty $format"
  status=0
  "$dissensus" report res.h5 --format "$format" -o out.txt 2>stderr || status=$?
  [ "$status" -eq 4 ] || fail "status $status for an existing report"
  "$dissensus" report res.h5 --format "$format" -o out.txt --force || fail "--force"
  "$dissensus" report res.h5 --format "$format" -o - >stdout
  [ "$format" = table ] || cmp -s stdout out.txt || fail "$format differs between file and output"
  rm -f out.txt
  if [ -w /dev/full ]; then
    status=0
    "$dissensus" report res.h5 --format "$format" >/dev/full 2>stderr || status=$?
    [ "$status" -eq 4 ] || fail "status $status on a full standard output"
    [ "$(wc -l <stderr)" -eq 1 ] || fail "one line on a full standard output"
  fi
done
LC_ALL=C "$dissensus" report res.h5 >ascii.txt
LC_ALL=C.UTF-8 "$dissensus" report res.h5 >utf8.txt
[ -z "$(LC_ALL=C tr -d '\n -~' <ascii.txt)" ] || fail "the ASCII table is not ASCII"
[ -n "$(LC_ALL=C tr -d '\n -~' <utf8.txt)" ] || fail "the UTF-8 table has no arrows"
grep -q "50 resamples, scheme free, seed 3" utf8.txt || fail "the note"

# --- names that the study does not know are usage errors
for wrong in "--by shoe" "--question Q9" "--where topic=Sport" "--scheme strata:site"; do
  status=0
  "$dissensus" gai study.h5 -o wrong.h5 $wrong 2>stderr || status=$?
  case $wrong in
  *Sport) expected="2 3" ;;
  *) expected=2 ;;
  esac
  case " $expected " in *" $status "*) ;; *) fail "status $status: $wrong" ;; esac
  [ ! -e wrong.h5 ] || fail "an output after an error"
done
[ -z "$(ls | grep part-)" ] || fail "temporary files are left"

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
echo "all passed"

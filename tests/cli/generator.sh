#!/bin/sh
# The workload generator keeps its promises: counts, truth, same bytes for the same seed, errors.
# Usage: generator.sh dissensus-generate PROJECT
set -eu
generate=$1
settings=$2/data/demo/dive.ini
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# make FOLDER options...
make() {
  folder=$1
  shift
  "$generate" --settings "$settings" --out "$work/$folder" "$@" > "$work/said" || fail "make $folder"
}

# counts FOLDER RATERS ITEMS RATINGS: everything that data/demo/README.md promises of the design.
counts() {
  awk -F, -v raters="$2" -v items="$3" -v ratings="$4" '
    function bad(text) { print text; failed = 1; exit 1 }
    FNR == NR { if (FNR > 1) { topic[$1] = $2; n_topics[$2]++ } next }
    FNR == 1 { next }
    {
      if (NF != 8) bad("not 8 fields: " $0)
      if (!($2 in topic)) bad("unknown item: " $0)
      if ($3 !~ /^[1-5]$/ || $4 !~ /^[1-5]$/) bad("no rating from 1 to 5: " $0)
      if (!($5 in n_topics)) bad("unknown violation type: " $0)
      if (($1, $2) in pair) bad("rated twice: " $0)
      pair[$1, $2] = 1
      profile = $6 "*" $7 "*" $8
      if ($1 in of && of[$1] != profile) bad("two profiles: " $0)
      if (!($1 in of)) { of[$1] = profile; cell[profile]++ }
      n_items[$1]++; n_raters[$2]++; n++
      harm[$3]++; other[$4]++
    }
    END {
      if (failed) exit 1
      if (n != ratings) bad(n " ratings")
      for (r in n_items) { nr++; if (n_items[r] != 50 && n_items[r] != 51) bad(r " has " n_items[r]) }
      for (i in n_raters) { ni++; if (n_raters[i] < 20) bad(i " has " n_raters[i]) }
      least = 1e9
      for (c in cell) {
        nc++
        if (cell[c] < least) least = cell[c]
        if (cell[c] > most) most = cell[c]
      }
      if (nr != raters || ni != items || nc != 30) bad(nr " raters " ni " items " nc " trisections")
      if (least < 15 || most < least * 1.4) bad("trisections from " least " to " most)
      for (k = 1; k <= 5; k++) if (harm[k] < n / 20 || other[k] < n / 20) bad("level " k " is rare")
      for (t in n_topics) nt++
      if (nt != 3) bad(nt " topics")
    }' "$work/$1/items.csv" "$work/$1/ratings.csv" || fail "counts of $1"
}

make one
counts one 637 1000 31980
[ "$(wc -l < "$work/said")" -eq 3 ] || fail "the three paths are not named"
make ten --scale 10
counts ten 6370 10000 319800

make again
diff -r "$work/one" "$work/again" || fail "two runs differ"
make seven --seed 7
! cmp -s "$work/one/ratings.csv" "$work/seven/ratings.csv" || fail "the seed does nothing"
# The same bytes everywhere: renew the number only with a change of model or settings.
sum=$(cksum < "$work/one/ratings.csv")
[ "$sum" = "1161258789 1355309" ] || fail "ratings.csv is not as it was: $sum"

# Truth: what the settings say, and nothing under --null, with the same design.
make null --null
for kind in null:23 cohesive:4 incoherent:3; do
  n=$(cut -d, -f5 "$work/one/truth.csv" | grep -c -x "${kind%:*}") || true
  [ "$n" = "${kind#*:}" ] || fail "$n trisections are ${kind%:*}"
done
[ "$(cut -d, -f5 "$work/null/truth.csv" | sort -u | tr '\n' ' ')" = "cohesion null " ] ||
  fail "--null leaves a group effect"
cut -d, -f1,2,6- "$work/one/ratings.csv" > "$work/design.one"
cut -d, -f1,2,6- "$work/null/ratings.csv" | cmp -s - "$work/design.one" || fail "--null has another design"

# Machines: every item, and every item for every trisection; the judge who is not told says one thing.
make machines --predictions
[ "$(wc -l < "$work/said")" -eq 5 ] || fail "the five paths are not named"
for file in ratings items truth; do
  cmp -s "$work/one/$file.csv" "$work/machines/$file.csv" || fail "--predictions changes $file.csv"
done
awk -F, 'FNR == 1 { next }
  FNR == NR { if (NF != 3 || $2 < 0 || $2 > 1 || $3 < 0 || $3 > 1) exit 1; n++; next }
  { if (NF != 6 || $5 !~ /^[1-5]$/ || $6 !~ /^[1-5]$/ || ($1 in said && said[$1] != $6)) exit 1
    said[$1] = $6; told += $5 != $6; m++ }
  END { if (n != 1000 || m != 30000 || told < 3000) exit 1 }' "$work/machines/classifiers.csv" \
  "$work/machines/judges.csv" || fail "what the machines say"

# refuse STATUS TEXT options...: that exit status, one line with that text, and no file.
refuse() {
  status=$1
  text=$2
  shift 2
  got=0
  "$generate" "$@" > "$work/said" 2>&1 || got=$?
  [ "$got" -eq "$status" ] || fail "exit status $got instead of $status: $*"
  grep -qF -- "$text" "$work/said" || fail "not said: $text ($(cat "$work/said"))"
  [ "$(wc -l < "$work/said")" -eq 1 ] || fail "more than a line: $(cat "$work/said")"
  [ ! -e "$work/none" ] || fail "left a folder behind: $*"
}
# changed FROM TO: the settings with a change
changed() {
  sed "s/$1/$2/" "$settings" > "$work/changed.ini"
  ! cmp -s "$settings" "$work/changed.ini" || fail "sed $1 changed nothing"
}
refuse 2 "--settings and --out" --out "$work/none"
refuse 2 "--seed" --settings "$settings" --out "$work/none" --seed 1x
refuse 2 "--scale" --settings "$settings" --out "$work/none" --scale 0
refuse 2 "unexpected: more" --settings "$settings" --out "$work/none" more
refuse 4 "absent.ini" --settings "$work/absent.ini" --out "$work/none"
refuse 4 "$work/absent/none" --settings "$settings" --out "$work/absent/none"
changed 'bias_sd = .*' 'bias_sd = nan'
refuse 3 "changed.ini:$(grep -n bias_sd "$settings" | cut -d: -f1): bias_sd" \
  --settings "$work/changed.ini" --out "$work/none"
changed 'raters = 637' 'raters = 400'
refuse 3 "too few raters" --settings "$work/changed.ini" --out "$work/none"
changed '^items = 1000' 'items = 50'
refuse 3 "more ratings a rater than items" --settings "$work/changed.ini" --out "$work/none"
changed 'Man\*GenX\*E3' 'Man*GenX*E9'
refuse 3 "names no trisection" --settings "$work/changed.ini" --out "$work/none"
changed 'Violent = 0.32' 'Violent = 0.32\nViolent = 1'
refuse 3 "twice" --settings "$work/changed.ini" --out "$work/none"
echo "the generator keeps its promises"

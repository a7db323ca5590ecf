#!/bin/sh
# The same `gai` by the reference and by the cpu backend with one instruction set: one CSV report, byte
# for byte. SET is avx512, avx2, portable, or sparse: the kernel that needs still more than avx512. A
# machine that lacks the set skips the test, which so counts what the parity tests, too, have not
# compared there. A set that nobody knows is refused. usage: cpu_sets.sh DISSENSUS SET
set -eu
dissensus=$1 set=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"

fail() {
  echo "$*" >&2
  exit 1
}

make() { # name backend options...; also where set -e does not stop
  name=$1 backend=$2
  shift 2
  rm -f "$name.h5" "$name.csv"
  "$dissensus" gai study.h5 -o "$name.h5" --backend "$backend" --by all --depth 2 \
    --permutations 1100 --quiet "$@" &&
    "$dissensus" report "$name.h5" --format csv > "$name.csv"
}

# Whether the machine says that it has the set; where it does not say, the command decides.
says_has() {
  [ "$set" = portable ] && return 0
  [ -r /proc/cpuinfo ] || return 1
  case $set in
    avx2) flags=avx2 ;;
    avx512) flags="avx512f avx512bw avx512dq avx512vl avx512_vnni" ;;
    sparse) flags="avx512f avx512bw avx512dq avx512vl avx512_vnni avx512vbmi gfni" ;;
  esac
  for flag in $flags; do grep -qw "$flag" /proc/cpuinfo || return 1; done
}

lacking() {
  if says_has; then fail "$set fails, which this machine has: $(cat error.txt)"; fi
  echo "SKIPPED: $set, which this machine lacks; nor have backends, sparse, uniform and uniform-values compared it"
  exit 77
}

compared=0
compare() { # options...
  make reference reference "$@"
  [ "$(wc -l < reference.csv)" -gt 10 ] || fail "hardly anything in the report"
  if ! make "$set" cpu "$@" 2> error.txt; then
    grep -q "backend cpu: DSS_CPU forces" error.txt || fail "$set fails otherwise: $(cat error.txt)"
    lacking
  fi
  cmp reference.csv "$set.csv" || fail "$set differs from the reference: $*"
  compared=$((compared + 1))
}

# --- a set --------------------------------------------------------------------------------------

# Attributes with unknown values, items of one rating to all, nominal, ordinal and numeric questions.
dense() {
  awk 'BEGIN { srand(11); print "rater,item,harm,kind,points,group,site"
    for (r = 1; r <= 70; r++) for (i = 1; i <= 40; i++) if (rand() < i / 40)
      printf "r%d,i%d,%d,%s,%.1f,%s,%s\n", r, i, 1 + int(rand() * 5), substr("abc", 1 + int(rand() * 3), 1),
        0.5 * int(rand() * 4), r % 3 ? "x" : "y", r % 7 ? (r % 2 ? "north" : "south") : "" }' > ratings.csv
  "$dissensus" import ratings.csv -o study.h5 --rater rater --item item --rating harm:ordinal \
    --rating kind --rating points:interval --rater-attr group,site --quiet
  DSS_CPU=$set
  export DSS_CPU
  compare --metrics all
  compare --metrics gai-table --scheme strata:site --seed 18446744073709551615
  compare --metrics irr --units common --scheme within:group

  # The comparison can fail.
  make other cpu --metrics irr --units common --scheme within:group --seed 2
  if cmp -s reference.csv other.csv; then fail "another seed gave the same numbers"; fi
}

# Many groups, and items with few ratings.
sparse() {
  awk 'BEGIN { srand(12); print "rater,item,kind,group,site,age"
    for (i = 1; i <= 250; i++) for (k = 0; k < 2 + i % 8; k++) { r = (i * 7 + k * 11) % 60
      printf "r%d,i%d,%s,g%d,s%d,a%d\n", r, i, substr("abcde", 1 + int(rand() * 5), 1), r % 3, r % 4, r % 5 } }' \
    > ratings.csv
  "$dissensus" import ratings.csv -o study.h5 --rater rater --item item --rating kind \
    --rater-attr group,site,age --quiet
  "$dissensus" gai study.h5 --explain --backend cpu --by all --depth 2 > error.txt
  grep -q sparse error.txt || lacking
  compare --permutations 1300
  compare --metrics irr --scheme strata:site
}

case $set in
  sparse) sparse ;;
  *) dense ;;
esac
[ "$compared" -ge 2 ] || fail "$compared reports compared"

status=0
DSS_CPU=sse9 "$dissensus" gai study.h5 -o unknown.h5 --backend cpu --quiet 2> error.txt || status=$?
[ "$status" -eq 5 ] || fail "an unknown instruction set: exit status $status, not 5 (device)"
grep -q "backend cpu" error.txt || fail "what failed is not said: $(cat error.txt)"
[ ! -e unknown.h5 ] || fail "a refused run left a file"

echo "$compared reports equal the reference's"

#!/bin/sh
# The same `gai` by the reference and by the cpu backend with every instruction set of this machine:
# one CSV report, byte for byte. Sets that the machine lacks are counted and named; a set that nobody
# knows is refused. usage: cpu_sets.sh DISSENSUS
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"

fail() {
  echo "$*" >&2
  exit 1
}

# Attributes with unknown values, items of one rating to all, nominal, ordinal and numeric questions.
awk 'BEGIN { srand(11); print "rater,item,harm,kind,points,group,site"
  for (r = 1; r <= 70; r++) for (i = 1; i <= 40; i++) if (rand() < i / 40)
    printf "r%d,i%d,%d,%s,%.1f,%s,%s\n", r, i, 1 + int(rand() * 5), substr("abc", 1 + int(rand() * 3), 1),
      0.5 * int(rand() * 4), r % 3 ? "x" : "y", r % 7 ? (r % 2 ? "north" : "south") : "" }' > ratings.csv
"$dissensus" import ratings.csv -o study.h5 --rater rater --item item --rating harm:ordinal \
  --rating kind --rating points:interval --rater-attr group,site --quiet

make() { # name backend options...; also where set -e does not stop
  name=$1 backend=$2
  shift 2
  rm -f "$name.h5" "$name.csv"
  "$dissensus" gai study.h5 -o "$name.h5" --backend "$backend" --by all --depth 2 \
    --permutations 1100 --quiet "$@" &&
    "$dissensus" report "$name.h5" --format csv > "$name.csv"
}

# Whether the machine says that it has a set; where it does not say, the command decides.
says_has() { # set
  [ "$1" = portable ] && return 0
  [ -r /proc/cpuinfo ] || return 1
  case $1 in
    avx2) flags=avx2 ;;
    *) flags="avx512f avx512bw avx512dq avx512vl avx512_vnni" ;;
  esac
  for flag in $flags; do grep -qw "$flag" /proc/cpuinfo || return 1; done
}

compared=0 skipped=0
for options in "--metrics all" "--metrics gai-table --scheme strata:site --seed 18446744073709551615" \
  "--metrics irr --units common --scheme within:group"; do
  # shellcheck disable=SC2086
  make reference reference $options
  [ "$(wc -l < reference.csv)" -gt 10 ] || fail "hardly anything in the report"
  for set in avx512 avx2 portable; do
    # shellcheck disable=SC2086
    if (DSS_CPU=$set && export DSS_CPU && make "$set" cpu $options) 2> error.txt; then
      cmp reference.csv "$set.csv" || fail "$set differs from the reference: $options"
      compared=$((compared + 1))
    elif says_has "$set"; then
      cat error.txt >&2
      fail "$set fails, which this machine has"
    else
      grep -q "backend cpu" error.txt || fail "$set fails otherwise: $(cat error.txt)"
      echo "SKIPPED: $set, which this machine lacks ($options)"
      skipped=$((skipped + 1))
    fi
  done
done
[ $((compared + skipped)) -eq 9 ] && [ "$compared" -ge 3 ] || fail "$compared compared, $skipped skipped"

# The comparison can fail.
make other cpu --metrics irr --units common --scheme within:group --seed 2
if cmp -s reference.csv other.csv; then fail "another seed gave the same numbers"; fi

status=0
DSS_CPU=sse9 "$dissensus" gai study.h5 -o unknown.h5 --backend cpu --quiet 2> error.txt || status=$?
[ "$status" -eq 5 ] || fail "an unknown instruction set: exit status $status, not 5 (device)"
grep -q "backend cpu" error.txt || fail "what failed is not said: $(cat error.txt)"
[ ! -e unknown.h5 ] || fail "a refused run left a file"

echo "$compared reports equal the reference's, $skipped skipped"

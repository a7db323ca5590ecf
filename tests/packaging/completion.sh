#!/bin/bash
# What completion offers, asked as bash does.
# Usage: completion.sh COMPLETION_FILE
set -eu
completion=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
mkdir studies
touch a.h5 "b c.h5" ratings.csv studies/s.h5
# shellcheck source=/dev/null
. "$completion"

failures=0
# offers "EXPECTED|..." WORD...: what the last word may become, in sorted order.
offers() {
  local expected=$1 found
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _dissensus || true
  found=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd '|')
  if [ "$found" != "$expected" ]; then
    echo "FAILED: $* offers '$found', not '$expected'"
    failures=$((failures + 1))
  fi
}
# includes WORD... -- WORD...: is among the offers.
includes() {
  local wanted=()
  while [ "$1" != -- ]; do
    wanted+=("$1")
    shift
  done
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _dissensus || true
  for word in "${wanted[@]}"; do
    if ! printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$word"; then
      echo "FAILED: $* does not offer '$word'"
      failures=$((failures + 1))
    fi
  done
}

complete -p dissensus | grep -q -- '-F _dissensus' || { echo "not registered"; exit 1; }
includes import info gai pairs report devices selftest help --help --version -- dissensus ""
offers "gai" dissensus ga
offers "" dissensus zebra
includes gai --man -- dissensus help ""
offers "gai" dissensus help --man ga
includes --by --bootstrap --output -o --help --quiet -- dissensus gai a.h5 -
offers "--backend|--bootstrap|--by" dissensus gai --b
offers "" dissensus gai --zebra
offers "auto|cpu|cuda|reference" dissensus gai a.h5 --backend ""
offers "reference" dissensus gai a.h5 --backend = ref
offers "auto|cpu|cuda|reference" dissensus gai a.h5 --backend =
offers "csv|html|json|latex|markdown|table" dissensus report a.h5 --format ""
offers "lewidi|long" dissensus import ratings.csv --layout l
offers "json|text|timed" dissensus info --log ""
offers "" dissensus gai a.h5 --by ""
offers "a.h5|b c.h5|studies" dissensus gai ""
offers "studies/s.h5" dissensus gai studies/
offers "ratings.csv" dissensus gai ra
offers "a.h5|b c.h5|ratings.csv|studies" dissensus import ""
offers "ratings.csv" dissensus import ratings.csv --items r
offers "a.h5" dissensus gai a.h5 -o a
includes --help --quiet -- dissensus selftest ""
offers "" dissensus selftest a
# Every operand is of a kind that completion knows.
while read -r command operand _; do
  case $operand in
    -* | '' | STUDY* | RESULTS* | PAIRS* | PART* | FILE* | CSV* | INPUT* | DIR*) ;;
    *)
      echo "FAILED: completion does not know what $operand of $command is"
      failures=$((failures + 1))
      ;;
  esac
done <<< "$_dissensus_table"
[ "$failures" -eq 0 ] || exit 1
echo "completion offers what it should"

# What tests of evaluations look for in a report. Sourced before refusals.sh, which leaves the folder.

# notes COUNT WHAT NAMES ARGUMENTS...: the run succeeds and its JSON has that note.
notes() {
  wanted="\"what\":\"$2\",\"count\":$1,\"names\":\"$3\""
  shift 3
  attempt "$@" --format json
  [ "$got" -eq 0 ] || fail "status $got: $*"
  grep -qF -- "$wanted" stdout || fail "no note $wanted: $*"
}

# silent WHAT ARGUMENTS...: the run succeeds and its JSON has no such note.
silent() {
  unwanted=$1
  shift
  attempt "$@" --format json
  [ "$got" -eq 0 ] || fail "status $got: $*"
  ! grep -qF -- "$unwanted" stdout || fail "a note '$unwanted': $*"
}

# says ROW VALUE ARGUMENTS...: the CSV's row that begins with ROW has this estimate, or this reason.
says() {
  row=$1
  value=$2
  shift 2
  attempt "$@" --format csv
  [ "$got" -eq 0 ] || fail "status $got: $*"
  awk -F, -v row="$row" -v value="$value" \
    'index($0, row ",") == 1 { found = 1; if ($11 != value && $12 != value) exit 1 }
     END { if (!found) exit 1 }' stdout || fail "not '$value' in $row: $*"
}

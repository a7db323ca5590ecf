# What tests of refusals share: a folder of their own that goes with them, with a folder out/ in it for
# outputs, counted failures, and `refuses`. Sourced; the test defines
#
#   attempt ARGUMENTS...    what is refused, by `observe`
#
# and ends with `finish`.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cd "$folder"
mkdir out
failures=0

fail() {
  echo "FAILED: $1"
  [ ! -f stderr ] || sed 's/^/    /' stderr
  failures=$((failures + 1))
}

# observe COMMAND...: what it says is in the files stdout and stderr, its status in got.
observe() {
  got=0
  "$@" >stdout 2>stderr </dev/null || got=$?
}

# refuses STATUS MESSAGE ARGUMENTS...: that status, one line with MESSAGE on standard error, nothing on
# standard output and nothing left behind.
refuses() {
  wanted_status=$1
  wanted_message=$2
  shift 2
  rm -f out/*
  attempt "$@"
  [ "$got" -eq "$wanted_status" ] || fail "status $got instead of $wanted_status: $*"
  grep -qF -- "$wanted_message" stderr || fail "not '$wanted_message': $*"
  [ "$(wc -l <stderr)" -eq 1 ] || fail "not one line: $*"
  [ ! -s stdout ] || fail "standard output is not empty: $*"
  [ -z "$(ls -A out)" ] || fail "left behind $(ls -A out): $*"
}

finish() {
  [ "$failures" -eq 0 ] || {
    echo "$failures failures"
    exit 1
  }
}

#!/bin/sh
# A manual page for every command, with all that the command and the sources know.
# Usage: manuals.sh DISSENSUS MANUALS PROJECT
set -eu
dissensus=$1 pages=$2/man1 project=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# plain PAGE: the page's text without backslashes and fonts.
plain() {
  sed -e 's/\\f[BIR]//g' -e 's/\\[&%]//g' -e 's/\\-/-/g' -e 's/\\(aq/'"'"'/g' -e 's/\\e/\\/g' "$1"
}

"$dissensus" help --table > "$work/table"
sed -n 's/ .*//;p' "$work/table" | sort -u > "$work/commands"
[ "$(wc -l < "$work/commands")" -ge 7 ] || fail "hardly any command in the table"
"$dissensus" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | sort > "$work/listed"
diff -u "$work/listed" "$work/commands" || fail "--help and the table name different commands"

# Written by this command, not by an older one.
for page in "$pages"/*.1; do
  name=$(basename "$page" .1)
  command=${name#dissensus}
  # shellcheck disable=SC2086 # none for the program's own page
  SOURCE_DATE_EPOCH=0 "$dissensus" help --man ${command#-} > "$work/page"
  sed 1d "$page" > "$work/old"
  sed 1d "$work/page" | diff -u "$work/old" - || fail "$page is not what the command writes"
  head -n 1 "$work/page" | grep -q '"1970-01-01" "dissensus [0-9.]*"' || fail "the date of $name"
done

plain "$pages/dissensus.1" > "$work/program"
while read -r command; do
  page=$pages/dissensus-$command.1
  [ -s "$page" ] || fail "no $page"
  plain "$page" > "$work/text"
  grep -qF "dissensus-$command (1)" "$work/program" || fail "dissensus.1 does not name $command"
  for section in NAME SYNOPSIS DESCRIPTION OPTIONS EXAMPLES "EXIT STATUS" ENVIRONMENT FILES "SEE ALSO"; do
    grep -qx ".SH $section" "$work/text" || fail "$page has no section $section"
  done
  grep "^$command -" "$work/table" > "$work/options"
  while read -r _ option argument; do
    grep -qE "^(-., )?$option(, .*)?( |\$)" "$work/text" || fail "$page: no $option"
    [ -z "$argument" ] || grep -qF -- "$option $argument" "$work/text" ||
      grep -qF -- "$option, --output $argument" "$work/text" || fail "$page: $option without $argument"
  done < "$work/options"
done < "$work/commands"

# refuses MESSAGE ARGUMENTS...
refuses() {
  message=$1
  shift
  if "$dissensus" "$@" > "$work/said" 2>&1; then fail "not refused: $*"; fi
  grep -qF -- "$message" "$work/said" || fail "not '$message': $*"
}
refuses "unknown command 'zebra'" help --man zebra
refuses "help takes one command" help --man gai info
refuses "help takes one command" help --table gai
if "$dissensus" help --man gai > /dev/full 2> "$work/said"; then fail "a full standard output"; fi

# Every exit status of the library, and every variable that our sources read.
sed -n 's/^ *DSS_[A-Z_]* = \([0-9]*\).*/\1/p' "$project/include/dissensus/status.h" > "$work/statuses"
[ "$(wc -l < "$work/statuses")" -eq 8 ] || fail "not 8 statuses in status.h; count them anew"
while read -r status; do
  grep -qx "$status" "$work/program" || fail "dissensus.1 lacks exit status $status"
done < "$work/statuses"
grep -rhoE 'getenv\("[A-Z_0-9]+"\)' "$project/host" "$project/kernels" | sed 's/.*"\(.*\)".*/\1/' | sort -u > "$work/variables"
[ "$(wc -l < "$work/variables")" -ge 5 ] || fail "hardly any variable found in the sources"
while read -r variable; do
  grep -qw "$variable" "$work/program" || fail "dissensus.1 lacks the variable $variable"
done < "$work/variables"

# What formatters say.
checked=
if command -v mandoc > /dev/null; then
  mandoc -T lint -W warning "$pages"/*.1 || fail "mandoc warns"
  printf '.TH X 1\n.SH NAME\n.XX\n' > "$work/bad.1"
  if mandoc -T lint -W warning "$work/bad.1" > /dev/null; then fail "mandoc does not warn of a bad page"; fi
  checked="mandoc"
fi
if command -v groff > /dev/null; then
  groff -man -Tutf8 -ww "$pages"/*.1 > /dev/null 2> "$work/warnings"
  [ ! -s "$work/warnings" ] || { cat "$work/warnings" >&2; fail "groff warns"; }
  checked="$checked groff"
fi
echo "$(wc -l < "$work/commands") commands have their pages; read by: ${checked:-no formatter, as there is none}"
[ -n "$checked" ] || { echo "SKIPPED: neither mandoc nor groff here"; exit 77; }

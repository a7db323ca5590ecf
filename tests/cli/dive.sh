#!/bin/sh
# docs/dive.md is what the commands do: runs its `$` lines in their order, in an empty folder with the
# demo's settings; every line that the page shows under a command is one that the command prints.
# Usage: dive.sh dissensus dissensus-generate PROJECT
set -eu
dissensus=$1
generate=$2
project=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir "$work/bin" "$work/run"
ln -s "$dissensus" "$work/bin/dissensus"
ln -s "$generate" "$work/bin/dissensus-generate"
cp "$project/data/demo/dive.ini" "$work/run"
PATH=$work/bin:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# squeeze: blanks between words are the width of a terminal's business.
squeeze() {
  sed -e 's/[[:space:]][[:space:]]*/ /g' -e 's/^ //' -e 's/ $//'
}

# shown: the last command's lines of the page, all of which must be in what it printed.
shown() {
  squeeze < "$work/out" > "$work/squeezed"
  squeeze < "$work/excerpt" | grep -v '^\(\.\.\.\)\{0,1\}$' > "$work/wanted" || true
  while IFS= read -r wanted; do
    grep -qxF -- "$wanted" "$work/squeezed" || {
      cat "$work/out" >&2
      fail "the page shows, and the command does not: $wanted"
    }
    lines=$((lines + 1))
  done < "$work/wanted"
  : > "$work/excerpt"
}

cd "$work/run"
: > "$work/out"
: > "$work/excerpt"
commands=0
lines=0
command=
sed -n 's/^    //p' "$project/docs/dive.md" > "$work/blocks"
while IFS= read -r line <&3; do
  case $line in
    "\$ "*)
      shown
      command=${line#??}
      ;;
    *)
      if [ -z "$command" ]; then
        printf '%s\n' "$line" >> "$work/excerpt"
        continue
      fi
      command="$command
$line"
      ;;
  esac
  case $line in *\\) continue ;; esac
  sh -c "$command" > "$work/out" 2> "$work/err" || fail "status $? of: $command ($(cat "$work/err"))"
  commands=$((commands + 1))
  command=
done 3< "$work/blocks"
shown
[ "$commands" -ge 12 ] && [ "$lines" -ge 12 ] || fail "only $commands commands and $lines lines"
echo "docs/dive.md: $commands commands, $lines lines shown, all as the page says"

#!/bin/sh
# The worked example of README.md is what the command prints: runs its `$` lines and compares.
# Usage: readme.sh dissensus PROJECT
set -eu
dissensus=$1
project=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir "$work/bin"
ln -s "$dissensus" "$work/bin/dissensus"
cp "$project/data/demo/comments.csv" "$work"

# The indented block whose first line is a command, as it stands there.
awk '/^    \$ dissensus import comments.csv/ { on = 1 }
  on && /^[^ ]/ { exit }
  on { sub(/^    /, ""); print }' "$project/README.md" > "$work/expected"
[ "$(grep -c '^\$ ' "$work/expected")" -eq 4 ] || {
  echo "the example in README.md is not where it was" >&2
  exit 1
}

# The same, run: each command (with the lines that continue it), then what it prints, then a blank
# line. A slow machine shows progress; that is left out.
cd "$work"
PATH=$work/bin:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL
command=
keep=
while IFS= read -r line; do
  case $line in
    "\$ "*) command=${line#??} keep=$line ;;
    *)
      [ -n "$keep" ] || continue
      command="$command
$line" keep="$keep
$line"
      ;;
  esac
  case $line in *\\) continue ;; esac
  printf '%s\n' "$keep"
  sh -c "$command" > "$work/said" 2>&1 || echo "(status $?)"
  sed '/^dissensus: permutations: /d' "$work/said"
  echo
  keep=
done < expected > found
# When the study was made, and the machine's instruction set, are not the example's business; blank lines at the end are the page's.
for text in expected found; do
  sed -e 's/^\(  made at  *\)[0-9].*/\1(now)/' -e 's/^\(  method  *\)[a-z0-9]*, [0-9]* /\1(this), (some) /' "$text" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' > "$text.text"
done
diff -u expected.text found.text
echo "README.md shows what the command prints"

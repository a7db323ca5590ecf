#!/bin/sh
# Every C file is as clang-format with the project's .clang-format leaves it.
# Usage: format.sh PROJECT [clang-format]
set -eu
cd "$1"
format=${2:-clang-format}
if ! command -v "$format" > /dev/null; then
  echo "SKIPPED: no $format here"
  exit 77
fi
list=$(mktemp)
trap 'rm -f "$list"' EXIT
trap 'exit 1' INT TERM

# The folders, not the top: build trees hold C files that are not ours.
find include host kernels bench python/native tests -type f '(' -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' ')' |
  sort > "$list"
[ "$(wc -l < "$list")" -ge 20 ] || {
  echo "hardly any C file found" >&2
  exit 1
}
# It must be able to fail.
if printf 'int   x ;\n' | "$format" --dry-run --Werror --assume-filename=planted.c 2> /dev/null; then
  echo "$format says nothing about a badly formatted line" >&2
  exit 1
fi
xargs "$format" --dry-run --Werror < "$list"
echo "$(wc -l < "$list") files are clean"

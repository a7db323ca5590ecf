#!/bin/sh
# The target docs: every public function stands in the HTML, and a header that says nothing of a
# function, or says it wrongly, is found.
# Usage: docs.sh PROJECT DOXYGEN DOCS
set -eu
project=$1 doxygen=$2 docs=$3
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' INT TERM

mkdir "$copy/docs"
cp -R "$project/include" "$copy"
cp "$project/docs/capi.md" "$copy/docs"
sed "s|$project/include|$copy/include|g; s|$docs\$|$copy/out|; s|$project/docs/capi|$copy/docs/capi|g" \
  "$docs/Doxyfile" > "$copy/Doxyfile"
mkdir "$copy/out"
cp "$copy/Doxyfile" "$copy/out"
sh "$project/cmake/docs.sh" "$doxygen" "$copy/out"
functions=$(sed -n 's/^[^ /#*].*[ *]\(dss_[a-z0-9_]*\)(.*/\1/p' "$copy"/include/dissensus/*.h | sort -u)
[ "$(echo "$functions" | wc -l)" -gt 100 ]
for function in $functions; do
  grep -q "$function" "$copy"/out/html/*_8h.html || {
    echo "not in the HTML: $function" >&2
    exit 1
  }
done

# refused TEXT: a header with it must be.
refused() {
  cp "$project/include/dissensus/selftest.h" "$copy/include/dissensus/selftest.h"
  printf '%s\n' "$1" >> "$copy/include/dissensus/selftest.h"
  if sh "$project/cmake/docs.sh" "$doxygen" "$copy/out" 2> /dev/null; then
    echo "not refused: $1" >&2
    exit 1
  fi
}
refused 'int dss_unsaid(void);'
refused 'typedef struct dss_unsaid { int a; } dss_unsaid;'
refused '/* See \nothing. */
int dss_wrong(void);'
echo "$(echo "$functions" | wc -l) functions are documented; what is not was found"

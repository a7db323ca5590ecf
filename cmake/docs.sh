#!/bin/sh
# Makes the HTML of the public headers, and fails where doxygen warns of anything but members of
# structs, enumerations and macros without a word of their own: names and those beside them say it.
# Usage: docs.sh DOXYGEN FOLDER
set -eu
doxygen=$1 folder=$2
rm -rf "$folder/html"
"$doxygen" "$folder/Doxyfile" > "$folder/log" 2>&1 || {
  cat "$folder/log" >&2
  exit 1
}
if grep -v -e '(variable) of struct .* is not documented' \
  -e '(enumeration) of file .* is not documented' \
  -e '(macro definition) of file .* is not documented' "$folder/log" >&2; then
  echo "docs: doxygen warns, see above" >&2
  exit 1
fi
[ -s "$folder/html/study_8h.html" ]

#!/bin/sh
# Installs the build, moves the tree, and uses it as others do: the command, its pages and module
# file, and a C program built by pkg-config and by find_package.
# Usage: installed.sh CMAKE CC BUILD LIBDIR [SHARED_LIBRARY]
set -eu
cmake=$1 cc=$2 build=$3 libdir=$4 shared=${5:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir "$work/run"
cd "$work/run"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

"$cmake" --install "$build" --prefix "$work/first" > "$work/log"
mv "$work/first" "$work/moved"
prefix=$work/moved
for file in bin/dissensus include/dissensus/dissensus.h "$libdir/cmake/dissensus/dissensusConfig.cmake" \
  share/man/man1/dissensus.1 share/man/man1/dissensus-gai.1 share/doc/dissensus/LICENSE \
  share/doc/dissensus/docs/statistics.md share/bash-completion/completions/dissensus; do
  [ -s "$prefix/$file" ] || fail "$file is not installed"
done
# Nothing but binaries may know where it was made.
if grep -rIl -e "$work/first" -e "$build" "$prefix" > "$work/found"; then
  fail "these name a folder of the build: $(cat "$work/found")"
fi
"$prefix/bin/dissensus" selftest --quiet

# consumer HOW COMMAND...: builds consumer.c and runs it.
consumer() {
  how=$1
  shift
  "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "building by $how"; }
  LD_LIBRARY_PATH=$libraries ./consumer > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "running, by $how"; }
  rm -f consumer
}

PKG_CONFIG_PATH=$prefix/$libdir/pkgconfig
export PKG_CONFIG_PATH
libraries=$prefix/$libdir
static=
[ ! -e "$prefix/$libdir/libdissensus.a" ] || static=--static
[ "$(pkg-config --modversion dissensus)" = "$("$prefix/bin/dissensus" --version | sed -n '1s/.* //p')" ] ||
  fail "dissensus.pc and the command are of different versions"
# shellcheck disable=SC2046 # a list of options
consumer "pkg-config $static" "$cc" -std=c17 -Wall -Werror "$here/consumer.c" -o consumer \
  $(pkg-config $static --cflags --libs dissensus)

cat > CMakeLists.txt << 'END'
cmake_minimum_required(VERSION 3.25)
project(consumer C)
find_package(dissensus 0.1 REQUIRED)
add_executable(consumer ${SOURCE})
target_link_libraries(consumer PRIVATE dissensus::dissensus)
set_target_properties(consumer PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${OUT})
END
by_cmake() {
  "$cmake" -S . -B "$work/consumer" "-DCMAKE_PREFIX_PATH=$prefix" "-DCMAKE_C_COMPILER=$cc" \
    "-DSOURCE=$here/consumer.c" "-DOUT=$PWD" "$@" && "$cmake" --build "$work/consumer"
}
consumer find_package by_cmake
# It must be able to fail: another minor version, and a library that is not there.
sed 's/dissensus 0.1/dissensus 0.99/' CMakeLists.txt > "$work/other" && mv "$work/other" CMakeLists.txt
rm -rf "$work/consumer"
if by_cmake > "$work/log" 2>&1; then fail "version 0.99 was found"; fi
if [ -n "$static" ]; then
  sed 's/dissensus 0.99/dissensus 0.1/' CMakeLists.txt > "$work/other" && mv "$work/other" CMakeLists.txt
  rm -rf "$work/consumer"
  if by_cmake -DCSV_LIBRARY=CSV_LIBRARY-NOTFOUND -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF > "$work/log" 2>&1; then
    fail "a library that is missing was not missed"
  fi
  grep -q "static library needs" "$work/log" || { cat "$work/log" >&2; fail "no word about what is missing"; }
fi

# The shared library has what the headers declare, and shows nothing else.
if [ -n "$shared" ]; then
  libraries=$(dirname "$shared")
  consumer "the shared library" "$cc" -std=c17 -Wall -Werror "$here/consumer.c" -o consumer \
    "-I$prefix/include" "-L$libraries" -ldissensus
else
  shared=$prefix/$libdir/libdissensus.so
fi
nm -D --defined-only "$shared" | sed -n 's/.* [A-Z] \([a-z_0-9]*\)@.*/\1/p' | sort > "$work/shown"
cat "$prefix"/include/dissensus/*.h | # functions, and variables
  sed -nE 's/extern const [a-z0-9_ ]*(dss_[a-z0-9_]+).*/\1(/; p' | grep -o 'dss_[a-z0-9_]*(' |
  tr -d '(' | sort -u > "$work/declared"
diff -u "$work/declared" "$work/shown" || fail "the shared library does not show what the headers declare"
[ "$(wc -l < "$work/shown")" -gt 50 ] || fail "hardly any symbol"

# The module file, with stand-ins for what Environment Modules gives it.
if command -v tclsh > /dev/null; then
  cat > module.tcl << 'END'
set ModulesCurrentModulefile [lindex $argv 0]
proc module-whatis {text} { puts "whatis $text" }
proc conflict {name} { puts "conflict $name" }
proc prepend-path {name folder} { puts "$name $folder" }
proc setenv {name value} { puts "$name $value" }
source $ModulesCurrentModulefile
ModulesHelp
END
  unset XDG_DATA_DIRS
  MANPATH=/usr/share/man tclsh module.tcl "$prefix"/share/modulefiles/dissensus/*.* > "$work/module" 2> "$work/help" ||
    { cat "$work/help" >&2; fail "the module file"; }
  if grep XDG_DATA_DIRS "$work/module"; then fail "the module hides the system's data folders"; fi
  for line in "PATH $prefix/bin" "MANPATH $prefix/share/man" "CMAKE_PREFIX_PATH $prefix" \
    "PKG_CONFIG_PATH $prefix/$libdir/pkgconfig" "DISSENSUS_ROOT $prefix"; do
    grep -qxF "$line" "$work/module" || { cat "$work/module" >&2; fail "the module has no line '$line'"; }
  done
  cp "$prefix"/share/modulefiles/dissensus/*.* "$work/run/elsewhere"
  if tclsh module.tcl elsewhere > "$work/module" 2> "$work/help"; then fail "a module of no installation"; fi
  grep -q "set prefix in" "$work/help" || fail "no word on how to mend a copied module"
else
  echo "note: no tclsh here, so that the module file was not read"
fi
echo "installed, moved and used"

#!/bin/sh
# Packs the build, unpacks what came of it, and runs the command from there.
# Usage: packages.sh CPACK BUILD VERSION static|shared LIBDIR
set -eu
cpack=$1 build=$2 version=$3 kind=$4 libdir=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# pack KIND
pack() {
  (cd "$build" && "$cpack" -G "$1" -B "$work/$1") > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "cpack -G $1"; }
}

pack TGZ
mkdir "$work/tar"
tar -xzf "$work"/TGZ/dissensus-"$version"-*.tar.gz -C "$work/tar" --strip-components 1
(cd "$work/TGZ" && sha256sum --quiet -c ./*.sha256)
"$work/tar/bin/dissensus" selftest --quiet
[ -s "$work/tar/share/modulefiles/dissensus/$version" ] || fail "no module file in the tarball"
[ -s "$work/tar/$libdir/cmake/dissensus/dissensusConfig.cmake" ] || fail "no files for CMake in the tarball"

for tool in dpkg-deb dpkg-shlibdeps file; do
  command -v $tool > /dev/null && continue
  echo "SKIPPED: the tarball is right, but there is no $tool to make Debian packages with"
  exit 77
done
if [ "$kind" = shared ]; then
  if (pack DEB) 2> "$work/said"; then fail "Debian packages of a shared library"; fi
  tr -s ' \n' ' ' < "$work/said" | grep -q "with the static library" || fail "no word about why"
  echo "the tarball is right; Debian packages are refused for a shared library"
  exit 0
fi
pack DEB
command=$(ls "$work"/DEB/dissensus_"$version"-1_*.deb) development=$(ls "$work"/DEB/libdissensus-dev_"$version"-1_*.deb)
dpkg-deb -x "$command" "$work/deb"
"$work/deb/usr/bin/dissensus" selftest --quiet
dpkg-deb -f "$command" Depends > "$work/depends"
for library in libc6 libhdf5-103 libjansson4 libssl3 libopenblas0 libunistring2 libcsv3; do
  grep -q "$library" "$work/depends" || fail "the package does not depend on $library: $(cat "$work/depends")"
done
if "$work/deb/usr/bin/dissensus" --version | grep -q "figures by"; then
  for library in libcairo2 libpango-1.0-0 libpangocairo-1.0-0; do
    grep -q "$library" "$work/depends" || fail "the package does not depend on $library: $(cat "$work/depends")"
  done
fi
dpkg-deb -c "$command" | awk '{ print $6 }' > "$work/files"
dpkg-deb -c "$development" | awk '{ print $6 }' > "$work/dev-files"
for file in ./usr/bin/dissensus ./usr/share/man/man1/dissensus-gai.1.gz ./usr/share/doc/dissensus/copyright \
  ./usr/share/bash-completion/completions/dissensus ./usr/share/doc/dissensus/changelog.gz; do
  grep -qxF "$file" "$work/files" || fail "the package lacks $file"
done
for file in ./usr/include/dissensus/plan.h "./usr/$libdir/libdissensus.a" "./usr/$libdir/pkgconfig/dissensus.pc"; do
  grep -qxF "$file" "$work/dev-files" || fail "the package for developers lacks $file"
done
sort "$work/files" "$work/dev-files" | uniq -d | grep -v '/$' > "$work/both" || true
[ ! -s "$work/both" ] || fail "in both packages: $(cat "$work/both")"
for section in science libdevel; do
  dpkg-deb -f "$command" Section > "$work/section"
  dpkg-deb -f "$development" Section >> "$work/section"
  grep -qx $section "$work/section" || fail "no package of section $section"
done

if ! command -v lintian > /dev/null; then
  echo "packed and run; no lintian here to judge"
  exit 0
fi
# Only a build for /usr (preset package) has its library in the folder of its architecture.
case $libdir in
  */*) suppress=initial-upload-closes-no-bugs ;;
  *) suppress=initial-upload-closes-no-bugs,pkg-config-multi-arch-wrong-dir,pkg-config-unavailable-for-cross-compilation ;;
esac
# Who links the static library of a build with CUDA needs CUDA's own folder, which is none of Debian's.
pc=$(find "$work" -name dissensus.pc | head -n 1)
if [ -n "$pc" ] && grep -q "cudart" "$pc"; then suppress=$suppress,pkg-config-bad-directive; fi
lintian --allow-root --fail-on error,warning --suppress-tags "$suppress" "$command" "$development" ||
  fail "lintian finds faults"
echo "packed, unpacked and run; lintian finds no fault"

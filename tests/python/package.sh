#!/bin/sh
# Builds the wheel, as `pip wheel ./python` does, looks into it, and installs it into FOLDER/venv, which
# sees the other packages of PYTHON.
# Usage: package.sh PYTHON PROJECT FOLDER COMPILER CUDA WERROR
set -eu
python=$1 project=$2 folder=$3 compiler=$4 cuda=$5 werror=$6

if ! "$python" -c 'import cffi, narwhals, pandas, pytest, scikit_build_core, xarray' 2> /dev/null; then
  echo "SKIPPED: $python lacks packages of python/tests/requirements.txt"
  exit 77
fi
if ! "$python" -c '
import pathlib, sys, sysconfig
sys.exit(not pathlib.Path(sysconfig.get_paths()["include"], "Python.h").exists())'; then
  echo "SKIPPED: no Python.h for $python (Debian: python3-dev)"
  exit 77
fi

mkdir -p "$folder"
rm -rf "$folder/wheel" "$folder/venv"
CC=$compiler "$python" -m pip wheel "$project/python" --no-build-isolation --no-deps --no-index --quiet \
  --disable-pip-version-check --wheel-dir "$folder/wheel" \
  --config-settings build-dir="$folder/cmake" --config-settings cmake.define.DSS_CUDA="$cuda" \
  --config-settings cmake.define.DSS_WERROR="$werror"
set -- "$folder"/wheel/*.whl
[ $# -eq 1 ]
case $1 in
  */dissensus-*-cp310-abi3-linux_*.whl) ;;
  *)
    echo "the wheel's name is $1: not one for every Python from 3.10 on"
    exit 1
    ;;
esac

# Library, module and types, and nothing of the C project's own installation.
"$python" - "$1" << 'END'
import sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
wanted = {"dissensus/__init__.py", "dissensus/py.typed", "dissensus/_native.abi3.so",
          "dissensus/_native.pyi", "dissensus/LICENSE"}
assert wanted <= set(names), wanted - set(names)
libraries = [name for name in names if ".so." in name]
assert len(libraries) == 1 and libraries[0].startswith("dissensus/libdissensus.so."), libraries
strange = [n for n in names if not n.startswith(("dissensus/", "dissensus-")) or n.endswith((".h", ".a"))]
assert not strange, strange
END

"$python" -m venv --without-pip "$folder/venv"
site=$("$folder/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
"$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' > "$site/outer.pth"
"$python" -m pip --python "$folder/venv/bin/python" install --no-deps --no-index --quiet \
  --disable-pip-version-check "$1"
cd /
where=$("$folder/venv/bin/python" -c 'import dissensus; print(dissensus.__file__)')
case $where in
  "$site"/*) ;;
  *)
    echo "another package was imported: $where"
    exit 1
    ;;
esac

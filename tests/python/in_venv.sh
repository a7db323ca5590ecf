#!/bin/sh
# Runs Python with the words in the environment that package.sh made. The test python-pandas2 has the
# older pandas of PREFIX/pandas2, which ./bootstrap test installs beside the newest.
# Usage: in_venv.sh VENV TEST words...
set -eu
venv=$1 test=$2
shift 2
if [ ! -x "$venv/bin/python" ]; then
  echo "SKIPPED: $test needs what python-package builds"
  exit 77
fi
if [ "$test" = python-pandas2 ]; then
  outer=$(cat "$venv"/lib/python3*/site-packages/outer.pth)
  pandas2=${outer%/lib/python3*}/pandas2
  if [ ! -d "$pandas2" ]; then
    echo "SKIPPED: no $pandas2; ./bootstrap test makes it"
    exit 77
  fi
  PYTHONPATH=$pandas2
  export PYTHONPATH
  "$venv/bin/python" -c '
import numpy, pandas
assert pandas.__version__.startswith("2.") and numpy.__version__.startswith("2."), pandas.__version__'
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
exec "$venv/bin/python" "$@"

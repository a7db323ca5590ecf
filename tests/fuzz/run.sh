#!/bin/sh
# Runs a fuzz target for some seconds on a copy of its corpus, which itself is never written to.
# A crashing input is kept beside the program and named; it belongs into the corpus once fixed.
# Usage: run.sh PROGRAM CORPUS SECONDS
set -eu
program=$1
corpus=$2
seconds=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cp -R "$corpus" "$folder/corpus"
"$program" -runs=0 -seed=1 "$corpus"/* >"$folder/log" 2>&1 &&
  "$program" -max_total_time="$seconds" -seed=1 -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$program-" "$folder/corpus" >"$folder/log" 2>&1 || {
  cat "$folder/log"
  exit 1
}
tail -n 3 "$folder/log"

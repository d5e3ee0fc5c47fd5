#!/bin/bash
# run_fuzz.sh - fuzz for some seconds with libFuzzer, starting from the corpus in the tree.
#
# usage: scripts/run_fuzz.sh BUILD [SECONDS]
#
# New inputs go to BUILD/fuzz-corpus, never into the tree; a failing input is kept beside it and
# named at the end, for `fuzz-model FILE` or the deterministic runner.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || { echo "run_fuzz.sh: name the build folder, e.g. out/fuzz" >&2; exit 1; }
build=$1 seconds=${2:-60}
program=$(find "$build" -type f -name fuzz-model -perm -u+x | head -n 1)
if [ -z "$program" ]; then
  echo "run_fuzz.sh: $build has no fuzz-model; build it with clang: make test-fuzz" >&2
  exit 1
fi
mkdir -p "$build/fuzz-corpus" "$build/fuzz-failures"
exec "$program" -max_total_time="$seconds" -timeout=25 -print_final_stats=1 \
  -artifact_prefix="$build/fuzz-failures/" "$build/fuzz-corpus" test/fuzz/corpus

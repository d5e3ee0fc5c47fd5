#!/bin/bash
# run_fuzz.sh - fuzz for some seconds with libFuzzer, starting from the corpus in the tree.
#
# usage: scripts/run_fuzz.sh BUILD [SECONDS [TARGET]]
#
# TARGET is fuzz-model (the allocator; the default), fuzz-pe (tools/pe) or fuzz-plan (win/redirect).
# New inputs go to BUILD/TARGET-corpus, never into the tree; a failing input is kept beside it and
# named at the end, for `TARGET FILE` or the deterministic runner.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || { echo "run_fuzz.sh: name the build folder, e.g. out/fuzz" >&2; exit 1; }
build=$1 seconds=${2:-60} target=${3:-fuzz-model}
find_program() { find "$build" -type f -name "$1" -perm -u+x | head -n 1; }
program=$(find_program "$target")
if [ -z "$program" ]; then
  echo "run_fuzz.sh: $build has no $target; build it with clang: make test-fuzz" >&2
  exit 1
fi
mkdir -p "$build/$target-corpus" "$build/$target-failures"
corpus=test/fuzz/corpus limit=0
if [ "$target" = fuzz-plan ]; then
  corpus= limit=96
elif [ "$target" = fuzz-pe ]; then
  # Made, not kept: the program that the tests use writes the files.
  corpus=$build/fuzz-pe-made
  mkdir -p "$corpus"
  "$(find_program pe-corpus)" "$corpus"
fi
exec "$program" -max_total_time="$seconds" -timeout=25 -print_final_stats=1 \
  -artifact_prefix="$build/$target-failures/" -max_len=$limit \
  "$build/$target-corpus" ${corpus:+"$corpus"}

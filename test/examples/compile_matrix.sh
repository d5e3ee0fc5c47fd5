#!/bin/bash
# compile_matrix.sh - each example in every language level, with gcc and clang: no warning may come.
#
# usage: compile_matrix.sh INCLUDE_FOLDER JOBS
#
# The examples in C are C++ as well: here in its oldest level by one compiler, in its newest by the
# other.
set -uo pipefail
cd "$(dirname "$0")"

include=$1 jobs=$2
flags="-Wall -Wextra -Wpedantic -Wshadow -Werror -D_GNU_SOURCE -fsyntax-only -I$include"

# compile COMPILERS LANGUAGE LEVELS FILES: the commands for all of them
compile() {
  local compiler level file
  for compiler in $1; do
    command -v "$compiler" >/dev/null || continue
    for level in $3; do
      for file in $4; do echo "$compiler -x $2 -std=$level $flags $file"; done
    done
  done
}

for compiler in gcc g++ clang clang++; do
  command -v "$compiler" >/dev/null || echo "$compiler is not installed: not checked with it"
done
work=$(mktemp)
trap 'rm -f "$work"' EXIT
{
  compile "gcc clang" c "c99 c11 c17 c2x" "$(echo *.c)"
  compile g++ c++ c++2b "$(echo *.c)"
  compile clang++ c++ c++11 "$(echo *.c)"
  compile "g++ clang++" c++ "c++11 c++14 c++17 c++20 c++2b" "$(echo *.cpp)"
} >"$work"
count=$(wc -l <"$work")
if [ "$count" -eq 0 ]; then echo "SKIPPED: there is neither gcc nor clang"; exit 77; fi
xargs -P "$jobs" -d '\n' -I{} bash -c '{} || { echo "failed: {}"; exit 1; }' <"$work" || exit 1
echo "$count compilations without a warning"

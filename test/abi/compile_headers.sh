#!/bin/bash
# compile_headers.sh - every public header, alone and together, in every language level that users
# have, with gcc and clang, with and without the names of version 2: no warning may come.
#
# usage: compile_headers.sh INCLUDE_FOLDER
set -uo pipefail

include=$1
warnings="-Wall -Wextra -Wpedantic -Wshadow -Werror"
failures=0
compiled=0

# compile COMPILER LANGUAGE FLAGS SOURCE_TEXT
compile() {
  compiled=$((compiled + 1))
  # shellcheck disable=SC2086
  printf '%b' "$4" | $1 -x $2 $3 $warnings -fsyntax-only -I"$include" - && return
  echo "failed: $1 $3: $4"
  failures=$((failures + 1))
}

all='#include <stdlib.h>\n#include <string.h>\n'
for name in mimalloc mimalloc-stats mimalloc-profile mimalloc-new-delete mimalloc-override; do
  all+="#include \"$name.h\"\n"
done
main='int main(void) { return 0; }\n'

for cc in gcc clang; do
  command -v $cc >/dev/null || continue
  for level in c99 c11 c17 c2x gnu11; do
    compile $cc c "-std=$level" "$all$main"
    compile $cc c "-std=$level -DMI_V2_API" "$all$main"
  done
  for name in mimalloc mimalloc-stats mimalloc-override mimalloc-new-delete mimalloc-profile; do
    compile $cc c -std=c99 "#include \"$name.h\"\n$main"
  done
done
for cc in g++ clang++; do
  command -v $cc >/dev/null || continue
  for level in c++11 c++14 c++17 c++20 c++2b; do
    compile $cc c++ "-std=$level" "$all$main"
    compile $cc c++ "-std=$level -DMI_V2_API" "$all$main"
    compile $cc c++ "-std=$level -fno-rtti -fno-exceptions" "$all$main"
  done
done

if [ $compiled -eq 0 ]; then echo "SKIPPED: there is neither gcc nor clang"; exit 77; fi
echo "$compiled compilations, $failures failed"
[ $failures -eq 0 ]

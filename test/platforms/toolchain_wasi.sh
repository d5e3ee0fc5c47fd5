#!/bin/bash
# toolchain_wasi.sh - Debian's C library for WASI, for use with clang 19 of the distribution.
#
# usage: test/platforms/toolchain_wasi.sh
#
# Prints SYSROOT. Nothing is installed: all is kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/wasi. The library is that of trixie: older ones have
# no mutexes for programs without threads. Exit code 77, with the reason, if it cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 0 ] || { echo "usage: toolchain_wasi.sh" >&2; exit 1; }
folder=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/wasi

skip() { echo "SKIPPED: $*"; exit 77; }

for tool in clang-19 wasm-ld-19 node; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
mkdir -p "$folder"
exec 8>"$folder.lock"
flock 8
if [ ! -e "$folder/complete" ]; then
  "$here/../../scripts/fetch_suite.sh" trixie "$folder" wasi-libc >&2 ||
    skip "Debian's wasi-libc cannot be had (see above)"
  touch "$folder/complete"
fi
echo "SYSROOT=$folder/usr"

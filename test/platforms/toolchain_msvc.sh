#!/bin/bash
# toolchain_msvc.sh - headers for clang to compile as Microsoft's compiler does.
#
# usage: test/platforms/toolchain_msvc.sh
#
# Prints MSVC (the folder): c/ has wine's headers of the C runtime, windows/ those of the system,
# and c++/ LLVM's library of C++, which knows this target. Microsoft's own are not to be had without
# its licence. Nothing is installed: all is kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/msvc. Exit code 77, with the reason, if the packages
# cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/msvc

skip() { echo "SKIPPED: $*"; exit 77; }

fetch() {
  rm -rf "$cache/root" "$cache/headers"
  "$here/../../scripts/fetch_suite.sh" trixie "$cache/root" libwine-dev libc++-19-dev >&2 ||
    return 1
  mkdir "$cache/headers"
  mv "$cache/root/usr/include/wine/wine/msvcrt" "$cache/headers/c" || return 1
  mv "$cache/root/usr/include/wine/wine/windows" "$cache/headers/windows" || return 1
  mv "$cache/root/usr/lib/llvm-19/include/c++/v1" "$cache/headers/c++" || return 1
  rm -rf "$cache/root"
}

mkdir -p "$cache"
exec 8>"$cache/lock"
flock 8
if [ ! -e "$cache/complete" ]; then
  fetch || skip "headers of wine and LLVM cannot be had from trixie (see above)"
  touch "$cache/complete"
fi
echo "MSVC=$cache/headers"

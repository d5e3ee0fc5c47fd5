#!/bin/bash
# toolchain_musl.sh - Debian's musl for a processor, for use with the distribution's gcc.
#
# usage: test/platforms/toolchain_musl.sh ARCHITECTURE COMPILER
#
# ARCHITECTURE is Debian's name (armhf, arm64, i386, ...), COMPILER a gcc for that processor. Prints
# SPECS (for gcc -specs), ROOT (for qemu -L) and LOADER (its dynamic linker). Nothing is installed:
# all is kept in ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/musl. Exit code 77, with the reason,
# if the packages cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 2 ] || { echo "usage: toolchain_musl.sh ARCHITECTURE COMPILER" >&2; exit 1; }
architecture=$1 compiler=$2
folder=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/musl/$architecture

skip() { echo "SKIPPED: $*"; exit 77; }

command -v "$compiler" >/dev/null || skip "$compiler is not installed"
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
mkdir -p "$folder"
exec 8>"$folder.lock"
flock 8
if [ ! -e "$folder/complete" ]; then
  "$here/../../scripts/fetch_suite.sh" --architecture "$architecture" "$codename" "$folder" \
      musl musl-dev >&2 || skip "musl for $architecture cannot be had (see above)"
  specs=$(echo "$folder"/usr/lib/*/musl-gcc.specs)
  # The package names absolute folders, and its links lead to where it would be installed.
  sed "s#/usr/#$folder/usr/#g" "$specs" >"$folder/gcc.specs"
  triple=$(basename "$(dirname "$specs")")
  ln -sf "$folder/lib/$triple/libc.so" "$folder/usr/lib/$triple/libc.so"
  touch "$folder/complete"
fi
loader=$(find "$folder/lib" -maxdepth 1 -name 'ld-musl-*' | head -n 1)
echo "SPECS=$folder/gcc.specs"
echo "ROOT=$folder"
echo "LOADER=$loader"

#!/bin/bash
# toolchain_wine.sh - a wine that runs programs for Windows, in a folder of its own.
#
# usage: test/platforms/toolchain_wine.sh [arm64]
#
# Prints WINE (the folder) for run_wine.sh, and TREE (that of the sources). It is trixie's wine 10.
# Its x64 part runs x86 programs, too, with the x86 DLLs of the i386 package beside it: Debian 12's
# wine runs x64 only. That for arm64 is run by qemu-aarch64. Nothing is installed: all is kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/wine or wine-arm64. Exit code 77, with the reason,
# if the packages cannot be had or programs cannot be run in a namespace of their own.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
scripts=$here/../../scripts
machine=${1:-amd64}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/wine
if [ "$machine" = arm64 ]; then cache+=-arm64; fi
root=$cache/root

skip() { echo "SKIPPED: $*"; exit 77; }

command -v unshare >/dev/null || skip "unshare is missing; install it: apt-get install util-linux"
unshare -U -r -m -p -f --mount-proc true 2>/dev/null ||
  skip "wine is run in a namespace of its own, which is not allowed here (unshare -U -r true);" \
       "see user_namespaces(7): a chroot has none"
if [ "$machine" = arm64 ]; then
  [ -x /usr/bin/qemu-aarch64-static ] ||
    skip "qemu-aarch64-static is missing; install it: apt-get install qemu-user-static"
  unshare -U -r -m -p -f --mount-proc "$here/register_qemu.sh" 2>/dev/null ||
    skip "this kernel cannot be told of qemu in a namespace (binfmt_misc; Linux 6.7 can)"
else
  [ "$(dpkg --print-architecture)" = amd64 ] || skip "wine for x64 needs an x64 machine"
fi

# wine's own DLLs need zlib's, which MinGW's package has; wine takes from its folder only what says
# that it is wine's, at this place.
mark_builtin() {
  cp "$1" "$2" && printf 'Wine builtin DLL\0' |
    dd of="$2/$(basename "$1")" bs=1 seek=64 conv=notrunc status=none
}

fetch_amd64() {
  "$scripts/fetch_suite.sh" --with-dependencies trixie "$root" wine64 libz-mingw-w64 >&2 || return 1
  "$scripts/fetch_suite.sh" --architecture i386 trixie "$cache/i386" libwine >&2 || return 1
  local wine=$root/usr/lib/x86_64-linux-gnu/wine
  # The package has an empty folder, or a link to where the other one would be installed.
  rm -rf "$wine/i386-windows"
  mv "$cache"/i386/usr/lib/*/wine/i386-windows "$wine/i386-windows" || return 1
  rm -rf "$cache/i386"
  mark_builtin "$root/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$wine/x86_64-windows/" || return 1
  mark_builtin "$root/usr/i686-w64-mingw32/lib/zlib1.dll" "$wine/i386-windows/" || return 1
}

fetch_arm64() {
  "$scripts/fetch_suite.sh" --architecture arm64 --with-dependencies trixie "$root" wine64 >&2
}

fetch() {
  rm -rf "$root" "$cache/i386"
  "fetch_$machine" || return 1
  # Debian's own base packages make these links.
  local name
  for name in lib lib64 bin sbin; do
    if [ ! -e "$root/$name" ]; then ln -s "usr/$name" "$root/$name"; fi
  done
  mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root/root" "$root/host"
}

mkdir -p "$cache"
exec 8>"$cache/lock"
flock 8
if [ ! -e "$cache/complete" ]; then
  fetch || skip "wine of trixie cannot be had (see above)"
  touch "$cache/complete"
fi
echo "WINE=$root"
echo "TREE=$(cd "$here/../.." && pwd)"

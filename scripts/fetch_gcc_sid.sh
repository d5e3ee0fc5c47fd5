#!/bin/bash
# fetch_gcc_sid.sh - the newest gcc of Debian sid beside the system's, without installing it.
#
# usage: scripts/fetch_gcc_sid.sh DEST
#
# Prints the path of a compiler that runs anywhere on this machine. Its programs are linked with a
# newer glibc than the system may have, so each is started through the loader that came with it;
# headers, libc and start files of the programs that it makes are the system's.
set -euo pipefail

fail() { echo "fetch_gcc_sid.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || fail "usage: scripts/fetch_gcc_sid.sh DEST"
[ "$(uname -m)" = x86_64 ] || fail "this works on x86-64 only"
mkdir -p "$1"
dest=$(cd "$1" && pwd)
scripts=$(cd "$(dirname "$0")" && pwd)
debs=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/sid/debs
triplet=x86_64-linux-gnu

fetch() { "$scripts/fetch_suite.sh" sid "$dest/root" "$@"; }

# Names of what the packages depend on, without versions and alternatives.
depends_of() {
  local package
  for package in "$@"; do
    dpkg-deb -f "$debs/${package}_"*.deb Depends | tr ',' '\n' | sed 's/^ *//; s/[ :|(].*//'
  done | sort -u
}

fetch gcc
version=$(depends_of gcc | sed -n 's/^gcc-\([0-9][0-9]*\)$/\1/p')
[ -n "$version" ] || fail "sid's package gcc depends on no gcc-<version>; look at $debs"
tools=("gcc-$version-x86-64-linux-gnu" "cpp-$version-x86-64-linux-gnu" binutils-x86-64-linux-gnu)
fetch "${tools[@]}" "libgcc-$version-dev" libc6
# Libraries that the tools need; what programs may link (sanitizers and so on) is not wanted.
mapfile -t libraries < <(depends_of "${tools[@]}" | grep '^\(lib\|zlib\)' |
                         grep -v -e '-dev$' -e '^libcc1' -e '^libc6$')
fetch "${libraries[@]}"

# Puts a script in the place of a program, which starts it through its loader. In its place, since
# gcc finds its parts by its own path, and calls itself by it for link-time optimization.
wrap() {
  local program=$dest/root/usr/$1 libraries=$dest/root/usr/lib/$triplet
  [ -e "$program" ] || fail "sid's packages hold no $1"
  mv "$program" "$program.real"
  printf '#!/bin/sh\nexec %s --library-path %s --argv0 %s %s "$@"\n' \
    "$libraries/ld-linux-x86-64.so.2" "$libraries" "$program" "$program.real" >"$program"
  chmod +x "$program"
}

mkdir -p "$dest/bin"
for name in cc1 lto1 lto-wrapper collect2; do wrap "libexec/gcc/$triplet/$version/$name"; done
for name in as ld.bfd; do
  wrap "bin/$triplet-$name"
  ln -sf "../root/usr/bin/$triplet-$name" "$dest/bin/${name%.bfd}"
done
wrap "bin/$triplet-gcc-$version"
printf '#!/bin/sh\nexec %s -B%s "$@"\n' "$dest/root/usr/bin/$triplet-gcc-$version" "$dest/bin/" \
  >"$dest/bin/gcc"
chmod +x "$dest/bin/gcc"
echo "$dest/bin/gcc"

#!/bin/bash
# toolchain_llvm.sh - the linker and the binary tools of trixie's LLVM 22: older ones do not know
# ARM64EC and ARM64X.
#
# usage: test/platforms/toolchain_llvm.sh
#
# Prints LLVM, a folder with ld.lld, lld-link, llvm-ar and others, and TREE (that of the sources).
# Nothing is installed: all is kept in ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/llvm. Exit code
# 77, with the reason, if the packages cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/llvm
root=$cache/root

skip() { echo "SKIPPED: $*"; exit 77; }

# They run by their own suite's dynamic linker, whatever this machine's libc is.
write_starter() {
  cat >"$cache/bin/$1" <<STARTER
#!/bin/sh
exec "$2" --argv0 "$1" --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-22/lib" \\
  "$root/usr/lib/llvm-22/bin/$1" "\$@"
STARTER
  chmod +x "$cache/bin/$1"
}

[ "$(dpkg --print-architecture)" = amd64 ] || skip "LLVM 22 is started on x64 machines only"
mkdir -p "$cache"
exec 8>"$cache.lock"
flock 8
if [ ! -e "$cache/complete" ]; then
  rm -rf "${cache:?}"/*
  "$here/../../scripts/fetch_suite.sh" --with-dependencies trixie "$root" lld-22 llvm-22 >&2 ||
    skip "LLVM 22 of trixie cannot be had (see above)"
  mkdir -p "$cache/bin"
  loader=$(find "$root" -name ld-linux-x86-64.so.2 | head -n 1)
  for tool in ld.lld lld-link llvm-ar llvm-ranlib llvm-dlltool llvm-readobj llvm-objdump; do
    write_starter $tool "$loader"
  done
  touch "$cache/complete"
fi
echo "LLVM=$cache/bin"
echo "TREE=$(cd "$here/../.." && pwd)"

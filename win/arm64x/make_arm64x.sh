#!/bin/bash
# make_arm64x.sh - one mimalloc.dll for processes of both kinds on ARM64, from builds for ARM64 and
# for ARM64EC.
#
# usage: win/arm64x/make_arm64x.sh LLVM ARM64 ARM64EC OUT
#
# LLVM is a folder with the tools of LLVM 22 (test/platforms/toolchain_llvm.sh), ARM64 and ARM64EC
# are build folders, OUT gets what belongs together:
#
#   mimalloc.dll            ARM64X: no code, each half forwards to one of these
#     mimalloc-arm64.dll, mimalloc-arm64ec.dll          with their companions
#   libmimalloc.dll.a       to link programs of both kinds
#
# It forwards, since lld 22 gives both halves one directory of thread-local variables: with code of
# its own one half would use the variables of another DLL.
set -euo pipefail

[ $# -eq 4 ] || { echo "usage: make_arm64x.sh LLVM ARM64 ARM64EC OUT" >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
llvm=$1 arm64=$2 arm64ec=$3 out=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What NAME.dll exports, as forwards to it.
write_forwards() {
  local name=$1 dll=$2
  echo "LIBRARY mimalloc.dll"
  echo "EXPORTS"
  "$llvm/llvm-readobj" --coff-exports "$dll" | sed -n "s/^ *Name: \(..*\)/\1=$name.\1/p"
}

# NAME of the DLL, the TARGET of the compiler, the build folder, options of the assembler.
add_half() {
  local name=$1 target=$2 build=$3
  shift 3
  clang-19 -target "$target-windows-msvc" "$@" -c "$here/config.s" -o "$work/$name.obj"
  write_forwards "$name" "$build/mimalloc.dll" >"$work/$name.def"
  cp "$build/mimalloc.dll" "$out/$name.dll"
}

mkdir -p "$out"
add_half mimalloc-arm64 aarch64 "$arm64"
add_half mimalloc-arm64ec arm64ec "$arm64ec" -Wa,-defsym,EC=1
"$llvm/lld-link" /dll /noentry /Brepro /machine:arm64x "$work"/*.obj \
  "/defArm64Native:$work/mimalloc-arm64.def" "/def:$work/mimalloc-arm64ec.def" \
  "/implib:$out/libmimalloc.dll.a" "/out:$out/mimalloc.dll"
cp "$arm64/mimalloc-redirect-arm64.dll" "$arm64ec/mimalloc-redirect-arm64ec.dll" "$out/"

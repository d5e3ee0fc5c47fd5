#!/bin/bash
# make.sh - make the hybrid DLLs beside it anew: ARM64EC, and ARM64X with and without an import.
#
# usage: test/minject/hybrid/make.sh FOLDER
#
# They are in the tree because the linker that makes them is newer than this distribution's
# (test/platforms/toolchain_llvm.sh fetches it). Works in FOLDER; needs clang-19.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "make.sh: name a folder to work in" >&2; exit 1; }
mkdir -p "$1"
cd "$1"
found=$("$here/../../platforms/toolchain_llvm.sh")
llvm=$(sed -n 's/^LLVM=//p' <<<"$found")

link() { "$llvm/lld-link" /dll /noentry /Brepro "$@"; }

assemble() {
  local output=$1 target=$2 name=$3
  sed "s/NAME/$name/" "$here/../../../win/arm64x/config.s" "$here/half.s" >"$output.s"
  printf '    .section .drectve, "yn"\n    .ascii " /EXPORT:%s"\n' "${name//[#\"]/}" >>"$output.s"
  clang-19 -c -target "$target-windows-msvc" "${@:4}" -o "$output" "$output.s"
}

printf 'LIBRARY k.dll\nEXPORTS\nk\n' >k.def
"$llvm/llvm-dlltool" -m arm64ec -N k.def -d k.def -l k.lib
assemble ec.obj arm64ec '"#f"' -Wa,-defsym,EC=1
assemble native.obj aarch64 g
assemble importing.obj aarch64 g -Wa,-defsym,IMPORTS=1
link /machine:arm64ec ec.obj "/out:$here/arm64ec.dll"
link /machine:arm64x ec.obj native.obj "/out:$here/arm64x.dll"
link /machine:arm64x ec.obj importing.obj k.lib "/out:$here/arm64x-imports.dll"
rm -f "$here"/*.lib

#!/bin/bash
# toolchain_emscripten.sh - where the distribution's Emscripten has its CMake toolchain.
#
# usage: test/platforms/toolchain_emscripten.sh
#
# Prints TOOLCHAIN. Exit code 77, with the reason, if it is not installed.
set -euo pipefail

[ $# -eq 0 ] || { echo "usage: toolchain_emscripten.sh" >&2; exit 1; }

skip() { echo "SKIPPED: $*"; exit 77; }

for tool in emcc node; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
toolchain=$(dirname "$(readlink -f "$(command -v emcc)")")/cmake/Modules/Platform/Emscripten.cmake
[ -r "$toolchain" ] || toolchain=/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake
[ -r "$toolchain" ] || skip "Emscripten has no CMake toolchain file at $toolchain"
echo "TOOLCHAIN=$toolchain"

#!/bin/bash
# toolchain_arm64.sh - MinGW's headers and C runtime for Windows on ARM64, which Debian has no
# package of: made by clang from Debian's source package.
#
# usage: test/platforms/toolchain_arm64.sh arm64|arm64ec
#
# Prints SYSROOT, for MIM_SYSROOT of cmake/mingw.cmake, and what toolchain_wine.sh prints for
# arm64. For arm64ec that of arm64 is SYSROOT_ARM64, and there is what toolchain_llvm.sh prints. It
# takes some minutes once; all is kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/mingw-arm64 or mingw-arm64ec. Exit code 77, with the
# reason, if the sources, a tool or wine cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: toolchain_arm64.sh arm64|arm64ec" >&2; exit 1; }
machine=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/mingw-$machine
root=$cache/root
# All that programs of ours link, and clang names on its own.
programs=(crt2.o dllcrt2.o crtbegin.o crtend.o)
libraries=(mingw32 mingwex moldname msvcrt ucrt ucrtbase ucrtbased m kernel32 advapi32 shell32
  user32 ntdll psapi)

skip() { echo "SKIPPED: $*"; exit 77; }

for tool in clang-19 ld.lld-19 llvm-ar-19 make bzip2; do
  command -v "$tool" >/dev/null ||
    skip "$tool is missing; install it: scripts/setup.sh windows-arm64"
done
if [ "$machine" = arm64ec ]; then
  triple=arm64ec-w64-mingw32
  found=$("$here/toolchain_llvm.sh") || { echo "$found"; exit 77; }
  llvm=$(sed -n 's/^LLVM=//p' <<<"$found")
  tools=(AR="$llvm/llvm-ar" RANLIB="$llvm/llvm-ranlib" DLLTOOL="$llvm/llvm-dlltool")
  link=(--ld-path="$llvm/ld.lld")
else
  triple=aarch64-w64-mingw32
  tools=(AR=llvm-ar-19 RANLIB=llvm-ranlib-19 DLLTOOL=llvm-dlltool-19)
  link=(-fuse-ld=lld)
fi

fetch() {
  "$here/../../scripts/fetch_suite.sh" --source --packed sid "$cache" mingw-w64 >&2 ||
    skip "the sources of mingw-w64 cannot be had (see above)"
  mkdir -p "$cache/source"
  tar -xf "$cache"/mingw-w64_*.orig.tar.* -C "$cache/source" --strip-components=1
}

run_logged() {
  "$@" >>"$cache/log" 2>&1 || { tail -n 20 "$cache/log" >&2; exit 1; }
}

compile() {
  run_logged clang-19 --target=$triple --sysroot="$root" -O2 -c "$@"
}

archive() {
  run_logged "${tools[0]#AR=}" rcs "$@"
}

install_headers() {
  mkdir -p "$cache/headers"
  cd "$cache/headers"
  run_logged "$cache/source/mingw-w64-headers/configure" --host=$triple --prefix="$root" \
    --with-default-msvcrt=ucrt
  run_logged make install
}

# Not all of it: there are import libraries for some hundred DLLs.
build_runtime() {
  local wanted=("${programs[@]/#/libarm64/}") name
  mkdir -p "$cache/runtime/libarm64" "$root/lib"
  cd "$cache/runtime"
  for name in "${libraries[@]}"; do wanted+=("libarm64/lib$name.a"); done
  run_logged "$cache/source/mingw-w64-crt/configure" --host=$triple --prefix="$root" \
    --with-default-msvcrt=ucrt --disable-lib32 --disable-lib64 --enable-libarm64 \
    CC="clang-19 --target=$triple ${link[*]} -nostdlibinc -isystem $root/include" "${tools[@]}"
  run_logged make -j "$(nproc)" "${wanted[@]}"
  cp "${wanted[@]}" "$root/lib/"
}

# Clang's own functions, which gcc would bring, by the names that clang asks for. For ARM64EC nobody
# has any: what ours need of them is to touch the pages of a large stack frame.
add_builtins() {
  if [ "$machine" = arm64 ]; then
    "$here/../../scripts/fetch_suite.sh" trixie "$cache/builtins" libclang-rt-22-dev-win >&2 ||
      skip "the runtime functions of clang cannot be had (see above)"
    find "$cache/builtins" -name libclang_rt.builtins-aarch64.a -exec cp {} "$root/lib/libgcc.a" \;
  else
    compile -o "$cache/chkstk.o" "$here/chkstk_arm64ec.s"
    archive "$root/lib/libgcc.a" "$cache/chkstk.o"
  fi
  archive "$root/lib/libgcc_eh.a"
}

# Its own makefile wants a compiler for version resources.
build_threads() {
  local source=$cache/source/mingw-w64-libraries/winpthreads
  mkdir -p "$cache/threads"
  cd "$cache/threads"
  cp "$source"/include/*.h "$root/include/"
  compile -DIN_WINPTHREAD -D__USE_MINGW_ANSI_STDIO=0 -I"$source/include" -I"$source/src" \
    "$source"/src/*.c
  archive "$root/lib/libpthread.a" ./*.o
}

mkdir -p "$cache"
exec 8>"$cache.lock"
flock 8
if [ ! -e "$cache/complete" ]; then
  rm -rf "${cache:?}"/*
  fetch
  install_headers
  build_runtime
  add_builtins
  build_threads
  rm -rf "$cache/source" "$cache/headers" "$cache/runtime" "$cache/threads" "$cache/builtins" \
    "$cache"/*.tar.* "$cache"/*.o
  touch "$cache/complete"
fi
exec 8>&-
echo "SYSROOT=$root"
if [ "$machine" = arm64 ]; then exec "$here/toolchain_wine.sh" arm64; fi
echo "$found"
arm64=$("$here/toolchain_arm64.sh" arm64) || { echo "$arm64"; exit 77; }
echo "${arm64/SYSROOT=/SYSROOT_ARM64=}"

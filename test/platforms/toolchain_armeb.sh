#!/bin/bash
# toolchain_armeb.sh - clang for big-endian ARM (BE8) with musl, which no distribution has.
#
# usage: test/platforms/toolchain_armeb.sh
#
# Prints FLAGS for clang-19 and ROOT (for qemu -L). musl and the compiler's runtime functions are
# built from Debian's source packages, once (two minutes), and kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/musl/armeb. Exit code 77, with the reason, if the
# sources cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
triple=armebv7-linux-musleabi
folder=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/musl/armeb
root=$folder/root
resources=$folder/clang
runtime=$resources/lib/armebv7-unknown-linux-musleabi
flags="--target=$triple -mfloat-abi=soft --sysroot=$root -resource-dir=$resources"
# Some are for compiling, some for linking: clang shall not name those that it does not use.
flags+=" -rtlib=compiler-rt --unwindlib=none -fuse-ld=lld -Qunused-arguments"

skip() { echo "SKIPPED: $*"; exit 77; }

for tool in clang-19 ld.lld-19 arm-linux-gnueabi-ar; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done

fetch() {
  "$here/../../scripts/fetch_suite.sh" --source --packed "$1" "$folder" "$2" >&2 ||
    skip "the sources of $2 cannot be had (see above)"
}

run_logged() {
  "$@" >>"$folder/log" 2>&1 || { tail -n 20 "$folder/log" >&2; exit 1; }
}

# What clang has of its own: headers, and a place for the runtime of a target.
make_resources() {
  mkdir -p "$runtime"
  ln -sfn "$(clang-19 -print-resource-dir)/include" "$resources/include"
}

# Floating point and division; what ARM has in assembler comes from there.
build_runtime() {
  local source=$folder/builtins name
  mkdir -p "$source/objects"
  run_logged tar -xf "$folder"/llvm-toolchain-*.tar.[gx]z -C "$source" --strip-components=4 \
      --wildcards '*/compiler-rt/lib/builtins/*.[chS]' '*/compiler-rt/lib/builtins/*.inc'
  for file in "$source"/*.c "$source"/arm/*.[cS]; do
    name=$(basename "$file")
    case $name in
      *vfp* | *tf* | *xf* | *bf* | *tc3* | *xc3*) ;; # types and registers that are not there
      *sync_* | atomic* | gcc_personality* | emutls* | crt*) ;;
      *.c) [ -e "$source/arm/${name%.c}.S" ] || echo "$file" ;;
      *) echo "$file" ;;
    esac
  done >"$source/list"
  # Unquoted on purpose: flags are separated by spaces.
  (cd "$source/objects" && run_logged clang-19 $flags -O2 -fPIC -I"$source" -c $(<"$source/list"))
  run_logged arm-linux-gnueabi-ar rcs "$runtime/libclang_rt.builtins.a" "$source"/objects/*.o
  for name in crtbegin crtend; do
    run_logged clang-19 $flags -O2 -fPIC -DCRT_HAS_INITFINI_ARRAY -c "$source/$name.c" \
        -o "$runtime/clang_rt.$name.o"
  done
}

install_headers() {
  mkdir -p "$folder/musl"
  run_logged tar -xf "$folder"/musl_*.tar.[gx]z -C "$folder/musl" --strip-components=1
  run_logged make -C "$folder/musl" install-headers ARCH=arm prefix=/usr DESTDIR="$root"
}

build_musl() {
  cd "$folder/musl"
  CC="clang-19 $flags" LIBCC="$runtime/libclang_rt.builtins.a" \
    AR=arm-linux-gnueabi-ar RANLIB=arm-linux-gnueabi-ranlib \
    run_logged ./configure --target=armeb-linux-musleabi --prefix=/usr --syslibdir=/lib \
    --disable-gcc-wrapper
  run_logged make -j "$(nproc)"
  run_logged make install DESTDIR="$root"
  # The link names a place on the machine that is emulated.
  ln -sfn ../usr/lib/libc.so "$root/lib/ld-musl-armeb.so.1"
}

mkdir -p "$folder"
exec 8>"$folder.lock"
flock 8
if [ ! -e "$folder/complete" ]; then
  rm -rf "${folder:?}"/*
  fetch trixie musl
  fetch "$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")" llvm-toolchain-19
  make_resources
  install_headers
  build_runtime
  build_musl
  rm -rf "$folder/builtins" "$folder/musl" "$folder"/*.tar.*
  touch "$folder/complete"
fi
echo "FLAGS=$flags"
echo "ROOT=$root"

#!/usr/bin/env bash
# build_musl.sh - Lua, redis and Python for musl, from Debian's source packages.
#
# usage: test/platforms/programs/build_musl.sh ARCHITECTURE COMPILER FOLDER
#
# Debian has musl, but no program built for it. ARCHITECTURE is Debian's name (armhf), COMPILER a
# gcc for it. FOLDER becomes a root for an emulator: musl's dynamic linker and the three programs,
# which need no other library. The log is FOLDER.log. Exit code 77, with the reason, if sources or
# tools cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 3 ] || { echo "usage: build_musl.sh ARCHITECTURE COMPILER FOLDER" >&2; exit 1; }
architecture=$1 compiler=$2 folder=$3
log=$folder.log
jobs=$(nproc)
# The processor's tools have the name of its compiler.
tools=${compiler%gcc}
work=$(mktemp -d "${TMPDIR:-/tmp}/mimalloc-programs.XXXXXX")
trap 'rm -rf "$work"' EXIT

skip() { echo "SKIPPED: $*"; exit 77; }
fail() { echo "build_musl.sh: $*; see $log" >&2; exit 1; }

# The interpreter that helps to build a Python for another processor has to be of its version.
find_python() {
  local version
  version=$(dpkg-query -W -f '${Depends}' python3 | grep -o 'python3\.[0-9]*' | head -n 1)
  build_python=/usr/bin/$version
  [ -x "$build_python" ] || skip "there is no $build_python here; install the package python3"
}

prepare() {
  local codename variables
  command -v dpkg-source >/dev/null || skip "dpkg-source is missing; install the package dpkg-dev"
  find_python
  variables=$("$here/../toolchain_musl.sh" "$architecture" "$compiler") ||
    skip "${variables#SKIPPED: }"
  musl=$(sed -n 's/^ROOT=//p' <<<"$variables")
  cc="$compiler -specs=$(sed -n 's/^SPECS=//p' <<<"$variables")"
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
  python=$(basename "$build_python")
  "$here/../../../scripts/fetch_suite.sh" --source "$codename" "$work" lua5.4 redis "$python" \
    >&2 || skip "the source packages lua5.4, redis and $python cannot be had (see above)"
  mkdir -p "$folder/usr/bin" "$folder/usr/lib"
  cp -a "$musl/lib" "$folder/"
}

build_lua() {
  cd "$work/lua5.4/src"
  rm -f luac.c
  # The package's rules make it: the folder of modules in C.
  echo '#define DEB_HOST_MULTIARCH "musl"' >lua5.4-deb-multiarch.h
  $cc -O2 -DLUA_USE_POSIX ./*.c -lm -o "$folder/usr/bin/lua5.4"
}

# The libraries that come with redis; neither TLS nor systemd, which musl's root has not.
build_redis() {
  local words=(CC="$cc" AR="${tools}ar" RANLIB="${tools}ranlib" MALLOC=libc BUILD_TLS=no
    USE_SYSTEMD=no OPTIMIZATION=-O1 DEBUG= V=1 -j "$jobs")
  cd "$work/redis"
  make -C deps "${words[@]}" hiredis linenoise lua hdr_histogram
  make -C src "${words[@]}" redis-server
  cp src/redis-server "$folder/usr/bin/"
}

# The library as it lies in the sources: an installation would only compile it, three times.
build_python() {
  mkdir "$work/build"
  cd "$work/build"
  "../$python/configure" --build=x86_64-linux-gnu --host="$(basename "${tools%-}")" \
    --with-build-python="$build_python" --without-ensurepip --disable-test-modules \
    ac_cv_file__dev_ptmx=yes ac_cv_file__dev_ptc=no ac_cv_buggy_getaddrinfo=no \
    CC="$cc" AR="${tools}ar" RANLIB="${tools}ranlib" READELF="${tools}readelf" OPT="-O1"
  make -j "$jobs"
  cp python "$folder/usr/bin/python3"
  rm -rf "$work/$python/Lib"/{test,idlelib,tkinter,ensurepip,lib2to3}
  cp -r "$work/$python/Lib" "$folder/usr/lib/$python"
  mkdir -p "$folder/usr/lib/$python/lib-dynload"
  find build/lib.* -maxdepth 1 -type f -exec cp -t "$folder/usr/lib/$python/lib-dynload" {} +
}

prepare
for program in lua redis python; do
  # By itself, since -e does not count in a condition.
  ( "build_$program" ) >>"$log" 2>&1 &
  wait $! || fail "$program cannot be built for musl"
done

#!/bin/bash
# setup.sh - install what is missing of the Debian packages that a step needs.
#
# usage: scripts/setup.sh [--print] GROUP...
#
# Groups: build run lint test package windows wine matrix bench fuzz doc (or all); for the lanes of
# scripts/test_platforms.py programs, npm, windows-gcc, windows-clang, windows-arm64 and
# platform-LANE;
# cpython, for test/cpython.
#
# Does nothing, quickly, if nothing is missing. As root it installs; otherwise it prints the line
# to type and fails. --print only names the packages that are missing. Only the distribution's
# packages are used.
set -euo pipefail

fail() { echo "setup.sh: $*" >&2; exit 1; }

# A line lists alternatives; the first one that this distribution has is taken.
packages_of() {
  case $1 in
    build) printf '%s\n' gcc make python3 cmake ninja-build git binutils libc6-dev ;;
    run)   printf '%s\n' python3 procps ;;
    lint)  printf '%s\n' clang-format clang-tidy clang clang-19 "$(clang_runtime)" doxygen mandoc ;;
    test)
      printf '%s\n' g++ clang "$(clang_runtime)" pkg-config redis-server redis-tools \
        "$(python_testsuite)" sqlite3 git perl lua5.4 ghostscript gsfonts valgrind gdb procps \
        google-perftools ;;
    package)
      printf '%s\n' git build-essential dpkg-dev debhelper fakeroot lintian gcc cmake pkg-config ;;
    windows) printf '%s\n' gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32 ;;
    windows-gcc) printf '%s\n' g++-mingw-w64-x86-64-win32 g++-mingw-w64-i686-win32 ;;
    windows-clang) printf '%s\n' clang-19 lld ;;
    windows-arm64) printf '%s\n' clang-19 lld-19 llvm-19 make bzip2 gcc qemu-user-static ;;
    npm) command -v npm >/dev/null || echo npm ;; # others' packages of nodejs have it inside
    wine)  printf '%s\n' wine64 ;;
    matrix) printf '%s\n' gcc clang clang-19 ;;
    fuzz)  printf '%s\n' clang "$(clang_runtime)" ;;
    doc)   printf '%s\n' python3 doxygen ;;
    programs) printf '%s\n' python3 dpkg-dev make redis-tools ;;
    cpython)
      printf '%s\n' gcc dpkg-dev make pkg-config libffi-dev libssl-dev zlib1g-dev libbz2-dev \
        liblzma-dev libsqlite3-dev uuid-dev ;;
    platform-*) packages_of_platform "${1#platform-}" ;;
    bench)
      printf '%s\n' g++ valgrind strace hyperfine python3-matplotlib libjemalloc2 \
        "libtcmalloc-minimal4 libtcmalloc-minimal4t64" "libtbbmalloc2" redis-server redis-tools \
        sqlite3 git perl lua5.4 ghostscript gsfonts ;;
    *) fail "there is no group '$1'; use build, run, lint, test, package, windows, wine, matrix," \
            "bench, fuzz, doc or all" ;;
  esac
}

# Cross compilers, C libraries and emulators for the lanes of scripts/test_platforms.py.
packages_of_platform() {
  case $1 in
    i686) printf '%s\n' g++-i686-linux-gnu libc6-dev-i386-cross ;;
    aarch64) printf '%s\n' g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static ;;
    armv7) printf '%s\n' g++-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user-static ;;
    armv5) printf '%s\n' g++-arm-linux-gnueabi libc6-dev-armel-cross qemu-user-static ;;
    s390x) printf '%s\n' g++-s390x-linux-gnu libc6-dev-s390x-cross qemu-user-static ;;
    riscv64) printf '%s\n' g++-riscv64-linux-gnu libc6-dev-riscv64-cross qemu-user-static ;;
    ppc64) printf '%s\n' g++-powerpc64-linux-gnu libc6-dev-ppc64-cross qemu-user-static ;;
    powerpc) printf '%s\n' g++-powerpc-linux-gnu libc6-dev-powerpc-cross qemu-user-static ;;
    x86_64-musl) printf '%s\n' gcc ;;
    i686-musl) printf '%s\n' gcc-i686-linux-gnu ;;
    aarch64-musl) printf '%s\n' gcc-aarch64-linux-gnu qemu-user-static ;;
    armv7-musl) printf '%s\n' gcc-arm-linux-gnueabihf qemu-user-static ;;
    wasi) printf '%s\n' clang-19 lld-19 llvm-19 libclang-rt-19-dev-wasm32 nodejs ;;
    emscripten) printf '%s\n' emscripten nodejs ;;
    armv6-musl | armv5-musl) printf '%s\n' gcc-arm-linux-gnueabi qemu-user-static ;;
    armeb-musl)
      printf '%s\n' clang-19 lld-19 binutils-arm-linux-gnueabi qemu-user-static xz-utils ;;
    *) fail "there is no platform '$1'; scripts/test_platforms.py --list names them" ;;
  esac
}

# The installed package's dependencies, else those of the one that would be installed. Other fields
# name versions, too: clang's Replaces still has clang-3.2.
depends_of() {
  dpkg-query -W -f '${Depends}\n' "$1" 2>/dev/null || apt-cache show "$1" 2>/dev/null |
    sed -n 's/^Depends: //p' || true
}

# The sanitizer and fuzzer runtime has the version of clang in its name; clang itself only
# recommends it.
clang_runtime() {
  local version
  version=$(depends_of clang | grep -o 'clang-[0-9][0-9]*' | head -n 1 | tr -dc 0-9 || true)
  echo "libclang-rt-${version:-14}-dev"
}

python_testsuite() {
  local version
  version=$(depends_of python3 | grep -o 'python3\.[0-9]*' | head -n 1 || true)
  echo "libpython${version#python}-testsuite"
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_known() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

any_installed() {
  local name
  for name in "$@"; do
    if is_installed "$name"; then return 0; fi
  done
  return 1
}

# The first alternative that can be had; the first of all if the package lists are empty.
choose() {
  local name
  for name in "$@"; do
    if is_known "$name"; then echo "$name"; return; fi
  done
  echo "$1"
}

missing_packages() {
  local group alternatives
  for group in "$@"; do
    packages_of "$group"
  done | sort -u | while read -r alternatives; do
    # Unquoted on purpose: alternatives are separated by spaces.
    any_installed $alternatives || choose $alternatives
  done
}

try_to_install() {
  mapfile -t packages < <(missing_packages "${groups[@]}")
  [ ${#packages[@]} -eq 0 ] ||
    apt-get install -y --no-install-recommends "${packages[@]}" >"$log" 2>&1
}

install_missing() {
  export DEBIAN_FRONTEND=noninteractive
  echo "setup.sh: installing: ${packages[*]}"
  exec 9<"$0"
  flock 9 # another lane may be at it, and even install the same
  try_to_install && return
  # The usual cause on a fresh machine: no package lists yet, or old ones. Names that hold a version
  # (the clang runtime, say) are known only then.
  apt-get update >"$log" 2>&1 || true
  try_to_install && return
  tail -n 20 "$log" >&2
  fail "apt-get could not install: ${packages[*]}; see the messages above"
}

print_only=no
if [ "${1:-}" = --print ]; then print_only=yes; shift; fi
[ $# -ge 1 ] || fail "usage: scripts/setup.sh [--print] GROUP..."
groups=("$@")
if [ "$*" = all ]; then groups=(build run lint test package windows wine matrix bench fuzz doc); fi
for group in "${groups[@]}"; do packages_of "$group" >/dev/null; done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "setup.sh: this system has no apt-get; what is needed, by Debian's names:" >&2
  for group in "${groups[@]}"; do packages_of "$group" >&2; done
  exit 0        # it may well be there: the build itself says what it lacks
fi

mapfile -t packages < <(missing_packages "${groups[@]}")
if [ ${#packages[@]} -eq 0 ]; then exit 0; fi
if [ $print_only = yes ]; then printf '%s\n' "${packages[@]}"; exit 0; fi
if [ "$(id -u)" -ne 0 ]; then
  echo "setup.sh: some packages are missing; install them, then try again:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}" >&2
  exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install_missing

#!/usr/bin/env bash
# build.sh - CPython from Debian's source package, for test/cpython/run.py.
#
# usage: test/cpython/build.sh BUILD
#
# BUILD is default, or free-threaded (no global lock: all of Python's memory is then the embedded
# mimalloc's). Prints the interpreter's path. Sources and builds are kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/cpython; nothing is installed. Remove that folder to
# build a newer version. Exit code 77, with the reason, if the sources cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
suite=trixie
package=python3.13

fail() { echo "build.sh: $*" >&2; exit 1; }

case ${1:-} in
  default) options=() ;;
  free-threaded) options=(--disable-gil) ;;
  *) fail "there is no build '${1:-}'; use default or free-threaded" ;;
esac
build=$1

cache=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/cpython
folder=$cache/$build
log=$cache/$build.log
mkdir -p "$cache"
exec 8>"$cache/lock"
flock 8

if [ ! -d "$cache/$package" ]; then
  "$here/../../scripts/fetch_suite.sh" --source "$suite" "$cache/new" "$package" >&2 || {
    echo "SKIPPED: this needs the network once; the sources of $package cannot be had (see above)"
    exit 77
  }
  mv "$cache/new/$package" "$cache/$package"
fi

if [ ! -e "$folder/complete" ]; then
  rm -rf "$folder" && mkdir "$folder"
  cd "$folder"
  # The embedded mimalloc is asked for by name, so that a configuration without it is an error.
  # Half of the time of a build is optimization that tests do not need.
  { "../$package/configure" --with-mimalloc --without-ensurepip OPT="-DNDEBUG -O1" \
        "${options[@]}" &&
      make -j "$(nproc)"; } >"$log" 2>&1 || fail "CPython ($build) cannot be built; see $log"
  touch complete
fi
echo "$folder/python"

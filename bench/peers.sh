#!/bin/sh
# peers.sh - fetches the allocators we are compared with and prints where each one is.
#
# Output: one line a peer, "NAME PATH"; a peer that cannot be had gives "NAME -" and a sentence
# on stderr that says why. Distribution packages are only downloaded and unpacked, never
# installed: nothing changes on the machine. The cache lies outside of the source tree:
# $MIM_BENCH_CACHE, else $XDG_CACHE_HOME/mimalloc-bench, else ~/.cache/mimalloc-bench.
#
# usage: bench/peers.sh [--refresh]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${MIM_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-bench}
case "${1:-}" in
  '') ;;
  --refresh) rm -rf "$cache/peers" ;;
  *) echo "peers.sh: unknown argument '$1': expected nothing or --refresh" >&2; exit 2 ;;
esac
mkdir -p "$cache/peers"

# A package of the machine's own suite: unpacked from apt's download.
fetch_own() {
  package=$1 directory=$cache/peers/$2
  mkdir -p "$directory"
  (cd "$directory" && apt-get download -q "$package" >apt.log 2>&1) || return 1
  for archive in "$directory"/*.deb; do dpkg-deb -x "$archive" "$directory/root"; done
}

# A package of another suite: the system's lists stay as they are.
fetch_suite() {
  suite=$1 package=$2 directory=$cache/peers/$3
  mkdir -p "$directory"
  "$here/../scripts/fetch_suite.sh" "$suite" "$directory/root" "$package" \
    >"$directory/apt.log" 2>&1
}

find_library() { # the library file itself, not a link that may dangle
  find "$cache/peers/$1/root" /usr/lib -name "$2" 2>/dev/null | head -n 1
}

peer() { # name, soname pattern, how to fetch, arguments
  name=$1 pattern=$2
  shift 2
  path=$(find_library "$name" "$pattern")
  if [ -z "$path" ] && "$@" "$name"; then path=$(find_library "$name" "$pattern"); fi
  if [ -z "$path" ]; then
    echo "peers.sh: $name is left out: its package could not be fetched" \
      "(see $cache/peers/$name/apt.log; try 'apt-get update')" >&2
  fi
  echo "$name ${path:--}"
}

# The pattern of mimalloc has its version, and /usr/lib is searched last: a system-wide
# libmimalloc of another version must not be mistaken for the peer.
peer mimalloc-3.6.0 'libmimalloc.so.3.6' fetch_suite sid libmimalloc3
peer jemalloc 'libjemalloc.so.2' fetch_own libjemalloc2
peer tcmalloc 'libtcmalloc_minimal.so.4.*' fetch_own libtcmalloc-minimal4
peer tbbmalloc 'libtbbmalloc_proxy.so.2.*' fetch_own libtbbmalloc2

#!/usr/bin/env bash
# fetch.sh - packages that depend on Debian's libmimalloc3, unpacked with all they need.
#
# usage: test/clients/fetch.sh SET
#
# SETs: clients (42 MB to fetch), pyarrow (92 MB), llvm (static libraries to link, 46 MB).
# Prints the folder, which is kept in ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test; nothing is
# installed. Remove that folder to get newer packages. Exit code 77, with the reason, if the
# packages cannot be had: tests count that as skipped. CLIENTS_FETCH_SECONDS limits how long the
# archive may take; if it is 0, nothing is fetched.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
suite=sid

fail() { echo "fetch.sh: $*" >&2; exit 1; }

# What is linked is read by the linker, not run: it needs no dependencies.
case ${1:-} in
  clients)
    options=(--with-dependencies)
    packages=(mold jaq jql jujutsu rbase64 luametatex rabbitmqadmin-ng arrow-tools libslvs1-dev) ;;
  pyarrow) options=(--with-dependencies) packages=(python3-pyarrow parquet-tools arrow-tools) ;;
  llvm) options=() packages=(llvm-19-dev) ;;
  *) fail "there is no set '${1:-}'; use clients, pyarrow or llvm" ;;
esac

if ! command -v apt-get >/dev/null || ! command -v flock >/dev/null; then
  echo "SKIPPED: the clients are Debian packages, and this system has no apt-get (or no flock)"
  exit 77
fi

seconds=${CLIENTS_FETCH_SECONDS:-3600}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/$suite
folder=$cache/unpacked/$1
mkdir -p "$cache/unpacked"
exec 8>"$folder.lock"
flock 8
if [ ! -d "$folder" ]; then
  if [ "$seconds" = 0 ]; then
    echo "SKIPPED: the packages are not there: ${packages[*]}; see the test clients.fetch"
    exit 77
  fi
  rm -rf "$folder.new"
  timeout "$seconds" "$here/../../scripts/fetch_suite.sh" "${options[@]}" "$suite" \
      "$folder.new" "${packages[@]}" || {
    echo "SKIPPED: this needs the network once; these packages cannot be had (see above):" \
      "${packages[*]}"
    exit 77
  }
  mv -T "$folder.new" "$folder"
fi
echo "$folder"

#!/usr/bin/env bash
# fetch.sh - real programs of another processor with the libraries they need.
#
# usage: test/platforms/programs/fetch.sh SET [COMPILER]
#
# SET is Debian's name of a processor (armhf, arm64, ...), whose packages are unpacked; or such a
# name with -musl, for which there are no packages: then COMPILER builds the programs
# (build_musl.sh). Prints the folder, which is kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/programs; nothing is installed. Exit code 77, with
# the reason, if they cannot be had. If PROGRAMS_FETCH is no, nothing is fetched or built.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { echo "usage: fetch.sh SET [COMPILER]" >&2; exit 1; }
set_name=$1 compiler=${2:-}
packages=(python3 lua5.4 redis-server)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/programs/$set_name

skip() { echo "SKIPPED: $*"; exit 77; }

# Of the distribution that runs here: its cross compiler's C library is not newer than this one.
fetch_packages() {
  local codename
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
  "$here/../../../scripts/fetch_suite.sh" --with-dependencies --architecture "$set_name" \
    "$codename" "$folder.new" "${packages[@]}" >&2
}

mkdir -p "$(dirname "$folder")"
exec 7>"$folder.lock"
flock 7
if [ ! -d "$folder" ]; then
  [ "${PROGRAMS_FETCH:-yes}" = yes ] ||
    skip "the programs for $set_name are not there; see the test programs.fetch"
  rm -rf "$folder.new"
  case $set_name in
    *-musl) "$here/build_musl.sh" "${set_name%-musl}" "$compiler" "$folder.new" ;;
    *) fetch_packages || skip "the packages for $set_name cannot be had (see above)" ;;
  esac
  mv -T "$folder.new" "$folder"
fi
echo "$folder"

#!/bin/bash
# build_preset.sh - configure (when needed) and build one preset of CMakePresets.json.
#
# usage: scripts/build_preset.sh [--quiet] [--configure] PRESET [JOBS [TARGET]]
#
# --quiet shows the output only of a step that fails; --configure stops before building.
# The compiler is CC and CXX, as CMake knows them.
set -euo pipefail
cd "$(dirname "$0")/.."

quiet=no build=yes
while [ $# -gt 0 ]; do
  case $1 in
    --quiet) quiet=yes ;;
    --configure) build=no ;;
    *) break ;;
  esac
  shift
done
[ $# -ge 1 ] || { echo "build_preset.sh: name a preset: release, debug, asan, ..." >&2; exit 1; }
version=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*//p')
if [ "$(printf '%s\n' 3.21 "${version:-0}" | sort -V | head -n 1)" != 3.21 ]; then
  echo "build_preset.sh: presets need cmake 3.21, this is ${version:-none}; install a newer one," \
       "or configure by hand: cmake -S . -B out/release" >&2
  exit 1
fi
preset=$1 jobs=${2:-2} target=${3:-}
folder=out/$preset

run() {
  if [ $quiet = no ]; then "$@"; return; fi
  local log code=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || code=$?
  if [ $code -ne 0 ] || grep -q 'warning:' "$log"; then cat "$log" >&2; fi
  rm -f "$log"
  return $code
}

# A folder that was configured for another place (a moved or copied tree) is made anew.
if [ -f "$folder/CMakeCache.txt" ] &&
   ! grep -qx "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then
  rm -rf "$folder"
fi
if [ -f "$folder/CMakeCache.txt" ]; then
  # The generator and compilers cannot change in a folder; CMake checks everything else itself.
  unset CMAKE_GENERATOR CC CXX
fi
echo "-- $preset: $folder"
run cmake --preset "$preset"
if [ $build = yes ]; then
  run cmake --build "$folder" -j "$jobs" ${target:+--target "$target"}
fi

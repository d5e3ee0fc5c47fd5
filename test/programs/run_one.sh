#!/usr/bin/env bash
# Runs one program on the allocator, for `make run`: `run_one.sh LIBRARY [PROGRAM [ARGUMENT...]]`.
# Without a program it is workload.py. The library prints its statistics when the program ends.
# A program with its arguments may also come as one word, as in PROG="redis-server --version".
# Exit code: the program's; 127 if there is no such program, 126 if it cannot be preloaded.
set -u

here=$(cd "$(dirname "$0")" && pwd)

complain() {
  local code=$1
  shift
  echo "make run: $*" >&2
  exit "$code"
}

[ $# -ge 1 ] || complain 2 "usage: run_one.sh LIBRARY [PROGRAM [ARGUMENT...]]"
[ -f "$1" ] || complain 2 "the library $1 is not built; run 'make' first"
library=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
case $library in
  *[:\ ]*) complain 2 "the path $library holds a colon or a space, which LD_PRELOAD takes for the" \
    "end of a name; move the folder" ;;
esac

if [ $# -eq 1 ] && [ ! -e "$1" ]; then
  eval "set -- $1"
fi

if [ $# -eq 0 ]; then
  command -v python3 >/dev/null ||
    complain 127 "there is no python3 on this machine; install it or name a program, e.g." \
      "make run PROG='sort --version'"
  # The interpreter itself, not a script that chooses one.
  set -- "$(python3 -c 'import sys; print(sys.executable)')" "$here/workload.py"
  export PYTHONMALLOC=malloc PYTHONDONTWRITEBYTECODE=1
fi

file=$(type -P -- "$1") ||
  complain 127 "there is no program '$1' on this machine; name one that is installed," \
    "e.g. make run PROG='python3 --version'"

# The dynamic linker preloads nothing into a program with raised rights, and there is none in a
# static one: the program would run, but not on this allocator.
if [ -u "$file" ] || [ -g "$file" ]; then
  complain 126 "'$1' runs with raised rights (setuid), so the system preloads no library into it"
fi
if segments=$(readelf -lW "$file" 2>/dev/null) && ! grep -q ' INTERP ' <<<"$segments"; then
  complain 126 "'$1' is linked statically, so no library can be preloaded into it"
fi

echo "make run: $* (on $(basename "$library"))" >&2
MIMALLOC_SHOW_STATS=${MIMALLOC_SHOW_STATS:-1} LD_PRELOAD=$library exec "$@"

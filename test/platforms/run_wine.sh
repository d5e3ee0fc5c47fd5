#!/bin/bash
# run_wine.sh - run a Windows program in the wine of toolchain_wine.sh.
#
# usage: test/platforms/run_wine.sh ROOT PROGRAM [ARGUMENT...]
#
# All programs run in one namespace with one server, which the first of them starts, with the
# services that wine wants: these would hold a test's output open, and starting them takes seconds.
# The namespace ends with all that is in it when no program was started for IDLE_SECONDS, which is
# longer than a test may take.
#
# DLLs are looked for in the program's folder and in the build folder that it lies in.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
IDLE_SECONDS=630
wine=/usr/lib/wine/wine64
settings=(PATH=/usr/lib/wine:/usr/bin:/bin HOME=/root LANG=C.UTF-8 WINEPREFIX=/root/wp
  WINESERVER=/usr/lib/wine/wineserver64 WINEDEBUG="${WINEDEBUG--all}"
  WINEDLLOVERRIDES='winedbg.exe=d;mscoree=d;mshtml=d'
  QEMU_CPU=cortex-a72) # as Windows asks of a processor; others spend their time on signed pointers

# ---- inside of the namespace: the first process ----

if [ "${1:-}" = --hold ]; then
  root=$2 state=$3
  rm -f "$state/stay" "$state/ready"
  mkfifo "$state/stay"
  exec 7<>"$state/stay"
  mount --bind "$root" "$root"
  cd "$root"
  emulated=no
  if [ "$(od -An -tx1 -j18 -N1 usr/lib/wine/wine64)" = " b7" ]; then
    "$here/register_qemu.sh"
    emulated=yes
  fi
  for folder in proc dev; do mount --rbind "/$folder" "$root/$folder"; done
  pivot_root . host
  # From here on only what bash itself can do, and wine: other programs would miss their libraries.
  state=/host$state
  unset DISPLAY
  export "${settings[@]}"
  # Under qemu wine would wait for ever for the server that it starts itself. (Its folder is there:
  # the server does not make it.)
  if [ $emulated = yes ]; then "$WINESERVER" -p; fi
  $wine wineboot --init </dev/null >/dev/null 2>&1 || true
  $wine cmd.exe <&7 >/dev/null 2>&1 & # waits for input: as long as a program runs the services stay
  echo ready >"$state/ready"
  while :; do
    : >"$state/checked"
    read -r -t $IDLE_SECONDS <>"$state/stay" || true
    if [ "$state/checked" -nt "$state/used" ]; then exit 0; fi
  done
fi

# ---- outside ----

[ $# -ge 2 ] || { echo "usage: run_wine.sh ROOT PROGRAM [ARGUMENT...]" >&2; exit 2; }
root=$1 program=$2
shift 2
state=$(dirname "$root")/state
mkdir -p "$state" "$root/host" "$root/root/wp"
touch "$state/used"

# The first process of the namespace, as it is called outside; nothing if there is none.
holder() {
  local pid
  pid=$(cat "$state/pid" 2>/dev/null) || return 0
  if [ -n "$pid" ] && grep -qs -e --hold "/proc/$pid/cmdline"; then echo "$pid"; fi
}

start() {
  local parent pid=
  rm -f "$state/ready" "$state/pid"
  setsid unshare -U -r -m -p -f --kill-child=KILL --mount-proc \
    "$0" --hold "$root" "$state" </dev/null >"$state/log" 2>&1 9>&- &
  parent=$!
  for _ in $(seq 3000); do # a minute the first time under qemu, more on a busy machine
    if [ -e "$state/ready" ] || ! kill -0 $parent 2>/dev/null; then break; fi
    sleep 0.1
  done
  pid=$(cat "/proc/$parent/task/$parent/children" 2>/dev/null || true)
  echo "${pid%% *}" >"$state/pid"
  if [ ! -e "$state/ready" ]; then
    cat "$state/log" >&2
    echo "run_wine.sh: wine does not start; see above, or remove $(dirname "$root")" >&2
    exit 2
  fi
}

exec 9>"$state/lock"
flock 9
pid=$(holder)
if [ -z "$pid" ]; then
  start
  pid=$(holder)
fi
flock -u 9
exec 9>&-

# The folder of the build, for the library's DLL.
build=$(dirname "$(realpath "$program")")
while [ "$build" != / ] && [ ! -e "$build/CMakeCache.txt" ]; do build=$(dirname "$build"); done

# Absolute, since PATH is that of the other root from here on.
enter=$(command -v nsenter)
folder=$PWD program=$(realpath "$program")
unset DISPLAY
export "${settings[@]}" WINEPATH="Z:\\host${build//\//\\}"
exec "$enter" -t "$pid" -U -m -p -r --preserve-credentials --wdns="/host$folder" \
  $wine "/host$program" "$@" </dev/null

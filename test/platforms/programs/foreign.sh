# How the tests of test/programs run programs of another processor; sourced by the common.sh there
# if PROGRAMS_SET is set. test/platforms/programs/CMakeLists.txt sets it, and
#   PROGRAMS_EMULATOR  the words before a program; empty where this processor can run it
#   PROGRAMS_COMPILER  for sets that have to be built
# What only watches (redis-cli, awk) is this machine's.

foreign=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
machine_root=$("$foreign/fetch.sh" "$PROGRAMS_SET" "${PROGRAMS_COMPILER:-}")
case $? in
  0) ;;
  77) skip "${machine_root#SKIPPED: }" ;;
  *) fail "the programs for $PROGRAMS_SET cannot be had; see above" ;;
esac
if [ -n "${PROGRAMS_EMULATOR:-}" ]; then
  # The last -L counts.
  read -r -a runner <<<"$PROGRAMS_EMULATOR -L $machine_root"
  # qemu-user 7.2 now and then leaves the child of a threaded process waiting for a lock of its own.
  can_fork_threads=no
else
  libraries=$(find "$machine_root"/{lib,usr/lib} -maxdepth 1 -name '*-linux-gnu*' | paste -s -d :)
  runner=("$(find "$machine_root"/lib* -maxdepth 1 -name 'ld-linux*')" --library-path "$libraries")
fi
# Fewer are what a C library asks for at its start.
least_mallocs=10000

need() {
  [ -x "$machine_root/usr/bin/$1" ] || command -v "$1" >/dev/null ||
    skip "there is no program $1 here; install the package $2 (scripts/setup.sh programs does it)"
}

# The command that runs a program of the other processor as the mode of the moment wants it.
machine_command() {
  local program=$machine_root/usr/bin/$1
  shift
  [ -x "$program" ] || fail "there is no program $program; remove $machine_root to fetch it again"
  command=("${runner[@]}" "$program" "$@")
  # An emulator is linked statically: it only hands on what is in its environment.
  if [ "$mode" = preloaded ]; then
    command=(env "LD_PRELOAD=$library" MIMALLOC_SHOW_STATS=1 "${command[@]}")
  fi
}

become() {
  machine_command "$@"
  exec "${command[@]}"
}

launch_server() {
  machine_command "$@"
  exec setpriv --pdeathsig KILL "${command[@]}"
}

# What the library wrote at the end of each process of a mode's workload.
statistics_of() { cat "$work/$1/errors" $(compgen -G "$work/$1/*.log"); }
count_mallocs() { awk '$1 == "mallocs" { sum += $NF } END { print sum + 0 }'; }
count_processes() { grep -c '^mimalloc .*: statistics of the process$'; }

# musl's dynamic linker keeps no record of what it binds: the library's own count is the proof.
served() {
  local log=$work/served
  shift
  mode=preloaded
  launch "$@" >"$log" 2>&1 </dev/null || fail "'$*' fails when preloaded: $(tail -n 3 "$log")"
  [ "$(count_mallocs <"$log")" -ge 100 ] || fail "$library does not serve malloc in $1"
}

# The same for the workload itself.
prove_service() {
  local count processes
  count=$(statistics_of preloaded | count_mallocs)
  processes=$(statistics_of preloaded | count_processes)
  [ "$count" -ge "$least_mallocs" ] || fail "only $count of its mallocs were the library's"
  expect "the processes on the library in the plain run" 0 \
    "$(statistics_of plain | count_processes)"
  echo "$name: $count mallocs of $processes process(es) were the library's"
}

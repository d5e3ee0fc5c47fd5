# What the tests of real programs share; sourced, never run.
#
# A test is a bash script called `NAME.sh LIBRARY [full|small|tiny]`. It defines a workload that is
# run twice, once with the C library's own allocator and once with LIBRARY preloaded, and compares
# what the two left. The life of a test:
#
#   begin "$@"               arguments, a work folder, an environment that no user setting reaches
#   need PROGRAM PACKAGE     or the test is reported as skipped (exit code 77)
#   served PATTERN CMD...    proof that in CMD the program PATTERN gets its memory from LIBRARY
#   run_both WORKLOAD        runs WORKLOAD in $work/plain and then in $work/preloaded
#                            (run_both_at_once: at the same time)
#   same FILE WHAT           the FILE of both runs must be equal byte for byte
#   finish                   prints the verdict and the times
#
# Inside a workload every program that counts is started by `launch CMD...`; all else runs plain.
# The tests of clients (test/clients) have other modes than plain and preloaded, and their own
# `become`; so have programs of another processor (test/platforms/programs).
# Whatever the library itself writes to stderr in such a program is a failure: none of these
# programs does anything that a correct allocator would complain about.

set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$(basename "$0" .sh)
modes=(plain preloaded)
mode=plain
work=
server_pid=
can_fork_threads=yes

# Descriptor 3 is the test's own output, also inside a workload, whose output goes to a file.
exec 3>&1

fail() {
  echo "$name: FAILED: $*" >&3
  exit 1
}

skip() {
  echo "SKIPPED: $*"
  exit 77
}

# Stops the server that a workload left running and removes the work folder (kept if KEEP=1).
clean_up() {
  local code=$?
  trap - EXIT INT TERM
  if [ -n "$server_pid" ] && kill -0 "$server_pid" 2>/dev/null; then
    kill -KILL "$server_pid" 2>/dev/null
    wait "$server_pid" 2>/dev/null
  fi
  if [ -n "$work" ]; then
    if [ "${KEEP:-0}" = 1 ]; then echo "$name: the files are kept in $work"; else rm -rf "$work"; fi
  fi
  exit "$code"
}

begin() {
  [ $# -ge 1 ] || fail "usage: $name.sh LIBRARY [full|small|tiny]"
  [ -f "$1" ] || fail "there is no library $1; build it first"
  library=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
  case $library in
    *[:\ ]*) fail "the path $library holds a colon or a space, which LD_PRELOAD cannot carry" ;;
  esac
  scale=${2:-full}
  case $scale in full | small | tiny) ;; *) fail "there is no scale '$scale'" ;; esac
  unset LD_PRELOAD "${!MIMALLOC_@}" "${!PYTHON@}" "${!GIT_@}"
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d "${TMPDIR:-/tmp}/mimalloc-$name.XXXXXX") || fail "no temporary folder"
  mkdir "$work/home" "$work/input"
  export HOME=$work/home LC_ALL=C TZ=UTC
}

# Chooses the size of a workload: `pick FULL SMALL [TINY]`. Tiny is for emulators.
pick() {
  case $scale in full) echo "$1" ;; small) echo "$2" ;; tiny) echo "${3:-$2}" ;; esac
}

need() {
  command -v "$1" >/dev/null ||
    skip "there is no program $1 here; install the package $2 (scripts/setup.sh test does it)"
}

# Replaces a subshell by CMD as the mode of the moment runs it.
become() {
  if [ "$mode" = preloaded ]; then export LD_PRELOAD="$library"; fi
  exec "$@"
}

launch() { (become "$@"); }

# The same for a server, as the last command of a subshell in the background, whose process id it
# keeps. The kernel ends it when the test is gone, even if the test was killed.
launch_server() {
  become setpriv --pdeathsig KILL "$@"
}

# The dynamic linker's own record says where each program and library got its `malloc` from. Wanted:
# a process whose executable matches PATTERN, in which malloc and free are ours, and no other
# library's are bound by anyone.
served() {
  mode=${modes[1]}
  served_by "$library" "$@"
}

# `served_by PROVIDER PATTERN CMD...`: the same for any library, in the mode of the moment.
served_by() {
  local provider=$1 pattern=$2 log
  shift 2
  record_bindings "$@"
  for log in "$work/bindings"/log.*; do
    bound_to_library "$provider" "$log" "$pattern" && return
  done
  fail "$provider does not serve malloc in $pattern"
}

# Leaves a log for each process that CMD starts, and what it prints.
record_bindings() {
  mkdir -p "$work/bindings"
  rm -f "$work/bindings"/*
  (
    export LD_DEBUG=bindings LD_DEBUG_OUTPUT="$work/bindings/log"
    become "$@"
  ) >"$work/bindings/output" 2>&1 </dev/null ||
    fail "'$*' fails in the mode '$mode': $(tail -n 3 "$work/bindings/output")"
}

family='malloc|free|calloc|realloc|reallocarray|malloc_usable_size'
family+='|memalign|aligned_alloc|posix_memalign|valloc|pvalloc'

# An executable at a fixed address may bind `free` to itself: that is its own entry of the linkage
# table, which goes on to the library.
bound_to_library() {
  local provider=$1 log=$2 bindings to_executable=" to [^ ]*$3 \[0\]: "
  grep -qE "binding file [^ ]*$3 \[0\] to " "$log" || return 1
  bindings=$(grep -E "symbol \`($family)'" "$log")
  grep -qF " to $provider [0]: normal symbol \`malloc'" <<<"$bindings" || return 1
  grep -qF " to $provider [0]: normal symbol \`free'" <<<"$bindings" || return 1
  ! grep -vF " to $provider [0]:" <<<"$bindings" | grep -qvE "$to_executable"
}

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# Runs a function in its own folder; what it prints is kept in output and errors there.
run_workload() {
  local function=$1 start code
  mode=$2
  mkdir -p "$work/$mode"
  start=$(now_ms)
  cd "$work/$mode" || fail "no folder $work/$mode"
  "$function" >output 2>errors
  code=$?
  cd "$work" || fail "no folder $work"
  echo "$mode $(($(now_ms) - start)) ms" >"$work/$mode.time"
  no_complaint "$work/$mode/errors" "$work/$mode/output"
  if [ $code -ne 0 ]; then
    tail -n 15 "$work/$mode/output" "$work/$mode/errors" | cut -c 1-200
    fail "the $mode run ends with exit code $code"
  fi
}

# Programs may mix the output of several processes in a line, so the words count anywhere.
no_complaint() {
  local words='mimalloc: |no version information available'
  if grep -qaE "$words" "$@"; then
    grep -haE -m 10 "$words" "$@" | cut -c 1-200 >&3
    fail "the library, or the dynamic linker about it, complains (above) in a correct program"
  fi
}

run_both() {
  run_workload "$1" "${modes[0]}"
  run_workload "$1" "${modes[1]}"
}

# For workloads that wait more than they compute.
run_both_at_once() {
  (run_workload "$1" "${modes[0]}") &
  local other=$!
  (run_workload "$1" "${modes[1]}")
  local code=$?
  wait "$other" && [ $code -eq 0 ] || exit 1
}

same() {
  local one=$work/${modes[0]}/$1 other=$work/${modes[1]}/$1
  [ -s "$one" ] || fail "the ${modes[0]} run left no $1, so there is nothing to compare"
  if ! cmp -s "$one" "$other"; then
    diff -a "$one" "$other" | cut -c 1-160 | head -n 20
    fail "$2 differs between the ${modes[0]} and the ${modes[1]} run"
  fi
}

# `expect WHAT WANTED GOT`
expect() {
  [ "$2" = "$3" ] || fail "$1 should be '$2' but is '$3'"
}

# `served` is proof enough where it has seen the bindings.
prove_service() { :; }

finish() {
  prove_service
  echo "$name: passed ($scale); $(cat "$work/${modes[0]}.time"), $(cat "$work/${modes[1]}.time")"
  exit 0
}

if [ -n "${PROGRAMS_SET:-}" ]; then . "$here/../platforms/programs/foreign.sh"; fi

# What the tests of clients share; sourced, never run. A client is a program that somebody else has
# linked to libmimalloc.so.3. It comes from a Debian suite that is unpacked (fetch.sh), and runs by
# that suite's own dynamic linker and libc: once with Debian's libmimalloc.so.3 (mode debian), once
# with ours in its place (mode ours). Both runs must leave the same bytes.
#
# A test is `NAME.sh LIBRARY [full|small]`, and goes on as those of test/programs do:
#
#   begin_client SET "$@"       as begin, with an unpacked set of packages
#   proved PROGRAM ARGUMENT...  that each mode has its own library, which serves malloc and mi_free
#                               (proved_beside: that what is named is the library's)
#   run_both WORKLOAD           in it: launch PROGRAM ARGUMENT..., PROGRAM by its name in the suite
#   same, expect                as there
#   finish_client               prints the verdict and the times
#
# With CLIENTS_LAUNCHER (bench-launch) every program is measured, and finish_client adds a line for
# each mode to the file CLIENTS_RESULTS: "NAME MODE WALL_SECONDS CPU_SECONDS PEAK_KIB";
# CLIENTS_FIRST=ours turns the order of the runs round.

. "$(dirname "${BASH_SOURCE[0]}")/../programs/common.sh"
clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
modes=(debian ours)
if [ "${CLIENTS_FIRST:-}" = ours ]; then modes=(ours debian); fi

begin_client() {
  local set=$1
  shift
  cache_home=${XDG_CACHE_HOME:-$HOME/.cache}
  begin "$@"
  unset "${!JJ_@}" "${!RABBITMQADMIN_@}" "${!ARROW_@}" "${!MOLD_@}"
  fetch_set "$set"
  suite_root=$fetched
  loader=$(compgen -G "$suite_root/usr/lib/*/ld-linux*.so.*" | head -n 1)
  [ -n "$loader" ] || fail "the suite in $suite_root has no dynamic linker; remove that folder"
  suite_libraries=$(dirname "$loader")
  mkdir "$work/provider" "$work/measured"
  ln -s "$library" "$work/provider/libmimalloc.so.3"
}

# Leaves the folder of a set in `fetched`. The home of the test is not where the cache is.
fetch_set() {
  fetched=$(XDG_CACHE_HOME=$cache_home "$clients/fetch.sh" "$1") || skip "${fetched#SKIPPED: }"
}

library_of_mode() {
  if [ "$1" = ours ]; then echo "$work/provider"; else echo "$suite_libraries"; fi
}

# The command that runs the suite's PROGRAM, or a program with a path, in the mode of the moment.
suite_command() {
  local program=$1
  shift
  case $program in */*) ;; *) program=$suite_root/usr/bin/$program ;; esac
  command=("$loader" --library-path "$(library_of_mode "$mode"):$suite_libraries" --argv0
    "$program" "$program" "$@")
}

become() {
  suite_command "$@"
  exec "${command[@]}"
}

# The launcher's exit code says only whether the program could be started.
launch() {
  if [ -z "${CLIENTS_LAUNCHER:-}" ]; then
    (become "$@")
    return
  fi
  local result
  result=$(mktemp "$work/measured/$mode.XXXXXX")
  suite_command "$@"
  "$CLIENTS_LAUNCHER" "$result" "${command[@]}" && grep -q '"exit": 0,' "$result"
}

# Symbols are bound at once here, so that a missing one is found even if it would never be called.
proved() {
  local provider
  for mode in "${modes[@]}"; do
    provider=$(library_of_mode "$mode")/libmimalloc.so.3
    LD_BIND_NOW=1 served_by "$provider" "$(basename "$1")" "$@"
    bound_mi "$provider" mi_free
  done
}

# `proved_beside mi_NAME,mi_NAME,... PROGRAM ARGUMENT...`: the same where libc comes before the
# library, or the library is loaded while the program runs. malloc is then libc's, and only what is
# named mi_* the library's.
proved_beside() {
  local provider names=$1
  shift
  for mode in "${modes[@]}"; do
    provider=$(library_of_mode "$mode")/libmimalloc.so.3
    LD_BIND_NOW=1 record_bindings "$@"
    bound_mi "$provider" ${names//,/ }
  done
}

# Each of the names was bound to PROVIDER in the program whose bindings were recorded.
bound_mi() {
  local symbol provider=$1
  shift
  no_complaint "$work/bindings/output"
  for symbol in "$@"; do
    grep -qhF " to $provider [0]: normal symbol \`$symbol'" "$work/bindings"/log.* ||
      fail "$symbol does not come from $provider (mode $mode)"
  done
}

# A line for each mode: the sums of the times of its programs, the largest of their peaks. The
# launcher's result begins with wall, user, sys and rss_kib.
report_measures() {
  for mode in "${modes[@]}"; do
    cat "$work/measured/$mode".* | awk -v name="$name" -v mode="$mode" -F '[:,]' '
      { wall += $2; cpu += $4 + $6; if ($8 > peak) peak = $8 }
      END { print name, mode, wall, cpu, peak + 0 }'
  done >>"$CLIENTS_RESULTS"
}

finish_client() {
  if [ -n "${CLIENTS_LAUNCHER:-}" ]; then report_measures; fi
  finish
}

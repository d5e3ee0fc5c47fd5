#!/usr/bin/env bash
# Lua runs workload.lua (trees, closures, coroutines, strings, collection), whose results are
# checked inside against known values, and compared with a run without the library.
. "$(dirname "$0")/common.sh"
begin "$@"
need lua5.4 lua5.4

lua_work() {
  launch lua5.4 "$here/workload.lua" "$(pick 16 14 12)"
}

served lua5.4 lua5.4 -e 'local t = {} for i = 1, 1000 do t[i] = {i} end'
run_both lua_work
same output "what the Lua program printed"
expect "the last line" "all results are right" "$(tail -n 1 "$work/preloaded/output")"
finish

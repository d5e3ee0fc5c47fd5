#!/usr/bin/env bash
# LuaMetaTeX (C, imports mi_malloc, mi_calloc, mi_realloc, mi_strdup) runs the Lua program of the
# tests of programs, and one over the libraries that it adds to Lua.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"
need python3 python3

depth=$(pick 16 12)
count=$(pick 20000 1000)

luametatex_work() {
  launch luametatex --luaonly "$here/workload.lua" "$depth" >lua || return 1
  launch luametatex --luaonly "$clients/luametatex.lua" "$count" >libraries
}

proved luametatex --luaonly "$clients/luametatex.lua" 50
run_both luametatex_work
same lua "what the Lua program printed"
same libraries "what the program over LuaMetaTeX's libraries printed"
expect "the last line" "all results are right" "$(tail -n 1 "$work/ours/lua")"
expect "the factorial of 100" "$(python3 -c 'import math; print(math.factorial(100))')" \
  "$(sed -n 's/^the factorial of 100\t//p' "$work/ours/libraries")"
finish_client

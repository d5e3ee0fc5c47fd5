#!/usr/bin/env bash
# SolveSpace's solver (C++) takes its memory from a first-class heap: mi_heap_new, mi_heap_zalloc,
# mi_heap_destroy. A program of ours (solve_chain.c) is its user and checks the solutions; malloc is
# libc's there, which comes before the library.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"
need cc gcc

points=$(pick 60 20)
tasks=$(pick 400 40)

slvs_work() { launch "$work/solve-chain" "$points" "$tasks"; }

# The suite's libc may be newer than the one of this compiler: what libslvs needs is found later.
cc -std=c11 -O1 -I"$suite_root/usr/include" -o "$work/solve-chain" "$clients/solve_chain.c" \
  -L"$suite_libraries" -lslvs -lm -Wl,--allow-shlib-undefined || fail "solve_chain.c does not build"
proved_beside mi_heap_new,mi_heap_zalloc,mi_heap_destroy "$work/solve-chain" 3 2
run_both slvs_work
same output "the solutions"
expect "the number of solutions" "$((points * tasks))" "$(wc -l <"$work/ours/output")"
finish_client

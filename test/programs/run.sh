#!/usr/bin/env bash
# What `make run` does: the default workload gives the right results and then the library's
# statistics, another program can be named, and one that does not exist is named in the error.
. "$(dirname "$0")/common.sh"
begin "$@"
need python3 python3

cd "$work" || fail "no folder $work"
run_one() { "$here/run_one.sh" "$library" "$@"; }

# The lines with a number that are neither the workload's nor the launcher's.
statistics_in() { grep -vE '^(make run: |It took )' "$1" | grep -c '[0-9]'; }

run_one >default.out 2>default.err || fail "the default workload: $(tail -n 3 default.err)"
grep -q '^3000 documents were indexed by 4 threads: ' default.out ||
  fail "the default workload does not say what it did"
no_complaint default.err
[ "$(statistics_in default.err)" -ge 5 ] || fail "no statistics follow the default workload"

python3 "$here/workload.py" >plain.out 2>plain.err || fail "the workload fails without the library"
cmp -s plain.out default.out || fail "the workload gives other results without the library"

run_one "sh -c 'echo one; exit 3'" >words.out 2>words.err
expect "the exit code of a program given as one word" 3 $?
expect "its output" one "$(cat words.out)"
run_one sh -c 'echo "two words"' >separate.out 2>separate.err
expect "the output of a program given as several words" "two words" "$(cat separate.out)"

run_one no-such-program-xyz --version >missing.out 2>missing.err
expect "the exit code for a program that does not exist" 127 $?
expect "the message for it" "make run: there is no program 'no-such-program-xyz' on this machine;\
 name one that is installed, e.g. make run PROG='python3 --version'" "$(cat missing.err)"

"$here/run_one.sh" "$work/libnone.so" >unbuilt.out 2>unbuilt.err
expect "the exit code for a library that is not there" 2 $?
expect "the message for it" \
  "make run: the library $work/libnone.so is not built; run 'make' first" "$(cat unbuilt.err)"

run_one /sbin/ldconfig --version >static.out 2>static.err
expect "the exit code for a program that is linked statically" 126 $?

cp /bin/true "$work/raised"
chmod u+s "$work/raised"
run_one "$work/raised" >raised.out 2>raised.err
expect "the exit code for a setuid program" 126 $?
echo "run: passed ($scale)"

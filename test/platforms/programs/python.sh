#!/usr/bin/env bash
# Python on another processor, every object from malloc (PYTHONMALLOC=malloc): objects.py and the
# search engine of test/programs check their results themselves, and must print the same with and
# without the library.
. "$(dirname "$0")/../../programs/common.sh"
begin "$@"
need python3 python3

children=3
rounds=$(pick 8 4 1)
export PYTHONHOME=$machine_root/usr PYTHONMALLOC=malloc PYTHONHASHSEED=1 PYTHONDONTWRITEBYTECODE=1
# A foreign program cannot start another one by itself.
export PROGRAMS_LAUNCHER=${runner[*]}

python_work() {
  launch python3 "$foreign/objects.py" "$rounds" "$children" || return 1
  launch python3 "$here/workload.py" "$(pick 600 300 100)" 3
}

served python3 python3 -c 'print(len([[i] for i in range(1000)]))'
run_both python_work
same output "what the programs printed"
expect "the processes on the library" $((children * rounds + 2)) \
  "$(statistics_of preloaded | count_processes)"
finish

#!/usr/bin/env bash
# Python's own test modules, every object from malloc (PYTHONMALLOC=malloc): the outcome of each
# single test (passed, failed, skipped with its reason) must be the same with and without the
# library.
. "$(dirname "$0")/common.sh"
begin "$@"
need python3 python3

modules=(test_dict test_list test_json test_threading test_subprocess test_gc test_mmap test_ctypes)
least_count=1000

# The distribution's python3 first: the package with the test modules belongs to it.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 "$(python3 -c 'import sys; print(sys.executable)')"; do
    if "$candidate" -c 'import test.test_dict, test.libregrtest' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

# A failing test is an outcome too; only a run without a report is an error.
python_work() {
  mkdir temporary
  # Below its usual value, or the tests that use up all file descriptors skip themselves.
  ulimit -n 512
  TMPDIR=$PWD/temporary PYTHONMALLOC=malloc PYTHONHASHSEED=1 launch "$python" -m test \
    --timeout 150 --randseed 1 --junit-xml "$PWD/report.xml" "${modules[@]}"
  echo "exit code $?" >exit_code
  [ -s report.xml ] || return 1
  "$python" "$here/python_outcomes.py" report.xml >outcomes
}

# Inside the interpreter: the library knows the block that a call of malloc returns.
interpreter_sees_library() {
  mode=preloaded launch "$python" - "$library" <<'END'
import ctypes, sys
library, program = ctypes.CDLL(sys.argv[1]), ctypes.CDLL(None)
program.malloc.restype = library.mi_usable_size.restype = ctypes.c_size_t
library.mi_usable_size.argtypes = [ctypes.c_void_p]
size = library.mi_usable_size(program.malloc(1000))
sys.exit(0 if 1000 <= size <= 1250 else "a block of 1000 bytes has the size %d" % size)
END
}

version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
python=$(find_python) || skip "Python's test modules are not installed; install the package" \
  "libpython$version-testsuite (scripts/setup.sh test does it)"
served "$(basename "$python")" "$python" -c 'print(len([[i] for i in range(1000)]))'
interpreter_sees_library || fail "the interpreter does not get its memory from the library"
run_both_at_once python_work
same outcomes "the outcome of Python's tests"
same exit_code "the exit code of Python's tests"
count=$(grep -c ' passed$' "$work/preloaded/outcomes")
[ "$count" -ge "$least_count" ] || fail "only $count tests passed, fewer than $least_count"
echo "python: $("$python" --version), $count tests passed in both runs," \
  "$(grep -c ' skipped' "$work/preloaded/outcomes") skipped in both," \
  "$(grep -cE ' (failed|error)$' "$work/preloaded/outcomes") failed in both"
finish

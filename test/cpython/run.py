#!/usr/bin/env python3
"""CPython's own tests on its embedded mimalloc, and with our library preloaded (make test-cpython).

usage: run.py [--lib PATH] [--jobs N] [--work DIR] [--modes "A;B"] [--all] [FILE...]

CPython 3.13 is built from Debian's source package (build.sh). Each file of its tests runs in each
mode, one process a file; the outcome of each single test is compared in PAIRS of modes. Files with
a difference run twice more: a test differs if no outcome that it had in one mode was seen in the
other, and is unsteady if there was one. FILES are names like test_json; without any it is a set of
those where memory matters most, with --all every file.

Before, a short program shows in each mode which allocator Python uses, and how much of its memory
our library served (its own count). The exit code is 1 if a test differs, 77 if CPython's sources
cannot be had. The reports stay in DIR (out/cpython). An interrupted run reports what it has.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as tree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "programs"))
import python_outcomes  # noqa: E402

# `allocator` is the value of PYTHONMALLOC, and what Python then says that it uses.
Mode = collections.namedtuple("Mode", "name build allocator preloaded")
MODES = [Mode("pymalloc", "default", "pymalloc", False),
         Mode("pymalloc, ours", "default", "pymalloc", True),
         Mode("malloc", "default", "malloc", False),
         Mode("malloc, ours", "default", "malloc", True),
         Mode("embedded", "default", "mimalloc", False),
         Mode("embedded, ours", "default", "mimalloc", True),
         Mode("free-threaded", "free-threaded", "mimalloc", False),
         Mode("free-threaded, ours", "free-threaded", "mimalloc", True)]
PAIRS = [("pymalloc", "pymalloc, ours"), ("malloc", "malloc, ours"), ("embedded", "embedded, ours"),
         ("embedded", "malloc, ours"), ("free-threaded", "free-threaded, ours")]
FILES = """test_json test_re test_threading test_asyncio test_gc test_memoryview
  test_multiprocessing_fork test_multiprocessing_forkserver test_multiprocessing_spawn
  test_multiprocessing_main_handling test_subprocess test_ctypes test_bytes test_dict test_list
  test_sqlite3 test_capi test_embed""".split()

TEST_SECONDS, FILE_SECONDS = 900, 3600
RERUNS = 2
SKIPPED = 77
SHOWN = 40
# Below its usual value, or the tests that use up all file descriptors take long.
FILES_OPEN = 512
MODULE_SKIPPED = re.compile(r"^\S+ skipped -- (.*)$", re.MULTILINE)
MALLOCS = re.compile(r"^mallocs +(\d+)$", re.MULTILINE)
OURS_LEAST = {"malloc": 100_000, "pymalloc": 1000, "mimalloc": 1}
PROBE = """
import _testinternalcapi
kept = [[number] for number in range(100_000)]
print(_testinternalcapi.pymem_getallocatorsname())
"""


# ---- Running ---------------------------------------------------------------------------------

def environment_of(mode, library):
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("MIMALLOC_", "PYTHON", "LD_"))}
    kept["PYTHONMALLOC"] = mode.allocator
    if mode.preloaded:
        kept["LD_PRELOAD"] = str(library)
    return kept


def build(names):
    """Build -> path of its interpreter."""
    found = {}
    for name in sorted(names):
        run = subprocess.run([HERE / "build.sh", name], stdout=subprocess.PIPE,
                             text=True, check=False)
        if run.returncode != 0:
            print(run.stdout.strip())
            sys.exit(run.returncode)
        found[name] = run.stdout.strip()
    return found


def probe(mode, python, library):
    """Ends the run if the mode is not what its name says; the mallocs that ours served."""
    environment = environment_of(mode, library) | {"MIMALLOC_SHOW_STATS": "1"}
    run = subprocess.run([python, "-c", PROBE], env=environment, capture_output=True, text=True,
                         check=False)
    used, served = run.stdout.strip(), MALLOCS.search(run.stderr)
    if run.returncode != 0 or used != mode.allocator:
        sys.exit(f"run.py: {mode.name}: Python should use {mode.allocator} but uses "
                 f"'{used}': {run.stderr[-500:]}")
    count = int(served[1]) if served else 0
    if count < OURS_LEAST[mode.allocator] * mode.preloaded or (count and not mode.preloaded):
        sys.exit(f"run.py: {mode.name}: the library served {count} mallocs")
    return count


def files_of(python, names):
    """The files that Python's test runner makes of the names; some are folders."""
    run = subprocess.run([python, "-m", "test", "--list-tests", *names], capture_output=True,
                         text=True, check=True)
    return run.stdout.split()


def run_to_end(command, environment, folder, output):
    """The exit code; what the command has started does not live on after it."""
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                          stderr=subprocess.STDOUT, cwd=folder, start_new_session=True) as run:
        try:
            return run.wait(FILE_SECONDS)
        except subprocess.TimeoutExpired:
            return f"none after {FILE_SECONDS} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)


def run_file(mode, python, library, work, file):
    """Test -> outcome, for one file in one mode."""
    folder = work / mode.name.replace(", ", "-") / file
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    report, log = folder / "report.xml", folder / "log"
    command = [python, "-m", "test", "--timeout", str(TEST_SECONDS), "--randseed", "1",
               "--tempdir", folder, "--junit-xml", report, file]
    with open(log, "wb") as output:
        code = run_to_end(command, environment_of(mode, library), folder, output)
    return outcomes_of(file, code, report, log.read_text(encoding="utf-8", errors="replace"))


def outcomes_of(file, code, report, log):
    """A file that is skipped as a whole, or ends by a signal, leaves no report."""
    found = {f"{file}: exit code": str(code)}
    if report.is_file():
        for case in tree.parse(report).iter("testcase"):
            found[case.get("name")] = python_outcomes.outcome(case)
    reason = MODULE_SKIPPED.search(log)
    if reason:
        found[f"{file}: all of it"] = "skipped: " + reason[1]
    if "mimalloc: " in log:
        found[f"{file}: messages of the library"] = log[log.index("mimalloc: "):].split("\n")[0]
    return found


# ---- Comparing -------------------------------------------------------------------------------

def merge(seen, outcomes):
    """Test -> the outcomes it had; None stands for a run without it."""
    for name in seen.keys() | outcomes.keys():
        seen.setdefault(name, set()).add(outcomes.get(name))


def compare(one, other):
    """(tests that differ, tests that were unsteady): names, for the sets of two modes."""
    names = sorted(one.keys() | other.keys())
    sets = [(name, one.get(name, {None}), other.get(name, {None})) for name in names]
    return ([name for name, first, second in sets if not first & second],
            [name for name, first, second in sets if first & second and first != second])


def pairs_of(modes):
    names = {mode.name for mode in modes}
    return [pair for pair in PAIRS if names.issuperset(pair)]


def run_modes(file, modes, pythons, arguments):
    """Mode -> test -> outcomes seen, for one file."""
    seen = {mode.name: {} for mode in modes}

    def once(which):
        for mode in which:
            outcomes = run_file(mode, pythons[mode.build], arguments.lib, arguments.work, file)
            known = seen[mode.name]
            if known:
                merge(known, outcomes)
            else:
                known.update({name: {outcome} for name, outcome in outcomes.items()})
    once(modes)
    for _ in range(RERUNS):
        unequal = {name for one, other in pairs_of(modes) if compare(seen[one], seen[other])[0]
                   for name in (one, other)}
        once([mode for mode in modes if mode.name in unequal])
    return seen


def run_files(files, modes, pythons, arguments):
    """File -> what run_modes returns; if interrupted, of those that had begun."""
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(run_modes, file, modes, pythons, arguments): file
                   for file in files}
        try:
            for number, done in enumerate(concurrent.futures.as_completed(running), 1):
                print(f"{number}/{len(files)} {running[done]}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            print("run.py: interrupted; it ends with the files that run now", file=sys.stderr)
            pool.shutdown(cancel_futures=True)
    return {file: done.result() for done, file in running.items() if not done.cancelled()}


# ---- The report ------------------------------------------------------------------------------

def count(results, mode, word):
    return sum(any((outcome or "").startswith(word) for outcome in outcomes)
               for seen in results.values() for name, outcomes in seen[mode].items()
               if ": exit code" not in name)


def print_modes(results, modes, served):
    print(f"\n{'mode':22}{'PYTHONMALLOC':14}{'mallocs of ours':>16}{'passed':>9}{'failed':>8}"
          f"{'skipped':>9}")
    for mode in modes:
        failed = count(results, mode.name, "failed") + count(results, mode.name, "error")
        print(f"{mode.name:22}{mode.allocator:14}{served[mode.name]:16}"
              f"{count(results, mode.name, 'passed'):9}{failed:8}"
              f"{count(results, mode.name, 'skipped'):9}")


def print_pairs(results, modes):
    """Returns how many tests differ."""
    differing = 0
    print(f"\n{'compared':44}{'files':>7}{'tests':>8}{'differ':>8}{'unsteady':>10}")
    for one, other in pairs_of(modes):
        found = [(file, seen, *compare(seen[one], seen[other])) for file, seen in results.items()]
        tests = sum(len(seen[one].keys() | seen[other].keys()) for _, seen, _, _ in found)
        print(f"{one + ' / ' + other:44}{len(found):7}{tests:8}"
              f"{sum(len(differ) for _, _, differ, _ in found):8}"
              f"{sum(len(unsteady) for *_, unsteady in found):10}")
        differing += sum(len(differ) for _, _, differ, _ in found)
        for _, seen, differ, unsteady in found:
            for word, names in (("differs", differ), ("unsteady", unsteady)):
                for name in names[:SHOWN]:
                    print(f"  {word}: {name}: {shown(seen[one], name)} / "
                          f"{shown(seen[other], name)}")
    return differing


def shown(seen, name):
    return " or ".join(sorted(str(outcome) for outcome in seen.get(name, {None})))


def exported(path):
    """The names of functions and data that a program or library shows to others."""
    listed = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True,
                            check=True)
    return {line.split()[-1].split("@")[0] for line in listed.stdout.splitlines()}


def print_names(pythons, library):
    """Whether the embedded allocator and ours could be taken for each other."""
    ours = exported(library)
    for build_name, python in sorted(pythons.items()):
        names = exported(python)
        embedded = {name for name in names if re.match(r"_?(Py_?)*_?mi_", name)}
        print(f"CPython ({build_name}) exports {len(embedded)} names of its embedded mimalloc, and "
              f"{len(names & ours)} names that the library exports too"
              + "".join(f" {name}" for name in sorted(names & ours)[:SHOWN]))


# ---- The command -----------------------------------------------------------------------------

def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lib", type=pathlib.Path, default=ROOT / "out/release/libmimalloc.so")
    parser.add_argument("--jobs", type=int, default=1, help="files that run at the same time")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "out/cpython")
    parser.add_argument("--modes", help="names of modes, with semicolons (default: all)")
    parser.add_argument("--all", action="store_true", help="all files")
    parser.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    arguments.lib, arguments.work = arguments.lib.resolve(), arguments.work.resolve()
    if not arguments.lib.is_file():
        sys.exit(f"run.py: there is no library {arguments.lib}; run 'make' first")
    return arguments


def modes_of(names):
    chosen = [mode for mode in MODES if names is None or mode.name in names.split(";")]
    if not pairs_of(chosen):
        sys.exit("run.py: these modes have nothing to compare; name both of a pair: "
                 + "; ".join(f"'{one};{other}'" for one, other in PAIRS))
    return chosen


def main():
    arguments = parse_arguments()
    modes = modes_of(arguments.modes)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_OPEN, FILES_OPEN))
    # A shell's job in the background ignores it, and some tests wait for it without an end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    pythons = build({mode.build for mode in modes})
    served = {mode.name: probe(mode, pythons[mode.build], arguments.lib) for mode in modes}
    print_names(pythons, arguments.lib)
    names = arguments.files or ([] if arguments.all else FILES)
    files = files_of(next(iter(pythons.values())), names)
    results = run_files(files, modes, pythons, arguments)
    print_modes(results, modes, served)
    differing = print_pairs(results, modes)
    if len(results) < len(files):
        print(f"interrupted: {len(results)} of {len(files)} files ran")
    return 1 if differing or len(results) < len(files) else 0


if __name__ == "__main__":
    sys.exit(main())

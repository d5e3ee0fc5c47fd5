#!/usr/bin/env python3
"""Build and test for other processors and C libraries; one lane each (make test-platforms).

usage: test_platforms.py [--list | --names | --build] [--jobs N] [--work DIR] [--results FILE]
                         [LANE...]

Without names all lanes run but those of Windows, which have a command of their own (make
test-windows); a name may be a group (see --list). A lane fetches what it needs: from
the distribution's packages (scripts/setup.sh, as root), and into a cache folder outside the tree
(test/platforms/toolchain_*.sh). It builds the libraries and the tests and runs these, natively or
under qemu-user. A lane that cannot run here is skipped, and says why. The table at the end counts
tests; what they skip, each with its reason, stands below, and lines of theirs that begin with NOTE.
The exit code is 1 if a test failed, 77 if no lane could run.

--build runs no tests: scripts/gather_tests.py joins those of the lanes' folders with others (make
test). A lane that cannot run here is one skipped test there. --names prints the lanes' names.

--results FILE keeps the table as JSON, in place of what FILE has for these lanes; from
doc/platforms.json scripts/make_platform_table.py makes the README's.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "platforms"))
import lanes  # noqa: E402
import test_report  # noqa: E402

# They show the same on each machine, or need programs of the machine that builds.
LEFT_OUT = "lint|tool|install|package|matrix|clients|abi|ratchet"
TEST_SECONDS = 240
LOG_LINES_SHOWN = 30
LABEL_COLUMNS = ["unit", "api", "stress", "fuzz", "override"]

Result = collections.namedtuple("Result", "lane state reason seconds cpu_seconds tests")


class Unavailable(Exception):
    """The lane cannot run here; the message says why."""


class Failed(Exception):
    """The lane cannot be built, or some of its tests failed; the message says why."""

    def __init__(self, why, tests=()):
        super().__init__(why)
        self.tests = list(tests)


# ---- What a lane needs -----------------------------------------------------------------------

def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def prepare(lane):
    """Installs packages; returns the variables that the lane's toolchain script prints."""
    setup = subprocess.run([ROOT / "scripts/setup.sh", "build", "programs", *lane.packages],
                           capture_output=True, text=True, check=False)
    if setup.returncode != 0:
        raise Unavailable(last_line(setup.stderr + setup.stdout))
    if lane.toolchain is None:
        return {}
    fetch = subprocess.run([ROOT / "test/platforms" / lane.toolchain[0], *lane.toolchain[1:]],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if fetch.returncode == 77:
        raise Unavailable(last_line(fetch.stdout).removeprefix("SKIPPED: "))
    if fetch.returncode != 0:
        raise Failed(fetch.stderr.strip())
    return dict(line.split("=", 1) for line in fetch.stdout.splitlines() if "=" in line)


# ---- Building --------------------------------------------------------------------------------

def run_logged(log, *command):
    with open(log, "a", encoding="utf-8") as output:
        run = subprocess.run([str(word) for word in command], stdout=output,
                             stderr=subprocess.STDOUT, check=False)
    return run.returncode


def must_run(what, log, *command):
    if run_logged(log, *command) != 0:
        end = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        print("\n".join(end), file=sys.stderr)
        raise Failed(f"cannot be {what}; see {log}")


def configure_command(lane, variables, folder):
    settings = {name: value.format(**variables) for name, value in lane.settings.items()}
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    return ["cmake", *generator, "-S", str(ROOT), "-B", str(folder), "-DMIM_WERROR=ON",
            *(f"-D{name}={value}" for name, value in sorted(settings.items()))]


def build(lane, variables, folder, jobs):
    """From nothing, unless the folder was configured by the same command before."""
    command, note = configure_command(lane, variables, folder), folder / "configured"
    log = folder / "build.log"
    if not note.is_file() or note.read_text(encoding="utf-8") != "\n".join(command):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        must_run("configured", log, *command)
        note.write_text("\n".join(command), encoding="utf-8")
    must_run("built", log, "cmake", "--build", folder, "-j", jobs)


# ---- Running ---------------------------------------------------------------------------------

def read_tests(folder, report):
    """The tests of a run, from ctest's JUnit report and its list of labels."""
    listed = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"],
                            capture_output=True, text=True, check=True)
    labels = {test["name"]: {value for each in test.get("properties", [])
                             if each["name"] == "LABELS" for value in each["value"]}
              for test in json.loads(listed.stdout)["tests"]}
    return list(test_report.read(report, labels))


def run_tests(lane, folder, jobs):
    report, log = folder / "junit.xml", folder / "tests.log"
    for old in (report, log):
        old.unlink(missing_ok=True)
    run_logged(log, "ctest", "--test-dir", folder, "-j", jobs,
               "-LE", LEFT_OUT, *lane.ctest, "--timeout", TEST_SECONDS,
               "--output-on-failure", "--output-junit", report)
    if not report.is_file():
        raise Failed(f"its tests cannot be run; see {log}")
    return read_tests(folder, report)


def build_and_test(lane, folder, jobs):
    build(lane, prepare(lane), folder, jobs)
    tests = run_tests(lane, folder, jobs)
    if any(test.state == "failed" for test in tests) or not tests:
        raise Failed(f"see {folder / 'tests.log'}", tests)
    return tests


def build_only(lane, folder, jobs):
    try:
        build(lane, prepare(lane), folder, jobs)
    except Unavailable as error:
        write_skipped_test(folder, str(error))
        raise
    return []


def write_skipped_test(folder, reason):
    """In place of the lane's tests."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "reason").write_text(f"SKIPPED: {reason}\n", encoding="utf-8")
    (folder / "CTestTestfile.cmake").write_text(
        f"""add_test(platforms.lane sh -c "cat '{folder / 'reason'}'; exit 77")\n"""
        "set_tests_properties(platforms.lane PROPERTIES LABELS platforms SKIP_RETURN_CODE 77)\n",
        encoding="utf-8")


def cpu_seconds():
    """Of all programs that ended so far, with theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_lane(lane, work, jobs, carry_out):
    start, cpu_start = time.monotonic(), cpu_seconds()
    state, reason, tests = "ok", "", []
    try:
        tests = carry_out(lane, work / lane.name, jobs)
    except Unavailable as error:
        state, reason = "skipped", str(error)
    except Failed as error:
        state, reason, tests = "failed", str(error), error.tests
    return Result(lane, state, reason, time.monotonic() - start, cpu_seconds() - cpu_start, tests)


# ---- The report ------------------------------------------------------------------------------

def count(tests, state, label=None):
    return sum(test.state == state and (label is None or label in test.labels) for test in tests)


def print_line(name, state, seconds, cpu, numbers, reason):
    print(f"{name:24}{state:9}{seconds:>7}{cpu:>7}{numbers[0]:>8}{numbers[1]:>8}{numbers[2]:>9}"
          f"  {reason}".rstrip())


def print_table(results, seconds):
    print()
    print_line("lane", "result", "time", "CPU", ["passed", "failed", "skipped"], "reason")
    for result in results:
        numbers = [count(result.tests, state) for state in ("passed", "failed", "skipped")]
        print_line(result.lane.name, result.state, f"{result.seconds:.0f}s",
                   f"{result.cpu_seconds:.0f}s", numbers, result.reason)
    print_line("all", "", f"{seconds:.0f}s",
               f"{sum(result.cpu_seconds for result in results):.0f}s", ["", "", ""], "")
    for result in results:
        for test in result.tests:
            if test.state == "failed":
                print(f"failed: {result.lane.name}: {test.name}")
    found = [(result.lane.name, test) for result in results for test in result.tests]
    test_report.print_skipped(found)
    test_report.print_notes(found)


def passed_and_failed(tests, label):
    return [count(tests, state, label) for state in ("passed", "failed")]


def summary_of(result):
    columns = {label: passed_and_failed(result.tests, label) for label in LABEL_COLUMNS}
    summary = {"name": result.lane.name, "title": result.lane.title, "runs": result.lane.runs,
               "state": result.state, "reason": result.reason, "labels": columns,
               "seconds": round(result.seconds), "cpu_seconds": round(result.cpu_seconds)}
    programs = passed_and_failed(result.tests, "programs")
    return {**summary, "programs": programs} if any(programs) else summary


def keep_results(path, results):
    """Lanes, and real programs, that did not run now keep what they had."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    by_name = {entry["name"]: entry for entry in kept}
    for entry in map(summary_of, results):
        by_name[entry["name"]] = {**by_name.get(entry["name"], {}), **entry}
    ordered = [by_name[lane.name] for lane in lanes.LANES if lane.name in by_name]
    path.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def select(names):
    chosen = []
    if not names:
        return [lane for lane in lanes.LANES if "windows" not in lane.groups]
    for name in names:
        matching = [lane for lane in lanes.LANES if name in (lane.name, "all", *lane.groups)]
        if not matching:
            sys.exit(f"test_platforms.py: there is no lane or group '{name}'; --list names them")
        chosen += [lane for lane in matching if lane not in chosen]
    return chosen


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="name the lanes and end")
    what.add_argument("--names", action="store_true", help="print the chosen lanes' names and end")
    what.add_argument("--build", action="store_true", help="build the lanes, run no tests")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "out" / "platforms")
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("names_chosen", nargs="*", metavar="LANE")
    return parser.parse_args()


def print_lanes():
    for lane in lanes.LANES:
        print(f"{lane.name:24}{lane.title}, {lane.runs}"
              + (f" [{' '.join(lane.groups)}]" if lane.groups else ""))


def run_lanes(arguments):
    """As many at once as there are jobs: a lane alone waits much, for packages and single tests.

    Each runs in a process that counts the CPU time of one lane at a time.
    """
    carry_out = build_only if arguments.build else build_and_test
    chosen = select(arguments.names_chosen)
    at_once = min(arguments.jobs, len(chosen))
    jobs = str(max(arguments.jobs // at_once, 1))
    with concurrent.futures.ProcessPoolExecutor(at_once) as pool:
        lanes_begun = [pool.submit(run_lane, lane, arguments.work.resolve(), jobs, carry_out)
                       for lane in chosen]
        for lane, begun in zip(chosen, lanes_begun):
            result = begun.result()
            print(f"{lane.name}: {lane.title}, {lane.runs}: {result.state} {result.reason}"
                  .rstrip(), flush=True)
            if arguments.results:
                keep_results(arguments.results, [result])
            yield result


def main():
    arguments = parse_arguments()
    if arguments.list:
        print_lanes()
        return 0
    if arguments.names:
        print(" ".join(lane.name for lane in select(arguments.names_chosen)))
        return 0
    start = time.monotonic()
    results = list(run_lanes(arguments))
    if not arguments.build:
        print_table(results, time.monotonic() - start)
    if any(result.state == "failed" for result in results):
        return 1
    return 0 if any(result.state == "ok" for result in results) else 77


if __name__ == "__main__":
    sys.exit(main())

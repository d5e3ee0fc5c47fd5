#!/usr/bin/env python3
"""Build and test for other processors and C libraries; one lane each (make test-platforms).

usage: test_platforms.py [--list] [--jobs N] [--work DIR] [--results FILE] [LANE...]

Without names all lanes run; a name may be a group (see --list). A lane fetches what it needs: from
the distribution's packages (scripts/setup.sh, as root), and into a cache folder outside the tree
(test/platforms/toolchain_*.sh). It builds the libraries and the tests and runs these, natively or
under qemu-user. A lane that cannot run here is skipped, and says why. The table at the end counts
tests; what they skip, each with its reason, stands below. The exit code is 1 if a test failed, 77
if no lane could run.

--results FILE keeps the table as JSON, in place of what FILE has for these lanes; from
doc/platforms.json scripts/make_platform_table.py makes the README's.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "platforms"))
import lanes  # noqa: E402

# They show the same on each machine, or need programs of the machine that builds.
LEFT_OUT = "lint|tool|install|package|matrix|programs|clients|abi|ratchet"
TEST_SECONDS = 240
PART_SKIPPED = re.compile(r"^PART SKIPPED: (.*)$", re.MULTILINE)
SKIPPED = re.compile(r"^SKIPPED: (.*)$", re.MULTILINE)
LABEL_COLUMNS = ["unit", "api", "stress", "fuzz", "override"]

Result = collections.namedtuple("Result", "lane state reason seconds tests")
Test = collections.namedtuple("Test", "name labels state reason")


class Unavailable(Exception):
    """The lane cannot run here; the message says why."""


class Failed(Exception):
    """The lane cannot be built; the message says why."""


# ---- What a lane needs -----------------------------------------------------------------------

def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def prepare(lane):
    """Installs packages; returns the variables that the lane's toolchain script prints."""
    setup = subprocess.run([ROOT / "scripts/setup.sh", "build", *lane.packages],
                           capture_output=True, text=True, check=False)
    if setup.returncode != 0:
        raise Unavailable(last_line(setup.stderr + setup.stdout))
    if lane.toolchain is None:
        return {}
    fetch = subprocess.run([ROOT / "test/platforms" / lane.toolchain[0], *lane.toolchain[1:]],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if fetch.returncode == 77:
        raise Unavailable(last_line(fetch.stdout))
    if fetch.returncode != 0:
        raise Failed(fetch.stderr.strip())
    return dict(line.split("=", 1) for line in fetch.stdout.splitlines() if "=" in line)


# ---- Building --------------------------------------------------------------------------------

def run_logged(log, *command):
    with open(log, "a", encoding="utf-8") as output:
        run = subprocess.run([str(word) for word in command], stdout=output,
                             stderr=subprocess.STDOUT, check=False)
    return run.returncode


def configure_options(lane, variables):
    settings = {name: value.format(**variables) for name, value in lane.settings.items()}
    return [f"-D{name}={value}" for name, value in sorted(settings.items())]


def build(lane, variables, folder, jobs):
    log = folder / "build.log"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    if run_logged(log, "cmake", *generator, "-S", ROOT, "-B", folder, "-DMIM_WERROR=ON",
                  *configure_options(lane, variables)) != 0:
        raise Failed(f"cannot be configured; see {log}")
    if run_logged(log, "cmake", "--build", folder, "-j", jobs) != 0:
        raise Failed(f"cannot be built; see {log}")


# ---- Running ---------------------------------------------------------------------------------

def read_tests(folder, report):
    """The tests of a run, from ctest's JUnit report and its list of labels."""
    import xml.etree.ElementTree as tree
    listed = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"],
                            capture_output=True, text=True, check=True)
    labels = {test["name"]: {value for each in test.get("properties", [])
                             if each["name"] == "LABELS" for value in each["value"]}
              for test in json.loads(listed.stdout)["tests"]}
    for case in tree.parse(report).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        state, reason = "passed", ""
        if case.get("status") == "fail":
            state = "failed"
        elif case.get("status") != "run":
            found = SKIPPED.search(output)
            state, reason = "skipped", found[1] if found else "no reason given"
        yield Test(case.get("name"), labels.get(case.get("name"), set()), state, reason)
        for part in PART_SKIPPED.findall(output):
            yield Test(case.get("name") + ", a part", set(), "skipped", part)


def run_tests(lane, folder, jobs):
    report = folder / "junit.xml"
    run_logged(folder / "tests.log", "ctest", "--test-dir", folder, "-j", jobs,
               "-LE", LEFT_OUT, *lane.ctest, "--timeout", TEST_SECONDS,
               "--output-on-failure", "--output-junit", report)
    if not report.is_file():
        raise Failed(f"its tests cannot be run; see {folder / 'tests.log'}")
    return list(read_tests(folder, report))


def run_lane(lane, work, jobs):
    start = time.monotonic()
    state, reason, tests = "ok", "", []
    folder = work / lane.name
    try:
        build(lane, prepare(lane), folder, jobs)
        tests = run_tests(lane, folder, jobs)
        if any(test.state == "failed" for test in tests) or not tests:
            state, reason = "failed", f"see {folder / 'tests.log'}"
    except Unavailable as error:
        state, reason = "skipped", str(error)
    except Failed as error:
        state, reason = "failed", str(error)
    return Result(lane, state, reason, time.monotonic() - start, tests)


# ---- The report ------------------------------------------------------------------------------

def count(tests, state, label=None):
    return sum(test.state == state and (label is None or label in test.labels) for test in tests)


def print_table(results):
    print(f"\n{'lane':24}{'result':9}{'time':>7}{'passed':>8}{'failed':>8}{'skipped':>9}  reason")
    for result in results:
        numbers = [count(result.tests, state) for state in ("passed", "failed", "skipped")]
        print(f"{result.lane.name:24}{result.state:9}{result.seconds:6.0f}s"
              f"{numbers[0]:8}{numbers[1]:8}{numbers[2]:9}  {result.reason}".rstrip())
    for result in results:
        for test in result.tests:
            if test.state == "failed":
                print(f"failed: {result.lane.name}: {test.name}")
    print_skipped(results)


def print_skipped(results):
    """Each reason once, with the lanes and the tests."""
    reasons = collections.defaultdict(lambda: (set(), set()))
    for result in results:
        for test in result.tests:
            if test.state == "skipped":
                names, tests = reasons[test.reason]
                names.add(result.lane.name)
                tests.add(test.name)
    for reason, (names, tests) in sorted(reasons.items()):
        print(f"skipped, {reason} ({', '.join(sorted(names))}): {', '.join(sorted(tests))}")


def summary_of(result):
    columns = {label: [count(result.tests, state, label) for state in ("passed", "failed")]
               for label in LABEL_COLUMNS}
    return {"name": result.lane.name, "title": result.lane.title, "runs": result.lane.runs,
            "state": result.state, "reason": result.reason, "labels": columns,
            "seconds": round(result.seconds)}


def keep_results(path, results):
    """Lanes that did not run now keep what they had."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    by_name = {entry["name"]: entry for entry in kept + [summary_of(r) for r in results]}
    ordered = [by_name[lane.name] for lane in lanes.LANES if lane.name in by_name]
    path.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def select(names):
    chosen = []
    for name in names or ["all"]:
        matching = [lane for lane in lanes.LANES if name in (lane.name, "all", *lane.groups)
                    or name == "all"]
        if not matching:
            sys.exit(f"test_platforms.py: there is no lane or group '{name}'; --list names them")
        chosen += [lane for lane in matching if lane not in chosen]
    return chosen


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="name the lanes and end")
    parser.add_argument("--jobs", default=str(os.cpu_count() or 2))
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "out" / "platforms")
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="LANE")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if arguments.list:
        for lane in lanes.LANES:
            print(f"{lane.name:24}{lane.title}, {lane.runs}"
                  + (f" [{' '.join(lane.groups)}]" if lane.groups else ""))
        return 0
    results = []
    for lane in select(arguments.names):
        print(f"{lane.name}: {lane.title}, {lane.runs} ...", flush=True)
        results.append(run_lane(lane, arguments.work.resolve(), arguments.jobs))
        print(f"{lane.name}: {results[-1].state} {results[-1].reason}".rstrip(), flush=True)
    print_table(results)
    if arguments.results:
        keep_results(arguments.results, results)
    if any(result.state == "failed" for result in results):
        return 1
    return 0 if any(result.state == "ok" for result in results) else 77


if __name__ == "__main__":
    sys.exit(main())

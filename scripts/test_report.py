#!/usr/bin/env python3
"""test_report.py - what the tests of a run have said: why they were skipped, whole or in part, and
lines of theirs that begin with NOTE.

usage: test_report.py REPORT

REPORT is what `ctest --output-junit` has written.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

PART_SKIPPED = re.compile(r"^PART SKIPPED: (.*)$", re.MULTILINE)
SKIPPED = re.compile(r"^SKIPPED: (.*)$", re.MULTILINE)
NOTE = re.compile(r"^NOTE: (.*)$", re.MULTILINE)

# state: passed, failed, skipped (with a reason; a part of a test counts as a test), or noted: then
# the reason is the note.
Test = collections.namedtuple("Test", "name labels state reason")


def read(report, labels):
    """The tests of a run; `labels` are sets of them by the tests' names."""
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        name, output = case.get("name"), case.findtext("system-out") or ""
        state, reason = "passed", ""
        if case.get("status") == "fail":
            state = "failed"
        elif case.get("status") != "run":
            found = SKIPPED.search(output)
            state, reason = "skipped", found[1] if found else "no reason given"
        yield Test(name, labels.get(name, set()), state, reason)
        for part in PART_SKIPPED.findall(output):
            yield Test(name + ", a part", set(), "skipped", part)
        for note in NOTE.findall(output):
            yield Test(name, set(), "noted", note)


def print_skipped(found):
    """Each reason once, with the groups and the tests; `found` has a group and a test each."""
    reasons = collections.defaultdict(lambda: (set(), set()))
    for group, test in found:
        if test.state == "skipped":
            groups, tests = reasons[test.reason]
            groups.add(group)
            tests.add(test.name)
    for reason, (groups, tests) in sorted(reasons.items()):
        print(f"skipped, {reason} ({', '.join(sorted(groups))}): {', '.join(sorted(tests))}")


def print_notes(found):
    for group, test in found:
        if test.state == "noted":
            print(f"{group}: {test.name}: {test.reason}")


def in_groups(tests):
    """scripts/gather_tests.py puts a group before the name of each test."""
    for test in tests:
        group, _, name = test.name.rpartition("/")
        yield group, test._replace(name=name)


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    if not pathlib.Path(arguments[0]).is_file():
        sys.exit(f"test_report.py: {arguments[0]} is missing: no test has run")
    found = list(in_groups(read(arguments[0], {})))
    print_skipped(found)
    print_notes(found)


if __name__ == "__main__":
    main(sys.argv[1:])

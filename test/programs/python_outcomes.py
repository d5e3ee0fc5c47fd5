"""Prints the outcome of every test of a JUnit report of Python's regression tests, a line each.

A line is `NAME passed`, `NAME failed`, `NAME error`, or `NAME skipped: REASON`; sorted, without
times, so that the reports of two runs can be compared.
"""

import sys
import xml.etree.ElementTree as tree


def outcome(case):
    for kind, word in (("error", "error"), ("failure", "failed")):
        if case.find(kind) is not None:
            return word
    skipped = case.find("skipped")
    if skipped is not None:
        reason = " ".join((skipped.text or skipped.get("message") or "no reason").split())
        return "skipped: " + reason
    if case.get("result") != "completed":
        return "failed"
    return "passed"


def main(arguments):
    if len(arguments) != 1:
        sys.exit("usage: python_outcomes.py REPORT.xml")
    cases = tree.parse(arguments[0]).iter("testcase")
    for line in sorted("%s %s" % (case.get("name"), outcome(case)) for case in cases):
        print(line)


if __name__ == "__main__":
    main(sys.argv[1:])

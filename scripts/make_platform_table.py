#!/usr/bin/env python3
"""Writes the README's table of platforms from doc/platforms.json, the results of the last run.

usage: make_platform_table.py [--check] [--root DIR]

    scripts/test_platforms.py --results doc/platforms.json
    scripts/make_platform_table.py

--check only looks whether the table is that of the results, and prints what to do if not.
"""
import argparse
import json
import pathlib
import sys

START = "<!-- made by scripts/make_platform_table.py from doc/platforms.json -->\n"
END = "<!-- end of the table -->\n"
COLUMNS = [("unit", "unit"), ("api", "API"), ("stress", "stress"), ("fuzz", "fuzz"),
           ("override", "preload, override"), ("programs", "real programs")]


def cell(counts):
    passed, failed = counts
    if failed:
        return f"{failed} of {passed + failed} failed"
    return str(passed) if passed else "–"


def line_of(entry):
    counts = {**entry["labels"], "programs": entry.get("programs", [0, 0])}
    cells = [cell(counts.get(label, [0, 0])) for label, _ in COLUMNS]
    built = "yes" if entry["state"] == "ok" or any(text != "–" for text in cells) else "no"
    if entry["state"] == "skipped":
        built = "not run"
    return f"| {entry['title']} | {entry['runs']} | {built} | " + " | ".join(cells) + " |\n"


def table_of(entries):
    head = "| platform | runs | built | " + " | ".join(title for _, title in COLUMNS) + " |\n"
    rule = "|---" * (3 + len(COLUMNS)) + "|\n"
    return head + rule + "".join(line_of(entry) for entry in entries)


def replaced(text, table):
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        sys.exit("make_platform_table.py: README.md has no place for the table; put these lines "
                 f"there:\n{START}{END}")
    return before + START + table + END + after


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    results = json.loads((arguments.root / "doc/platforms.json").read_text(encoding="utf-8"))
    readme = arguments.root / "README.md"
    text = readme.read_text(encoding="utf-8")
    wanted = replaced(text, table_of(results))
    if wanted == text:
        return 0
    if arguments.check:
        print("README.md: the table of platforms is not that of doc/platforms.json; run "
              "scripts/make_platform_table.py")
        return 1
    readme.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""How long the functions of the C sources are: median, 95th percentile, and those over 70 lines.

usage: longest_functions.py [--check] FOLDER...

--check fails if the median is above 10 lines or the 95th percentile is 40 or more. A function
counts from the line with its name to its closing brace; comments inside count, macros do not.
"""
import pathlib
import re
import sys

MEDIAN_MAX = 10
PERCENTILE_95_MAX = 39
LISTED_ABOVE = 70
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.M)
NAME = re.compile(r"(\w+)\s*\(")
NOT_NAMES = {"__attribute__", "_Alignas", "if", "for", "while", "switch", "return", "_Atomic"}


def blank(match):
    """Keeps the lines, so that numbers stay right."""
    return "\n" * match[0].count("\n") or " "


def functions_of(text):
    """Triples (name, first line, number of lines)."""
    text = DIRECTIVE.sub(blank, NOISE.sub(blank, text))
    depth, head_start, function = 0, 0, None
    for at, char in enumerate(text):
        if char == "{":
            if depth == 0:
                function = function_head(text[head_start:at], head_start)
                if is_linkage_block(text[head_start:at]):
                    head_start = at + 1
                    continue
            depth += 1
        elif char == "}":
            depth = max(0, depth - 1)
            if depth == 0:
                if function is not None:
                    first = text.count("\n", 0, function[1]) + 1
                    yield function[0], first, text.count("\n", 0, at) + 2 - first
                function, head_start = None, at + 1
        elif char == ";" and depth == 0:
            head_start = at + 1


def is_linkage_block(head):
    return re.fullmatch(r"\s*extern\s*", head) is not None


def function_head(head, offset):
    """Name and place of the function whose body follows; None for a type or an initializer."""
    if "=" in head or ")" not in head:
        return None
    names = [m for m in NAME.finditer(head) if m[1] not in NOT_NAMES]
    return (names[0][1], offset + names[0].start(1)) if names else None


def quantile(lengths, share):
    """The smallest length that at least `share` of all functions do not exceed."""
    return lengths[max(0, -int(-share * len(lengths) // 1) - 1)]


def main(arguments):
    check = "--check" in arguments
    folders = [pathlib.Path(name) for name in arguments if name != "--check"]
    if not folders:
        sys.exit(__doc__)
    found = [(lines, name, path, first) for folder in folders
             for path in sorted([*folder.rglob("*.c"), *folder.rglob("*.h")])
             for name, first, lines in functions_of(path.read_text(encoding="utf-8"))]
    if not found:
        sys.exit(f"longest_functions.py: no function in {' '.join(map(str, folders))}")
    lengths = sorted(item[0] for item in found)
    median, percentile = quantile(lengths, 0.5), quantile(lengths, 0.95)
    print(f"{len(found)} functions: median {median} lines, 95 % at most {percentile}, "
          f"longest {lengths[-1]}")
    for lines, name, path, first in sorted(found, key=lambda item: -item[0]):
        if lines > LISTED_ABOVE:
            print(f"{path}:{first}: {name} has {lines} lines")
    if check and (median > MEDIAN_MAX or percentile > PERCENTILE_95_MAX):
        print(f"too long: the median may be {MEDIAN_MAX} lines, 95 % at most {PERCENTILE_95_MAX}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

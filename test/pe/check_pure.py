#!/usr/bin/env python3
"""check_pure.py - a library calls nothing but itself and what compilers emit by themselves.

usage: check_pure.py LIBRARY

Everything it is given, it gets as an argument: so it runs, and is fuzzed, on any system.
"""
import subprocess
import sys

ALLOWED = {"memchr", "memcmp", "memcpy", "memmove", "memset", "strcmp", "strlen", "strncmp",
           "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"}


def symbols_of(library):
    """Names that are defined in it, and names that it asks for."""
    run = subprocess.run(["nm", library], capture_output=True, text=True, check=True)
    defined, wanted = set(), set()
    for line in run.stdout.splitlines():
        words = line.split()
        if len(words) >= 2:
            (wanted if words[-2] in ("U", "w") else defined).add(words[-1])
    return defined, wanted


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    defined, wanted = symbols_of(arguments[0])
    foreign = sorted(wanted - defined - ALLOWED)
    for name in foreign:
        print(f"{arguments[0]}: calls {name}; pass what it gives as an argument")
    print(f"{len(defined)} symbols are defined, {len(foreign)} foreign ones are called")
    return 1 if foreign or not defined else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

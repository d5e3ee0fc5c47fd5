#!/usr/bin/env python3
"""Looks for 64-bit atomics in the library of a 32-bit machine: there shall be none.

usage: check_wide_atomics.py NM OBJDUMP LIBRARY

They are instructions (ldrexd, cmpxchg8b, ...), or calls of functions that the compiler's runtime
has for them, in libatomic or with a lock.
"""
import re
import subprocess
import sys

INSTRUCTIONS = re.compile(r"\b(ldrexd|strexd|ldaexd|stlexd|cmpxchg8b)\b")
FUNCTIONS = re.compile(r"\b(__atomic_\w+|__sync_\w+_8)\b")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    nm, objdump, library = sys.argv[1:]
    functions = set(FUNCTIONS.findall(output_of(nm, "-D", library)))
    instructions = set(INSTRUCTIONS.findall(output_of(objdump, "-d", library)))
    for name in sorted(functions | instructions):
        print(f"failed: {library} has {name}: make the counter as wide as a pointer")
    print(f"{len(functions)} functions, {len(instructions)} kinds of instructions for wide atomics")
    sys.exit(1 if functions or instructions else 0)


if __name__ == "__main__":
    main()

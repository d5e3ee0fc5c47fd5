#!/usr/bin/env python3
"""check_symbols.py - what a shared library exports, against lists of names.

usage: check_symbols.py LIBRARY --required LIST --allowed LIST [--without-override]

Every name of --required must be exported, and nothing that is not in --allowed: a symbol that
slips out can replace one of the program's own. With --without-override (a library built with
MI_OVERRIDE=OFF) only the mi_* names are required, and no other is allowed.
"""
import argparse
import pathlib
import subprocess
import sys

# Put there by the linker in some builds; no program can mean them.
LINKER_SYMBOLS = {"_init", "_fini", "__bss_start", "_edata", "_end"}


def exported(library):
    result = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", str(library)],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"nm cannot read {library}: {result.stderr.strip()}")
    return {line.split()[0].split("@")[0] for line in result.stdout.splitlines()} - LINKER_SYMBOLS


def names(path):
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    found = {line for line in lines if line}
    if not found:
        sys.exit(f"{path} holds no name")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("--required", type=pathlib.Path, required=True)
    parser.add_argument("--allowed", type=pathlib.Path, required=True)
    parser.add_argument("--without-override", action="store_true")
    arguments = parser.parse_args()
    required, allowed = names(arguments.required), names(arguments.allowed)
    if arguments.without_override:
        required = {name for name in required if name.startswith("mi_")}
        allowed = {name for name in allowed if name.startswith("mi_")}
    found = exported(arguments.library)
    for name in sorted(required - found):
        print(f"{name} is not exported, but must be")
    for name in sorted(found - allowed):
        print(f"{name} is exported, but is in no list: make it static or hidden, or list it")
    print(f"{len(found)} symbols exported, {len(required)} required")
    return 1 if required - found or found - allowed else 0


if __name__ == "__main__":
    sys.exit(main())

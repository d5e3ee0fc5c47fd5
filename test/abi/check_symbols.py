#!/usr/bin/env python3
"""check_symbols.py - what a shared library exports, against a list of names.

usage: check_symbols.py LIBRARY --names LIST [--without-override]

Every name must be exported, and nothing else: a symbol that slips out can replace one of the
program's own. With --without-override (a library built with MI_OVERRIDE=OFF) only the mi_* names
count.
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
    parser.add_argument("--names", type=pathlib.Path, required=True)
    parser.add_argument("--without-override", action="store_true")
    arguments = parser.parse_args()
    wanted = names(arguments.names)
    if arguments.without_override:
        wanted = {name for name in wanted if name.startswith("mi_")}
    found = exported(arguments.library)
    for name in sorted(wanted - found):
        print(f"{name} is not exported, but must be")
    for name in sorted(found - wanted):
        print(f"{name} is exported, but is not in the list: make it static or hidden, or list it")
    print(f"{len(found)} symbols exported, {len(wanted)} required")
    return 1 if wanted != found else 0


if __name__ == "__main__":
    sys.exit(main())

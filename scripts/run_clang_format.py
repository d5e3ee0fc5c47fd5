#!/usr/bin/env python3
"""Format the C and C++ files of the tree, or check that they are formatted.

usage: run_clang_format.py [--check] [FILE...]

Versions of clang-format disagree on details, so the check is made only with the version that
.clang-format names; with another one it says so and ends with code 77 (skipped).
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Not include/: clang-format takes the attribute macros of its declarations for types.
FOLDERS = ("src", "test", "bench", "tools", "win")
SUFFIXES = {".c", ".h", ".cpp", ".hpp"}


def wanted_version():
    match = re.search(r"version: (\d+)", (ROOT / ".clang-format").read_text(encoding="utf-8"))
    return match[1]


def find_tool(version):
    """The tool of the wanted version, or any other one."""
    tool = shutil.which(f"clang-format-{version}") or shutil.which("clang-format")
    if tool is None:
        sys.exit("run_clang_format.py: clang-format is missing; install it: scripts/setup.sh lint")
    text = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    return tool, re.search(r"version (\d+)", text)[1]


def files_of_tree():
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*")
                  if path.suffix in SUFFIXES)


def check(tool, files):
    """Names the files that formatting would change."""
    def is_wrong(path):
        run = subprocess.run([tool, path], capture_output=True, check=True)
        return run.stdout != path.read_bytes()

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        wrong = [path for path, answer in zip(files, pool.map(is_wrong, files)) if answer]
    for path in wrong:
        print(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}: not formatted; "
              "run `make format`")
    if not wrong:
        print(f"{len(files)} files are formatted")
    return 1 if wrong else 0


def main(arguments):
    only_check = "--check" in arguments
    names = [name for name in arguments if name != "--check"]
    files = [pathlib.Path(name).resolve() for name in names] or files_of_tree()
    version = wanted_version()
    tool, found = find_tool(version)
    if found != version:
        print(f"SKIPPED: the tree is formatted with clang-format {version}; this is {found}")
        return 77
    if only_check:
        return check(tool, files)
    subprocess.run([tool, "-i", *files], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

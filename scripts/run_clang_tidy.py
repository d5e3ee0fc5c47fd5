#!/usr/bin/env python3
"""Run clang-tidy over the sources of library and tools with the configuration of .clang-tidy.

usage: run_clang_tidy.py BUILD [FILE...]

BUILD holds compile_commands.json. Prints each finding once, although headers are seen from many
files. The tree is kept clean for the version that .clang-tidy names: with another version
findings are shown, but the result is 77 (skipped), as a newer tool knows more checks.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tools", "win")
FINDING = re.compile(r"^(/\S+?):(\d+):\d+: (?:warning|error): .*\[[\w.,-]+\]$")


def wanted_version():
    return re.search(r"version: (\d+)", (ROOT / ".clang-tidy").read_text(encoding="utf-8"))[1]


def find_tool(version):
    tool = shutil.which(f"clang-tidy-{version}") or shutil.which("clang-tidy")
    if tool is None:
        sys.exit("run_clang_tidy.py: clang-tidy is missing; install it: scripts/setup.sh lint")
    text = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    return tool, re.search(r"version (\d+)", text)[1]


def sources_of(build):
    database = build / "compile_commands.json"
    if not database.is_file():
        sys.exit(f"run_clang_tidy.py: there is no {database}; configure the build first: "
                 "cmake --preset debug")
    files = {pathlib.Path(entry["file"]) for entry in json.loads(database.read_text())}
    return sorted(path for path in files
                  if any(path.is_relative_to(ROOT / folder) for folder in FOLDERS))


def examine(tool, build, path):
    """The findings of one file as blocks of lines, and the raw text if the tool itself failed."""
    command = [tool, "-p", build, "--quiet", f"--config-file={ROOT / '.clang-tidy'}",
               "--extra-arg=-Wno-unknown-warning-option",
               "--extra-arg=-Wno-unused-command-line-argument", path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    blocks, current = [], None
    for line in run.stdout.splitlines():
        match = FINDING.match(line)
        if match:
            current = [line]
            # A definition of ours may be compared with libc's declaration of the same function.
            if not match[1].startswith("/usr/"):
                blocks.append(current)
        elif current is not None:
            current.append(line)
    failure = run.stdout + run.stderr if run.returncode != 0 and current is None else None
    return blocks, failure


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    build = pathlib.Path(arguments[0]).resolve()
    files = [pathlib.Path(name).resolve() for name in arguments[1:]] or sources_of(build)
    if not files:
        sys.exit(f"run_clang_tidy.py: {build} compiles no file of {', '.join(FOLDERS)}")
    version = wanted_version()
    tool, found = find_tool(version)
    seen, broken = {}, False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for blocks, failure in pool.map(lambda path: examine(tool, build, path), files):
            for block in blocks:
                seen.setdefault(block[0], block)
            if failure:
                broken = True
                print(failure)
    for block in seen.values():
        print("\n".join(block).replace(str(ROOT) + "/", ""))
    print(f"clang-tidy {found}: {len(files)} files, {len(seen)} findings")
    if broken or (seen and found == version):
        return 1
    if seen:
        print(f"SKIPPED: the tree is kept clean for clang-tidy {version}")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

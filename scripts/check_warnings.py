#!/usr/bin/env python3
"""Compile the library's sources with gcc and with clang; any warning is a failure.

usage: check_warnings.py BUILD [SRC]

BUILD holds compile_commands.json; its flags are used with -Werror, for the files below SRC
(default: src). Both an optimized and an unoptimized compile are made: some warnings need the
optimizer's view, others vanish with it. A compiler that is not installed is named; with none the
result is 77 (skipped).
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPILERS = ("gcc", "clang")
LEVELS = ("-O0", "-O3")
# Flags of one compiler that the other does not know.
FOREIGN = {"clang": ["-Wno-unknown-warning-option", "-Wno-ignored-optimization-argument"],
           "gcc": []}


def commands_of(build, src):
    """Folder and arguments, without compiler and output, for each source file once."""
    database = build / "compile_commands.json"
    if not database.is_file():
        sys.exit(f"check_warnings.py: there is no {database}; configure the build first: "
                 "cmake --preset debug")
    commands = {}
    for entry in json.loads(database.read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(src) and path not in commands:
            words = shlex.split(entry["command"])[1:]
            at = words.index("-o")
            words = [word for word in words[:at] + words[at + 2:] if word != str(path)]
            commands[path] = (entry["directory"], words)
    return commands


def compile_one(job):
    compiler, level, path, folder, words = job
    run = subprocess.run([compiler, *words, level, "-Werror", *FOREIGN[compiler], "-o", os.devnull,
                          path], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return None
    return f"{compiler} {level} {path}:\n{run.stderr}"


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    src = pathlib.Path(arguments[1] if len(arguments) > 1 else ROOT / "src").resolve()
    commands = commands_of(pathlib.Path(arguments[0]).resolve(), src)
    if not commands:
        sys.exit(f"check_warnings.py: {arguments[0]} compiles no file of {src}")
    compilers = [name for name in COMPILERS if shutil.which(name)]
    for name in set(COMPILERS) - set(compilers):
        print(f"{name} is not installed: not checked with it")
    if not compilers:
        print("SKIPPED: neither gcc nor clang is installed")
        return 77
    jobs = [(compiler, level, path, folder, words) for compiler in compilers for level in LEVELS
            for path, (folder, words) in sorted(commands.items())]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        failures = [text for text in pool.map(compile_one, jobs) if text]
    for text in failures:
        print(text.replace(str(ROOT) + "/", ""))
    print(f"{len(commands)} files, {', '.join(compilers)}: {len(failures)} compiles with warnings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

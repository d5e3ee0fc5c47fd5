#!/usr/bin/env python3
"""Counts the instructions of malloc and free with callgrind: exact, so that CI can ratchet them.

usage: bench/micro/instructions.py LIB [--build DIR] [--check [FILE]] [--all]

Prints JSON:
  pair32       instructions a malloc(32)/free pair, the calling loop included, mean: the
               difference between a run of N and one of 2N pairs, so that start-up falls out
  malloc       small malloc, fast path: the median cost of one more call
  free         the free of an own block: likewise
  malloc_mean  malloc with the slow paths that come now and then, mean
  free_mean    free likewise
--check compares with the limits of a JSON file (default: ratchet.json beside this script) and
exits with 1 if one is above. --all adds the pair of every size.

malloc and free are read from the call edges that leave two functions of bench-micro: they do not
depend on which of its names (malloc, mi_malloc, ...) valgrind gives to the library's function.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import allocators  # noqa: E402

PAIRS = 20000
WARM = 3000
SINGLES = 12
CALLERS = {"call_malloc": "malloc", "call_free": "free"}
EXTRA_PATHS = ["pair-16", "pair-64", "pair-256", "pair-1k", "pair-4k", "pair-16k", "pair-64k",
               "pair-random-1k", "pair-random-32k", "aligned-64", "calloc-64"]


def callgrind(program, library, path, count):
    """The text of one callgrind profile of `count` operations."""
    with tempfile.TemporaryDirectory(prefix="mimalloc-bench-") as folder:
        out = os.path.join(folder, "callgrind.out")
        environment = allocators.preload_environment([library] if library else [],
                                                     {"LD_BIND_NOW": "1"})
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--compress-strings=no", "--compress-pos=no",
             f"--callgrind-out-file={out}", program, "--count", str(count), path],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            check=False)
        if run.returncode != 0 or not os.path.exists(out):
            tail = run.stderr.strip().splitlines()[-1:]
            allocators.stop(f"callgrind failed on '{path}': {' '.join(tail)}")
        with open(out, encoding="utf-8", errors="replace") as file:
            return file.read()


def total_instructions(profile):
    return int(re.search(r"^(?:summary|totals): (\d+)", profile, re.MULTILINE).group(1))


def edge_instructions(profile):
    """The inclusive cost of what call_malloc and call_free call."""
    costs = dict.fromkeys(CALLERS.values(), 0)
    function, is_call = None, False
    for line in profile.splitlines():
        if line.startswith("fn="):
            function = re.split(r"['.]", line[3:])[0]  # without clones and recursion levels
        elif line.startswith("calls="):
            is_call = True
        elif is_call:
            is_call = False
            if function in CALLERS:
                costs[CALLERS[function]] += int(line.split()[1])
    return costs


def measure_pair(program, library, path, count):
    once = total_instructions(callgrind(program, library, path, count))
    twice = total_instructions(callgrind(program, library, path, 2 * count))
    return round((twice - once) / count, 2)


def measure_edges(program, library):
    """Fast paths: what each further call costs, SINGLES times; the median skips refills."""
    costs = [edge_instructions(callgrind(program, library, "call-edges-32", WARM + i))
             for i in range(SINGLES)]
    far = edge_instructions(callgrind(program, library, "call-edges-32", WARM + PAIRS))
    result = {}
    for name in CALLERS.values():
        steps = [after[name] - before[name] for before, after in zip(costs, costs[1:])]
        if not far[name] or min(steps) <= 0:
            allocators.stop(f"callgrind shows no calls of {name}: was bench-micro stripped?")
        result[name] = statistics.median(steps)
        result[name + "_mean"] = round((far[name] - costs[0][name]) / PAIRS, 2)
    return result


def check(result, limits_path):
    with open(limits_path, encoding="utf-8") as file:
        limits = json.load(file)
    is_good = True
    for name, limit in limits.items():
        if name not in result:
            allocators.stop(f"'{limits_path}' limits '{name}', which is not measured")
        if result[name] > limit:
            print(f"instructions.py: {name} takes {result[name]} instructions, at most {limit} "
                  f"are allowed (see {os.path.relpath(limits_path)})", file=sys.stderr)
            is_good = False
    return is_good


def main():
    parser = argparse.ArgumentParser(description="instructions of malloc and free (callgrind)")
    parser.add_argument("library", help="the allocator's shared library, or 'glibc'")
    parser.add_argument("--build", default=allocators.DEFAULT_BUILD, help="build folder")
    parser.add_argument("--check", nargs="?", const=os.path.join(HERE, "ratchet.json"),
                        metavar="FILE", help="exit 1 when above the limits in FILE")
    parser.add_argument("--all", action="store_true", help="the pair of every size as well")
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        allocators.stop("valgrind is missing: install the package valgrind")
    library = None if arguments.library == "glibc" else os.path.abspath(arguments.library)
    if library and not os.path.exists(library):
        allocators.stop(f"'{arguments.library}' does not exist: build the release preset first")
    program = os.path.join(allocators.program_folder(arguments.build), "bench-micro")
    result = {"pair32": measure_pair(program, library, "pair-32", PAIRS)}
    result.update(measure_edges(program, library))
    if arguments.all:
        for path in EXTRA_PATHS:
            result[path] = measure_pair(program, library, path, PAIRS)
    print(json.dumps(result, indent=2))
    return 0 if not arguments.check or check(result, arguments.check) else 1


if __name__ == "__main__":
    sys.exit(main())

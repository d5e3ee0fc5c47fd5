#!/usr/bin/env python3
"""The micro benchmarks of all allocators: nanoseconds an operation, interleaved.

usage: bench/micro/compare.py [--lib PATH] [--build DIR] [--allocators A,B] [--rounds N]
                              [--seconds S] [PATH...]

Each round times every path on every allocator in turn; the table has the smallest of the rounds
(what disturbs a run only ever makes it slower) and marks the best of each row with a star.
"""
import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import allocators  # noqa: E402


def list_paths(program):
    return subprocess.run([program, "--list"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.split()


def time_path(program, libraries, path, seconds):
    """Nanoseconds and unit of one path, or None."""
    run = subprocess.run([program, "--seconds", str(seconds), path],
                         env=allocators.preload_environment(libraries),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        print(f"compare.py: {path} failed: {run.stderr.strip()}", file=sys.stderr)
        return None
    _, unit, nanoseconds = run.stdout.split()
    return float(nanoseconds), unit


def parse_arguments():
    parser = argparse.ArgumentParser(description="nanoseconds of the micro benchmarks")
    parser.add_argument("paths", nargs="*", help="paths (default: all)")
    parser.add_argument("--lib", default=os.path.join(allocators.DEFAULT_BUILD, "libmimalloc.so"))
    parser.add_argument("--build", default=allocators.DEFAULT_BUILD)
    parser.add_argument("--allocators", help="names, with commas (default: all that are there)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.05, help="of each path and round")
    parser.add_argument("--json", metavar="FILE", help="write the numbers there as well")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    program = os.path.join(allocators.program_folder(arguments.build), "bench-micro")
    found = allocators.find_allocators(
        arguments.lib, arguments.allocators and arguments.allocators.split(","))
    paths = arguments.paths or list_paths(program)
    best = {path: {} for path in paths}
    units = {}
    for _ in range(arguments.rounds):
        for path in paths:
            for name, libraries in found.items():
                timed = time_path(program, libraries, path, arguments.seconds)
                if timed is not None:
                    best[path][name] = min(timed[0], best[path].get(name, timed[0]))
                    units[path] = timed[1]
    print(f"{'ns':<17}{'each':<9}" + "".join(f"{name:>16}" for name in found))
    for path in paths:
        fastest = min(best[path].values(), default=None)
        cells = ["failed" if name not in best[path] else
                 f"{best[path][name]:.1f}{'*' if best[path][name] == fastest else ' '}"
                 for name in found]
        print(f"{path:<17}{units.get(path, ''):<9}" + "".join(f"{cell:>16}" for cell in cells))
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(best, file, indent=1)
    is_complete = all(allocators.OURS in best[path] for path in paths)
    return 0 if is_complete or allocators.OURS not in found else 1


if __name__ == "__main__":
    sys.exit(main())

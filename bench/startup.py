#!/usr/bin/env python3
"""What an allocator costs a program that allocates once: page faults, system calls, memory.

usage: bench/startup.py [--lib PATH] [--build DIR] [--allocators A,B] [--show NAME]

The program is bench-micro with one malloc/free pair. Page faults come from the launcher (median
of several starts: they are almost exact), system calls from strace; those of the loader and libc
are the same for all. --show prints the system calls of one allocator that glibc's run has not.
"""
import argparse
import collections
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import allocators  # noqa: E402

STARTS = 15
TARGET = 1.10


def system_calls(libraries, command):
    """Name -> count, threads included. Only from exec on: strace starts the program itself."""
    with tempfile.TemporaryDirectory(prefix="mimalloc-bench-") as folder:
        log = os.path.join(folder, "strace")
        preload = ["-E", "LD_PRELOAD=" + ":".join(libraries)] if libraries else []
        run = subprocess.run(["strace", "-f", "-qq", "-o", log, *preload, *command],
                             env=allocators.preload_environment([]), check=False,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            allocators.stop(f"strace failed: {run.stderr.strip()}")
        with open(log, encoding="utf-8", errors="replace") as file:
            names = re.findall(r"^\d+ +(\w+)\(", file.read(), re.MULTILINE)
    return collections.Counter(names)


def measure(folder, libraries):
    command = [os.path.join(folder, "bench-micro"), "--count", "1", "pair-32"]
    runs = [allocators.launch(folder, libraries, command) for _ in range(STARTS)]
    for run in runs:
        if "error" in run:
            allocators.stop(f"the program failed: {run['error']}")
    calls = system_calls(libraries, command)
    return {"faults": statistics.median(r["minor_faults"] + r["major_faults"] for r in runs),
            "rss_kib": statistics.median(r["rss_kib"] for r in runs),
            "milliseconds": 1000 * statistics.median(r["wall"] for r in runs),
            "calls": sum(calls.values()), "names": calls}


def main():
    parser = argparse.ArgumentParser(description="the cost of the first allocation")
    parser.add_argument("--lib", default=os.path.join(allocators.DEFAULT_BUILD, "libmimalloc.so"))
    parser.add_argument("--build", default=allocators.DEFAULT_BUILD)
    parser.add_argument("--allocators", help="names, with commas (default: all that are there)")
    parser.add_argument("--show", metavar="NAME", help="the system calls that NAME adds to glibc's")
    arguments = parser.parse_args()
    if shutil.which("strace") is None:
        allocators.stop("strace is missing: install the package strace")
    folder = allocators.program_folder(arguments.build)
    found = allocators.find_allocators(
        arguments.lib, arguments.allocators and arguments.allocators.split(","))
    results = {name: measure(folder, libraries) for name, libraries in found.items()}
    print(f"{'':<16}{'faults':>8}{'syscalls':>10}{'peak KiB':>10}{'ms':>8}")
    for name, result in results.items():
        print(f"{name:<16}{result['faults']:>8.0f}{result['calls']:>10}"
              f"{result['rss_kib']:>10.0f}{result['milliseconds']:>8.2f}")
    if arguments.show:
        if arguments.show not in results or allocators.GLIBC not in results:
            allocators.stop(f"--show needs '{arguments.show}' and glibc among the allocators")
        for call, count in sorted((results[arguments.show]["names"] -
                                   results[allocators.GLIBC]["names"]).items()):
            print(f"  {call:<20}{count:+d}")
    return verdict(results.get(allocators.OURS), results.get(allocators.MIMALLOC))


def verdict(ours, mimalloc):
    """Exit code 1 when ours is above the target against mimalloc 3.6.0."""
    if ours is None or mimalloc is None:
        return 0
    is_good = True
    for key in ("faults", "calls"):
        quotient = ours[key] / mimalloc[key]
        word = "within" if quotient <= TARGET else "above"
        is_good = is_good and quotient <= TARGET
        print(f"{key}: {quotient:.2f} of mimalloc 3.6.0's, {word} the target of {TARGET:.2f}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())

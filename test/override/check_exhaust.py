#!/usr/bin/env python3
"""check_exhaust.py - compares what the allocator and libc's own hand out before NULL.

usage: check_exhaust.py PROGRAM LIBRARY

PROGRAM (exhaust.c) runs with LIBRARY preloaded and without, in 2 and in 3 GiB of addresses.
"""
import os
import subprocess
import sys

LEAST_PERCENT = 95
LARGE = ["50000", "100000", "140000", "270000", "1000000", "5000000", "16000000", "100000000",
         "16-1000000", "1000-50000000"]
SIZES = {0x80000000: ["64", "100", "1000", "4096", "10000", "16-1000", *LARGE], 0xC0000000: LARGE}


def run(program, limit, preload):
    environment = dict(os.environ, MIMALLOC_MAX_ERRORS="0")
    if preload:
        environment["LD_PRELOAD"] = preload
    lines = subprocess.run([program, hex(limit), *SIZES[limit]], env=environment, check=True,
                           stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return {name: int(mib) for name, mib in (line.split() for line in lines)}


def main():
    program, library = sys.argv[1:]
    too_few = 0
    for limit, sizes in SIZES.items():
        libc, ours = run(program, limit, None), run(program, limit, library)
        print(f"{limit >> 30} GiB: {'size':>14} {'libc':>9} {'ours':>9}")
        for size in sizes:
            percent = 100 * ours[size] / libc[size]
            print(f"{size:>21} {libc[size]:5} MiB {ours[size]:5} MiB {percent:6.1f} %")
            too_few += percent < LEAST_PERCENT
    if too_few:
        print(f"failed: {too_few} times less than {LEAST_PERCENT} % of libc's")
    return 1 if too_few else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""check_profile.py - compares what google-pprof reads from a profile with what was allocated.

usage: check_profile.py PROGRAM [early]

early: a constructor of PROGRAM's allocates before the library's own has run (early.c).
PROGRAM (profile_amounts.c) runs with MIMALLOC_PROFILE. The estimate of each of its functions must
lie within five standard deviations of the truth: one run in a million may fail by chance.
"""
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile

RATE = 16384
MIB = 1024 * 1024
# Function: bytes of a block, blocks in use at the end, blocks allocated.
AMOUNTS = {
    "alloc_small": (64, 500000, 1000000),
    "alloc_medium": (5120, 12000, 12000),
    "alloc_huge": (409600, 200, 200),
    "alloc_freed": (112, 0, 500000),
    "alloc_grown": (122880, 500, None),  # what the way there allocated depends on the neighbours
    "alloc_aligned": (4096, 12000, 12000),
    "alloc_in_thread": (112, 400000, 500000),
}
# With early.c: by the name that stands for stacks of that time.
EARLY = {"allocated_before_start": (5000, 300, 300)}


def tolerance(size, count):
    """Five standard deviations of the estimate of `count` blocks, and what pprof rounds away."""
    sampled = 1 - math.exp(-size / RATE)
    return 5 * size * math.sqrt(count * (1 - sampled) / sampled) + 0.06 * MIB


def estimates(program, profile, kind):
    """Bytes of each function itself, and of all that it calls."""
    run = subprocess.run(["google-pprof", "--text", kind, "--nodefraction=0", "--nodecount=10000",
                          program, profile], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"google-pprof failed: {run.stderr}")
    print(run.stdout)
    result = {}
    for line in run.stdout.splitlines():
        match = re.match(r"\s*([\d.]+)\s+[\d.]+%\s+[\d.]+%\s+([\d.]+)\s+[\d.]+%\s+(\S+)$", line)
        if match:
            result[match[3]] = float(match[1]) * MIB, float(match[2]) * MIB
    return result


def faults(name, found, size, count):
    expected, allowed = size * count, tolerance(size, count)
    for value in found.get(name, (0, 0)):
        if abs(value - expected) > allowed:
            yield (f"{name}: {value / MIB:.2f} MiB instead of {expected / MIB:.2f} "
                   f"(+-{allowed / MIB:.2f})")


def main():
    if shutil.which("google-pprof") is None:
        print("SKIPPED: google-pprof is missing; install google-perftools")
        return 77
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="mimalloc-profile-") as folder:
        profile = os.path.join(folder, "amounts.heap")
        environment = dict(os.environ, MIMALLOC_PROFILE=profile,
                           MIMALLOC_PROFILE_SAMPLE_RATE=str(RATE))
        subprocess.run([program], env=environment, check=True)
        print(sorted(os.listdir(folder)))
        live = estimates(program, profile, "--inuse_space")
        total = estimates(program, profile, "--alloc_space")
    errors = []
    amounts = {**AMOUNTS, **(EARLY if sys.argv[2:] == ["early"] else {})}
    for name, (size, in_use, allocated) in amounts.items():
        errors += faults(name, live, size, in_use)
        if allocated is not None:
            errors += faults(name, total, size, allocated)
    if not any(name.startswith("alloc_small") for name in live):
        errors.append("no stack was read")
    inner = [name for name in total if name.startswith(("mi_", "mim_"))]
    if inner:
        errors.append(f"the allocator's own functions are in the stacks: {inner}")
    for error in errors:
        print("failed: " + error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

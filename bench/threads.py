#!/usr/bin/env python3
"""100,000 short threads: how long they take and how much memory is left behind.

usage: bench/threads.py [--lib PATH] [--build DIR] [--allocators A,B] [--scale F]

Exit code 1 when ours is above the targets: 5 s and 8 MB for the full number.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import allocators  # noqa: E402

SECONDS_MAX, LEFT_MIB_MAX = 5.0, 8.0


def main():
    parser = argparse.ArgumentParser(description="100,000 short threads")
    parser.add_argument("--lib", default=os.path.join(allocators.DEFAULT_BUILD, "libmimalloc.so"))
    parser.add_argument("--build", default=allocators.DEFAULT_BUILD)
    parser.add_argument("--allocators", help="names, with commas (default: all that are there)")
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is 100,000 threads")
    arguments = parser.parse_args()
    folder = allocators.program_folder(arguments.build)
    found = allocators.find_allocators(
        arguments.lib, arguments.allocators and arguments.allocators.split(","))
    command = [os.path.join(folder, "bench-short-threads"), "--scale", f"{arguments.scale:g}"]
    is_good = True
    print(f"{'':<16}{'seconds':>9}{'cpu s':>8}{'left MB':>9}{'peak MB':>9}")
    for name, libraries in found.items():
        run = allocators.launch(folder, libraries, command)
        if "error" in run:
            print(f"{name:<16} failed: {run['error']}")
            is_good = is_good and name != allocators.OURS
            continue
        seconds, left = run["reports"]["milliseconds"] / 1000, run["reports"]["left_kib"] / 1024
        print(f"{name:<16}{seconds:>9.2f}{run['cpu']:>8.2f}{left:>9.2f}"
              f"{run['rss_kib'] / 1024:>9.1f}")
        if name == allocators.OURS and (seconds > SECONDS_MAX * arguments.scale or
                                        left > LEFT_MIB_MAX):
            print(f"above the target: at most {SECONDS_MAX * arguments.scale:g} s and "
                  f"{LEFT_MIB_MAX:g} MB left")
            is_good = False
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())

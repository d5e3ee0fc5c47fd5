#!/usr/bin/env python3
"""bench/windows.py - the allocator on Windows against itself on Linux, and what redirection adds to
the start of a program; all in wine, on this machine.

usage: bench/windows.py [--windows DIR] [--linux DIR] [--rounds N] [--seconds S] [--starts N]

DIR of Windows is what `make test-windows LANES=x64` has built, that of Linux `make release`. One
program of malloc and free (bench/windows/pairs.c) runs on each in turn, in short rounds: preloaded
against redirected, linked against linked. The table has the median of the rounds; the ratio may be
1.1. Then an empty program is started, as it is and redirected: the difference of the lower
quartiles may be 5 ms. The exit code is 1 if one is more, 77 if something is missing. It wants a
machine that does nothing else.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = ROOT / "bench" / "windows"
GCC = "x86_64-w64-mingw32-gcc"
RATIO_MAX = 1.1
START_MAX_MS = 5
FLAGS = ["-O2", "-fno-builtin", "-Wall", "-Wextra"]
EMPTY = "int main(void) { return 0; }\n"


class Unavailable(Exception):
    """It cannot be measured here; the message says why."""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def wine_command():
    script = ROOT / "test" / "platforms" / "toolchain_wine.sh"
    done = subprocess.run([script], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(done.stdout.strip().removeprefix("SKIPPED: "))
    wine = dict(line.split("=", 1) for line in done.stdout.splitlines())["WINE"]
    return [ROOT / "test" / "platforms" / "run_wine.sh", wine]


def need(path, remedy):
    if not path.exists():
        raise Unavailable(f"{path} is missing; {remedy}")
    return path


# ---- The programs ----------------------------------------------------------------------------

def build_windows(build, folder):
    """pairs-dll.exe is redirected, pairs-static.exe has the allocator linked."""
    gcc = [GCC, f"-specs={need(build / 'ucrt.specs', 'run make test-windows LANES=x64')}",
           "-D_UCRT", *FLAGS]
    threads = [ROOT / "test/windows/setjmp.c", "-Wl,-Bstatic", "-lpthread", "-Wl,-Bdynamic"]
    for name in ("mimalloc.dll", "mimalloc-redirect.dll"):
        shutil.copy(need(build / name, "run make test-windows LANES=x64"), folder)
    run(*gcc, HERE / "pairs.c", "-o", folder / "pairs-dll.exe", *threads)
    run(*gcc, HERE / "pairs.c", "-o", folder / "pairs-static.exe", build / "libmimalloc.a",
        *threads, "-ladvapi32", "-lntdll")
    (folder / "empty.c").write_text(EMPTY, encoding="utf-8")
    run(*gcc, folder / "empty.c", "-o", folder / "empty.exe")
    run(*gcc, HERE / "start.c", "-o", folder / "start.exe")


def inject(build, folder):
    minject = need(build / "test/windows/tools/minject/minject", "run make test-windows LANES=x64")
    for name in ("pairs-dll.exe", "empty.exe"):
        run(minject, "--force", folder / name)
        run(minject, "--check", folder / name.replace(".exe", "-mi.exe"))


def build_linux(build, folder):
    run("gcc", *FLAGS, HERE / "pairs.c", "-o", folder / "pairs", "-pthread")
    run("gcc", *FLAGS, HERE / "pairs.c", need(build / "mimalloc.o", "run make release"),
        "-o", folder / "pairs-static", "-pthread")
    return need(build / "libmimalloc.so", "run make release")


# ---- The numbers -----------------------------------------------------------------------------

def read_numbers(text):
    return {name: float(number) for name, number in map(str.split, text.splitlines())}


def measure_pairs(folder, wine, library, arguments):
    """The commands in turn, so that what disturbs one disturbs all; the median of each path."""
    preloaded = dict(os.environ, LD_PRELOAD=str(library))
    variants = {
        "preloaded": lambda: run(folder / "pairs", arguments.seconds, env=preloaded),
        "redirected": lambda: run(*wine, folder / "pairs-dll-mi.exe", arguments.seconds),
        "linked": lambda: run(folder / "pairs-static", arguments.seconds),
        "linked, Windows": lambda: run(*wine, folder / "pairs-static.exe", arguments.seconds),
        "UCRT": lambda: run(*wine, folder / "pairs-dll.exe", arguments.seconds),
    }
    rounds = {name: [] for name in variants}
    for _ in range(arguments.rounds):
        for name, measure in variants.items():
            rounds[name].append(read_numbers(measure()))
    return {name: {path: statistics.median(numbers[path] for numbers in all_numbers)
                   for path in all_numbers[0]} for name, all_numbers in rounds.items()}


def print_pairs(numbers):
    """True if no ratio is too large."""
    names = ["preloaded", "redirected", "ratio", "linked", "linked, Windows", "ratio", "UCRT"]
    print(f"{'ns a pair':<12}" + "".join(f"{name:>17}" for name in names))
    largest = 0
    for path in numbers["linked"]:
        row = {name: values[path] for name, values in numbers.items()}
        first = row["redirected"] / row["preloaded"]
        second = row["linked, Windows"] / row["linked"]
        largest = max(largest, first, second)
        cells = [row["preloaded"], row["redirected"], first, row["linked"],
                 row["linked, Windows"], second, row["UCRT"]]
        print(f"{path:<12}" + "".join(f"{cell:>17.2f}" for cell in cells))
    print(f"the largest ratio is {largest:.2f}; it may be {RATIO_MAX}")
    return largest <= RATIO_MAX


def measure_start(folder, wine, starts):
    text = run(*wine, folder / "start.exe", starts, "empty.exe", "empty-mi.exe", cwd=folder)
    times = read_numbers(text)
    added = (times["empty-mi.exe"] - times["empty.exe"]) / 1000
    print(f"an empty program: {times['empty.exe'] / 1000:.1f} ms, redirected "
          f"{times['empty-mi.exe'] / 1000:.1f} ms, {added:.1f} ms more; it may be {START_MAX_MS}")
    return added <= START_MAX_MS


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--windows", type=pathlib.Path,
                        default=ROOT / "out" / "windows" / "windows-x64")
    parser.add_argument("--linux", type=pathlib.Path, default=ROOT / "out" / "release")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.02, help="of each path and round")
    parser.add_argument("--starts", type=int, default=51)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    try:
        if shutil.which(GCC) is None:
            raise Unavailable(f"{GCC} is missing; install it: scripts/setup.sh windows")
        wine = wine_command()
        with tempfile.TemporaryDirectory(prefix="mimalloc-bench-") as name:
            folder = pathlib.Path(name)
            build_windows(arguments.windows, folder)
            inject(arguments.windows, folder)
            library = build_linux(arguments.linux, folder)
            is_fast = print_pairs(measure_pairs(folder, wine, library, arguments))
            return 0 if measure_start(folder, wine, arguments.starts) and is_fast else 1
    except Unavailable as error:
        print(f"SKIPPED: {error}")
        return 77


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs the clients at full size on Debian's library and on ours, and measures both (make clients).

usage: run.py [--rounds N] [--only A,B] [--lib PATH]

A round runs every client once on each library, the order turned round each time. The table has the
medians over the rounds: wall and CPU time are the sums over the client's processes, peak is the
resident size of the largest; a ratio is the median of the rounds' ratios, ours to Debian's. CPU
time is what counts on a machine that is not quiet. The exit code is 1 if a client fails, or leaves
anything else than on Debian's library.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "bench"))
import allocators  # noqa: E402

CLIENTS = ["mold", "jaq", "jql", "jujutsu", "rbase64", "luametatex", "rabbitmqadmin", "arrow",
           "slvs", "pyarrow"]
SETS = ["clients", "pyarrow", "llvm"]
COLUMNS = [("wall", 1, "{:.2f} s"), ("CPU", 1, "{:.2f} s"), ("peak", 1024, "{:.1f} MiB")]
SKIPPED = 77


def parse_arguments():
    parser = argparse.ArgumentParser(description="compare programs linked to libmimalloc.so.3")
    parser.add_argument("--rounds", type=int, default=5, help="how often each runs (default 5)")
    parser.add_argument("--only", help="names of clients, with commas (default: all)")
    parser.add_argument("--lib", default=os.path.join(allocators.DEFAULT_BUILD, "libmimalloc.so"),
                        help="our library (default: the release build's)")
    arguments = parser.parse_args()
    arguments.clients = arguments.only.split(",") if arguments.only else CLIENTS
    unknown = set(arguments.clients) - set(CLIENTS)
    if unknown:
        sys.exit(f"run.py: there is no client '{unknown.pop()}': use {', '.join(CLIENTS)}")
    if arguments.rounds < 1:
        sys.exit("run.py: --rounds must be 1 or more")
    return arguments


def fetch():
    """All packages before the first client: a download shall not run beside a measurement."""
    for name in SETS:
        run = subprocess.run([HERE / "fetch.sh", name], stdout=subprocess.PIPE, text=True,
                             check=False)
        if run.returncode != 0:
            sys.exit(f"run.py: the packages of the set '{name}' are missing: {run.stdout.strip()}")


def last_line(text):
    return text.splitlines()[-1]


def run_client(name, library, launcher, first):
    """(why it failed or None, {mode: numbers in the order of COLUMNS})"""
    with tempfile.NamedTemporaryFile("r", prefix="mimalloc-clients-") as results:
        environment = os.environ | {"CLIENTS_LAUNCHER": launcher, "CLIENTS_RESULTS": results.name,
                                    "CLIENTS_FIRST": first}
        run = subprocess.run(["bash", HERE / f"{name}.sh", library, "full"], env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False)
        lines = [line.split() for line in results.read().splitlines()]
    if run.returncode == SKIPPED:
        return "skipped: " + run.stdout.strip(), {}
    if run.returncode != 0:
        return run.stdout.strip(), {}
    return None, {mode: [float(number) for number in numbers] for _, mode, *numbers in lines}


def run_rounds(arguments, launcher):
    """client -> list of (failure, measures)"""
    results = {name: [] for name in arguments.clients}
    for number in range(arguments.rounds):
        for name in arguments.clients:
            first = "ours" if number % 2 else "debian"
            failure, measures = run_client(name, os.path.abspath(arguments.lib), launcher, first)
            results[name].append((failure, measures))
            verdict = last_line(failure) if failure else "same"
            print(f"round {number + 1}/{arguments.rounds} {name}: {verdict}", file=sys.stderr,
                  flush=True)
    return results


def table_head():
    names = "".join(f" {name}, Debian's | {name}, ours | ratio |" for name, _, _ in COLUMNS)
    return f"| client | result |{names}\n|---|---|{'---|' * 3 * len(COLUMNS)}"


def table_line(name, runs):
    failures = [failure for failure, _ in runs if failure]
    if failures:
        return f"| {name} | {last_line(failures[0])} |{' |' * 3 * len(COLUMNS)}"
    cells = []
    for index, (_, unit, form) in enumerate(COLUMNS):
        both = [(m["debian"][index] / unit, m["ours"][index] / unit) for _, m in runs]
        cells += [form.format(statistics.median(pair[0] for pair in both)),
                  form.format(statistics.median(pair[1] for pair in both)),
                  f"{statistics.median(ours / debian for debian, ours in both):.2f}"]
    return f"| {name} | same | {' | '.join(cells)} |"


def main():
    arguments = parse_arguments()
    launcher = os.path.join(allocators.program_folder(allocators.DEFAULT_BUILD), "bench-launch")
    fetch()
    results = run_rounds(arguments, launcher)
    print(table_head())
    for name, runs in results.items():
        print(table_line(name, runs))
    sys.exit(any(failure for runs in results.values() for failure, _ in runs))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares allocators on the macro rows: time, peak memory, page faults.

usage: bench/run.py [--lib PATH] [--rounds N] [--rows A,B] [--allocators A,B] [--quick] ...

Every round runs every row with every allocator in turn, in a shuffled order: what the machine does
meanwhile meets all alike. The table gives medians over the rounds with the spread from smallest to
largest, the ratio of the medians to the best peer (ours excluded), and the median of the rounds'
ratios to mimalloc 3.6.0. JSON goes to bench/results/. doc/benchmarking.md explains the rows.
"""
import argparse
import dataclasses
import datetime
import json
import math
import os
import platform
import random
import shutil
import statistics
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import allocators  # noqa: E402
import rows as row_table  # noqa: E402

NUMBERS = ["wall", "user", "sys", "cpu", "rss_kib", "minor_faults", "major_faults"]
QUICK_SCALE, QUICK_ROUNDS = 0.2, 1
TIME_TARGET, RSS_TARGET = 1.03, 1.00  # each row, to mimalloc 3.6.0
MEAN_TIME_TARGET, MEAN_RSS_TARGET = 1.00, 0.80
SMALL_RSS_TARGET = 1.10  # small programs, to glibc


def parse_arguments():
    parser = argparse.ArgumentParser(description="compare allocators on workloads and programs")
    parser.add_argument("--lib", default=os.path.join(allocators.DEFAULT_BUILD, "libmimalloc.so"),
                        help="our library (default: the release build's)")
    parser.add_argument("--build", default=allocators.DEFAULT_BUILD,
                        help="build folder with the benchmark programs")
    parser.add_argument("--rounds", type=int, help="rounds (default 5; 1 with --quick)")
    parser.add_argument("--rows", help="names of rows or groups, with commas (default: all)")
    parser.add_argument("--allocators", help="names, with commas (default: all that are there)")
    parser.add_argument("--quick", action="store_true", help="rows a fifth as long, one round")
    parser.add_argument("--scale", type=float, help="length of the rows (default 1.0)")
    parser.add_argument("--metric", choices=["wall", "cpu"],
                        help="the time of all rows; cpu on a machine that is not quiet")
    parser.add_argument("--results", default=os.path.join(allocators.BENCH, "results"),
                        help="folder for the JSON")
    parser.add_argument("--list", action="store_true", help="list the rows and stop")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (QUICK_ROUNDS if arguments.quick else 5)
    arguments.scale = arguments.scale or (QUICK_SCALE if arguments.quick else 1.0)
    return arguments


def choose_rows(names, metric):
    """The rows by name or group; what is not installed is reported and left out."""
    chosen = [dataclasses.replace(row, metric=metric or row.metric) for row in row_table.ROWS]
    if names:
        wanted = names.split(",")
        known = {row.name for row in chosen} | {row.group for row in chosen}
        for name in wanted:
            if name not in known:
                allocators.stop(f"there is no row '{name}': see bench/run.py --list")
        chosen = [row for row in chosen if row.name in wanted or row.group in wanted]
    for row in chosen:
        if row.needs and shutil.which(row.needs) is None:
            print(f"run.py: row {row.name} is skipped: {row.needs} is not installed",
                  file=sys.stderr)
    return [row for row in chosen if not row.needs or shutil.which(row.needs)]


def run_rounds(chosen, found, folder, rounds, scale):
    """row name -> allocator -> list of measurements."""
    results = {row.name: {name: [] for name in found} for row in chosen}
    names = list(found)
    for round_index in range(rounds):
        for row in chosen:
            # Shuffled, not rotated: who follows the hungriest allocator pays for the memory that
            # the host took back, and that must not be the same one each time.
            order = random.Random(f"{round_index} {row.name}").sample(names, len(names))
            for name in order:
                measured = row_table.measure(row, folder, found[name], scale)
                results[row.name][name].append(measured)
                if "error" in measured:
                    print(f"run.py: {row.name} failed on {name}: {measured['error']}",
                          file=sys.stderr)
            print(f"round {round_index + 1}/{rounds} {row.name}", file=sys.stderr)
    return results


def check_digests(results):
    """A program's output must not depend on the allocator: the one of glibc is the reference."""
    for row_name, by_allocator in results.items():
        digests = {m["digest"] for m in by_allocator.get(allocators.GLIBC, []) if "digest" in m}
        if len(digests) != 1:
            continue
        for name, runs in by_allocator.items():
            if any(m.get("digest") not in digests for m in runs if "error" not in m):
                print(f"run.py: {row_name} gives other output on {name} than on glibc",
                      file=sys.stderr)
                by_allocator[name] = [{"error": "wrong output"}]


def summarise_runs(runs, metric):
    """Medians and spreads of one row on one allocator; None if any run failed."""
    if not runs or any("error" in run for run in runs):
        return None
    summary = {"rounds": [run[metric] for run in runs]}
    for number in NUMBERS:
        values = [run[number] for run in runs]
        summary[number] = {"median": statistics.median(values), "min": min(values),
                           "max": max(values)}
    for key in sorted({key for run in runs for key in run["reports"]}):
        summary[key] = {"median": statistics.median(run["reports"][key] for run in runs)}
    return summary


def ratio(value, base):
    return value / base if value is not None and base else None


def paired_ratio(rounds, base_rounds):
    """The median of the ratios of each round: a round runs a row on all allocators one after the
    other, so what slows the machine down for a while slows down both."""
    if not base_rounds:
        return None
    return statistics.median(value / base for value, base in zip(rounds, base_rounds))


def add_ratios(row, by_allocator):
    """Ratios to the best peer (never ours) and to mimalloc 3.6.0, into each summary."""
    peers = [s for name, s in by_allocator.items() if s and name != allocators.OURS]
    best = min((s[row.metric]["median"] for s in peers), default=None)
    thriftiest = min((s["rss_kib"]["median"] for s in peers), default=None)
    reference = by_allocator.get(allocators.MIMALLOC)
    for summary in filter(None, by_allocator.values()):
        time, rss = summary[row.metric]["median"], summary["rss_kib"]["median"]
        summary["ratios"] = {
            "time_to_best": ratio(time, best), "rss_to_best": ratio(rss, thriftiest),
            "time_to_mimalloc": paired_ratio(summary["rounds"],
                                             reference and reference["rounds"]),
            "rss_to_mimalloc": ratio(rss, reference and reference["rss_kib"]["median"])}


def geometric_mean(values):
    values = [value for value in values if value]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def geometric_means(chosen, summaries, names):
    """Per allocator over its rows; the small programs count for memory only."""
    means = {}
    for name in names:
        rated = [(row, summaries[row.name][name]["ratios"]) for row in chosen
                 if summaries[row.name][name]]
        timed = [ratios for row, ratios in rated if row.group != "small"]
        means[name] = {
            "time_to_best": geometric_mean(r["time_to_best"] for r in timed),
            "time_to_mimalloc": geometric_mean(r["time_to_mimalloc"] for r in timed),
            "rss_to_mimalloc": geometric_mean(r["rss_to_mimalloc"] for _, r in rated),
            "rows": len(rated)}
    return means


def text_of(value, form="{:.2f}"):
    return "-" if value is None else form.format(value)


def print_row(row, by_allocator):
    print(f"\n{row.name} ({row.metric} time)")
    for name, summary in by_allocator.items():
        if summary is None:
            print(f"  {name:<15} failed")
            continue
        time, ratios = summary[row.metric], summary["ratios"]
        extras = "".join(f"  {key}={summary[key]['median']:g}" for key in summary
                         if key not in NUMBERS and key not in ("ratios", "rounds"))
        print(f"  {name:<15}{time['median']:8.3f} {time['min']:7.3f}..{time['max']:<7.3f}"
              f"{summary['cpu']['median']:8.3f}{summary['rss_kib']['median'] / 1024:9.1f}"
              f"{summary['minor_faults']['median']:10.0f}"
              f"{text_of(ratios['time_to_best']):>8}{text_of(ratios['time_to_mimalloc']):>8}"
              f"{text_of(ratios['rss_to_mimalloc']):>8}{extras}")


def print_tables(chosen, summaries, means):
    print(f"  {'':<15}{'time s':>8} {'min..max':>15}{'cpu s':>8}{'peak MB':>9}{'faults':>10}"
          f"{'/best':>8}{'/mi36':>8}{'mem/mi':>8}")
    for row in chosen:
        print_row(row, summaries[row.name])
    print("\ntime to the best peer / peak MB")
    names = list(means)
    print(f"{'':<18}" + "".join(f"{name:>16}" for name in names))
    for row in chosen:
        cells = []
        for name in names:
            s = summaries[row.name][name]
            cells.append("failed" if s is None else f"{text_of(s['ratios']['time_to_best'])} / "
                         f"{s['rss_kib']['median'] / 1024:.1f}")
        print(f"{row.name:<18}" + "".join(f"{cell:>16}" for cell in cells))
    print("\ngeometric means")
    for key, label in (("time_to_best", "time/best"), ("time_to_mimalloc", "time/mimalloc"),
                       ("rss_to_mimalloc", "memory/mimalloc")):
        print(f"{label:<18}" + "".join(f"{text_of(means[name][key]):>16}" for name in names))


def miss(what, value, target):
    """Says so if a ratio is above its target; None is a ratio that was not measured."""
    if value and value > target:
        print(f"above the target: {what}: {value:.3f}, at most {target:.2f}")


def print_misses(chosen, summaries, means):
    """Where ours misses the targets of the project."""
    if allocators.OURS not in means:
        return
    for row in chosen:
        ours, glibc = (summaries[row.name].get(n) for n in (allocators.OURS, allocators.GLIBC))
        if ours is None:
            print(f"ours failed on {row.name}")
            continue
        miss(f"{row.name}, memory to mimalloc 3.6.0", ours["ratios"]["rss_to_mimalloc"],
             RSS_TARGET)
        if row.group != "small":
            miss(f"{row.name}, time to mimalloc 3.6.0", ours["ratios"]["time_to_mimalloc"],
                 TIME_TARGET)
        elif glibc:
            miss(f"{row.name}, memory to glibc",
                 ours["rss_kib"]["median"] / glibc["rss_kib"]["median"], SMALL_RSS_TARGET)
    mean = means[allocators.OURS]
    miss("geometric mean of time to mimalloc 3.6.0", mean["time_to_mimalloc"], MEAN_TIME_TARGET)
    miss("geometric mean of memory to mimalloc 3.6.0", mean["rss_to_mimalloc"], MEAN_RSS_TARGET)


def machine():
    model = platform.processor()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next(line.split(":", 1)[1].strip() for line in file
                         if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"cpu": model, "cpus": os.cpu_count(), "kernel": platform.release()}


def save(folder, report):
    os.makedirs(folder, exist_ok=True)
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H%M%S")
    for name in (f"{stamp}.json", "latest.json"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")
    print(f"\nwritten: {os.path.relpath(os.path.join(folder, stamp + '.json'))}")


def main():
    arguments = parse_arguments()
    if arguments.list:
        for row in row_table.ROWS:
            print(f"{row.name:<18}{row.group}")
        return 0
    chosen = choose_rows(arguments.rows, arguments.metric)
    folder = allocators.program_folder(arguments.build)
    found = allocators.find_allocators(
        arguments.lib, arguments.allocators and arguments.allocators.split(","))
    results = run_rounds(chosen, found, folder, arguments.rounds, arguments.scale)
    check_digests(results)
    summaries = {}
    for row in chosen:
        summaries[row.name] = {name: summarise_runs(runs, row.metric)
                               for name, runs in results[row.name].items()}
        add_ratios(row, summaries[row.name])
    means = geometric_means(chosen, summaries, found)
    print_tables(chosen, summaries, means)
    print_misses(chosen, summaries, means)
    save(arguments.results, {
        "machine": machine(), "rounds": arguments.rounds, "scale": arguments.scale,
        "metric": {row.name: row.metric for row in chosen},
        "group": {row.name: row.group for row in chosen},
        "rows": summaries, "geometric_means": means})
    return 1 if any(summaries[row.name].get(allocators.OURS, True) is None
                    for row in chosen) else 0


if __name__ == "__main__":
    sys.exit(main())

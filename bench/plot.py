#!/usr/bin/env python3
"""Draws the results of run.py for the README: time and peak memory relative to mimalloc 3.6.0.

usage: bench/plot.py [RESULTS.json] [--output FILE.svg]

One line a row, one dot an allocator, left time, right memory, logarithmic. The background is
transparent and all colours have enough contrast on white and on dark grey, so that one file
serves both themes. Equal input gives an equal file.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import allocators  # noqa: E402

try:
    import matplotlib
except ImportError:
    # The distribution's python has the distribution's matplotlib; another one may come first.
    SYSTEM = "/usr/bin/python3"
    if os.path.exists(SYSTEM) and "MIM_BENCH_PLOT" not in os.environ:
        os.execve(SYSTEM, [SYSTEM, *sys.argv], {**os.environ, "MIM_BENCH_PLOT": "1"})
    allocators.stop("matplotlib is missing: install the package python3-matplotlib")

matplotlib.use("svg")
from matplotlib import pyplot, ticker  # noqa: E402

TEXT = "#808890"
STYLES = {  # colour, marker, size; ours last, so that it lies on top
    "glibc": ("#9a9a9a", "o", 4.5),
    "jemalloc": ("#2e9e6b", "^", 4.5),
    "tcmalloc": ("#b07cd8", "v", 4.5),
    "tbbmalloc": ("#c08a2b", "D", 3.8),
    "mimalloc-3.6.0": ("#3d8fd9", "s", 4.5),
    "ours": ("#e5484d", "o", 7.5),
}
PANELS = [("time_to_mimalloc", "time"), ("rss_to_mimalloc", "peak memory")]


def read_results(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        allocators.stop(f"cannot read '{path}': {error.strerror}; run bench/run.py first")
    except json.JSONDecodeError:
        allocators.stop(f"'{path}' is not JSON: run bench/run.py again")


def rows_to_draw(results):
    """Rows from top to bottom, then the geometric means."""
    rows = [(name, {a: s["ratios"] for a, s in summaries.items() if s})
            for name, summaries in results["rows"].items()]
    rows.append(("geometric mean", results["geometric_means"]))
    return rows


def draw_panel(axes, rows, key, title, groups):
    for name, (colour, marker, size) in STYLES.items():
        points = []
        for place, (row, by_allocator) in enumerate(rows):
            value = by_allocator.get(name, {}).get(key)
            is_startup = key.startswith("time") and groups.get(row) == "small"
            if value and not is_startup:
                points.append((value, place))
        if points:
            axes.plot(*zip(*points), linestyle="none", marker=marker, markersize=size,
                      color=colour, label=name, markeredgewidth=0,
                      alpha=1.0 if name == "ours" else 0.85)
    axes.axvline(1.0, color=STYLES["mimalloc-3.6.0"][0], linewidth=0.8, alpha=0.6)
    axes.axhline(len(rows) - 1.5, color=TEXT, linewidth=0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticker.FixedLocator([0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10]))
    axes.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_title(f"{title} (mimalloc 3.6.0 = 1, less is better)", fontsize=9, color=TEXT)
    axes.grid(color=TEXT, linewidth=0.3, alpha=0.4)
    axes.tick_params(colors=TEXT, labelsize=8, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw(results, output):
    rows = rows_to_draw(results)
    if allocators.MIMALLOC not in results["geometric_means"]:
        allocators.stop("these results lack mimalloc 3.6.0, which all is drawn relative to: "
                        "run bench/run.py with it")
    matplotlib.rcParams.update({"svg.hashsalt": "mimalloc-bench", "svg.fonttype": "none",
                                "font.family": "sans-serif"})
    figure, panels = pyplot.subplots(1, 2, sharey=True, figsize=(10.5, 1.3 + 0.235 * len(rows)))
    for axes, (key, title) in zip(panels, PANELS):
        draw_panel(axes, rows, key, title, results["group"])
    panels[0].set_yticks(range(len(rows)), [name for name, _ in rows])
    handles = {label: handle for axes in panels
               for handle, label in zip(*axes.get_legend_handles_labels())}
    legend = figure.legend(handles.values(), handles.keys(), loc="lower center",
                           ncol=len(handles), frameon=False, fontsize=9)
    for text in legend.get_texts():
        text.set_color(TEXT)
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    figure.savefig(output, transparent=True, metadata={"Date": None})


def main():
    results_folder = os.path.join(allocators.BENCH, "results")
    parser = argparse.ArgumentParser(description="the picture of a run of bench/run.py")
    parser.add_argument("results", nargs="?", default=os.path.join(results_folder, "latest.json"))
    parser.add_argument("--output", default=os.path.join(results_folder, "latest.svg"))
    arguments = parser.parse_args()
    draw(read_results(arguments.results), arguments.output)
    print(f"written: {os.path.relpath(arguments.output)}")


if __name__ == "__main__":
    main()

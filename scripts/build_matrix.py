#!/usr/bin/env python3
"""Build the libraries in many ways, without a warning, and run a program on each of them.

usage: build_matrix.py [--all | --each] [--list] [--jobs N] [--gcc-sid] [NAME...]

A cell is a compiler, a way to link, a build type and flags that users pass. By default the cells
are chosen so that each two values of two columns meet in one of them; --each takes only so many
that each value occurs, --all takes all. NAMEs (values, such as clang static -Os) limit the columns
they belong to; MIM_MATRIX_GCC and its like name another compiler for a column; --gcc-sid adds the
newest gcc of Debian sid, which is fetched. A cell is ok if nothing warned and the program was
served by the library it was linked with. The table at the end names every cell; status 1 if one
failed, 77 if none could run.
"""
import argparse
import collections
import concurrent.futures
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPILERS = ["gcc", "clang", "clang-19"]
LINKS = ["shared", "static", "object", "single-file"]
TYPES = ["release", "debug", "secure"]
# What a flag is given to: the program only, or the library as well.
PROGRAM_FLAGS = ["-static", "-static-pie"]
FLAGS = ["plain", "-fno-rtti", "-Werror", "-fvisibility=hidden", "-march=native", "-O0", "-Os",
         "-flto", *PROGRAM_FLAGS]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow"]
# gcc's answers to the user's own flags: one of C++, and one that takes a number of jobs.
USER_WARNINGS = ("command-line option '-fno-rtti' is valid for C++",
                 "lto-wrapper: warning: using serial compilation")
SETTINGS = {"release": ["-DCMAKE_BUILD_TYPE=Release"], "debug": ["-DCMAKE_BUILD_TYPE=Debug"],
            "secure": ["-DCMAKE_BUILD_TYPE=Release", "-DMI_SECURE=ON"]}
# The same for a program that is compiled together with the single file.
MACROS = {"release": ["-O2", "-DNDEBUG"], "debug": ["-g", "-DMIM_ASSERT_LEVEL=2", "-DMI_DEBUG=1"],
          "secure": ["-O2", "-DNDEBUG", "-DMI_SECURE=4"]}
SINGLE_FILE = ["-DMI_OVERRIDE=1", "-pthread"]
TARGETS = {"shared": "mimalloc", "static": "mimalloc-static", "object": "mimalloc-obj-file"}
# Blocks of the program and one that libc makes: its malloc is replaced as well.
PROGRAM = """\
#define _POSIX_C_SOURCE 200809L
#include <mimalloc.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  void* volatile p = malloc(100);
  void* volatile q = mi_malloc(100);
  char* text = NULL;
  size_t size = 0;
  FILE* stream = open_memstream(&text, &size);
  if (stream == NULL || fclose(stream) != 0) { return 2; }
  const bool is_ours =
      mi_any_heap_contains(p) && mi_any_heap_contains(q) && mi_any_heap_contains(text);
  printf("%s %d\\n", is_ours ? "served" : "not served", mi_version());
  fflush(stdout);
  mi_free(p);
  free(q);
  free(text);
  return 0;
}
"""
ANSWER = "served 30600\n"

Cell = collections.namedtuple("Cell", "compiler link type flags")
Result = collections.namedtuple("Result", "cell state reason seconds")


class Failed(Exception):
    """A step of a cell: the message says which, and what came out of it."""


# ---- Which cells -----------------------------------------------------------------------------

def impossible(cell):
    """Why a cell cannot exist, or an empty text."""
    if cell.link == "shared" and cell.flags in PROGRAM_FLAGS:
        return "a static program loads no shared library"
    return ""


def pairs_of(cell):
    return set(itertools.combinations(enumerate(cell), 2))


def values_of(cell):
    return set(enumerate(cell))


def cover(cells, parts_of):
    """Few cells that have all parts (values, or pairs of values) that CELLS have; greedy."""
    missing = set().union(*(parts_of(cell) for cell in cells)) if cells else set()
    chosen = []
    while missing:
        best = max(cells, key=lambda cell: len(parts_of(cell) & missing))
        chosen.append(best)
        missing -= parts_of(best)
    return sorted(chosen, key=cells.index)


def select(columns, names):
    """All cells of the columns, each limited to those of NAMES that are its values."""
    unknown = set(names) - set(itertools.chain(*columns))
    if unknown:
        sys.exit(f"build_matrix.py: there is no value '{min(unknown)}'; the values are: "
                 + " ".join(itertools.chain(*columns)))
    limited = [[value for value in column if value in names] or column for column in columns]
    return [Cell(*values) for values in itertools.product(*limited)]


# ---- One cell --------------------------------------------------------------------------------

def run(step, *command, **variables):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            check=False, env={**os.environ, "LC_ALL": "C", **variables})
    text = result.stdout + result.stderr
    if result.returncode != 0:
        raise Failed(f"{step} ends with status {result.returncode}:\n{text.strip()}")
    warnings = [line for line in text.splitlines()
                if "warning" in line.lower()
                and not any(known in line for known in USER_WARNINGS)]
    if warnings:
        raise Failed(f"{step} warns:\n" + "\n".join(warnings))
    return result.stdout


def compiler_path(name):
    """The compiler of that name, or what MIM_MATRIX_<NAME> says instead; None if there is none."""
    return os.environ.get("MIM_MATRIX_" + name.upper().replace("-", "_")) or shutil.which(name)


def library_flags(cell):
    return [] if cell.flags == "plain" or cell.flags in PROGRAM_FLAGS else [cell.flags]


def build_key(cell):
    """Cells of one key share a build of the library."""
    return cell.compiler, cell.link, cell.type, tuple(library_flags(cell))


def configure_options(cell):
    flags = library_flags(cell)
    options = [f"-DCMAKE_C_COMPILER={compiler_path(cell.compiler)}", "-DMI_BUILD_TESTS=OFF",
               *SETTINGS[cell.type]]
    if flags and flags[0].startswith("-O"):     # the build type's own level would come after it
        return [*options, f"-DCMAKE_C_FLAGS_RELEASE={flags[0]} -DNDEBUG",
                f"-DCMAKE_C_FLAGS_DEBUG={flags[0]} -g"]
    return [*options, f"-DCMAKE_C_FLAGS={' '.join(flags)}"]


def build_library(cell, folder):
    """Builds what the cell links, in FOLDER."""
    if cell.link == "single-file":
        run("generating the single file", sys.executable, ROOT / "scripts/make_single_file.py",
            ROOT / "src", "--output", folder / "mimalloc.c")
        return
    run("configuring", "cmake", "-S", ROOT, "-B", folder, *configure_options(cell))
    run("building", "cmake", "--build", folder, "--target", TARGETS[cell.link])


def program_arguments(cell, folder):
    """What the program is linked with."""
    include = f"-I{ROOT / 'include'}"
    if cell.link == "single-file":
        return [include, folder / "mimalloc.c", *MACROS[cell.type], *SINGLE_FILE]
    pattern = {"shared": "libmimalloc*.so", "static": "libmimalloc*.a", "object": "mimalloc*.o"}
    return [include, next(folder.glob(pattern[cell.link])), "-pthread"]


def build_program(cell, folder, program):
    flags = [] if cell.flags == "plain" else [cell.flags]
    if cell.flags == "-static-pie":
        flags.append("-fPIE")
    source = folder / "program.c"
    source.write_text(PROGRAM, encoding="utf-8")
    run("building the program", compiler_path(cell.compiler), *STRICT, "-Wl,--fatal-warnings",
        source, *program_arguments(cell, folder), *flags, "-o", program)
    answer = run("running the program", program, LD_LIBRARY_PATH=str(folder))
    if answer != ANSWER:
        raise Failed(f"the program prints '{answer.strip()}', not '{ANSWER.strip()}'")


def run_group(cells, work):
    """Results of cells that share a build."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    results, failure = [], None
    start = time.monotonic()
    try:
        build_library(cells[0], folder)
    except Failed as error:
        failure = str(error)
    for cell in cells:
        reason = failure
        if reason is None:
            try:
                build_program(cell, folder, folder / "program")
            except Failed as error:
                reason = str(error)
        now = time.monotonic()
        results.append(Result(cell, "fail" if reason else "ok", reason or "", now - start))
        start = now
    shutil.rmtree(folder)
    return results


# ---- The whole -------------------------------------------------------------------------------

def skip_reason(cell):
    if impossible(cell):
        return impossible(cell)
    return "" if compiler_path(cell.compiler) else f"{cell.compiler} is not installed"


def run_cells(cells, jobs, work):
    groups = collections.defaultdict(list)
    results = []
    for cell in cells:
        reason = skip_reason(cell)
        if reason:
            results.append(Result(cell, "skipped", reason, 0))
        else:
            groups[build_key(cell)].append(cell)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for group in pool.map(lambda one: run_group(one, work), groups.values()):
            results.extend(group)
            for result in group:
                print(f"{result.state:8}{' '.join(result.cell)}", flush=True)
    return sorted(results, key=lambda result: cells.index(result.cell))


def fetch_gcc_sid(folder):
    fetched = subprocess.run([ROOT / "scripts/fetch_gcc_sid.sh", folder], stdout=subprocess.PIPE,
                             text=True, check=False)
    if fetched.returncode == 0:
        os.environ["MIM_MATRIX_GCC_SID"] = fetched.stdout.strip()


def print_results(results):
    for result in results:
        if result.state == "fail":
            print(f"\n{' '.join(result.cell)}: {result.reason}")
    print()
    for result in results:
        cell, note = result.cell, f"{result.seconds:6.1f} s"
        if result.state != "ok":
            note = result.reason.splitlines()[0]
        print(f"{cell.compiler:10}{cell.link:13}{cell.type:9}{cell.flags:21}{result.state:9}{note}")
    states = collections.Counter(result.state for result in results)
    print(f"{len(results)} cells: {states['ok']} ok, {states['fail']} failed, "
          f"{states['skipped']} skipped")
    return states


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--all", action="store_true")
    amount.add_argument("--each", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--gcc-sid", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("names", nargs="*", metavar="NAME")
    # Values begin with a minus as well: what is no option is a name.
    options, flags = parser.parse_known_args(arguments)
    options.names += flags
    return options


def main(arguments):
    options = parse(arguments)
    compilers = COMPILERS + ["gcc-sid"] * options.gcc_sid
    cells = select([compilers, LINKS, TYPES, FLAGS], options.names)
    if not options.all:
        possible = [cell for cell in cells if not impossible(cell)]
        cells = cover(possible, values_of if options.each else pairs_of)
    if options.list:
        for cell in cells:
            print(" ".join(cell))
        return 0
    with tempfile.TemporaryDirectory(prefix="mim-matrix-") as work:
        if options.gcc_sid:
            fetch_gcc_sid(pathlib.Path(work, "gcc-sid"))
        states = print_results(run_cells(cells, options.jobs, work))
    if states["fail"]:
        return 1
    return 0 if states["ok"] else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The rows of the comparison: what is run, for how long, and which number is its time.

A row is (name, group, metric, run): run(context) measures once and gives the launcher's dict.
Groups: "workload" (written here after published descriptions), "program" (real programs),
"small" (programs that hardly allocate: their memory counts, their time is start-up).
"""
import dataclasses
import hashlib
import os
import shutil
import tempfile
import typing

import allocators
import inputs
import redis_row

HERE = allocators.BENCH


@dataclasses.dataclass
class Context:
    """One measurement: where the programs are, what is preloaded, how long the row shall be."""
    folder: str
    libraries: list
    scale: float
    work: str  # an empty directory that is removed afterwards


@dataclasses.dataclass
class Row:
    name: str
    group: str
    metric: str  # "wall" or "cpu"
    run: typing.Callable
    needs: str = ""  # the program that must be installed


def workload(name, program_name, *arguments, metric="wall"):
    """One of our own: it verifies itself and may print reports."""
    def run(context):
        command = [os.path.join(context.folder, f"bench-{program_name}"),
                   "--scale", f"{context.scale:g}", *arguments]
        return allocators.launch(context.folder, context.libraries, command)
    return Row(name, "workload", metric, run)


def launch_digested(context, command, environment):
    """Runs a program with its output in a file; the digest must be the same on every allocator."""
    path = os.path.join(context.work, "stdout")
    with open(path, "wb") as out:
        measured = allocators.launch(context.folder, context.libraries, command,
                                     extra_env=environment, stdout=out)
    with open(path, "rb") as file:
        measured["digest"] = hashlib.sha256(file.read()).hexdigest()
    return measured


def scaled(context, count):
    return str(max(1, int(count * context.scale)))


def program(name, needs, command_of, group="program", metric="wall", **environment):
    """A real program; command_of(context) gives the command."""
    def run(context):
        return launch_digested(context, command_of(context), environment)
    return Row(name, group, metric, run, needs)


def python_json(context):
    return [PYTHON, "-I", os.path.join(HERE, "programs", "json_dicts.py"), scaled(context, 45000)]


def lua_tables(context):
    return ["lua5.4", os.path.join(HERE, "programs", "tables.lua"), scaled(context, 1000000)]


def perl_hashes(context):
    return ["perl", os.path.join(HERE, "programs", "hashes.pl"), scaled(context, 200000)]


def gcc_compile(context):
    return ["gcc", "-O1", "-S", "-o", "-", inputs.c_source(int(scaled(context, 200)))]


def ghostscript(context):
    return gs_command(inputs.postscript(int(scaled(context, 120))))


def ghostscript_page(_context):
    return gs_command(inputs.postscript(1))


def gs_command(path):
    return ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=pgmraw", "-r72",
            "-sOutputFile=%stdout", path]


def sqlite_build(context):
    script = inputs.sql(int(scaled(context, 270000)))
    return ["sqlite3", os.path.join(context.work, "bench.db"), f".read {script}"]


def git_gc(context):
    """On a fresh copy of the repository, which is not part of the measurement."""
    copy = os.path.join(context.work, "repository.git")
    shutil.copytree(inputs.git_import(int(scaled(context, 400))), copy)
    return ["git", "-C", copy, "-c", "pack.threads=1", "gc", "-q", "--aggressive", "--prune=now"]


# The distribution's own: a wrapper script in the path would be measured instead of python.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else "python3"

ROWS = [
    workload("larson", "larson"),
    workload("larson-sized", "larson-sized"),
    workload("threadtest", "threadtest"),
    workload("xmalloc", "xmalloc"),
    workload("cache-scratch", "cache-scratch"),
    workload("cache-thrash", "cache-thrash"),
    workload("mixed-stress-2", "mixed-stress", "--threads", "2"),
    workload("mixed-stress-8", "mixed-stress", "--threads", "8"),
    workload("shbench-1", "shbench"),
    workload("shbench-2", "shbench", "--threads", "2"),
    workload("cross-thread", "cross-thread"),
    workload("random-sizes", "random-sizes"),
    workload("tight-loops-1", "tight-loops"),
    workload("tight-loops-2", "tight-loops", "--threads", "2"),
    workload("thread-leak", "thread-leak"),
    workload("large-blocks", "large-blocks"),
    workload("script-heap", "script-heap"),
    # It sleeps half a second at the end: its CPU time is its time.
    workload("fragmentation", "fragmentation", metric="cpu"),
    workload("factor", "factor"),
    workload("cubes", "cubes"),
    Row("redis", "program", "cpu", redis_row.run, "redis-server"),
    program("python-json", PYTHON, python_json, PYTHONMALLOC="malloc", PYTHONHASHSEED="1"),
    program("sqlite", "sqlite3", sqlite_build),
    program("gcc", "gcc", gcc_compile),
    program("git-gc", "git", git_gc),
    program("ghostscript", "gs", ghostscript),
    program("lua", "lua5.4", lua_tables),
    program("perl", "perl", perl_hashes, PERL_HASH_SEED="0", PERL_PERTURB_KEYS="0"),
    program("python-pass", PYTHON, lambda _context: [PYTHON, "-I", "-c", "pass"], "small"),
    program("ghostscript-page", "gs", ghostscript_page, "small"),
]


def measure(row, folder, libraries, scale):
    """One measurement in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="mimalloc-bench-") as work:
        return row.run(Context(folder, libraries, scale, work))

#!/usr/bin/env python3
"""Compile all sources for systems that nobody here can run, against stub headers.

usage: check_ports.py [SYSTEM...]

Each system of TARGETS has its folders of src/prim by src/prim/PLATFORMS, and headers of its own in
stubs/ (see stubs/README.md). clang checks each file of src/ and the single file (only that for a
second processor) with every warning an error; nothing is linked or run. Prints what does not
compile. The exit code is 77 if there is no clang.
"""
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import make_single_file  # noqa: E402

# clang does not know thread-local variables of Haiku, whose compiler is gcc: any ELF target does.
Target = collections.namedtuple("Target", "system stubs triples")
TARGETS = [
    Target("Darwin", "macos", ["x86_64-apple-macosx10.15", "arm64-apple-macosx11"]),
    Target("FreeBSD", "freebsd", ["x86_64-unknown-freebsd13", "aarch64-unknown-freebsd13"]),
    Target("NetBSD", "netbsd", ["x86_64-unknown-netbsd10"]),
    Target("OpenBSD", "openbsd", ["x86_64-unknown-openbsd"]),
    Target("DragonFly", "dragonfly", ["x86_64-unknown-dragonfly"]),
    Target("SunOS", "illumos", ["x86_64-pc-solaris2.11"]),
    Target("Haiku", "haiku", ["x86_64-unknown-none-elf -D__HAIKU__"]),
    Target("Android", "android", ["aarch64-linux-android21", "x86_64-linux-android29"]),
]
FLAGS = ["-fsyntax-only", "-std=gnu11", "-nostdlibinc", "-pthread", "-DMI_OVERRIDE=1",
         "-DMI_SHARED_LIB", "-DMI_SHARED_LIB_EXPORT", "-Werror",
         "-Wno-unused-command-line-argument",
         f"-I{ROOT / 'src'}", f"-I{ROOT / 'include'}"]
# The operators of C++ and the names that override take have no declaration that C could see.
NO_PROTOTYPES = ["-Wno-missing-prototypes"]


def warnings():
    """Those that the library is built with."""
    text = (ROOT / "cmake" / "warnings.cmake").read_text(encoding="utf-8")
    return re.findall(r"-W[a-z-]+", text)


def jobs_of(target, folder):
    """Command lines for each file, and for the single file for each processor."""
    src = ROOT / "src"
    files = list(make_single_file.layer_sources(src, target.system))
    single = folder / f"{target.stubs}.c"
    writer = make_single_file.Writer(src)
    for path in files:
        writer.add_source(path)
    single.write_text(writer.text(), encoding="utf-8")
    stubs = [f"-isystem{HERE / 'stubs' / name}" for name in (target.stubs, "posix")]
    for triple in target.triples:
        for path in [*files, single] if triple == target.triples[0] else [single]:
            extra = NO_PROTOTYPES if path == single or path.name.startswith("override") else []
            yield ["clang", *f"--target={triple}".split(), *FLAGS, *warnings(), *extra, *stubs,
                   str(path)]


def check(command):
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if run.returncode == 0 else f"{command[1]} {command[-1]}:\n{run.stderr}"


def main(names):
    if shutil.which("clang") is None:
        print("SKIPPED: clang is not installed")
        return 77
    targets = [target for target in TARGETS if not names or target.system in names]
    if not targets:
        sys.exit("check_ports.py: there is no such system; it knows "
                 + ", ".join(target.system for target in TARGETS))
    with tempfile.TemporaryDirectory() as folder:
        jobs = [job for target in targets for job in jobs_of(target, pathlib.Path(folder))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            failures = [text for text in pool.map(check, jobs) if text]
    for text in failures:
        print(text.replace(str(ROOT) + "/", ""))
    print(f"{len(targets)} systems, {len(jobs)} compiles: {len(failures)} failed")
    return 1 if failures or not jobs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Compile for Windows in the way of Microsoft's compiler (clang-cl), for x64, x86 and ARM64.

usage: check_msvc.py

With the headers of toolchain_msvc.sh, every warning an error: the files of src/ that Windows has,
each by itself (x64) and as the single file, once with the options of cl; the companion; tools/pe;
the public headers as C and as C++. The single file's object, as a DLL and linked with a program,
then has to have what Microsoft's linker and runtime want: callbacks and functions at the start in
the sections that they look into, with access as theirs; the table of callbacks asked for; and no
helper function that only other compilers bring. Nothing is linked or run. Prints what is wrong. The
exit code is 77 if clang or the headers cannot be had.
"""
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import check_ports
from check_ports import NO_PROTOTYPES, ROOT
import make_single_file

CLANG = "clang-19"
Machine = collections.namedtuple("Machine", "name triple underline")
MACHINES = [Machine("x64", "x86_64-pc-windows-msvc", ""),
            Machine("x86", "i686-pc-windows-msvc", "_"),
            Machine("ARM64", "aarch64-pc-windows-msvc", "")]
DLL = ["-DMI_SHARED_LIB", "-DMI_SHARED_LIB_EXPORT", "-DMIM_WIN_REDIRECT=1"]
STATIC = ["-DMI_OVERRIDE=1"]
HEADERS = ["mimalloc", "mimalloc-stats", "mimalloc-profile", "mimalloc-new-delete",
           "mimalloc-override"]
LEVELS = {"c": ["c99", "c11", "c17"], "c++": ["c++11", "c++14", "c++17", "c++20"]}
# What Microsoft's libraries have as code, not in a DLL: most of it is asked for by compilers.
OF_THE_RUNTIME = {"memcpy", "memset", "memmove", "memcmp", "strlen", "__chkstk", "_chkstk",
                  "_fltused", "_tls_index", "_tls_array", "__ImageBase", "_alldiv", "_allrem",
                  "_allmul", "_aulldiv", "_aullrem", "_allshl", "_allshr", "_aullshr", "atexit"}
WRITABLE = 0x80000000

Job = collections.namedtuple("Job", "command machine object")


class Unavailable(Exception):
    """It cannot be checked here; the message says why."""


def headers():
    """The folder of toolchain_msvc.sh."""
    if shutil.which(CLANG) is None:
        raise Unavailable(f"{CLANG} is missing; install it: scripts/setup.sh lint")
    script = pathlib.Path(__file__).with_name("toolchain_msvc.sh")
    run = subprocess.run([script], stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        raise Unavailable(run.stdout.strip().removeprefix("SKIPPED: "))
    return pathlib.Path(run.stdout.strip().removeprefix("MSVC="))


# ---- Compiling -------------------------------------------------------------------------------

def system_flags(folder, with_cxx=False):
    stubs = pathlib.Path(__file__).parent / "stubs" / "msvc"
    cxx = [f"-isystem{folder / 'c++'}", "-D_LIBCPP_NO_VCRUNTIME"] if with_cxx else []
    return ["-nostdlibinc", "-D_UCRT", f"-isystem{stubs}", *cxx, f"-isystem{folder / 'c'}",
            f"-isystem{folder / 'windows'}", f"-I{ROOT / 'include'}"]


def compile_command(machine, flags, *more):
    return [CLANG, f"--target={machine.triple}", "-Werror", *check_ports.warnings(), *flags, *more]


def library_jobs(machine, flags):
    for path in make_single_file.layer_sources(ROOT / "src", "Windows"):
        extra = NO_PROTOTYPES if path.name.startswith("override") else []
        yield Job(compile_command(machine, flags, "-std=c11", "-fsyntax-only", *DLL, *extra,
                                  f"-I{ROOT / 'src'}", str(path)), machine, None)


def other_jobs(machine, flags):
    """Of the companion, and of the tools what is no program: minject wants POSIX, or MinGW."""
    for folder in ("win/redirect", "tools/pe"):
        for path in sorted((ROOT / folder).glob("*.c")):
            yield Job(compile_command(machine, flags, "-std=c11", "-fsyntax-only",
                                      f"-I{ROOT / 'src'}", f"-I{ROOT / 'win'}",
                                      f"-I{ROOT / 'tools'}", str(path)), machine, None)


def header_jobs(machine, folder, work):
    for language, levels in LEVELS.items():
        source = work / f"headers.{'c' if language == 'c' else 'cpp'}"
        source.write_text("#include <stdlib.h>\n#include <string.h>\n"
                          + "".join(f'#include "{name}.h"\n' for name in HEADERS)
                          + "int main(void) { return 0; }\n", encoding="utf-8")
        for level in levels:
            yield Job([CLANG, f"--target={machine.triple}", f"-std={level}", "-Wall", "-Wextra",
                       "-Wpedantic", "-Wshadow", "-Werror", "-fsyntax-only",
                       *system_flags(folder, language == "c++"), str(source)],
                      machine, None)


def single_file_jobs(machine, flags, source, work):
    for name, variant in (("dll", DLL), ("static", STATIC)):
        made = work / f"{machine.name}-{name}.obj"
        yield Job(compile_command(machine, flags, "-std=c11", "-O1", "-c", *variant, *NO_PROTOTYPES,
                                  str(source), "-o", str(made)), machine, made)
    # /Zs only looks; the headers' folders have no spelling of their own there.
    passed = [word for flag in flags for word in ("-Xclang", flag) if flag.startswith("-isystem")]
    others = [flag for flag in flags if not flag.startswith(("-isystem", "-nostdlibinc"))]
    yield Job([CLANG, "--driver-mode=cl", f"--target={machine.triple}", "/Zs", "/std:c11", "/X",
               "/W3", "/WX", "/MD", "/O2", *NO_PROTOTYPES, *DLL, *others, *passed, str(source)],
              machine, None)


def write_single_file(work):
    writer = make_single_file.Writer(ROOT / "src")
    for path in make_single_file.layer_sources(ROOT / "src", "Windows"):
        writer.add_source(path)
    path = work / "mimalloc.c"
    path.write_text(writer.text(), encoding="utf-8")
    return path


def all_jobs(folder, work):
    source, flags = write_single_file(work), system_flags(folder)
    for machine in MACHINES:
        yield from single_file_jobs(machine, flags, source, work)
        yield from other_jobs(machine, flags)
        yield from header_jobs(machine, folder, work)
    yield from library_jobs(MACHINES[0], flags)


# ---- The object file -------------------------------------------------------------------------

class Coff:
    """Sections (name, characteristics, bytes) and undefined symbols of an object file."""

    def __init__(self, data):
        _, count, _, symbols, symbol_count, optional, _ = struct.unpack_from("<HHIIIHH", data)
        self.data, self.strings = data, symbols + 18 * symbol_count
        self.sections = [self.section(20 + optional + 40 * i) for i in range(count)]
        self.undefined = set(self.undefined_names(symbols, symbol_count))

    def text_at(self, at):
        return self.data[at:self.data.index(b"\0", at)].decode()

    def section(self, at):
        name = self.data[at:at + 8].rstrip(b"\0").decode()
        if name.startswith("/"):
            name = self.text_at(self.strings + int(name[1:]))
        size, where = struct.unpack_from("<II", self.data, at + 16)
        [characteristics] = struct.unpack_from("<I", self.data, at + 36)
        return name, characteristics, self.data[where:where + size]

    def undefined_names(self, symbols, count):
        index = 0
        while index < count:
            at = symbols + 18 * index
            value, section, _, storage, extra = struct.unpack_from("<IhHBB", self.data, at + 8)
            if section == 0 and storage == 2 and value == 0: # of another file, and not common
                zeros, offset = struct.unpack_from("<II", self.data, at)
                yield (self.text_at(self.strings + offset) if zeros == 0
                       else self.data[at:at + 8].rstrip(b"\0").decode())
            index += 1 + extra


def section_errors(sections):
    wanted = [".CRT$XLY", ".CRT$XCU", ".tls$"]
    names = {name: characteristics for name, characteristics, _ in sections}
    for name in wanted:
        if name not in names:
            yield f"there is no section {name}"
        elif name.startswith(".CRT$XL") and names[name] & WRITABLE:
            yield f"the section {name} can be written: the linker keeps it apart from the runtime's"
    for name in names:
        if name.startswith((".CRT$XT", ".CRT$XP")):
            yield f"the section {name} holds a function at the end, which the UCRT does not call"


def object_errors(job):
    coff = Coff(job.object.read_bytes())
    line = job.machine.underline
    yield from section_errors(coff.sections)
    asked = b"".join(content for name, _, content in coff.sections if name == ".drectve").decode()
    for symbol in ("_tls_used", "mim_thread_callback"):
        if not re.search(rf"/include:\"?{line}{symbol}\b", asked, re.IGNORECASE):
            yield f"nothing keeps {symbol}, which the linker may leave out"
    if not coff.undefined:
        yield "it needs no function of the system: its symbols are not understood"
    for symbol in sorted(coff.undefined):
        if not symbol.startswith("__imp_") and symbol.removeprefix(line) not in OF_THE_RUNTIME:
            yield f"it needs {symbol}, which Microsoft's libraries do not have"


def check(job):
    run = subprocess.run(job.command, capture_output=True, text=True, check=False)
    title = f"{job.machine.name} {job.command[-1] if job.object is None else job.object.name}:\n"
    if run.returncode != 0:
        return title + run.stderr
    errors = list(object_errors(job)) if job.object is not None else []
    return title + "\n".join(errors) if errors else None


def main():
    try:
        folder = headers()
    except Unavailable as error:
        print(f"SKIPPED: {error}")
        return 77
    with tempfile.TemporaryDirectory() as work:
        jobs = list(all_jobs(folder, pathlib.Path(work)))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            failures = [text for text in pool.map(check, jobs) if text]
    for text in failures:
        print(text.replace(str(ROOT) + "/", ""))
    print(f"{len(MACHINES)} machines, {len(jobs)} compiles: {len(failures)} failed")
    return 1 if failures or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Compiles the spin-wait hint (mim_cpu_relax) for each processor that the compilers at hand know.

usage: check_cpu_relax.py

The newest clang there is and, where they are installed, gcc's cross compilers. In the assembly, and
in what the assembler made of it, there has to be the right hint, whatever the byte order. Exit code
77 if there is no compiler for any of the processors.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCE = """#include "base/bits.h"
void marked_relax(void);
void marked_relax(void) { __asm__ volatile("# start"); mim_cpu_relax(); }
"""
NOTHING = None

# Of ARM, with both byte orders.
ARM = [("armv5te", "nop"), ("armv6", "nop"), ("armv6k", "yield"), ("armv7-a", "yield"),
       ("armv8-a", "yield")]

# Triple of clang, flags, the hint.
CLANG = [
    ("x86_64-linux-gnu", [], "pause"), ("i686-linux-gnu", [], "pause"),
    ("aarch64-linux-gnu", [], "yield"), ("aarch64_be-linux-gnu", [], "yield"),
    ("riscv64-linux-gnu", [], "riscv"), ("riscv32-linux-gnu", [], "riscv"),
    ("powerpc64-linux-gnu", [], "27"), ("powerpc64le-linux-gnu", [], "27"),
    ("powerpc-linux-gnu", [], "27"), ("s390x-linux-gnu", [], NOTHING),
    ("mips-linux-gnu", [], "mips"), ("mipsel-linux-gnu", [], "mips"),
    ("mips64el-linux-gnuabi64", [], "mips"), ("loongarch64-linux-gnu", [], NOTHING),
    ("sparc64-linux-gnu", [], NOTHING), ("wasm32-unknown-unknown", [], NOTHING),
    # A machine that nobody has heard of.
    ("x86_64-linux-gnu", ["-U__x86_64__"], NOTHING),
] + [(f"{arm}-linux-gnueabi", [f"-march={march}"], hint)
     for arm in ("arm", "armeb") for march, hint in ARM]

# Cross compiler of gcc, flags, the hint.
GCC = [
    ("x86_64-linux-gnu-gcc", [], "pause"), ("i686-linux-gnu-gcc", [], "pause"),
    ("aarch64-linux-gnu-gcc", [], "yield"), ("aarch64-linux-gnu-gcc", ["-mbig-endian"], "yield"),
    ("riscv64-linux-gnu-gcc", [], "riscv"), ("powerpc64-linux-gnu-gcc", [], "27"),
    ("s390x-linux-gnu-gcc", [], NOTHING), ("mips-linux-gnu-gcc", [], "mips"),
] + [("arm-linux-gnueabi-gcc", [f"-march={march}", order], hint)
     for order in ("-mlittle-endian", "-mbig-endian") for march, hint in ARM]

# How compilers write what has no name everywhere.
SPELLINGS = {"0x0100000f": "riscv", "16777231": "riscv", "0x00000140": "mips", "320": "mips",
             "mov r0 r0": "nop"}
HINTS = {"pause", "yield", "27", "nop", *SPELLINGS.values()}


def commands():
    """Every compiler with its flags, and the hint it has to give."""
    clang = shutil.which("clang-19") or shutil.which("clang")
    if clang:
        yield from (([clang, f"--target={triple}", *flags], hint) for triple, flags, hint in CLANG)
    yield from (([name, *flags], hint) for name, flags, hint in GCC if shutil.which(name))


def run(command, *more):
    return subprocess.run([*command, "-std=c11", "-ffreestanding", "-O1", "-Wundef", "-Werror",
                           f"-I{ROOT / 'src'}", *more], capture_output=True, text=True,
                          check=False, env={**os.environ, "LC_ALL": "C"})


def knows_target(command, folder):
    source = folder / "empty.c"
    source.write_text("typedef int nothing_t;\n", encoding="utf-8")
    return run(command, "-c", source, "-o", folder / "empty.o").returncode == 0


def body_of(assembly):
    """The instructions of marked_relax, without what returns from it."""
    start = assembly.index("start")
    lines = (line.split("#")[0].split("@")[0].split("//")[0] for line in
             assembly[start:].splitlines()[1:])
    body = " ".join(" ".join(lines).replace(",", " ").split())
    for spelling, hint in SPELLINGS.items():
        body = body.replace(spelling, hint)
    return body


def fault_of(command, hint, folder):
    source, assembly = folder / "relax.c", folder / "relax.s"
    source.write_text(SOURCE, encoding="utf-8")
    for flags in (["-S", source, "-o", assembly], ["-c", source, "-o", folder / "relax.o"]):
        result = run(command, *flags)
        if result.returncode != 0:
            return result.stderr.strip()
    words = body_of(assembly.read_text(encoding="utf-8")).split()
    end = next((i for i, word in enumerate(words) if word.startswith((".Lfunc", ".size"))), None)
    found = [word for word in words[:end] if word in HINTS]
    # A delay slot may hold a nop; the hint comes first.
    if (found[:1] != [hint]) if hint else ("yield" in found or "pause" in found):
        return f"expected {hint or 'no hint'}, got: {' '.join(words[:12])}"
    return ""


def main():
    checked, faults, unknown = 0, 0, []
    with tempfile.TemporaryDirectory(prefix="mim-relax-") as name:
        folder = pathlib.Path(name)
        for command, hint in commands():
            fault = fault_of(command, hint, folder)
            if fault and not knows_target(command, folder):
                unknown.append(" ".join(command))
                continue
            checked += 1
            if fault:
                faults += 1
                print(f"{' '.join(command)}: {fault}")
    print(f"{checked} targets, {faults} faults; not known to the compilers: "
          + (", ".join(unknown) or "none"))
    if checked == 0:
        print("SKIPPED: there is no compiler for any of the processors")
        return 77
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

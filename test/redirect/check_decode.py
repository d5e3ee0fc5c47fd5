#!/usr/bin/env python3
"""check_decode.py - x86_decode cuts the instructions of real programs as binutils' objdump does.

usage: check_decode.py DECODE_LENGTHS 32|64 PROGRAM [OBJDUMP]

PROGRAM may be a compiler, which then makes one. What objdump itself does not know is left out.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

LINE = re.compile(r"^\s*[0-9a-f]+:\s+((?:[0-9a-f]{2} )+)\s*(.*)$")
# Not instructions: data among the code, and prefixes that stand alone.
OTHERS = re.compile(r"\(bad\)|^\.byte|^(?:(?:rex\S*|data16|addr32|lock|repn?z?|[c-gs]s|bnd)\s*)*$")
# objdump takes the instruction `wait` for a part of the next one.
WAIT = re.compile(r"^9b ..")


def instructions(objdump, program):
    command = [objdump, "-d", "-w", "-z", "--insn-width=16", program]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        match = LINE.match(line)
        if match and not OTHERS.search(match[2]) and not WAIT.match(match[1]):
            yield match[1].replace(" ", "")


def make_program(compiler, folder):
    source, program = pathlib.Path(folder) / "x.c", pathlib.Path(folder) / "x.exe"
    source.write_text("#include <stdio.h>\nint main(void) { return printf(\"%g\", 1.5); }\n")
    subprocess.run([compiler, "-O2", "-o", program, source], check=True)
    return program


def main(arguments):
    if len(arguments) not in (3, 4):
        sys.exit(__doc__)
    tool, bits, program = arguments[:3]
    objdump = arguments[3] if len(arguments) == 4 else "objdump"
    found = shutil.which(program)
    if found is None or shutil.which(objdump) is None:
        print(f"SKIPPED: {program} or {objdump} is missing; install it: scripts/setup.sh windows")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        target = make_program(found, folder) if program.endswith("gcc") else found
        text = "\n".join(instructions(objdump, target)) + "\n"
    run = subprocess.run([tool, bits], input=text, text=True, check=False)
    return run.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

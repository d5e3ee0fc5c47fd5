#!/usr/bin/env python3
"""Moves static data of an assembly file to addresses that are 4 modulo 8, as a linker might.

usage: misplace.py INPUT.s OUTPUT.s

For 32-bit ARM, where .align counts bits, and gcc -S -fdata-sections -fno-section-anchors
-fno-common: each object of .data and .bss (not of .tdata, .tbss) that asks for an alignment of 8
bytes or less gets four bytes in front of it, in a section that begins at a multiple of 8. What asks
for more keeps its place. A 64-bit atomic in an array of bytes, say, is misaligned then in every
build, not only in unlucky ones. Prints how many objects were moved.
"""
import pathlib
import re
import sys

SECTION = re.compile(r"\s*\.(?:section\s+(\S+?)[,\s]|(data|bss|text)\b)")
ALIGNMENT = re.compile(r"\s*\.(p2align|align|balign)\s+(\d+)")
LABEL = re.compile(r"([A-Za-z_][\w.$]*):")


def is_data(section):
    return re.match(r"\.(data|bss)(\.|$)", section) is not None


def misplaced(lines):
    section, exponent, moved = "", 0, 0
    for line in lines:
        new_section, alignment = SECTION.match(line), ALIGNMENT.match(line)
        label = LABEL.match(line)
        if new_section:
            section, exponent = new_section[1] or "." + new_section[2], 0
        elif alignment:
            value = int(alignment[2])
            exponent = value.bit_length() - 1 if alignment[1] == "balign" else value
        elif label and is_data(section):
            if exponent <= 3:
                yield "\t.p2align 3"
                yield "\t.space 4"
                moved += 1
            exponent = 0
        yield line
    print(f"{moved} objects are at 4 modulo 8 now")
    if moved == 0:
        sys.exit("misplace.py: there was nothing to move; was it compiled with -fdata-sections?")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    lines = source.read_text(encoding="utf-8").splitlines()
    target.write_text("\n".join(misplaced(lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

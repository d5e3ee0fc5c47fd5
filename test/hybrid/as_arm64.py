#!/usr/bin/env python3
"""as_arm64.py - an object file of ARM64EC code as one of ARM64 code, so that it can be run.

usage: as_arm64.py IN OUT

The code itself is ARM64 code, with fewer registers; what is special lies around it, and is taken
away: the machine in the header, the names (`#f` is the code of f, and f another name of it), the
list of thunks for the linker. What it asks of the system is in as_arm64.c.
"""
import pathlib
import struct
import sys

ARM64EC, ARM64 = 0xa641, 0xaa64
HEADER, SECTION, SYMBOL = 20, 40, 18
REMOVED = 0x800  # flag of a section that the linker drops
EXTERNAL, WEAK = 2, 105


def name_of(field, strings):
    if field[:4] != bytes(4):
        return field.rstrip(b"\0")
    start = struct.unpack_from("<I", field, 4)[0]
    return bytes(strings[start:strings.index(0, start)])


def rename(data, at, name, strings):
    """All names go to the table of strings."""
    struct.pack_into("<II", data, at, 0, len(strings))
    strings += name + b"\0"


def convert_symbol(data, at, strings):
    name = name_of(data[at:at + 8], strings)
    if name.startswith(b"#"):
        # Without a definition here a thunk would stand in for it, which leads to x64 code.
        if data[at + 16] == WEAK:
            data[at + 16] = EXTERNAL
        rename(data, at, name[1:], strings)
    elif data[at + 16] == WEAK:
        rename(data, at, b"other name of " + name, strings)


def drop_thunk_list(data, sections):
    for at in range(HEADER, HEADER + sections * SECTION, SECTION):
        if data[at:at + 8] == b".hybmp$x":
            flags = struct.unpack_from("<I", data, at + 36)[0]
            struct.pack_into("<I", data, at + 36, flags | REMOVED)


def convert(content):
    data = bytearray(content)
    machine, sections, _, symbols, count = struct.unpack_from("<HHIII", data)
    if machine != ARM64EC:
        sys.exit(f"as_arm64.py: its machine is {machine:#x}, not ARM64EC")
    end = symbols + count * SYMBOL
    strings = data[end:]
    struct.pack_into("<H", data, 0, ARM64)
    drop_thunk_list(data, sections)
    at = symbols
    while at < end:
        convert_symbol(data, at, strings)
        at += SYMBOL * (1 + data[at + 17])
    struct.pack_into("<I", strings, 0, len(strings))
    return bytes(data[:end] + strings)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    pathlib.Path(arguments[1]).write_bytes(convert(pathlib.Path(arguments[0]).read_bytes()))


if __name__ == "__main__":
    main(sys.argv[1:])

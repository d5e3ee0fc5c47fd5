#!/usr/bin/env python3
"""Writes an Arrow IPC stream, by the format's public description, for the test of Arrow's tools.

usage: arrow_stream.py BATCHES ROWS >FILE

Columns: id (64-bit), value (double), name (text), rank (32-bit, every fifth is null). Metadata are
flatbuffers, written front to back: parents first, so that offsets point forward as they must.
"""
import struct
import sys

SCHEMA, RECORD_BATCH, VERSION_5 = 1, 3, 4
INT, FLOAT, TEXT = 2, 3, 5
FORMAT_SIZE = {"<B": 1, "<h": 2, "<i": 4, "<q": 8}
REFERENCE = "ref"


class Flatbuffer:
    """`write` functions append one object and return its position."""

    def __init__(self, root):
        self.bytes = bytearray(4)
        struct.pack_into("<I", self.bytes, 0, root(self))

    def align(self, size, ahead=0):
        while (len(self.bytes) + ahead) % size:
            self.bytes.append(0)
        return len(self.bytes)

    def refer(self, place, write):
        struct.pack_into("<I", self.bytes, place, write(self) - place)

    def table(self, fields):
        """fields: slot -> (struct format or REFERENCE, value or write function)."""
        slots = max(fields, default=-1) + 1
        offsets, end = {}, 4
        for slot, (form, _) in fields.items():
            size = FORMAT_SIZE.get(form, 4)
            offsets[slot] = (end + size - 1) // size * size
            end = offsets[slot] + size
        vtable = self.align(2)
        self.bytes += struct.pack(f"<{slots + 2}H", 4 + 2 * slots, end,
                                  *(offsets.get(slot, 0) for slot in range(slots)))
        start = self.align(8)
        self.bytes += struct.pack("<i", start - vtable) + bytes(end - 4)
        for slot, (form, value) in fields.items():
            if form == REFERENCE:
                self.refer(start + offsets[slot], value)
            else:
                struct.pack_into(form, self.bytes, start + offsets[slot], value)
        return start

    def text(self, value):
        start = self.align(4)
        self.bytes += struct.pack("<I", len(value)) + value.encode() + b"\0"
        return start

    def tables(self, writes):
        start = self.align(4)
        self.bytes += struct.pack("<I", len(writes)) + bytes(4 * len(writes))
        for number, write in enumerate(writes):
            self.refer(start + 4 + 4 * number, write)
        return start

    def structs(self, items):
        self.align(8, ahead=4)
        start = len(self.bytes)
        self.bytes += struct.pack("<I", len(items))
        for item in items:
            self.bytes += struct.pack("<qq", *item)
        return start


def table(**fields):
    """A function that writes a table; the names of slots end with their numbers."""
    slots = {int(name.rpartition("_")[2]): value for name, value in fields.items()}
    return lambda buffer: buffer.table(slots)


def field(name, kind, type_table):
    return table(name_0=(REFERENCE, lambda b: b.text(name)), nullable_1=("<B", 1),
                 kind_2=("<B", kind), type_3=(REFERENCE, type_table),
                 children_5=(REFERENCE, lambda b: b.tables([])))


def schema():
    fields = [field("id", INT, table(width_0=("<i", 64), signed_1=("<B", 1))),
              field("value", FLOAT, table(precision_0=("<h", 2))),
              field("name", TEXT, table()),
              field("rank", INT, table(width_0=("<i", 32), signed_1=("<B", 1)))]
    return table(endianness_0=("<h", 0), fields_1=(REFERENCE, lambda b: b.tables(fields)))


def columns(first, rows):
    """For each column its number of nulls and its buffers (validity first)."""
    numbers = range(first, first + rows)
    names = [("name %d " % i + "x" * (i * 7 % 60)).encode() for i in numbers]
    ends = [0]
    for name in names:
        ends.append(ends[-1] + len(name))
    validity = bytearray((rows + 7) // 8)
    for row in range(rows):
        if row % 5:
            validity[row // 8] |= 1 << row % 8
    return [(0, [b"", struct.pack(f"<{rows}q", *numbers)]),
            (0, [b"", struct.pack(f"<{rows}d", *(i * 37 % 1009 / 8 for i in numbers))]),
            (0, [b"", struct.pack(f"<{rows + 1}i", *ends), b"".join(names)]),
            ((rows + 4) // 5, [bytes(validity),
                               struct.pack(f"<{rows}i", *(i % 1000 for i in numbers))])]


def record_batch(first, rows):
    body, nodes, buffers = bytearray(), [], []
    for nulls, parts in columns(first, rows):
        nodes.append((rows, nulls))
        for part in parts:
            buffers.append((len(body), len(part)))
            body += part + bytes(-len(part) % 64)
    header = table(length_0=("<q", rows), nodes_1=(REFERENCE, lambda b: b.structs(nodes)),
                   buffers_2=(REFERENCE, lambda b: b.structs(buffers)))
    return header, bytes(body)


def message(kind, header, body=b""):
    root = table(version_0=("<h", VERSION_5), kind_1=("<B", kind), header_2=(REFERENCE, header),
                 length_3=("<q", len(body)))
    metadata = bytes(Flatbuffer(root).bytes)
    metadata += bytes(-len(metadata) % 8)
    return struct.pack("<Ii", 0xFFFFFFFF, len(metadata)) + metadata + body


def main():
    batches, rows = int(sys.argv[1]), int(sys.argv[2])
    out = sys.stdout.buffer
    out.write(message(SCHEMA, schema()))
    for batch in range(batches):
        out.write(message(RECORD_BATCH, *record_batch(batch * rows, rows)))
    out.write(struct.pack("<Ii", 0xFFFFFFFF, 0))


if __name__ == "__main__":
    main()

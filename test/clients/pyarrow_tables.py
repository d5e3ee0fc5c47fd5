#!/usr/bin/env python3
"""Tables in pyarrow, to test libarrow: CSV to a table, joins, groups, Parquet, IPC and back.

usage: pyarrow_tables.py ROWS       leaves table.parquet, table.arrow and table.csv here

Every line printed has one right answer; what goes forth and back is compared here.
"""
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet


def check(what, is_right):
    if not is_right:
        sys.exit(f"pyarrow_tables.py: {what} is wrong")


def make_csv(rows):
    with open("input.csv", "w", encoding="utf-8") as file:
        file.write("id,group,value,name\n")
        for i in range(rows):
            file.write(f"{i},g{i % 97},{i * 37 % 1009 / 8},name {i} {'x' * (i * 7 % 40)}\n")


def read_csv(rows):
    options = pyarrow.csv.ReadOptions(block_size=1 << 17, use_threads=True)
    table = pyarrow.csv.read_csv("input.csv", read_options=options)
    check("the number of rows", table.num_rows == rows)
    check("the sum of the ids", pc.sum(table["id"]).as_py() == rows * (rows - 1) // 2)
    return table


def compute(table):
    groups = table.group_by("group").aggregate(
        [("value", "sum"), ("id", "count"), ("name", "max")]).sort_by("group")
    print("groups", groups.num_rows, groups["value_sum"].to_pylist()[:3])
    print("last names", groups["name_max"].to_pylist()[:3])
    joined = table.join(groups.select(["group", "id_count"]), "group").sort_by("id")
    check("the joined rows", joined.num_rows == table.num_rows)
    upper = pc.utf8_upper(joined["name"])
    print("longest", pc.max(pc.utf8_length(upper)).as_py(), "ends in",
          pc.sum(pc.ends_with(upper, "XX").cast(pa.int64())).as_py())
    encoded = joined["group"].dictionary_encode().combine_chunks()
    print("different groups", len(encoded.dictionary) if isinstance(encoded, pa.DictionaryArray)
          else len(encoded.chunk(0).dictionary))
    return joined.filter(pc.equal(pc.bit_wise_and(joined["id"], 1), 0))


def round_trips(table):
    for compression in ("none", "snappy", "zstd", "brotli", "lz4"):
        pyarrow.parquet.write_table(table, "table.parquet", compression=compression,
                                    row_group_size=10000)
        again = pyarrow.parquet.read_table("table.parquet", use_threads=True)
        check(f"the Parquet file ({compression})", again.equals(table))
    for compression in (None, "lz4", "zstd"):
        options = pyarrow.ipc.IpcWriteOptions(compression=compression)
        with pyarrow.ipc.new_file("table.arrow", table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=10000)
        with pyarrow.ipc.open_file("table.arrow") as reader:
            check(f"the IPC file ({compression})", reader.read_all().equals(table))
    pyarrow.csv.write_csv(table, "table.csv")


def main():
    pool = pa.default_memory_pool()
    check("the memory pool", pool.backend_name == "mimalloc")
    rows = int(sys.argv[1])
    make_csv(rows)
    table = compute(read_csv(rows))
    round_trips(table)
    print("rows left", table.num_rows, "bytes", table.nbytes)
    del table
    pool.release_unused()
    check("what is left in the memory pool", pool.bytes_allocated() < 1 << 20)


if __name__ == "__main__":
    main()

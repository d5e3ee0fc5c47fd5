#!/usr/bin/env bash
# libarrow in Python reads CSV, joins, groups, and writes Parquet and IPC files in all compressions,
# with threads; the tools of Parquet and Arrow then read the files. The library is loaded while
# Python runs, and serves only libarrow's buffers, beside libc's malloc.
. "$(dirname "$0")/common.sh"
begin_client pyarrow "$@"

rows=$(pick 400000 40000)
export ARROW_DEFAULT_MEMORY_POOL=mimalloc PYTHONHASHSEED=1 PYTHONDONTWRITEBYTECODE=1
export PYTHONHOME=$suite_root/usr PYTHONPATH=$suite_root/usr/lib/python3/dist-packages

pyarrow_work() {
  launch python3 "$clients/pyarrow_tables.py" "$rows" || return 1
  launch arrow-file-to-stream table.arrow >stream || return 1
  launch parquet-reader table.parquet >parquet || return 1
  launch parquet-dump-schema table.parquet
}

proved_beside mi_malloc_aligned,mi_free python3 -c 'import pyarrow; pyarrow.array(range(1000))'
mode=debian
(cd "$work/input" && launch python3 "$clients/pyarrow_tables.py" 1000) >"$work/small" ||
  fail "pyarrow_tables.py fails on Debian's library"
proved_beside mi_malloc_aligned,mi_free parquet-reader "$work/input/table.parquet"
run_both pyarrow_work
same output "what the Python program and parquet-dump-schema print"
for file in table.parquet table.arrow table.csv stream parquet; do
  same "$file" "the file $file"
done
finish_client

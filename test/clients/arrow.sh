#!/usr/bin/env bash
# Arrow's tools (C++, libarrow in them takes mimalloc for its buffers) turn a stream of record
# batches into a file, and the file into a stream, which must be the same from the second time on.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"
need python3 python3

batches=$(pick 60 12)
rows=$(pick 20000 2000)
export ARROW_DEFAULT_MEMORY_POOL=mimalloc

arrow_work() {
  launch arrow-stream-to-file <"$work/input/stream" >file || return 1
  launch arrow-file-to-stream file >stream || return 1
  launch arrow-stream-to-file <stream >file2 || return 1
  launch arrow-file-to-stream file2 >stream2
}

python3 "$clients/arrow_stream.py" "$batches" "$rows" >"$work/input/stream"
mode=debian launch arrow-stream-to-file <"$work/input/stream" >"$work/input/file" ||
  fail "Arrow does not take the stream that arrow_stream.py writes"
proved arrow-file-to-stream "$work/input/file"
run_both arrow_work
same file "the file"
same stream "the stream"
for mode in ours debian; do
  cmp "$work/$mode/stream" "$work/$mode/stream2" || fail "a stream changes on its way ($mode)"
done
expect "the number of names in the stream" "$((batches * rows))" \
  "$(grep -aoE 'name [0-9]+ ' "$work/ours/stream" | wc -l)"
finish_client

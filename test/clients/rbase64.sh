#!/usr/bin/env bash
# rbase64 (Rust, several threads) encodes and decodes large data, from files and through pipes. The
# text must also be the one of coreutils' base64.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"
need python3 python3

bytes=$(pick 200000000 20000000)

rbase64_work() {
  launch rbase64 -i "$work/input/data" -o text || return 1
  launch rbase64 -d -i text -o decoded || return 1
  launch rbase64 <"$work/input/odd" >odd || return 1
  launch rbase64 -d <odd >odd_decoded || return 1
  sha256sum text decoded odd odd_decoded >sums
  rm text decoded
}

python3 -c "import random, sys; sys.stdout.buffer.write(random.Random(7).randbytes($bytes))" \
  >"$work/input/data"
head -c 1234567 "$work/input/data" >"$work/input/odd"
expect "the size of the data" "$bytes" "$(wc -c <"$work/input/data")"
proved rbase64 -i "$work/input/odd"
run_both rbase64_work
same sums "the checksums of what rbase64 leaves"
expect "the encoded text" "$(base64 -w 0 "$work/input/odd" | sha256sum)" \
  "$(sha256sum <"$work/ours/odd")"
expect "the decoded data" "$(sha256sum <"$work/input/data" | cut -d ' ' -f 1)" \
  "$(awk '$2 == "decoded" { print $1 }' "$work/ours/sums")"
finish_client

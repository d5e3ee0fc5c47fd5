#!/bin/bash
# register_qemu.sh - have the kernel run programs for ARM64 Linux by qemu, in this user namespace
# only. Kernels before 6.7 cannot; then it fails, as where qemu-aarch64-static is missing.
#
# usage: unshare -U -r -m ... register_qemu.sh
set -euo pipefail

folder=/proc/sys/fs/binfmt_misc
byte=\\xff
word=$byte$byte$byte$byte
zeros=\\x00\\x00\\x00\\x00
mount -t binfmt_misc none "$folder"
# The beginning of an ELF file: all of it counts, but the ABI's version, and the lowest bit of the
# type, which tells programs from those that may lie anywhere.
magic="\\x7fELF\\x02\\x01\\x01\\x00$zeros$zeros\\x02\\x00\\xb7\\x00"
mask="$word$byte$byte$byte\\x00$word$word\\xfe$byte$byte$byte"
echo ":mimalloc-arm64:M::$magic:$mask:/usr/bin/qemu-aarch64-static:F" >"$folder/register"

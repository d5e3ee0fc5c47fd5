#!/usr/bin/env bash
# mold links a generated program of many objects, with the C and C++ libraries: static, as PIE, with
# and without --gc-sections and --icf, as a shared library and as one object. Files, maps and the
# answer of the program must be those of a run on Debian's library. With the scale full it also
# links LLVM's libraries whole.
. "$(dirname "$0")/common.sh"
begin_client clients "$@"
need gcc gcc
need g++ g++
[ "$(uname -m)" = x86_64 ] || skip "the generated objects are for x86-64"

objects=$(pick 48 12)
functions=$(pick 3000 800)

write_main() {
  cat <<'END'
#include <iostream>
#include <map>
#include <string>
typedef unsigned function_t(unsigned);
extern "C" function_t** tables[];
int main() {
  unsigned total = 0;
  for (function_t*** table = tables; *table; table++)
    for (function_t** f = *table; *f; f++) total = (*f)(total) % 1048576;
  std::map<std::string, unsigned> results{{"total", total}};
  for (const auto& result : results) std::cout << result.second << std::endl;
}
END
}

write_objects() {
  local i
  g++ -c -O1 -fPIC -x c++ -o "$work/input/main.o" - < <(write_main) || return 1
  for i in $(seq 0 "$objects"); do
    awk -v object="$i" -v objects="$objects" -v functions="$functions" \
      -f "$clients/objects.awk" >"$work/input/$i.s" &&
      as -o "$work/input/$i.o" "$work/input/$i.s" || return 1
    rm "$work/input/$i.s"
  done
  (cd "$work/input" && ar rcs objects.a [0-9]*.o)
}

path_of() { gcc -print-file-name="$1"; }

# One process: mold would leave the end of its work, and its peak, to a child that nobody waits for.
link() { launch mold --no-fork --build-id=sha1 -L"$libraries" -L"$gcc_libraries" "$@"; }

link_static() {
  local left=$1
  shift
  link -static -o "$left" "$(path_of crt1.o)" "$(path_of crti.o)" "$(path_of crtbeginT.o)" "$@" \
    "$work/input/main.o" "$work/input"/[0-9]*.o --start-group -lstdc++ -lm -lgcc -lgcc_eh -lc \
    --end-group "$(path_of crtend.o)" "$(path_of crtn.o)"
}

link_pie() {
  local left=$1
  shift
  link -pie -o "$left" -dynamic-linker /lib64/ld-linux-x86-64.so.2 "$@" "$(path_of Scrt1.o)" \
    "$(path_of crti.o)" "$(path_of crtbeginS.o)" "$work/input/main.o" "$work/input"/[0-9]*.o \
    -lstdc++ -lm -lgcc_s -lc "$(path_of crtendS.o)" "$(path_of crtn.o)"
}

link_whole() { link -shared -o "$1" --whole-archive "${@:2}" --no-whole-archive; }

mold_work() {
  link_static static --thread-count=2 || return 1
  link_static smallest --gc-sections --icf=all --thread-count=4 || return 1
  link_static single --gc-sections --thread-count=1 --Map=map || return 1
  link_pie pie --export-dynamic --icf=safe --thread-count=4 --gdb-index || return 1
  link_whole objects.so "$work/input/objects.a" -Bsymbolic --hash-style=both || return 1
  link -r -o relocatable.o "$work/input"/[0-9]*.o || return 1
  if [ -n "$llvm" ]; then link_whole llvm.so "$llvm"/lib/libLLVM*.a --thread-count=4 || return 1; fi
  ./static && ./smallest && ./pie
}

llvm=
if [ "$scale" = full ]; then
  fetch_set llvm
  llvm=$(compgen -G "$fetched/usr/lib/llvm-*" | head -n 1)
fi
libraries=$(dirname "$(path_of libc.a)")
gcc_libraries=$(dirname "$(path_of libgcc.a)")
write_objects || fail "the objects cannot be made"
proved mold --no-fork -r -o "$work/one.o" "$work/input/1.o"
run_both mold_work
for file in static smallest single map pie objects.so relocatable.o ${llvm:+llvm.so}; do
  same "$file" "what mold writes ($file)"
done
same output "what the linked programs print"
answer=$(awk -v objects="$objects" -v functions="$functions" -v answer=1 \
  -f "$clients/objects.awk")
expect "the answers of the linked programs" "$answer $answer $answer" \
  "$(tr '\n' ' ' <"$work/ours/output" | sed 's/ $//')"
[ "$(wc -c <"$work/ours/smallest")" -lt "$(wc -c <"$work/ours/static")" ] ||
  fail "the program without unused and equal functions is not smaller than the other one"
finish_client

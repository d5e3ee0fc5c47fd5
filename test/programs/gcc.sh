#!/usr/bin/env bash
# gcc compiles a large generated C file and g++ a C++ file full of templates; the objects must be
# identical to those of compilers without the library, and the linked program must compute the
# result that the generator knows.
. "$(dirname "$0")/common.sh"
begin "$@"
need gcc gcc
need g++ g++

functions=$(pick 600 300)

# Function i mixes its argument in a way that awk can follow; main folds all of them.
write_c_file() {
  awk -v n="$functions" 'BEGIN {
    print "#include <stdio.h>\n#include <string.h>"
    print "typedef struct { unsigned key; char name[12]; unsigned pair[2]; } record_t;"
    for (i = 0; i < n; i++) {
      printf "static const record_t record_%d = {%du, \"name %d\", {%du, %du}};\n",
        i, i, i, i * 7 % 1009, i * 11 % 1013
      printf "unsigned mix_%d(unsigned x) {\n  unsigned sum = 0;\n", i
      printf "  for (unsigned k = 0; k < %du; k++) {\n", i % 13 + 1
      printf "    switch ((x + k) %% 4u) {\n"
      for (c = 0; c < 4; c++)
        printf "      case %du: sum += k * %du + record_%d.pair[%d]; break;\n", c, c + 1, i, c % 2
      printf "    }\n  }\n  return (sum + record_%d.key) %% 65521u;\n}\n", i
    }
    print "int main(void) {\n  unsigned total = 0;"
    for (i = 0; i < n; i++) printf "  total = (total * 31u + mix_%d(total)) %% 65521u;\n", i
    print "  printf(\"%u\\n\", total);\n  return 0;\n}"
  }' >"$work/input/large.c"
}

expected_total() {
  awk -v n="$functions" 'BEGIN {
    total = 0
    for (i = 0; i < n; i++) {
      p[0] = i * 7 % 1009; p[1] = i * 11 % 1013
      sum = 0
      for (k = 0; k < i % 13 + 1; k++) { c = (total + k) % 4; sum += k * (c + 1) + p[c % 2] }
      total = (total * 31 + (sum + i) % 65521) % 65521
    }
    print total
  }'
}

write_cpp_file() {
  awk -v n="$(pick 60 20)" 'BEGIN {
    print "#include <algorithm>\n#include <functional>\n#include <iostream>\n#include <map>"
    print "#include <memory>\n#include <numeric>\n#include <string>\n#include <vector>"
    print "template <int N> struct sum { static constexpr long value = N + sum<N - 1>::value; };"
    print "template <> struct sum<0> { static constexpr long value = 0; };"
    for (i = 0; i < n; i++) {
      printf "struct key_%d {\n  int v;\n", i
      printf "  bool operator<(const key_%d& o) const { return v < o.v; }\n};\n", i
      printf "long use_%d() {\n  std::map<key_%d, std::vector<std::string>> m;\n", i, i
      printf "  for (int k = 0; k < 50; k++) m[key_%d{k %% 7}].push_back(std::to_string(k));\n", i
      printf "  std::function<long(long)> f = [&m](long x) { return x + (long)m.size(); };\n"
      printf "  return f(sum<%d>::value);\n}\n", 100 + i
    }
    print "int main() {\n  long total = 0;"
    for (i = 0; i < n; i++) printf "  total += use_%d();\n", i
    print "  std::cout << total << std::endl;\n}"
  }' >"$work/input/templates.cpp"
}

expected_template_total() {
  awk -v n="$(pick 60 20)" 'BEGIN {
    for (i = 0; i < n; i++) total += 7 + (100 + i) * (101 + i) / 2
    print total
  }'
}

# The compilers run in the folder of the sources: debug information names the current folder.
gcc_work() {
  local left=$PWD
  (
    cd "$work/input" || exit 1
    launch gcc -std=c11 -O2 -g -frandom-seed=1 -c large.c -o "$left/large.o" || exit 1
    launch g++ -std=c++17 -O1 -g -frandom-seed=1 -c templates.cpp -o "$left/templates.o"
  ) || return 1
  launch gcc large.o -o large || return 1
  launch g++ templates.o -o templates || return 1
  launch ./large && launch ./templates
}

write_c_file
write_cpp_file
echo "int answer(void) { return 42; }" >"$work/input/small.c"
served cc1 gcc -O2 -c "$work/input/small.c" -o "$work/small.o"
run_both gcc_work
same large.o "the object of the C file"
same templates.o "the object of the C++ file"
same large "the linked C program"
same output "what the compiled programs print"
expect "the result of the C program" "$(expected_total)" "$(sed -n 1p "$work/preloaded/output")"
expect "the result of the C++ program" "$(expected_template_total)" \
  "$(sed -n 2p "$work/preloaded/output")"
finish

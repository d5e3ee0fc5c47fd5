#!/usr/bin/env python3
"""test_source_checks.py - check_sources.py and longest_functions.py find what they look for."""
import tool_case
from tool_case import ToolCase

HEAD = "/* x.c - a file. */\n"


class CheckSources(ToolCase):
    def check(self, name, text):
        self.write({name: text})
        return self.run_script("check_sources.py", self.folder)

    def assert_finds(self, name, text, message):
        run = self.check(name, text)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn(message, run.stdout)

    def test_a_clean_file_passes(self):
        run = self.check("src/page/x.h", "/* x. */\n#ifndef X_H\n#define X_H\nint x;\n#endif\n")
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_an_empty_tree_does_not_pass(self):
        self.assertEqual(self.run_script("check_sources.py", self.folder).returncode, 1)

    def test_long_lines_tabs_and_trailing_blanks_are_found(self):
        self.assert_finds("src/os/x.c", HEAD + "int " + "x" * 97 + ";\n",
                          "src/os/x.c:2: 102 columns")
        self.assert_finds("src/os/x.c", HEAD + "\tint x;\n", "src/os/x.c:2: a tab")
        self.assert_finds("src/os/x.c", HEAD + "int x; \n", "src/os/x.c:2: blanks at the end")

    def test_a_file_without_a_head_is_found(self):
        self.assert_finds("src/os/x.c", "int x;\n", "begin the file with a comment")
        self.assert_finds("scripts/x.sh", "#!/bin/sh\ntrue\n", "begin the script with a comment")

    def test_a_very_long_file_must_say_why(self):
        lines = "int x;\n" * 900
        self.assert_finds("src/os/x.c", HEAD + lines, "901 lines")
        run = self.check("src/os/x.c", "/* x.c - long because it is a table. */\n" + lines)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_wide_atomics_are_found(self):
        for kind in ("_Atomic(uint64_t)", "_Atomic int64_t", "_Atomic(long long)", "atomic_llong"):
            self.assert_finds("src/page/x.c", HEAD + f"{kind} x;\n", "src/page/x.c:2: a 64-bit")
        run = self.check("src/page/x.c", HEAD + "_Atomic(size_t) x; uint64_t y;\n")
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_thread_local_variables_have_one_home(self):
        for word in ("_Thread_local", "__thread", "thread_local", "__declspec(thread)"):
            self.assert_finds("src/heap/x.c", HEAD + f"static {word} int x;\n",
                              "src/heap/x.c:2: a thread-local variable")
        (self.folder / "src/heap/x.c").unlink()
        for name, word in (("src/base/compiler.h", "_Thread_local"),
                           ("src/heap/y.c", "MIM_THREAD_LOCAL"), ("test/x.c", "_Thread_local")):
            run = self.check(name, HEAD + f"static {word} int x;\n")
            self.assertEqual(run.returncode, 0, name + run.stdout)

    def test_conditions_are_allowed_only_near_the_compiler_and_the_system(self):
        text = HEAD + "#if MI_SECURE\nint x;\n#endif\n"
        self.assert_finds("src/page/x.c", text, "src/page/x.c:2: #if outside")
        (self.folder / "src/page/x.c").unlink()
        for name in ("src/base/x.c", "src/prim/unix/x.c", "src/api/override_elf.c"):
            self.assertEqual(self.check(name, text).returncode, 0, name)
        word = HEAD + "#if MIM_IS_64BIT\nint x;\n#endif\n"
        self.assertEqual(self.check("src/page/x.c", word).returncode, 0)


class LongestFunctions(ToolCase):
    def measure(self, text, *options):
        self.write({"src/x.c": text})
        return self.run_script("longest_functions.py", *options, "src")

    @staticmethod
    def function(name, lines):
        return f"static int {name}(int a) {{\n" + "  a++;\n" * (lines - 2) + "}\n"

    def test_lengths_count_from_the_name_to_the_brace(self):
        run = self.measure("int f(void) { return 1; }\n" + self.function("g", 71))
        self.assertIn("2 functions: median 1 lines, 95 % at most 71, longest 71", run.stdout)
        self.assertIn("src/x.c:2: g has 71 lines", run.stdout)

    def test_types_tables_strings_and_macros_are_no_functions(self):
        run = self.measure('struct s { int a; };\nint t[] = { sizeof(int) };\n#define M(x) { x }\n'
                           'static const char* c = "f() {";\nint f(void)\n{ return 0; }\n')
        self.assertIn("1 functions: median 2 lines", run.stdout)

    def test_check_fails_when_half_of_the_functions_are_long(self):
        text = self.function("f", 11) + self.function("g", 12)
        self.assertEqual(self.measure(text).returncode, 0)
        self.assertEqual(self.measure(text, "--check").returncode, 1)

    def test_check_fails_when_one_in_ten_is_very_long(self):
        text = "".join(self.function(f"f{i}", 3) for i in range(9))
        self.assertEqual(self.measure(text + self.function("g", 39), "--check").returncode, 0)
        self.assertEqual(self.measure(text + self.function("g", 41), "--check").returncode, 1)


if __name__ == "__main__":
    tool_case.main()

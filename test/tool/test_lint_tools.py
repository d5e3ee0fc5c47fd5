#!/usr/bin/env python3
"""test_lint_tools.py - the runners of clang-format, clang-tidy and the compilers find faults."""
import json
import shutil
import tool_case
from tool_case import ToolCase

CLEAN = "int mim_one(const int* p);\nint mim_one(const int* p) { return *p; }\n"
UNUSED = "int mim_one(void);\nint mim_one(void) {\n  int unused;\n  return 1;\n}\n"
NULL_USE = """\
int mim_one(int x);
int mim_one(int x) {
  int* p = 0;
  if (x > 1) { *p = 1; }
  return x;
}
"""


class LintTools(ToolCase):
    def database(self, text):
        """A build folder that compiles one file with the given text."""
        self.write({"src/x.c": text})
        source = self.folder / "src/x.c"
        entry = {"directory": str(self.folder), "file": str(source),
                 "command": f"cc -std=c11 -Wall -Wextra -o x.o -c {source}"}
        self.write({"compile_commands.json": json.dumps([entry])})

    def run_or_skip(self, tool, *arguments):
        """A missing tool, or another version than the tree's, makes the test a skipped one."""
        run = self.run_script(*arguments)
        if shutil.which(tool) is None or run.returncode == 77:
            self.skipTest(f"{tool} is missing or of another version")
        return run

    def test_the_format_check_names_a_file_that_is_not_formatted(self):
        self.write({"x.c": "int  f( void ){return 1;}\n", "y.c": "int f(void) { return 1; }\n"})
        check = ("clang-format", "run_clang_format.py", "--check")
        run = self.run_or_skip(*check, "x.c", "y.c")
        self.assertEqual(run.returncode, 1)
        self.assertIn("x.c: not formatted; run `make format`", run.stdout)
        self.assertNotIn("y.c", run.stdout)
        self.assertEqual(self.run_or_skip(*check, "y.c").returncode, 0)

    def test_formatting_makes_the_check_pass(self):
        self.write({"x.c": "int  f( void ){return 1;}\n"})
        run = self.run_or_skip("clang-format", "run_clang_format.py", "x.c")
        self.assertEqual(run.returncode, 0)
        self.assertEqual((self.folder / "x.c").read_text(), "int f(void) { return 1; }\n")

    def test_tidy_reports_a_null_dereference_and_passes_clean_code(self):
        tidy = ("clang-tidy", "run_clang_tidy.py", ".", "src/x.c")
        self.database(NULL_USE)
        run = self.run_or_skip(*tidy)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn("NullDereference", run.stdout)
        self.database(CLEAN)
        run = self.run_or_skip(*tidy)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_tidy_does_not_pass_a_file_that_it_cannot_parse(self):
        self.database('#include "gone.h"\n')
        run = self.run_or_skip("clang-tidy", "run_clang_tidy.py", ".", "src/x.c")
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)

    def test_a_warning_fails_the_warning_check_with_file_and_compiler(self):
        self.database(UNUSED)
        run = self.run_script("check_warnings.py", ".", "src")
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("unused variable", run.stdout)
        self.assertIn("gcc -O0", run.stdout)
        self.database(CLEAN)
        self.assertEqual(self.run_script("check_warnings.py", ".", "src").returncode, 0)

    def test_a_build_that_compiles_none_of_the_sources_does_not_pass(self):
        self.database(CLEAN)
        run = self.run_script("check_warnings.py", ".", "elsewhere")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("compiles no file", run.stderr)


if __name__ == "__main__":
    tool_case.main()

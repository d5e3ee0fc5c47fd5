#!/usr/bin/env python3
"""test_make_single_file.py - scripts/make_single_file.py writes what compiles, names clashes."""
import tool_case
from tool_case import ToolCase

GOOD = {
    "src/LAYERS": "low\nprim\nhigh\n",
    "src/low/table.def": "ENTRY(one, 1)\nENTRY(two, 2)\n",
    "src/low/a.h": "#ifndef A_H\n#define A_H\n#include <stddef.h>\n"
                   "typedef struct a { int x; } a_t;\nint mim_a(void);\n#endif\n",
    "src/low/a.c": "#ifndef _GNU_SOURCE\n#define _GNU_SOURCE\n#endif\n#include \"low/a.h\"\n"
                   "#define ENTRY(n, v) + v\n#define LOCAL 3\n"
                   "static int a_local(void) { return 0\n#include \"low/table.def\"\n; }\n"
                   "int mim_a(void) { return a_local() + LOCAL; }\n",
    "src/prim/PLATFORMS": "# names\nOne unix common/q.c\nTwo other\n",
    "src/prim/common/q.c": "/* the only file of its folder for One */\n",
    "src/prim/common/r.c": "this is for another system\n",
    "src/prim/unix/p.c": "#include <sched.h>\nint mim_p(void);\n"
                         "int mim_p(void) { return sched_getcpu() >= 0 ? 0 : 1; }\n",
    "src/prim/other/p.c": "this is for another system\n",
    "src/high/b.c": '#include "low/a.h"\n#define LOCAL 4\nint mim_p(void);\n'
                    "static int b_local = LOCAL;\n"
                    "int main(void) { return mim_a() + b_local + mim_p() == 10 ? 0 : 1; }\n",
}


class MakeSingleFile(ToolCase):
    def make(self, changes=None, system="One"):
        self.write({**GOOD, **(changes or {})})
        return self.run_script("make_single_file.py", "src", "--system", system,
                               "--output", "one.c")

    def assert_clash(self, changes, name):
        run = self.make(changes)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn(f"'{name}' is also local to low/a.c", run.stderr)
        self.assertFalse((self.folder / "one.c").exists())

    def test_the_single_file_compiles_and_behaves_like_the_parts(self):
        run = self.make()
        self.assertEqual(run.returncode, 0, run.stderr)
        run = self.run_program("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", "one",
                               "one.c")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.run_program("./one").returncode, 0)

    def test_a_system_has_its_folders_and_files_of_prim_and_no_other_ones(self):
        self.assertEqual(self.make().returncode, 0)
        text = (self.folder / "one.c").read_text()
        self.assertIn("the only file of its folder", text)
        self.assertNotIn("another system", text)

    def test_a_system_that_is_not_named_is_an_error(self):
        run = self.make(system="Three")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("PLATFORMS does not name Three; it has One, Two", run.stderr)

    def test_a_header_is_written_once_and_a_table_each_time(self):
        self.make({"src/high/b.c": GOOD["src/high/b.c"] +
                   "#define ENTRY(n, v) b_##n = v,\nenum b {\n#include \"low/table.def\"\n};\n"})
        text = (self.folder / "one.c").read_text()
        self.assertEqual(text.count("typedef struct a {"), 1)
        self.assertEqual(text.count("ENTRY(one, 1)"), 2)

    def test_a_header_first_included_under_a_condition_is_not_lost(self):
        run = self.make({"src/low/a.c": "#if 0\n#include \"low/a.h\"\n#endif\n" +
                         GOOD["src/low/a.c"]})
        self.assertEqual(run.returncode, 0, run.stderr)
        run = self.run_program("cc", "-o", "one", "one.c")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_two_static_functions_of_one_name_are_named(self):
        self.assert_clash({"src/high/b.c": "static int a_local(void) { return 1; }\n"}, "a_local")

    def test_a_static_function_and_a_variable_of_one_name_are_named(self):
        self.assert_clash({"src/high/b.c": "static _Atomic(int)* x_ok, a_local[3] = {1};\n"},
                          "a_local")

    def test_names_of_types_and_constants_clash_too(self):
        more = "typedef struct item { int x; } item_t;\nenum { A_MAX = 3 };\n"
        for line, name in (("typedef int item_t;\n", "item_t"), ("enum { A_MAX = 1 };\n", "A_MAX"),
                           ("struct item { int y; };\n", "struct item")):
            with self.subTest(name=name):
                self.assert_clash({"src/low/a.c": GOOD["src/low/a.c"] + more,
                                   "src/high/b.c": line}, name)

    def test_local_variables_and_comments_do_not_clash(self):
        run = self.make({"src/high/b.c": GOOD["src/high/b.c"] +
                         "/* static int a_local; */\nvoid f(void);\n"
                         "void f(void) { static int a_local = 1; (void)a_local; }\n"})
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_a_circle_of_headers_ends_with_its_path(self):
        run = self.make({"src/low/a.c": '#if 1\n#include "low/a.h"\n#endif\n',
                         "src/low/a.h": '#if 1\n#if 1\n#include "low/c.h"\n#endif\n#endif\n',
                         "src/low/c.h": '#if 1\n#if 1\n#include "low/a.h"\n#endif\n#endif\n'})
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("low/a.h", run.stderr)


if __name__ == "__main__":
    tool_case.main()

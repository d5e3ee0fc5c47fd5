#!/usr/bin/env python3
"""test_build_matrix.py - build_matrix.py chooses cells that cover what it says, and tells what is
wrong with a cell.
"""
import importlib.util
import itertools
import os
import shutil
import tool_case
from tool_case import SCRIPTS, ToolCase

SPEC = importlib.util.spec_from_file_location("build_matrix", SCRIPTS / "build_matrix.py")
matrix = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(matrix)

# A compiler that says something when it compiles the program, and else does what cc does.
LOUD = """\
#!/bin/sh
case "$*" in *program.c*) echo "program.c:1: warning: %s" >&2 ;; esac
exec cc "$@"
"""


class BuildMatrix(ToolCase):
    def cells(self, *arguments):
        run = self.run_script("build_matrix.py", "--list", *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        return [matrix.Cell(*line.split(" ")) for line in run.stdout.splitlines()]

    def run_matrix(self, *arguments, **variables):
        return self.run_program("env", *(f"{k}={v}" for k, v in variables.items()), "python3",
                                SCRIPTS / "build_matrix.py", "--jobs", "2", *arguments)

    def test_each_two_values_meet_in_a_cell(self):
        columns = (matrix.COMPILERS, matrix.LINKS, matrix.TYPES, matrix.FLAGS)
        met = {pair for cell in self.cells() for pair in itertools.combinations(cell, 2)}
        for one, other in itertools.combinations(columns, 2):
            for pair in itertools.product(one, other):
                if pair not in {("shared", "-static"), ("shared", "-static-pie")}:
                    self.assertIn(pair, met)
        self.assertLess(len(self.cells()), 45)

    def test_a_short_run_has_each_value(self):
        cells = self.cells("--each")
        for values, column in zip(zip(*cells), (matrix.COMPILERS, matrix.LINKS, matrix.TYPES,
                                                matrix.FLAGS)):
            self.assertEqual(set(values), set(column))
        self.assertLessEqual(len(cells), len(matrix.FLAGS))

    def test_names_limit_their_columns_and_all_has_what_is_impossible(self):
        cells = self.cells("--all", "gcc", "shared", "release", "debug", "-static", "plain")
        self.assertEqual(cells, [matrix.Cell("gcc", "shared", kind, flags)
                                 for kind in ("release", "debug")
                                 for flags in ("plain", "-static")])

    def test_another_compiler_joins_the_column(self):
        cells = self.cells("--gcc-sid", "gcc-sid")
        self.assertEqual({cell.compiler for cell in cells}, {"gcc-sid"})
        self.assertGreater(len(cells), 30)

    def test_an_unknown_name_is_told_with_those_there_are(self):
        run = self.run_script("build_matrix.py", "gccc")
        self.assertEqual(run.returncode, 1)
        self.assertIn("there is no value 'gccc'; the values are: gcc clang", run.stderr)

    def test_a_cell_is_built_and_run(self):
        run = self.run_matrix("gcc", "single-file", "debug", "plain", "-static")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertRegex(run.stdout, r"gcc +single-file +debug +-static +ok +\d+\.\d s\n")
        self.assertIn("2 cells: 2 ok, 0 failed, 0 skipped", run.stdout)

    def loud_compiler(self, text):
        path = self.folder / "loud"
        path.write_text(LOUD % text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def test_a_warning_is_a_failure_that_is_shown(self):
        run = self.run_matrix("gcc", "single-file", "debug", "plain",
                              MIM_MATRIX_GCC=self.loud_compiler("something is odd"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("gcc single-file debug plain: building the program warns:\n"
                      "program.c:1: warning: something is odd", run.stdout)
        self.assertIn("1 cells: 0 ok, 1 failed", run.stdout)

    def test_gcc_s_answer_to_a_flag_of_cpp_is_none(self):
        run = self.run_matrix("gcc", "single-file", "debug", "-fno-rtti", LC_ALL="C.UTF-8")
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_a_program_that_is_not_served_is_a_failure(self):
        original = (SCRIPTS / "build_matrix.py").read_text(encoding="utf-8")
        changed = original.replace("-DMI_OVERRIDE=1", "-DMI_OVERRIDE=0").replace(
            "  mi_free(p);\n  free(q);\n  free(text);\n", "")
        self.write({"scripts/build_matrix.py": changed})
        for name in ("src", "include", "scripts/make_single_file.py"):
            os.symlink(SCRIPTS.parent / name, self.folder / name)
        run = self.run_program("python3", "scripts/build_matrix.py", "gcc", "single-file", "debug",
                               "plain")
        self.assertEqual(run.returncode, 1)
        self.assertIn("the program prints 'not served 30600', not 'served 30600'", run.stdout)

    def test_a_compiler_that_is_not_there_is_skipped_with_the_reason(self):
        tools = self.folder / "bin"
        tools.mkdir()
        for name in ("python3", "env"):
            os.symlink(shutil.which(name), tools / name)
        run = self.run_matrix("clang-19", "shared", "debug", "plain", PATH=tools)
        self.assertEqual(run.returncode, 77, run.stdout + run.stderr)
        self.assertIn("skipped  clang-19 is not installed", run.stdout)


if __name__ == "__main__":
    tool_case.main()

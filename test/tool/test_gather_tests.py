#!/usr/bin/env python3
"""test_gather_tests.py - scripts/gather_tests.py joins folders and loses no test."""
import tool_case
from tool_case import ToolCase

ONE = """\
add_test(quick "/bin/sh" "-c" "echo a b; test \\"$WORD\\" = 'x;y'")
set_tests_properties(quick PROPERTIES LABELS "unit" TIMEOUT 7 ENVIRONMENT "WORD=x\\;y")
add_test(slow "/bin/sh" "-c" "exit 77")
set_tests_properties(slow PROPERTIES LABELS "stress;heavy" SKIP_RETURN_CODE 77 RUN_SERIAL ON)
add_test(text "/bin/sh" "-c" "echo found [it]; exit 3")
set_tests_properties(text PROPERTIES LABELS other PASS_REGULAR_EXPRESSION "x y;found \\\\[it\\\\]")
add_test(wrong "/bin/false")
set_tests_properties(wrong PROPERTIES LABELS "other" WILL_FAIL ON)
"""
TWO = """\
add_test(quick "/bin/false")
set_tests_properties(quick PROPERTIES LABELS "unit")
add_test(prepare "/bin/true")
set_tests_properties(prepare PROPERTIES LABELS "unit" FIXTURES_SETUP "ready")
add_test(use "/bin/true")
set_tests_properties(use PROPERTIES LABELS "unit" FIXTURES_REQUIRED "ready")
"""


class GatherTests(ToolCase):
    def setUp(self):
        super().setUp()
        self.write({"one/CTestTestfile.cmake": ONE, "two/CTestTestfile.cmake": TWO})

    def gather(self, *specifications):
        return self.run_script("gather_tests.py", "all", *specifications)

    def ctest(self):
        return self.run_program("ctest", "--test-dir", "all", "-j", "2")

    def test_passing_and_skipped_tests_keep_their_properties(self):
        self.assertEqual(self.gather("one").returncode, 0)
        run = self.ctest()
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("100% tests passed, 0 tests failed out of 4", run.stdout)
        self.assertRegex(run.stdout, r"one/slow \.*\*\*\*Skipped")
        self.assertRegex(run.stdout, r"one/quick \.* *Passed")
        text = (self.folder / "all/CTestTestfile.cmake").read_text()
        self.assertRegex(text, r"TIMEOUT \[=\[7(\.0)?\]=\]")
        self.assertIn("RUN_SERIAL [=[ON]=]", text)

    def test_a_failing_test_of_one_folder_fails_the_run_under_its_own_name(self):
        self.gather("one", "two")
        run = self.ctest()
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("two/quick (Failed)", run.stdout)
        self.assertIn("1 tests failed out of 7", run.stdout)

    def test_labels_choose_and_refuse(self):
        run = self.gather("one=unit", "two=!heavy,unit")
        self.assertIn("   1 tests of one=unit", run.stdout)
        self.assertIn("   3 tests of two=!heavy,unit", run.stdout)
        run = self.gather("one=!heavy")
        self.assertIn("   3 tests of one=!heavy", run.stdout)

    def test_a_fixture_stays_within_its_folder(self):
        self.gather("two=unit")
        text = (self.folder / "all/CTestTestfile.cmake").read_text()
        self.assertEqual(text.count("[=[two/ready]=]"), 2)

    def test_labels_that_choose_nothing_are_an_error(self):
        run = self.gather("one=unitt")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("chooses no test", run.stderr)

    def test_a_folder_that_was_not_built_is_an_error(self):
        run = self.gather("three")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("has no tests", run.stderr)


if __name__ == "__main__":
    tool_case.main()

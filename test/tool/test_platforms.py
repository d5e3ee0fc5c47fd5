"""Tests of scripts/test_platforms.py, test_report.py, make_platform_table.py and
test/platforms/misplace.py."""
import contextlib
import io
import json
import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tool_case import ROOT, SCRIPTS, ToolCase  # noqa: E402
sys.path.insert(0, str(SCRIPTS))
import test_platforms as platforms  # noqa: E402
import test_report  # noqa: E402

REPORT = """<testsuite>
<testcase name="unit.a" status="run"><system-out>PART SKIPPED: too small
NOTE: 7 of 7</system-out></testcase>
<testcase name="api.b" status="fail"><system-out>no</system-out></testcase>
<testcase name="api.c" status="notrun"><system-out>x
SKIPPED: no such thing</system-out></testcase>
</testsuite>"""
LABELS = {"tests": [{"name": name, "properties": [{"name": "LABELS", "value": [label]}]}
                    for name, label in (("unit.a", "unit"), ("api.b", "api"), ("api.c", "api"))]}
ASSEMBLY = """\t.text
code:
\t.section\t.bss.small,"aw",%nobits
\t.align\t2
small:
\t.space\t64
\t.section\t.bss.line,"aw",%nobits
\t.align\t6
line:
\t.space\t64
\t.section\t.tbss.own,"awT",%nobits
own:
\t.space\t8
"""


class TestPlatforms(ToolCase):
    def run_lane(self, **replaced):
        lane = platforms.lanes.LANES[0]
        with contextlib.ExitStack() as stack:
            for name, function in replaced.items():
                stack.enter_context(mock.patch.object(platforms, name, function))
            return platforms.run_lane(lane, self.folder, "1", platforms.build_and_test)

    def test_names_and_groups_choose_lanes(self):
        self.assertEqual([lane.name for lane in platforms.select(["s390x"])], ["s390x"])
        ci = [lane.name for lane in platforms.select(["ci"])]
        self.assertTrue({"i686", "aarch64", "armv7-musl", "s390x"} <= set(ci))
        windows = platforms.select(["windows"])
        self.assertEqual(platforms.select([]) + windows, platforms.lanes.LANES)
        run = self.run_script("test_platforms.py", "pdp11")
        self.assertIn("there is no lane or group 'pdp11'", run.stderr)

    def test_each_lane_has_packages_that_setup_knows(self):
        groups = sorted({group for lane in platforms.lanes.LANES for group in lane.packages})
        run = self.run_script("setup.sh", "--print", *groups)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_tests_are_read_with_the_reasons_they_were_skipped_for(self):
        self.write({"junit.xml": REPORT})
        listed = mock.Mock(stdout=json.dumps(LABELS))
        with mock.patch.object(platforms.subprocess, "run", return_value=listed):
            tests = platforms.read_tests(self.folder, self.folder / "junit.xml")
        self.assertEqual([(test.name, test.state, test.reason) for test in tests],
                         [("unit.a", "passed", ""), ("unit.a, a part", "skipped", "too small"),
                          ("unit.a", "noted", "7 of 7"),
                          ("api.b", "failed", ""), ("api.c", "skipped", "no such thing")])
        self.assertEqual(platforms.count(tests, "failed", "api"), 1)

    def test_what_tests_have_said_is_told_by_their_groups(self):
        self.write({"junit.xml": REPORT.replace('name="', 'name="debug/')})
        run = self.run_script("test_report.py", self.folder / "junit.xml")
        self.assertEqual(run.stdout.splitlines(),
                         ["skipped, no such thing (debug): api.c",
                          "skipped, too small (debug): unit.a, a part", "debug: unit.a: 7 of 7"])
        run = self.run_script("test_report.py", self.folder / "none.xml")
        self.assertIn("none.xml is missing: no test has run", run.stderr)

    def test_a_lane_that_cannot_run_is_skipped_and_one_that_cannot_be_built_fails(self):
        def unavailable(_lane):
            raise platforms.Unavailable("there is no such compiler")

        def broken(*_arguments):
            raise platforms.Failed("cannot be built")
        skipped = self.run_lane(prepare=unavailable)
        self.assertEqual((skipped.state, skipped.reason), ("skipped", "there is no such compiler"))
        failed = self.run_lane(prepare=lambda lane: {}, build=broken)
        self.assertEqual(failed.state, "failed")

    def test_a_lane_without_tests_or_with_a_failed_one_fails(self):
        test = test_report.Test("unit.a", {"unit"}, "failed", "")
        for tests in ([], [test]):
            result = self.run_lane(prepare=lambda lane: {}, build=lambda *more: None,
                                   run_tests=lambda *more, tests=tests: tests)
            self.assertEqual(result.state, "failed")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                platforms.print_table([result], 7)
        self.assertIn("failed: i686: unit.a", output.getvalue())

    def test_results_of_other_lanes_are_kept(self):
        first, second = (platforms.Result(lane, "ok", "", 1.0, 2.0, [])
                         for lane in platforms.lanes.LANES[:2])
        path = self.folder / "results.json"
        platforms.keep_results(path, [second])
        platforms.keep_results(path, [first])
        entries = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual([entry["name"] for entry in entries],
                         [first.lane.name, second.lane.name])

    def test_a_new_result_keeps_the_count_of_real_programs(self):
        result = platforms.Result(platforms.lanes.LANES[0], "ok", "", 1.0, 2.0, [])
        path = self.folder / "results.json"
        path.write_text(json.dumps([{"name": result.lane.name, "programs": [3, 1], "seconds": 9}]),
                        encoding="utf-8")
        platforms.keep_results(path, [result])
        entry = json.loads(path.read_text(encoding="utf-8"))[0]
        self.assertEqual((entry["programs"], entry["seconds"]), ([3, 1], 1))

    def test_real_programs_have_a_count_of_their_own(self):
        tests = [test_report.Test(f"programs.{number}", {"programs"}, state, "")
                 for number, state in enumerate(("passed", "passed", "failed", "skipped"))]
        lane = platforms.lanes.LANES[0]
        summary = platforms.summary_of(platforms.Result(lane, "ok", "", 1.0, 2.0, tests))
        self.assertEqual(summary["programs"], [2, 1])
        summary = platforms.summary_of(platforms.Result(lane, "ok", "", 1.0, 2.0, []))
        self.assertNotIn("programs", summary)

    def test_a_lane_that_cannot_be_built_here_is_a_skipped_test_for_others(self):
        def unavailable(_lane):
            raise platforms.Unavailable("there's no such compiler")
        lane = platforms.lanes.LANES[0]
        with mock.patch.object(platforms, "prepare", unavailable):
            result = platforms.run_lane(lane, self.folder, "1", platforms.build_only)
        self.assertEqual(result.state, "skipped")
        run = self.run_program("ctest", "--test-dir", self.folder / lane.name, "-V")
        self.assertIn("SKIPPED: there's no such compiler", run.stdout)
        self.assertIn("platforms.lane (Skipped)", run.stdout)

    def test_a_step_that_fails_shows_the_end_of_its_log(self):
        log = self.folder / "build.log"
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            with self.assertRaisesRegex(platforms.Failed, "cannot be built; see .*build.log"):
                platforms.must_run("built", log, "sh", "-c", "seq 100; exit 3")
        self.assertEqual(errors.getvalue().split()[-1], "100")
        self.assertNotIn("\n50\n", errors.getvalue())


class PlatformTable(ToolCase):
    ENTRY = {"name": "x", "title": "x86", "runs": "natively", "state": "failed", "reason": "",
             "seconds": 1, "labels": {"unit": [3, 0], "api": [1, 2]}, "programs": [4, 0]}

    def test_the_table_shows_what_passed_and_what_failed(self):
        self.write({"README.md": "a\n<!-- made by scripts/make_platform_table.py from "
                                 "doc/platforms.json -->\n<!-- end of the table -->\nb\n",
                    "doc/platforms.json": json.dumps([self.ENTRY])})
        check = ["make_platform_table.py", "--check", "--root", self.folder]
        self.assertEqual(self.run_script(*check).returncode, 1)
        run = self.run_script("make_platform_table.py", "--root", self.folder)
        self.assertEqual(run.returncode, 0, run.stderr)
        text = (self.folder / "README.md").read_text(encoding="utf-8")
        self.assertIn("| x86 | natively | yes | 3 | 2 of 3 failed | – | – | – | 4 |\n", text)
        self.assertTrue(text.startswith("a\n") and text.endswith("b\n"))
        self.assertEqual(self.run_script(*check).returncode, 0)

    def test_a_readme_without_a_place_for_it_is_named(self):
        self.write({"README.md": "a\n", "doc/platforms.json": "[]"})
        run = self.run_script("make_platform_table.py", "--root", self.folder)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("no place for the table", run.stderr)


class Misplace(ToolCase):
    def misplace(self, text):
        self.write({"in.s": text})
        return self.run_program(sys.executable, ROOT / "test/platforms/misplace.py",
                                self.folder / "in.s", self.folder / "out.s")

    def test_only_static_data_of_up_to_8_bytes_alignment_moves(self):
        run = self.misplace(ASSEMBLY)
        self.assertEqual(run.stdout, "1 objects are at 4 modulo 8 now\n")
        text = (self.folder / "out.s").read_text(encoding="utf-8")
        self.assertIn("\t.align\t2\n\t.p2align 3\n\t.space 4\nsmall:\n", text)
        self.assertEqual(text.count(".space 4\n"), 1)

    def test_nothing_to_move_is_an_error(self):
        self.assertNotEqual(self.misplace("\t.text\ncode:\n").returncode, 0)


if __name__ == "__main__":
    unittest.main()

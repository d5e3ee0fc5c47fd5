"""Tests of test/cpython/run.py: what counts as a difference, and what a mode has to show."""
import contextlib
import io
import pathlib
import sys
import time
import types
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tool_case import ROOT, ToolCase  # noqa: E402
sys.path.insert(0, str(ROOT / "test/cpython"))
import run as cpython  # noqa: E402

REPORT = """<testsuites><testsuite>
<testcase name="test.test_x.A.test_passes" status="run" result="completed" />
<testcase name="test.test_x.A.test_fails" status="run" result="completed"><failure /></testcase>
<testcase name="test.test_x.A.test_skips" status="run" result="completed">
  <skipped>no such thing</skipped></testcase>
</testsuite></testsuites>"""
MALLOC, OURS = cpython.MODES[2:4]


def is_running(process):
    """Not if it only waits to be reaped."""
    try:
        stat = pathlib.Path("/proc", process, "stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Outcomes(ToolCase):
    def test_each_test_of_a_report_and_the_exit_code_count(self):
        self.write({"report.xml": REPORT})
        found = cpython.outcomes_of("test_x", 2, self.folder / "report.xml", "")
        self.assertEqual(found, {"test_x: exit code": "2", "test.test_x.A.test_passes": "passed",
                                 "test.test_x.A.test_fails": "failed",
                                 "test.test_x.A.test_skips": "skipped: no such thing"})

    def test_a_file_without_report_shows_its_signal_or_why_it_is_skipped(self):
        none = self.folder / "none.xml"
        self.assertEqual(cpython.outcomes_of("test_x", -11, none, ""),
                         {"test_x: exit code": "-11"})
        found = cpython.outcomes_of("test_x", 0, none, "a\ntest_x skipped -- not on Linux\nb\n")
        self.assertEqual(found["test_x: all of it"], "skipped: not on Linux")

    def test_a_message_of_the_library_is_an_outcome(self):
        found = cpython.outcomes_of("test_x", 0, self.folder / "none.xml",
                                    "a\nmimalloc: error: double free\nb\n")
        self.assertIn("mimalloc: error: double free", found.values())


class Running(ToolCase):
    def test_what_a_file_leaves_behind_is_ended_with_it(self):
        with open(self.folder / "log", "wb") as output:
            code = cpython.run_to_end(["sh", "-c", "sleep 1000 & echo $! >child; exit 3"], None,
                                      self.folder, output)
        child = (self.folder / "child").read_text(encoding="utf-8").strip()
        self.assertEqual(code, 3)
        deadline = time.monotonic() + 30
        while is_running(child) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(is_running(child))

    def test_a_file_without_an_end_has_no_exit_code(self):
        with open(self.folder / "log", "wb") as output, \
                mock.patch.object(cpython, "FILE_SECONDS", 0.1):
            code = cpython.run_to_end(["sleep", "1000"], None, self.folder, output)
        self.assertEqual(code, "none after 0.1 s")


class Interrupted(ToolCase):
    def test_files_that_had_begun_are_reported(self):
        futures = {}

        def run_modes(file, *_):
            while not futures or not futures["c"].cancelled():
                time.sleep(0.01)
            return file.upper()

        def interrupt(running):
            while not any(future.running() for future in running):
                time.sleep(0.01)
            futures.update({file: future for future, file in running.items()})
            raise KeyboardInterrupt
        arguments = types.SimpleNamespace(jobs=1)
        with mock.patch.object(cpython, "run_modes", run_modes), \
                mock.patch.object(cpython.concurrent.futures, "as_completed", interrupt), \
                contextlib.redirect_stderr(io.StringIO()) as errors:
            results = cpython.run_files(["a", "b", "c"], [], {}, arguments)
        self.assertEqual(results, {"a": "A"})
        self.assertIn("interrupted", errors.getvalue())


class Comparing(ToolCase):
    def test_another_outcome_and_a_missing_test_differ(self):
        one, other = {"a": {"passed"}, "b": {"passed"}}, {"a": {"failed"}}
        self.assertEqual(cpython.compare(one, other), (["a", "b"], []))

    def test_a_test_that_had_the_same_outcome_once_is_unsteady(self):
        self.assertEqual(cpython.compare({"a": {"passed", "failed"}}, {"a": {"passed"}}),
                         ([], ["a"]))

    def run_modes(self, outcomes):
        """Each run of a mode takes the next of its outcomes; returns what was seen, and runs."""
        runs = []

        def run_file(mode, *_):
            runs.append(mode.name)
            return {"a": outcomes[mode.name].pop(0)}
        arguments = types.SimpleNamespace(lib=None, work=None)
        with mock.patch.object(cpython, "run_file", run_file):
            seen = cpython.run_modes("test_x", [MALLOC, OURS], {"default": None}, arguments)
        return seen, len(runs)

    def test_only_files_with_a_difference_run_again(self):
        seen, runs = self.run_modes({MALLOC.name: ["passed"], OURS.name: ["passed"]})
        self.assertEqual((cpython.compare(seen[MALLOC.name], seen[OURS.name]), runs),
                         (([], []), 2))

    def test_a_difference_that_stays_is_one(self):
        seen, runs = self.run_modes({MALLOC.name: ["passed"] * 3, OURS.name: ["failed"] * 3})
        self.assertEqual((cpython.compare(seen[MALLOC.name], seen[OURS.name]), runs),
                         ((["a"], []), 6))
        with contextlib.redirect_stdout(io.StringIO()) as output:
            differing = cpython.print_pairs({"test_x": seen}, [MALLOC, OURS])
        self.assertEqual(differing, 1)
        self.assertIn("differs: a: passed / failed", output.getvalue())

    def test_a_difference_that_goes_away_is_unsteady(self):
        seen, runs = self.run_modes({MALLOC.name: ["passed", "passed"],
                                     OURS.name: ["failed", "passed"]})
        self.assertEqual((cpython.compare(seen[MALLOC.name], seen[OURS.name]), runs),
                         (([], ["a"]), 4))


class Modes(ToolCase):
    def test_a_mode_alone_has_nothing_to_compare(self):
        with self.assertRaisesRegex(SystemExit, "nothing to compare"):
            cpython.modes_of("malloc")
        self.assertEqual(cpython.modes_of("malloc;malloc, ours"), [MALLOC, OURS])
        self.assertEqual(cpython.modes_of(None), cpython.MODES)

    def test_settings_of_the_user_do_not_reach_python(self):
        with mock.patch.dict("os.environ", {"MIMALLOC_VERBOSE": "1", "PYTHONHASHSEED": "1",
                                            "LD_PRELOAD": "x.so"}):
            plain = cpython.environment_of(MALLOC, "ours.so")
            ours = cpython.environment_of(OURS, "ours.so")
        self.assertFalse({"MIMALLOC_VERBOSE", "PYTHONHASHSEED", "LD_PRELOAD"} & plain.keys())
        self.assertEqual(ours["LD_PRELOAD"], "ours.so")

    def probe(self, mode, allocator, mallocs):
        answer = types.SimpleNamespace(returncode=0, stdout=allocator + "\n",
                                       stderr=f"a\nmallocs    {mallocs}\n" if mallocs else "")
        with mock.patch.object(cpython.subprocess, "run", return_value=answer):
            return cpython.probe(mode, "python", "ours.so")

    def test_a_mode_has_to_be_what_its_name_says(self):
        self.assertEqual(self.probe(OURS, "malloc", 200_000), 200_000)
        self.assertEqual(self.probe(MALLOC, "malloc", 0), 0)
        for mode, allocator, mallocs in ((OURS, "mimalloc", 200_000), (OURS, "malloc", 7),
                                         (OURS, "malloc", 0), (MALLOC, "malloc", 200_000)):
            with self.assertRaises(SystemExit):
                self.probe(mode, allocator, mallocs)


if __name__ == "__main__":
    unittest.main()

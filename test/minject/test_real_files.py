#!/usr/bin/env python3
"""test_real_files.py - minject on programs that nobody here has made.

MIM_WINDOWS_PROGRAMS names a folder that holds some, at any depth: unpacked npm packages of Windows
programs, say, or wine's DLLs. Without it the test is skipped.
"""
import os
import pathlib
import re
import sys

import minject_case
from minject_case import MinjectCase

SUFFIXES = {".exe", ".dll", ".node", ".drv", ".sys", ".ocx", ".acm", ".cpl"}
# Reasons for which a sound file may be refused.
REFUSALS = re.compile(r"aligned to pages|\.NET assembly|not supported|not a Windows program")


class RealFiles(MinjectCase):
    def files(self):
        folder = os.environ.get("MIM_WINDOWS_PROGRAMS")
        if not folder:
            self.skipTest("set MIM_WINDOWS_PROGRAMS to a folder with Windows programs")
        return [path for path in sorted(pathlib.Path(folder).rglob("*"))
                if path.suffix in SUFFIXES and path.is_file() and not path.is_symlink()]

    def check(self, path):
        """None, or the sentence with which it was refused."""
        run = self.run_program(minject_case.MINJECT, "-f", "-o", "new", path)
        if run.returncode != 0:
            self.assertRegex(run.stderr, REFUSALS, path)
            return run.stderr.rpartition(": ")[2].strip()
        before, after = path.read_bytes(), self.folder.joinpath("new").read_bytes()
        self.assertEqual(list(minject_case.imports_of(after)),
                         ["mimalloc.dll", *minject_case.imports_of(before)], path)
        self.minject("--list", path)
        self.minject("--remove", "-f", "-o", "old", "new")
        if "signature is dropped" not in run.stderr:
            self.assertEqual(self.folder.joinpath("old").read_bytes(), before, path)
        return None

    def test_each_is_changed_and_changed_back_or_refused_with_a_reason(self):
        files = self.files()
        self.assertGreater(len(files), 0)
        refused = {}
        for path in files:
            reason = self.check(path)
            if reason is not None:
                refused[reason] = refused.get(reason, 0) + 1
        print(f"{len(files)} files, {sum(refused.values())} refused")
        for reason, count in sorted(refused.items()):
            print(f"{count:6} {reason}")


if __name__ == "__main__":
    sys.exit(minject_case.main())

#!/usr/bin/env python3
"""test_windows.py - minject for Windows, and the programs that it has changed, under wine."""
import os
import shutil
import subprocess
import sys

import minject_case
from minject_case import BUILD, ROOT, MinjectCase

# One for all tests of a build: making it takes ten seconds.
PREFIX = BUILD / "wine"
LOADED, RUNS = "the allocator is loaded", "the program runs"


class WindowsCase(MinjectCase):
    def build_tool(self, machine):
        build = self.folder / "build"
        commands = ([
            "cmake", "-S", ROOT / "tools", "-B", build, "-DCMAKE_SYSTEM_NAME=Windows",
            f"-DCMAKE_C_COMPILER={self.compiler(machine)}", "-DMIM_WERROR=ON"],
            ["cmake", "--build", build])
        for command in commands:
            run = self.run_program(*command)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return build / "minject/minject.exe"


class Windows(WindowsCase):
    def test_it_is_built_for_each_machine_without_a_warning(self):
        for machine in minject_case.COMPILERS:
            with self.subTest(machine):
                tool = self.build_tool(machine)
                self.assertIn(f"program for {machine}", self.minject("--list", tool).stdout)
                shutil.rmtree(self.folder / "build")


class Wine(WindowsCase):
    """Only 64-bit programs: Debian's wine64 runs nothing else."""

    wine = shutil.which("wine64") or "/usr/lib/wine/wine64"

    def setUp(self):
        super().setUp()
        if not os.access(self.wine, os.X_OK):
            self.skipTest("wine64 is missing; install it: scripts/setup.sh wine")
        self.make_files("x64")
        if not PREFIX.is_dir():
            self.run_wine("wineboot", "--init")

    @classmethod
    def tearDownClass(cls):
        """Ends the services of this prefix, and nothing else; they would stay for a while."""
        server = shutil.which("wineserver") or "/usr/lib/wine/wineserver"
        if PREFIX.is_dir():
            subprocess.run([server, "-k"], env=dict(os.environ, WINEPREFIX=str(PREFIX)),
                           check=False)

    def run_wine(self, *command):
        """Output goes to a file: wine's services would keep a pipe open."""
        environment = dict(os.environ, WINEPREFIX=str(PREFIX), WINEDEBUG="-all",
                           WINEARCH="win64")
        environment.pop("DISPLAY", None)
        with open(self.folder / "output", "w+b") as output:
            run = subprocess.run([self.wine, *map(str, command)], stdin=subprocess.DEVNULL,
                                 stdout=output, stderr=output, env=environment, cwd=self.folder,
                                 timeout=120, check=False)
            output.seek(0)
            return run.returncode, output.read().decode().replace("\r", "").splitlines()

    def test_the_dll_is_loaded_before_the_program_runs(self):
        self.assertEqual(self.run_wine("prog.exe"), (0, [RUNS]))
        self.minject("prog.exe")
        self.assertEqual(self.run_wine("prog-mi.exe"), (0, [LOADED, RUNS]))
        self.minject("--remove", "-f", "prog-mi.exe")
        self.assertEqual(self.run_wine("prog.exe"), (0, [RUNS]))

    def test_a_program_whose_headers_moved_is_loaded(self):
        """Sections fill the headers, so that there is no room for another section header."""
        count = 0
        while count < 24:
            names = "".join(f'__attribute__((section(".s{i}"), used)) int x{i} = 1;\n'
                            for i in range(count))
            text = (minject_case.HERE / "program.c").read_text() + names
            self.compile("x64", "full.exe", text)
            if "header moves" in self.minject("-f", "full.exe").stderr:
                break
            count += 1
        self.assertLess(count, 24)
        self.assertEqual(self.run_wine("full-mi.exe"), (0, [LOADED, RUNS]))

    def test_the_tool_gives_the_same_bytes_on_windows(self):
        tool = self.build_tool("x64")
        self.minject("-o", "here.exe", "prog.exe")
        code, lines = self.run_wine(tool, "-o", "there.exe", "prog.exe")
        self.assertEqual(code, 0, lines)
        self.assertEqual(lines, ["there.exe: mimalloc.dll is now its first import"])
        self.assertEqual(self.folder.joinpath("here.exe").read_bytes(),
                         self.folder.joinpath("there.exe").read_bytes())
        self.assertEqual(self.run_wine(tool, "--inplace", "prog.exe")[0], 0)
        self.assertEqual(self.folder.joinpath("prog.exe").read_bytes(),
                         self.folder.joinpath("here.exe").read_bytes())
        self.assertEqual(self.run_wine(tool, "--remove", "-i", "prog.exe")[0], 0)
        self.assertEqual(self.folder.joinpath("prog.exe").read_bytes(),
                         self.folder.joinpath("prog.exe.orig").read_bytes())


if __name__ == "__main__":
    sys.exit(minject_case.main())

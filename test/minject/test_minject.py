#!/usr/bin/env python3
"""test_minject.py - what a user sees of minject: files, messages, exit codes."""
import os
import shutil
import subprocess
import sys

import minject_case
from minject_case import BUILD, COMPANIONS, MinjectCase


class Usage(MinjectCase):
    def test_help_names_every_option(self):
        text = self.minject("--help").stdout
        for option in ("--verbose", "--list", "--check", "--remove", "--output", "--inplace",
                       "--force", "--postfix", "--dll"):
            self.assertIn(option, text)

    def test_wrong_usage_is_explained(self):
        for arguments, message in (
                ([], "name one program"),
                (["a.exe", "b.exe"], "name one program"),
                (["--postfix=", "a.exe"], "may not be empty"),
                (["--dll=", "a.exe"], "name of a file"),
                (["--dll=x/y.dll", "a.exe"], "without a folder"),
                (["--dll=a.dll", "--postfix=b", "a.exe"], "give one of them"),
                (["-i", "-o", "b.exe", "a.exe"], "give one of them"),
                (["--list", "--remove", "a.exe"], "give one of"),
                (["--list", "-i", "a.exe"], "write nothing"),
                (["--unknown", "a.exe"], "minject --help")):
            self.assertIn(message, self.minject(*arguments, expect=2).stderr)

    def test_what_is_no_program_is_refused_with_a_sentence(self):
        self.assertIn("No such file", self.minject("none.exe", expect=1).stderr)
        self.write({"text.exe": "MZ, they said", "empty.exe": "", "other.exe": "#!/bin/sh"})
        self.assertIn("truncated", self.minject("text.exe", expect=1).stderr)
        self.assertIn("not a Windows program", self.minject("empty.exe", expect=1).stderr)
        self.assertIn("not a Windows program", self.minject("other.exe", expect=1).stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["empty.exe", "other.exe", "text.exe"])


class MadeFiles(MinjectCase):
    """The files that the fuzzer starts from have what compilers at hand do not make."""

    def setUp(self):
        super().setUp()
        run = self.run_program(BUILD / "test/pe/pe-corpus", self.folder)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_each_can_be_changed_and_changed_back(self):
        for path in sorted(self.folder.glob("*-made")):
            self.minject("-o", "new", "-f", path)
            self.assertEqual(self.folder.joinpath("new").read_bytes(),
                             path.with_name(path.name[:3] + "injected").read_bytes())
            self.minject("--remove", "-o", "old", "-f", "new")
            signature = path.name[:2] in ("04", "05")
            self.assertEqual(signature, self.folder.joinpath("old").read_bytes()
                             != path.read_bytes())

    def test_what_is_lost_is_said(self):
        self.assertIn("signature is dropped", self.minject("04-made").stderr)
        self.assertIn("bytes behind the sections", self.minject("03-made").stderr)
        self.assertIn("bound imports are dropped", self.minject("06-made").stderr)
        self.assertIn("header moves over the DOS stub", self.minject("07-made").stderr)
        self.assertIn("System32 only", self.minject("09-made").stderr)

    def test_hybrid_programs_are_named(self):
        self.assertIn("for ARM64X", self.minject("--list", "08-made").stdout)
        self.assertIn("for ARM64EC", self.minject("--list", "09-made").stdout)
        self.assertIn("mimalloc-redirect-arm64ec.dll",
                      self.minject("--check", "09-made", expect=1).stdout)

    def test_a_file_cut_anywhere_leaves_no_output(self):
        content = self.folder.joinpath("00-injected").read_bytes()
        for size in range(0, len(content), 97):
            cut = self.folder / "cut.exe"
            cut.write_bytes(content[:size])
            for command in (["-o", "out.exe"], ["--remove", "-o", "out.exe"], ["--list"]):
                run = self.minject(*command, "cut.exe", expect=1)
                self.assertRegex(run.stderr, r"^minject: cut\.exe: \w.* \w")
            self.assertFalse(self.folder.joinpath("out.exe").exists())


class HybridFiles(MinjectCase):
    """Made by a real linker: hybrid/make.sh."""

    def test_both_kinds_are_told_and_changed(self):
        for name, machine in (("arm64ec", "ARM64EC"), ("arm64x", "ARM64X")):
            path = minject_case.HERE / "hybrid" / (name + ".dll")
            self.assertIn(f"DLL for {machine}", self.minject("--list", path).stdout)
            self.minject("-f", "-o", "new.dll", path)
            names = list(minject_case.imports_of(self.folder.joinpath("new.dll").read_bytes()))
            self.assertEqual(names, ["mimalloc.dll"])
            self.minject("--remove", "-f", "-o", "old.dll", "new.dll")
            self.assertEqual(self.folder.joinpath("old.dll").read_bytes(), path.read_bytes())

    def test_import_tables_that_the_loader_changes_are_refused(self):
        path = minject_case.HERE / "hybrid/arm64x-imports.dll"
        self.assertIn("k.dll", self.minject("--list", path).stdout)
        self.assertIn("import table for each", self.minject("-o", "x.dll", path, expect=1).stderr)
        self.assertEqual(os.listdir(self.folder), [])


class Files:
    """With real programs, for one machine."""

    machine = ""

    def setUp(self):
        super().setUp()
        self.program = self.make_files(self.machine)
        self.original = self.program.read_bytes()

    def test_the_program_stays_and_a_new_one_is_written(self):
        run = self.minject("prog.exe")
        self.assertIn("prog-mi.exe: mimalloc.dll is now its first import", run.stdout)
        self.assertEqual(self.program.read_bytes(), self.original)
        text = self.minject("--list", "prog-mi.exe").stdout
        self.assertIn(f"program for {self.machine}", text)
        self.assertIn("  1  mimalloc.dll  (added by minject)", text)
        self.assertIn("malloc  (heap)", text)
        self.assertIn("C runtime: msvcrt.dll", text)
        self.assertRegex(text, r"1  KERNEL32.dll  \(system\)\n.*\n +3  mimalloc.dll  \(in the fold")

    def test_twice_is_once(self):
        self.minject("prog.exe")
        first = self.folder.joinpath("prog-mi.exe").read_bytes()
        self.assertIn("already", self.minject("-i", "prog-mi.exe").stdout)
        self.minject("-o", "again.exe", "prog-mi.exe")
        self.assertEqual(self.folder.joinpath("again.exe").read_bytes(), first)
        self.assertEqual(self.folder.joinpath("prog-mi.exe").read_bytes(), first)
        self.assertFalse(self.folder.joinpath("prog-mi.exe.orig").exists())

    def test_another_dll_replaces_the_first_one(self):
        self.minject("prog.exe")
        self.minject("--dll=other.dll", "-o", "a.exe", "prog-mi.exe")
        self.minject("--dll=other.dll", "-o", "b.exe", "prog.exe")
        self.assertEqual(self.folder.joinpath("a.exe").read_bytes(),
                         self.folder.joinpath("b.exe").read_bytes())

    def test_removal_gives_back_every_byte(self):
        self.minject("prog.exe")
        self.assertIn("exists already", self.minject("--remove", "prog-mi.exe", expect=1).stderr)
        self.minject("--remove", "-f", "prog-mi.exe")
        self.assertEqual(self.program.read_bytes(), self.original)
        self.assertIn("nothing to remove", self.minject("--remove", "prog.exe", expect=1).stderr)
        self.assertFalse(self.folder.joinpath("prog-plain.exe").exists())

    def test_in_place_keeps_the_original(self):
        os.chmod(self.program, 0o754)
        self.minject("--inplace", "prog.exe")
        backup = self.folder / "prog.exe.orig"
        self.assertEqual(backup.read_bytes(), self.original)
        self.assertNotEqual(self.program.read_bytes(), self.original)
        self.assertEqual(self.program.stat().st_mode & 0o777, 0o754)
        self.minject("--inplace", "--remove", "prog.exe")
        self.assertEqual(self.program.read_bytes(), self.original)
        self.minject("--inplace", "prog.exe")     # the backup is the same file: no question
        backup.write_bytes(b"another one")
        self.minject("--inplace", "--remove", "prog.exe")
        run = self.minject("--inplace", "prog.exe", expect=1)
        self.assertIn("differs", run.stderr)
        self.assertEqual(self.program.read_bytes(), self.original)
        self.assertEqual(backup.read_bytes(), b"another one")

    def test_in_place_through_a_link_changes_the_file(self):
        link = self.folder / "link.exe"
        link.symlink_to("prog.exe")
        self.minject("--inplace", "link.exe")
        self.assertTrue(link.is_symlink())
        self.assertNotEqual(self.program.read_bytes(), self.original)

    def test_an_output_that_exists_is_overwritten_by_force_only(self):
        self.write({"prog-mi.exe": "mine"})
        self.assertIn("exists already", self.minject("prog.exe", expect=1).stderr)
        self.assertEqual(self.folder.joinpath("prog-mi.exe").read_text(), "mine")
        self.minject("--force", "prog.exe")

    def test_a_full_disk_leaves_all_as_it_was(self):
        files = sorted(os.listdir(self.folder))
        for options in ("-i", "-f -o prog.exe", "-o new.exe"):
            script = ('ulimit -f 1; trap "" XFSZ; '
                      f'exec {minject_case.MINJECT} {options} prog.exe')
            run = subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True,
                                 text=True, check=False)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertIn("too large", run.stderr)
            self.assertEqual(self.program.read_bytes(), self.original)
            self.assertEqual(sorted(os.listdir(self.folder)), files)

    def test_the_dll_is_looked_at(self):
        self.folder.joinpath("mimalloc.dll").rename(self.folder / "MiMalloc-Override.DLL")
        text = self.minject("-o", "a.exe", "prog.exe").stdout
        self.assertIn("mimalloc-override.dll is now", text)   # the second name, whatever its case
        text = self.minject("--dll=mimalloc.dll", "-o", "b.exe", "prog.exe").stderr
        self.assertIn("warning: mimalloc.dll is not in the folder", text)
        self.write({"bad.dll": "MZ"})
        text = self.minject("--dll=bad.dll", "-o", "c.exe", "prog.exe", expect=1).stderr
        self.assertIn("bad.dll is damaged", text)
        self.assertFalse(self.folder.joinpath("c.exe").exists())
        self.compile(self.machine, "empty.dll", "int f(void) { return 1; }", "-shared")
        text = self.minject("--dll=empty.dll", "-o", "c.exe", "prog.exe", expect=1).stderr
        self.assertIn("does not export mi_version", text)
        self.minject("--force", "--dll=empty.dll", "-o", "c.exe", "prog.exe")

    def test_a_dll_for_another_processor_is_refused(self):
        other = "x86" if self.machine == "x64" else "x64"
        (self.folder / "mimalloc.dll").unlink()
        self.compile(other, "mimalloc.dll", "__declspec(dllexport) int mi_version(void) "
                     "{ return 1; }", "-shared")
        self.assertIn("another processor", self.minject("prog.exe", expect=1).stderr)

    def test_postfix_names_the_dll(self):
        text = self.minject("--postfix=debug", "prog.exe").stdout
        self.assertIn("mimalloc-debug.dll is now", text)

    def test_check_says_what_is_in_the_way(self):
        companion = COMPANIONS[self.machine]
        text = self.minject("--check", "prog.exe", expect=1).stdout
        for message in ("no   it uses msvcrt.dll", "run it with MIMALLOC_REDIRECT_MSVCRT=1",
                        "yes  mimalloc.dll is in its folder and fits",
                        f"no   {companion} is not in the folder",
                        "no   mimalloc.dll is not its first import", "redirection would not work"):
            self.assertIn(message, text)
        self.compile(self.machine, "ucrt.dll", "int malloc(int); __declspec(dllexport) "
                     "int f(void) { return malloc(1); }", "-shared", "-nostdlib", "-Wl,-e0",
                     "-fno-builtin", "-lucrtbase")
        self.compile(self.machine, companion, "int f(void) { return 1; }", "-shared")
        program = self.compile(self.machine, "uses.exe", "int f(void); int main(void) "
                               "{ return f(); }", self.folder / "ucrt.dll")
        self.minject("-i", program)
        text = self.minject("--check", program).stdout
        self.assertIn("redirection should work", text)

    def test_the_runtime_of_the_allocator_is_not_the_program_s(self):
        """The allocator's own DLL uses the UCRT, whatever the program does."""
        self.compile(self.machine, "mimalloc.dll", "int malloc(int); __declspec(dllexport) "
                     "int mi_version(void) { return malloc(1); }", "-shared", "-nostdlib",
                     "-Wl,-e0", "-fno-builtin", "-lucrtbase")
        self.minject("prog.exe")
        text = self.minject("--check", "prog-mi.exe", expect=1).stdout
        self.assertIn("no   it uses msvcrt.dll", text)

    def test_other_readers_see_the_same_imports(self):
        self.minject("prog.exe")
        names = list(minject_case.imports_of(self.folder.joinpath("prog-mi.exe").read_bytes()))
        self.assertEqual(names, ["mimalloc.dll", "KERNEL32.dll", "msvcrt.dll"])
        objdump = minject_case.COMPILERS[self.machine].replace("gcc", "objdump")
        run = self.run_program(objdump, "-p", "prog-mi.exe")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("mi_version", run.stdout)


class FilesX64(Files, MinjectCase):
    machine = "x64"

    def test_check_names_the_companion_of_the_dll_that_is_there(self):
        """A program for x64 on Windows for ARM64, with the DLL for that."""
        for name in ("arm64ec.dll", "arm64x.dll"):
            shutil.copy(minject_case.HERE / "hybrid" / name, self.folder / "mimalloc.dll")
            text = self.minject("--check", "prog.exe", expect=1).stdout
            self.assertIn("no   mimalloc-redirect-arm64ec.dll is not in the folder", text)


class FilesX86(Files, MinjectCase):
    machine = "x86"


if __name__ == "__main__":
    sys.exit(minject_case.main())

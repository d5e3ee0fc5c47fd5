#!/usr/bin/env python3
"""check_hybrid.py - the libraries for ARM64EC and ARM64X are what they should be.

usage: check_hybrid.py LLVM ARM64EC RUNTIME ARM64X HOST

LLVM is a folder with llvm-readobj and others, ARM64EC the build folder, RUNTIME the DLL made of
fake_runtime.c, ARM64X what win/arm64x/make_arm64x.sh has written, HOST a build folder with
plan-hybrid and minject for this machine.
"""
import pathlib
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
LLVM, ARM64EC, RUNTIME, ARM64X, HOST = map(pathlib.Path, sys.argv[1:6])
MACHINE = re.compile(r"^ *(?:Machine|Format): (\S+)", re.MULTILINE)


def output_of(*command):
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                         check=False)
    if run.returncode != 0:
        raise AssertionError(f"{command[0]} fails: {run.stdout[-500:]}{run.stderr[-500:]}")
    return run.stdout


def readobj(*arguments):
    return output_of(LLVM / "llvm-readobj", *arguments)


def exports_of(text):
    return set(re.findall(r"^ *Name: (\S+)$", text, re.MULTILINE))


def redirected_names():
    text = (ROOT / "win/redirect/functions.def").read_text(encoding="utf-8")
    return re.findall(r"^MIM_REDIRECTED\((\w+)\)", text, re.MULTILINE)


def plan(dll, names):
    """Where the ARM64 code of each function is, if both ways into each can be redirected."""
    lines = output_of(HOST / "test/redirect/plan-hybrid", dll, *names).splitlines()
    return {name: int(where, 16) for name, where in (line.split(": ") for line in lines)}


class Arm64ec(unittest.TestCase):
    """mimalloc.dll, its companion, and what else is built for ARM64EC."""

    def check_dll(self, dll):
        text = readobj("--file-headers", "--coff-load-config", dll)
        self.assertIn("COFF-ARM64EC", MACHINE.findall(text))
        self.assertNotIn("CHPEMetadataPointer: 0x0\n", text)
        kinds = re.findall(r"^ *0x\w+ - 0x\w+  (\w+)$", text, re.MULTILINE)
        self.assertEqual(set(kinds), {"ARM64EC", "X64"}, "the code map")

    def test_dlls_have_code_of_arm64ec_with_thunks_for_x64(self):
        self.check_dll(ARM64EC / "mimalloc.dll")
        self.check_dll(ARM64EC / "mimalloc-redirect-arm64ec.dll")

    def test_static_library_and_object_are_arm64ec(self):
        for name in ("libmimalloc.a", "mimalloc.o"):
            self.assertEqual(set(MACHINE.findall(readobj("--file-headers", ARM64EC / name))),
                             {"COFF-ARM64EC", "IMAGE_FILE_MACHINE_ARM64EC"}, name)

    def test_the_import_library_has_what_the_dll_exports(self):
        names = exports_of(readobj("--coff-exports", ARM64EC / "mimalloc.dll"))
        symbols = readobj("--file-headers", "--symbols", ARM64EC / "libmimalloc.dll.a")
        self.assertIn("mi_malloc", names)
        self.assertIn("COFF-import-file-ARM64EC", symbols)
        self.assertEqual([name for name in names if f"Symbol: __imp_{name}\n" not in symbols], [])

    def test_all_exports_have_two_ways_in_that_can_be_changed(self):
        names = exports_of(readobj("--coff-exports", ARM64EC / "mimalloc.dll"))
        self.assertGreater(len(names), 200)
        self.assertEqual(len(plan(ARM64EC / "mimalloc.dll", sorted(names))), len(names))

    def test_minject_knows_them(self):
        text = output_of(HOST / "tools/minject/minject", "--list", ARM64EC / "mimalloc.dll")
        self.assertIn("ARM64EC", text)


class Runtime(unittest.TestCase):
    """Functions of a C runtime for ARM64EC."""

    def test_both_ways_into_each_redirected_function_are_planned(self):
        names = redirected_names()
        self.assertEqual(set(plan(RUNTIME, names)), set(names))

    def test_its_own_callers_do_not_come_by_the_thunk(self):
        """What is behind the thunk has to be changed: _Getdays goes there directly."""
        where = plan(RUNTIME, ["malloc", "_Getdays"])
        base = int(re.search(r"ImageBase: (0x\w+)", readobj("--file-headers", RUNTIME))[1], 16)
        start = base + where["_Getdays"]
        text = output_of(LLVM / "llvm-objdump", "-d", "--no-show-raw-insn",
                         f"--start-address={start:#x}", f"--stop-address={start + 64:#x}", RUNTIME)
        called = {int(target, 16) for target in re.findall(r"\tbl?\t(0x\w+)", text)}
        self.assertIn(base + where["malloc"], called, text)


class Arm64x(unittest.TestCase):
    """One mimalloc.dll for processes of both kinds."""

    def test_each_half_forwards_all_to_its_own_dll(self):
        text = readobj("--file-headers", "--coff-load-config", "--coff-exports",
                       ARM64X / "mimalloc.dll")
        self.assertIn("COFF-ARM64X", MACHINE.findall(text))
        native, emulated = text.split("HybridObject {")
        for half, name in ((native, "mimalloc-arm64"), (emulated, "mimalloc-arm64ec")):
            wanted = exports_of(readobj("--coff-exports", ARM64X / (name + ".dll")))
            forwards = re.findall(r"ForwardedTo: (\S+)\.(\S+)$", half, re.MULTILINE)
            self.assertEqual({to for to, _ in forwards}, {name})
            self.assertEqual({function for _, function in forwards}, wanted)

    def test_the_import_library_is_for_programs_of_both_kinds(self):
        machines = set(MACHINE.findall(readobj("--file-headers", ARM64X / "libmimalloc.dll.a")))
        self.assertLessEqual({"COFF-import-file-ARM64", "COFF-import-file-ARM64EC"}, machines)

    def test_minject_finds_what_it_needs(self):
        text = output_of(HOST / "tools/minject/minject", "--list", ARM64X / "mimalloc.dll")
        self.assertIn("ARM64X", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

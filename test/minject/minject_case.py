"""minject_case.py - base of the tests of minject: where it is, compilers, small programs."""
import os
import pathlib
import shutil
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tool"))
import tool_case  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ["MIM_BUILD_DIR"])
MINJECT = BUILD / "tools/minject/minject"
COMPILERS = {"x64": "x86_64-w64-mingw32-gcc", "x86": "i686-w64-mingw32-gcc"}
COMPANIONS = {"x64": "mimalloc-redirect.dll", "x86": "mimalloc-redirect32.dll"}
main = tool_case.main


def imports_of(content):
    """The names of imported DLLs, by a reader that shares nothing with tools/pe."""
    header = struct.unpack_from("<I", content, 60)[0]
    sections, optional_size = struct.unpack_from("<H12xH", content, header + 6)
    optional = header + 24
    is_64 = struct.unpack_from("<H", content, optional)[0] == 0x20b
    table = optional + optional_size

    def offset(rva):
        for index in range(sections):
            size, start, raw_size, raw = struct.unpack_from("<4I", content, table + 40 * index + 8)
            if start <= rva < start + max(size, raw_size):
                return rva - start + raw
        raise ValueError(f"no section holds {rva:#x}")

    imports = struct.unpack_from("<I", content, optional + (112 if is_64 else 96) + 8)[0]
    if imports == 0:
        return
    at = offset(imports)
    while (name := struct.unpack_from("<I", content, at + 12)[0]) != 0:
        start = offset(name)
        yield content[start:content.index(0, start)].decode()
        at += 20


class MinjectCase(tool_case.ToolCase):
    """self.folder is where Windows files are made; they are compiled once for each machine."""

    def compiler(self, machine):
        tool = shutil.which(COMPILERS[machine])
        if tool is None:
            self.skipTest(f"{COMPILERS[machine]} is missing; install it: scripts/setup.sh windows")
        return tool

    def compile(self, machine, name, text, *options):
        source = self.folder / (name + ".c")
        source.write_text(text, encoding="utf-8")
        run = self.run_program(self.compiler(machine), "-O1", "-s", "-o", name, source, *options)
        self.assertEqual(run.returncode, 0, run.stderr)
        return self.folder / name

    def minject(self, *arguments, expect=0):
        run = self.run_program(MINJECT, *arguments)
        self.assertEqual(run.returncode, expect, f"{arguments}\n{run.stdout}{run.stderr}")
        return run

    def make_files(self, machine):
        """A program and a DLL that stands for the allocator; both say on stdout that they ran."""
        self.compile(machine, "mimalloc.dll", (HERE / "fake_allocator.c").read_text(), "-shared")
        return self.compile(machine, "prog.exe", (HERE / "program.c").read_text())

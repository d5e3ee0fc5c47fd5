#!/usr/bin/env python3
"""compare_v2.py - programs for version 2: they compile with MI_V2_API, and run as they are.

usage: compare_v2.py --root SOURCE_ROOT --work FOLDER --library LIBRARY

With Debian's libmimalloc-dev and libmimalloc2.0 (2.0.9, suite bookworm):
 - what their header declares, our header declares with MI_V2_API, but for DIFFERENT;
 - what their library exports, ours exports;
 - v2_program.c, compiled with their header, runs on their library and, unchanged, on ours;
 - v2_program.c, compiled with our header and MI_V2_API, does too.
Exit code 77 (skipped) if the packages or clang cannot be had, 1 if something fails.
"""
import argparse
import os
import pathlib
import shutil
import sys

import headers
from headers import Headers

# Where version 3 has another type, or another position; doc/migration.md tells what to do.
DIFFERENT = {
    "mi_arena_id_t": "a pointer, was a number",
    "mi_cfree": "returns whether it did",
    "mi_wcsdup": "wide characters of the system",
    "mi_wdupenv_s": "wide characters of the system",
    "mi_heap_visit_blocks": "the heap is not const",
    "struct mi_heap_area_s": "has a field more",
}

def is_kept(name, text, found, meaning):
    """Options have new names, by a macro, and may have another position."""
    if text.startswith("enumerator"):
        return meaning[name] in found
    return found.get(name) == text


def compare_declarations(ours, theirs):
    found, wanted, failures = ours.c_declarations(), theirs.c_declarations(), 0
    meaning = ours.expansions({name: -1 for name in wanted})
    for name, text in sorted(wanted.items()):
        if is_kept(name, text, found, meaning) == (name in DIFFERENT):
            print(f"{name}: is '{found.get(name, 'missing')}', was '{text}'; "
                  f"compare_v2.py says: {DIFFERENT.get(name, 'the same')}")
            failures += 1
    missing = set(theirs.macros()) - set(ours.macros())
    for name in sorted(missing):
        print(f"macro {name} is missing")
    print(f"{len(wanted)} declarations of version 2, {failures} differ, "
          f"{len(missing)} macros are missing")
    return failures + len(missing) + (len(wanted) < 150)


def exported(library):
    text = headers.checked(["nm", "-D", "--defined-only", "--format=posix", str(library)])
    return {line.split()[0] for line in text.splitlines() if line.startswith("mi_")}


def compare_symbols(ours, theirs):
    wanted, found = exported(theirs), exported(ours)
    missing = sorted(wanted - found)
    for name in missing:
        print(f"{name} is exported by version 2, but not here")
    print(f"{len(wanted)} symbols of version 2, {len(missing)} missing")
    return len(missing) + (len(wanted) < 100)


def run_on(program, folder, title):
    result = headers.run([str(program)], env={**os.environ, "LD_LIBRARY_PATH": str(folder)},
                         timeout=60)
    print(f"{title}: {(result.stdout + result.stderr).strip()}")
    return result.returncode != 0


def run_programs(root, package, work, library):
    source = root / "test" / "abi" / "v2_program.c"
    flags = ["-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-pthread", str(source)]
    theirs = next((package / "lib").rglob("libmimalloc.so.2"))
    compiled = work / "v2_program"
    headers.checked(["clang", *flags, f"-I{package / 'include'}", str(theirs), "-o", compiled])
    translated = work / "v2_program_translated"
    headers.checked(["clang", *flags, "-DMI_V2_API", f"-I{root / 'include'}", str(library),
                     f"-Wl,-rpath,{library.parent}", "-o", translated])
    replaced = work / "replaced"
    replaced.mkdir(exist_ok=True)
    link = replaced / "libmimalloc.so.2"
    link.unlink(missing_ok=True)
    link.symlink_to(library)
    return (run_on(compiled, theirs.parent, "on its own library")
            + run_on(compiled, replaced, "on ours")
            + run_on(translated, library.parent, "compiled with MI_V2_API"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    root, work = arguments.root.resolve(), arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if shutil.which("clang") is None:
        print("SKIPPED: clang is not installed: scripts/setup.sh test")
        return headers.SKIPPED
    package, why = headers.fetch(root, work, "bookworm", "209", "libmimalloc-dev",
                                 "libmimalloc2.0")
    if package is None:
        print(f"SKIPPED: libmimalloc-dev 2.0.9 cannot be had: {why}")
        return headers.SKIPPED
    ours = Headers(root / "include", work, "ours-v2", defines=("MI_V2_API",))
    failures = compare_declarations(ours, Headers(package / "include", work, "package-v2"))
    library = arguments.library.resolve()
    failures += compare_symbols(library, next((package / "lib").rglob("libmimalloc.so.2")))
    failures += run_programs(root, package, work, library)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

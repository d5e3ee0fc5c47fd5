#!/usr/bin/env python3
"""compare_abi.py - the public headers against the package whose ABI they keep.

usage: compare_abi.py --cc COMPILER --root SOURCE_ROOT --work FOLDER

Compares, with the headers of Debian's libmimalloc-dev 3.6.0 (suite sid):
 - what probe.c prints: enum values, sizes and offsets of structs, constants;
 - the prototype of every function that both declare, and that none is missing here;
 - every macro for programs: it must exist here too.
Exit code 77 (skipped) if the package cannot be had, 1 if something differs.
"""
import argparse
import pathlib
import re
import subprocess
import sys

SKIPPED = 77
HEADERS = ["mimalloc.h", "mimalloc-stats.h", "mimalloc-override.h", "mimalloc-new-delete.h"]
VERSION = "30600"
# Only the package's own building blocks: no program writes these.
PRIVATE_MACROS = re.compile(r"^(mi_decl_|mi_attr_|_)")


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def checked(command):
    result = run(command)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{result.stderr}")
    return result.stdout


def fetch_package(root, work):
    """Folder with the package's headers, or the reason why there is none."""
    folder = work / "package"
    script = root / "scripts" / "fetch_suite.sh"
    try:
        result = run(["bash", str(script), "sid", str(folder), "libmimalloc-dev"], timeout=100)
    except subprocess.TimeoutExpired:
        return None, "the archive did not answer within 100 seconds"
    headers = folder / "usr" / "include"
    if result.returncode != 0 or not (headers / "mimalloc.h").exists():
        return None, result.stderr.strip() or "the package has no mimalloc.h"
    text = (headers / "mimalloc.h").read_text()
    if not re.search(r"#define\s+MI_MALLOC_VERSION\s+" + VERSION, text):
        return None, "the suite has another version than 3.6.0 by now"
    return headers, ""


def probe(cc, root, include, work, name):
    program = work / f"probe_{name}"
    source = str(root / "test" / "abi" / "probe.c")
    flags = ["-std=c11", "-w", "-O0", f"-I{include}"]
    checked([cc, *flags, source, "-o", str(program)])
    checked([cc, *flags, "-DPROBE_MACROS", "-fsyntax-only", source])
    return dict(line.rsplit(" ", 1) for line in checked([str(program)]).splitlines())


def prototypes(include, work, name):
    """Function name -> prototype. gcc's -aux-info prints them; other compilers cannot."""
    source, listing = work / f"all_{name}.c", work / f"all_{name}.aux"
    source.write_text("".join(f'#include "{header}"\n' for header in HEADERS[:2]))
    checked(["gcc", "-std=c11", f"-I{include}", "-fsyntax-only", "-aux-info", str(listing),
             str(source)])
    found = {}
    for line in listing.read_text().splitlines():
        match = re.match(r"/\* .*? \*/ (extern|static) (.*?)\b(mi_\w+) \((.*?)\)", line)
        if match:
            parameters = match[4]
            if match[1] == "static":    # definitions carry parameter names, which are no ABI
                parameters = re.sub(r"\b\w+(?=,|$)", "", parameters)
            found[match[3]] = f"{match[1]} {match[2]}({parameters})"
    return found


def macros(cc, include, work, name, language):
    source = work / f"macros_{name}.c"
    source.write_text("".join(f'#include "{header}"\n' for header in HEADERS))
    text = checked([cc, "-x", language, "-E", "-dM", f"-I{include}", str(source)])
    return {match[1]: match[2] is not None
            for match in re.finditer(r"^#define (\w+)(\()?", text, re.M)}


def compare(title, ours, theirs):
    """Prints every entry of `theirs` that is missing or different in `ours`; returns how many."""
    count = 0
    for name, value in sorted(theirs.items()):
        if ours.get(name) != value:
            print(f"{title} {name}: is '{ours.get(name, 'missing')}', must be '{value}'")
            count += 1
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    package, why = fetch_package(arguments.root, arguments.work)
    if package is None:
        print(f"SKIPPED: libmimalloc-dev 3.6.0 cannot be had: {why}")
        return SKIPPED

    include = arguments.root / "include"
    work = arguments.work
    values = probe(arguments.cc, arguments.root, package, work, "package")
    functions = prototypes(package, work, "package")
    all_names = macros(arguments.cc, package, work, "package", "c")
    names = {name: kind for name, kind in all_names.items() if not PRIVATE_MACROS.match(name)}
    if len(values) < 140 or len(functions) < 200 or len(names) < 60:
        sys.exit("the comparison is empty: the package's headers were not understood")
    ours = probe(arguments.cc, arguments.root, include, work, "ours")
    differences = compare("value", ours, values)
    differences += compare("prototype", prototypes(include, work, "ours"), functions)
    differences += compare("macro", macros(arguments.cc, include, work, "ours", "c"), names)
    print(f"{len(values)} values, {len(functions)} prototypes and {len(names)} macros compared, "
          f"{differences} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())

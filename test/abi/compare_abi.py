#!/usr/bin/env python3
"""compare_abi.py - the public headers against the package whose interface they keep.

usage: compare_abi.py --root SOURCE_ROOT --work FOLDER

Compares with the headers of Debian's libmimalloc-dev 3.6.0 (suite sid), for all that they declare:
 - functions with the types of their parameters, also as C++ (noexcept may be said where the package
   does not), typedefs, fields of structs, enumerators with their order;
 - sizes, alignments and offsets of all these types, values of enumerators and constants;
 - macros: their parameters, and what they expand to;
 - C++: public members of the allocator classes, operators of mimalloc-new-delete.h, from C++11 on.
Attributes are not compared. Exit code 77 (skipped) if the package or clang cannot be had, 1 if
something differs.
"""
import argparse
import pathlib
import shutil
import sys

import headers
from headers import Headers

STANDARDS = ("c++11", "c++14", "c++17")


def compare(title, ours, theirs):
    """Prints every entry of `theirs` that is missing or different in `ours`: compared, differ."""
    count = 0
    for name, value in sorted(theirs.items()):
        if ours.get(name) != value:
            print(f"{title} {name}: is '{ours.get(name, 'missing')}', must be '{value}'")
            count += 1
    return len(theirs), count


def compare_c(ours, theirs):
    declarations, macros = theirs.c_declarations(), theirs.macros()
    wanted = list(headers.names_with_numbers(declarations, macros))
    yield "declarations", *compare("declaration", ours.c_declarations(), declarations), 350
    yield "numbers", *compare("number", ours.numbers(wanted), theirs.numbers(wanted)), 200
    yield "macros", *compare("macro", ours.macros(), macros), 55
    differences = compare("expansion", ours.expansions(macros), theirs.expansions(macros))
    yield "expansions", *differences, 55


def without_noexcept(declarations, strict):
    """A function may promise more than it must: where it has to promise nothing, it may."""
    return {name: text if strict.get(name, "").endswith("noexcept") else
            text.removesuffix(" noexcept") for name, text in declarations.items()}


def compare_cpp(ours, theirs, standard):
    declarations = theirs.c_declarations()
    promised = without_noexcept(ours.c_declarations(), declarations)
    yield f"{standard} declarations", *compare(standard, promised, declarations), 300
    members = compare(standard, ours.class_members(), theirs.class_members())
    yield f"{standard} members", *members, 50
    yield f"{standard} operators", *compare(standard, ours.operators(), theirs.operators()), 8


def all_results(root, package, work):
    pair = [Headers(path, work, name)
            for name, path in (("ours", root / "include"), ("package", package))]
    yield from compare_c(*pair)
    for standard in STANDARDS:
        pair = [Headers(path, work, name, "c++", standard)
                for name, path in (("ours", root / "include"), ("package", package))]
        yield from compare_cpp(*pair, standard)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if shutil.which("clang") is None:
        print("SKIPPED: clang is not installed: scripts/setup.sh test")
        return headers.SKIPPED
    package, why = headers.fetch(arguments.root, arguments.work, "sid", "30600", "libmimalloc-dev")
    if package is None:
        print(f"SKIPPED: libmimalloc-dev 3.6.0 cannot be had: {why}")
        return headers.SKIPPED
    total = 0
    for title, compared, differ, least in all_results(arguments.root, package / "include",
                                                      arguments.work):
        print(f"{title}: {compared} compared, {differ} differ")
        if compared < least:
            sys.exit(f"only {compared} {title}: the package's headers were not understood")
        total += differ
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())

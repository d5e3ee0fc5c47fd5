#!/usr/bin/env python3
"""Writes the manual page minject(1): doc/man/minject.1.in, with what the program itself says.

usage: make_minject_man.py --output FILE [ROOT]

The description, the options, the rules and the exit codes are those of `minject --help`, and the
companions' names those that it looks for: both are read from the source, so nothing is told twice.
"""
import argparse
import ast
import pathlib
import re
import sys

import mdoc

HELP = re.compile(r"help_text\[\] =\n((?:\s*\"(?:[^\"\\]|\\.)*\"\n?)+);")
OPTION = re.compile(r"  (?:-(\w),|   ) --(\w+)(?:([ =])([A-Z]+))? +(.*)")
COMPANION = re.compile(r'\{"(\w+)", "(mimalloc-redirect[\w-]*\.dll)"\}')
EXIT = re.compile(r"Exit code: (.*)\.")


def help_text(root):
    source = (root / "tools" / "minject" / "minject.c").read_text(encoding="utf-8")
    found = HELP.search(source)
    if found is None:
        sys.exit("make_minject_man.py: tools/minject/minject.c has no help_text")
    return ast.literal_eval(f"({found[1]})")


def option_lines(line):
    short, name, between, value, text = OPTION.fullmatch(line).groups()
    words = ([f"Fl {short} ,"] if short else []) + [f"Fl -{name}"]
    if value:
        words.append(f"Ns = Ns Ar {value}" if between == "=" else f"Ar {value}")
    return [".It " + " ".join(words), *mdoc.paragraph(text)]


def options(lines):
    if not lines:
        sys.exit("make_minject_man.py: the help text lists no options")
    return [".Bl -tag -width Ds", *(word for line in lines for word in option_lines(line)), ".El"]


def exit_codes(text):
    lines = [".Bl -tag -width Ds"]
    for code in EXIT.search(text)[1].split(", "):
        number, meaning = code.split(" ", 1)
        lines += [f".It {number}", *mdoc.paragraph(meaning)]
    return [*lines, ".El"]


def companions(root):
    """Each name once, with the machines that it is for."""
    found = COMPANION.findall((root / "tools" / "minject" / "names.c").read_text(encoding="utf-8"))
    names = dict.fromkeys(name for _, name in found)
    for name in names:
        machines = [machine for machine, other in found if other == name]
        yield from [f".It Pa {name}", f"its companion for {' and '.join(machines)}"]


def page(root):
    template = (root / "doc" / "man" / "minject.1.in").read_text(encoding="utf-8")
    text = help_text(root)
    _, description, option_text, rules = text.split("\n\n")
    parts = {"DESCRIPTION": mdoc.paragraph(description), "EXIT": exit_codes(rules),
             "OPTIONS": options(option_text.splitlines()), "COMPANIONS": list(companions(root)),
             "RULES": [".Pp", *mdoc.paragraph(EXIT.sub("", rules))]}
    for name, lines in parts.items():
        if f"@{name}@\n" not in template:
            sys.exit(f"make_minject_man.py: doc/man/minject.1.in lacks the line @{name}@")
        template = template.replace(f"@{name}@\n", "".join(line + "\n" for line in lines))
    return template


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("root", type=pathlib.Path, nargs="?",
                        default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    arguments.output.write_text(page(arguments.root), encoding="utf-8")


if __name__ == "__main__":
    main()

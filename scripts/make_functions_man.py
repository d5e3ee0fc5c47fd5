#!/usr/bin/env python3
"""Writes the manual page mimalloc(3): doc/man/mimalloc.3.in with the functions of the headers.

usage: make_functions_man.py --output FILE [ROOT]

The line @FUNCTIONS@ of the template becomes a list of all functions that include/ declares, with
the headers' own sections and comments: what a function promises is written down only there.
"""
import argparse
import pathlib
import re
import sys
import mdoc

HEADERS = ("mimalloc.h", "mimalloc-stats.h", "mimalloc-profile.h")
# What follows is C++, which the page names but does not list.
END_OF_C = "/* ---- C++ allocators"
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.M)
SECTION = re.compile(r"/\* ---- (.*?)(?: -{2,})? \*/", re.S)
CONTRACT = re.compile(r"/\*\*(?!<)(.*?)\*/", re.S)
COMMENT = re.compile(r"/\*(.*?)\*/", re.S)
# Comments of Doxygen: the head of a file, a group with more to say, and marks that say nothing.
FILE = re.compile(r"@file (\S+) (.*)")
GROUP = re.compile(r"@addtogroup \w+ ?(.*)@\{")
MARK = re.compile(r"@\}|@cond|@endcond")
PARAMETER = re.compile(r"\s*@param\s+(\w+)\s+")
ATTRIBUTE = re.compile(r"\bmi_(?:decl|attr)_\w+(?:\([^()]*\))?|\bmi_cdecl\b|\bstatic inline\b")
FUNCTION = re.compile(r"(.*?)\b(\w+)\((.*)\)")


def text_of(comment):
    """A comment without the stars in front of its lines; @param and @return are sentences."""
    lines = [re.sub(r"^\s*\*", "", line).strip() for line in comment.splitlines()]
    text = PARAMETER.sub(r"; `\1`: ", " ".join(lines).strip())
    return text.replace(".; `", ". `").replace(" @return ", ". Returns ")


def end_of_braces(text, start):
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.end()
    sys.exit("make_functions_man.py: a header has a '{' without its '}'")


def end_of_declaration(text, start):
    match = re.compile(r"[;{]").search(text, start)
    if match is None:
        sys.exit(f"make_functions_man.py: no end of the declaration '{text[start:start + 60]}'")
    if match[0] == ";":
        return match.end()
    end = end_of_braces(text, match.start())
    # The name of a type stands behind its braces.
    return text.index(";", end) + 1 if text.startswith("typedef", start) else end


def contract_of(text):
    """(kind, text) of a comment for Doxygen; None if it only marks a place."""
    head, group = FILE.fullmatch(text), GROUP.fullmatch(text)
    if head:
        return "section", f"{head[1]}: {head[2].removesuffix('.')}"
    if group:
        return ("remark", group[1].strip()) if group[1] else None
    return None if MARK.fullmatch(text) else ("contract", text)


def items_of(text):
    """(kind, text) for each section, remark, contract and declaration of a header, in its order."""
    at = 0
    while at < len(text):
        for kind, pattern in (("section", SECTION), ("contract", CONTRACT), ("remark", COMMENT)):
            match = pattern.match(text, at)
            if match:
                item = kind, text_of(match[1])
                item = contract_of(item[1]) if kind == "contract" else item
                yield from [item] if item else []
                at = match.end()
                break
        else:
            if text[at].isspace():
                at += 1
            elif text.startswith(('extern "C" {', "}"), at):
                at = text.index("}" if text[at] == "}" else "{", at) + 1
            else:
                end = end_of_declaration(text, at)
                yield ("type" if text.startswith("typedef", at) else "function"), text[at:end]
                at = end


def prototype(declaration):
    """Return type, name and arguments of a function."""
    head = COMMENT.sub("", declaration).split("{")[0].rstrip("; \n")
    match = FUNCTION.fullmatch(" ".join(ATTRIBUTE.sub("", head).split()))
    if not match:
        sys.exit(f"make_functions_man.py: cannot read the declaration '{head.strip()}'")
    arguments = [part.strip() for part in match[3].split(",")]
    return match[1].strip(), match[2], arguments


def sentence(text):
    """With a large first letter, unless that is the name of an argument."""
    return text if re.match(r"\w\b", text) else text[:1].upper() + text[1:]


class Section:
    """A part of a header: its title, remarks, and groups of functions that share a contract."""

    def __init__(self, title):
        self.name, _, explanation = title.partition(": ")
        self.remarks = [sentence(explanation) + "."] if explanation else []
        self.groups = []

    def lines(self):
        yield f".Ss {mdoc.escape(self.name)}"
        for number, remark in enumerate(self.remarks):
            yield from [".Pp"] * (number > 0)
            yield from mdoc.paragraph(remark)
        for number, (contract, prototypes) in enumerate(self.groups):
            yield from [".Pp"] * (number > 0 or bool(self.remarks))
            yield ".Bl -tag -width Ds -compact"
            for result, name, arguments in prototypes:
                yield from (".It Xo", f".Ft {mdoc.quoted(result)}",
                            f".Fn {name} " + " ".join(mdoc.quoted(one) for one in arguments),
                            ".Xc")
            yield from mdoc.paragraph(contract)
            yield ".El"


def sections_of(text):
    """The sections of a header that declare functions; its head makes one called like the file."""
    sections, contract, is_new = [], "", True
    for kind, item in items_of(text):
        if kind == "section":
            sections.append(Section(item))
        elif kind == "remark":
            sections[-1].remarks.append(item)
        elif kind == "function":
            if is_new:
                sections[-1].groups.append((contract, []))
            sections[-1].groups[-1][1].append(prototype(item))
        contract, is_new = (item if kind == "contract" else ""), kind != "function"
    return [section for section in sections if section.groups]


def functions_of(root):
    for name in HEADERS:
        text = (root / "include" / name).read_text(encoding="utf-8")
        sections = sections_of(DIRECTIVE.sub("", text.split(END_OF_C)[0]))
        if not sections:
            sys.exit(f"make_functions_man.py: include/{name} declares no function")
        for section in sections:
            yield from section.lines()


def page(root):
    template = (root / "doc/man/mimalloc.3.in").read_text(encoding="utf-8")
    before, mark, after = template.partition("@FUNCTIONS@\n")
    if not mark:
        sys.exit("make_functions_man.py: doc/man/mimalloc.3.in lacks the line @FUNCTIONS@")
    return before + "\n".join(functions_of(root)) + "\n" + after


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("root", nargs="?", default=pathlib.Path(__file__).resolve().parent.parent,
                        type=pathlib.Path)
    options = parser.parse_args(arguments)
    options.output.write_text(page(options.root), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""headers.py - what the public headers of a folder say, in a form that two folders can be compared.

Everything is read by clang: from the syntax tree of the headers come functions, types, fields,
enumerators and members of C++ classes; from its preprocessor the macros; and from a program made
of these names the numbers that a compiled program carries in it. So nothing has to be listed here,
and nothing can be forgotten.
"""
import json
import pathlib
import re
import subprocess
import sys

SKIPPED = 77
C_HEADERS = ("mimalloc.h", "mimalloc-stats.h")
ALL_HEADERS = C_HEADERS + ("mimalloc-override.h", "mimalloc-new-delete.h")
# Building blocks of the headers: no program writes these.
PRIVATE = re.compile(r"^(mi_decl_|mi_attr_|__)")


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def checked(command, **options):
    result = run(command, **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{result.stderr}")
    return result.stdout


def fetch(root, work, suite, version, *packages):
    """The folder usr/ of a suite's packages, or None and the reason."""
    folder = work / f"package-{suite}"
    script = root / "scripts" / "fetch_suite.sh"
    try:
        result = run(["bash", str(script), suite, str(folder), *packages], timeout=100)
    except subprocess.TimeoutExpired:
        return None, "the archive did not answer within 100 seconds"
    header = folder / "usr" / "include" / "mimalloc.h"
    if result.returncode != 0 or not header.exists():
        return None, result.stderr.strip() or "the package has no mimalloc.h"
    if not re.search(rf"#define\s+MI_MALLOC_VERSION\s+{version}\b", header.read_text()):
        return None, f"the suite has another version than {version} by now"
    return folder / "usr", ""


class Headers:
    """The headers of one folder, as a compiler sees them in one language."""

    def __init__(self, include, work, name, language="c", standard="c11", defines=()):
        self.include, self.work = include, work
        self.name = f"{name}-{standard}"
        self.flags = ["-x", language, f"-std={standard}", f"-I{include}", "-w",
                      *(f"-D{define}" for define in defines)]
        self.present = [header for header in ALL_HEADERS if (include / header).exists()]

    def source(self, headers, text="", suffix=""):
        path = self.work / f"{self.name}{suffix}.src"
        lines = [f'#include "{header}"' for header in headers if header in self.present]
        path.write_text("\n".join(["#include <stdio.h>", *lines, text, ""]))
        return str(path)

    def declarations(self, word, headers):
        """The top-level nodes of the syntax tree whose names hold `word`."""
        text = checked(["clang", *self.flags, "-fsyntax-only", "-Xclang", "-ast-dump=json",
                        "-Xclang", f"-ast-dump-filter={word}", self.source(headers)])
        decoder, at = json.JSONDecoder(), text.find("{")
        while at != -1:
            node, end = decoder.raw_decode(text, at)
            yield node
            at = text.find("{", end)

    # ---- the syntax tree ----

    def c_declarations(self):
        """Functions, typedefs, structs and enumerations: name -> what it is, as text."""
        found = {}
        for node in self.declarations("mi_", C_HEADERS):
            for name, text in facts_of(node):
                if not PRIVATE.match(name) and text is not None:
                    found[name] = text
        return found

    def operators(self):
        """The signatures of operator new and delete that mimalloc-new-delete.h defines."""
        nodes = self.declarations("operator", ("mimalloc-new-delete.h",))
        return {f"{node['name']} {type_text(node)}": "defined" for node in nodes
                if node["kind"] == "FunctionDecl" and has_body(node)
                and re.match(r"operator (new|delete)", node["name"])}

    def class_members(self):
        """Public names of the allocator classes, those of their bases included: name -> where."""
        classes = {}
        for node in self.declarations("_allocator", ("mimalloc.h",)):
            if node["kind"] == "ClassTemplateDecl":
                classes[node["name"]] = record_of(node)
        return {f"{name}::{member}": "public" for name in classes if not name.startswith("_")
                for member in all_members(classes, name)}

    # ---- numbers and macros ----

    def numbers(self, names):
        """Sizes, offsets and values of `names`, printed by a program that is made of them."""
        lines = [f'  printf("{name} %lld\\n", (long long)({text}));' for name, text in names]
        source = self.source(C_HEADERS, "\n".join(["#include <stddef.h>", "int main(void) {",
                                                   *lines, "  return 0;", "}"]), "-numbers")
        program = self.work / f"{self.name}-numbers"
        # The inline functions of the headers are not called: what they would call need not exist.
        checked(["clang", *self.flags, "-O1", source, "-o", str(program)])
        return dict(line.rsplit(" ", 1) for line in checked([str(program)]).splitlines())

    def macros(self):
        """Macro for programs -> number of its parameters, or -1."""
        text = checked(["clang", *self.flags, "-E", "-dM", self.source(self.present)])
        own = checked(["clang", *self.flags, "-E", "-dM", self.source(())])
        found = {}
        for line in set(text.splitlines()) - set(own.splitlines()):
            name, parameters = re.match(r"#define (\w+)(?:\(([^)]*)\))?", line).groups()
            if self.is_of_headers(name) and not PRIVATE.match(name):
                found[name] = -1 if parameters is None else len(re.findall(r"\w+", parameters))
        return found

    def is_of_headers(self, name):
        return any(re.search(rf"^\s*#\s*define\s+{name}\b", (self.include / header).read_text(),
                             re.M) for header in self.present)

    def expansions(self, macros):
        """Macro -> its expansion for the arguments A, B, C..., without blanks and parentheses."""
        uses = [f"use_of_{name} {call_of(name, count)} @" for name, count in macros.items()]
        source = self.source(self.present, "\n".join(uses), "-macros")
        text = checked(["clang", *self.flags, "-E", "-P", source])
        return {name: re.sub(r"[\s()]", "", body)
                for name, body in re.findall(r"\buse_of_(\w+)([^@]*)@", text)}


def call_of(name, parameters):
    if parameters < 0:
        return name
    return f"{name}({', '.join('ABCDEF'[:parameters])})"


# ---- nodes of clang's syntax tree ----------------------------------------------------------------

def inner_of(node, kind):
    return [inner for inner in node.get("inner", ()) if inner["kind"] == kind]


def has_body(node):
    return bool(inner_of(node, "CompoundStmt"))


def type_text(node):
    """The type as written; without the places of unnamed structs, and what says nothing."""
    text = re.sub(r" at [^)]*\)", ")", node["type"]["qualType"])
    return text.replace(" noexcept(false)", "")


def facts_of(node):
    """(name, text) pairs of one declaration; text is None for one that only announces a name."""
    kind, name = node["kind"], node.get("name", "")
    if kind == "FunctionDecl":
        yield name, f"{node.get('storageClass', 'extern')} {type_text(node)}"
    elif kind == "TypedefDecl":
        yield name, f"typedef {type_text(node)}"
    elif kind == "RecordDecl" and node.get("completeDefinition"):
        yield from fields_of(node)
    elif kind == "EnumDecl":
        for position, constant in enumerate(inner_of(node, "EnumConstantDecl")):
            yield constant["name"], f"enumerator {position} of {name}"


def fields_of(node):
    name = node.get("name", "unnamed")
    fields = inner_of(node, "FieldDecl")
    for position, field in enumerate(fields):
        yield f"{name}.{field['name']}", f"field {position}: {type_text(field)}"
    yield f"struct {name}", f"{len(fields)} fields"


def record_of(template):
    """Public names of a class template, and the names of its bases."""
    record = inner_of(template, "CXXRecordDecl")[0]
    access, names = record.get("tagUsed") != "class", set()
    for inner in record.get("inner", ()):
        if inner["kind"] == "AccessSpecDecl":
            access = inner["access"] == "public"
        elif access and not inner.get("isImplicit") and inner.get("name"):
            names.add(inner["name"].split("<")[0])
    bases = [re.sub(r"<.*", "", base["type"]["qualType"]) for base in record.get("bases", ())]
    return names, bases


def all_members(classes, name):
    names, bases = classes[name]
    inherited = [all_members(classes, base) for base in bases if base in classes]
    own = {member for member in names if member != name and not member.startswith("_")}
    return own.union(*inherited)


def names_with_numbers(declarations, macros):
    """Names and C expressions of all that has a size, an offset or a value."""
    for name, text in sorted(declarations.items()):
        if text.startswith("enumerator"):
            yield name, name
        elif text.startswith("field"):
            record, field = name.split(".")
            yield f"offsetof {name}", f"offsetof(struct {record}, {field})"
            yield f"sizeof {name}", f"sizeof(((struct {record}*)0)->{field})"
        elif text.startswith("struct ") or name.startswith("struct "):
            yield f"sizeof {name}", f"sizeof({name})"
        elif text.startswith("typedef ") and not is_opaque(name, text, declarations):
            yield f"sizeof {name}", f"sizeof({name})"
            yield f"alignof {name}", f"_Alignof({name})"
    for name, count in sorted(macros.items()):
        if count < 0 and name.startswith("MI_"):
            yield name, name


def is_opaque(name, text, declarations):
    """A function type, or a struct that the headers do not show."""
    record = re.match(r"typedef (struct mi_\w+)$", text)
    return "(" in text.replace("(unnamed", "") or (
        record is not None and record[1] not in declarations and f"struct {name}" != record[1])

#!/usr/bin/env python3
"""Rules of the tree that no other tool checks: columns, blanks, file heads, places of #if.

usage: check_sources.py [ROOT]

- lines up to 100 columns, no tab (but in Makefiles), no blank at a line's end, a newline at the end
- every source file begins with a comment that says what it is
- a file above 900 lines says why at its head ("long because")
- no 64-bit atomics in src/: a 32-bit machine may have none, or a fault for one that is misaligned
- #if only in src/base/, src/prim/ and the override files of src/api/: a mode is a constant;
  elsewhere only `#if MIM_IS_64BIT`
- thread-local variables in src/ by MIM_THREAD_LOCAL: what a compiler has is base/compiler.h's
"""
import pathlib
import re
import sys

COLUMNS_MAX = 100
LINES_MAX = 900
FOLDERS = ("src", "include", "test", "bench", "scripts", "cmake", "packaging", "tools",
           "win", ".ci")
CODE = {".c", ".h", ".cpp", ".hpp", ".def", ".py", ".sh", ".cmake"}
PLAIN = CODE | {".txt", ".in"}
HEADS = {".c": "/*", ".h": "/*", ".cpp": ("/*", "//"), ".hpp": ("/*", "//"), ".def": ("/*", ";"),
         ".sh": "#", ".cmake": "#"}
CONDITION = re.compile(r"\s*#\s*(?:if|ifdef|ifndef|elif)\b\s*(.*)")
# A data structure may differ by the width of the machine's words: an `if` cannot choose types.
WORD_SIZE = "MIM_IS_64BIT"
WIDE_ATOMIC = re.compile(r"_Atomic\s*\(?\s*(?:u?int64_t|(?:unsigned\s+)?long\s+long|double)\b"
                         r"|\batomic_u?llong\b")
THREAD_LOCAL = re.compile(r"\b(?:_Thread_local|thread_local|__thread)\b|declspec\s*\(\s*thread\b")
THREAD_LOCAL_HOME = "src/base/compiler.h"
FREE_OF_CONDITIONS = ("src/diag/", "src/os/", "src/arena/", "src/page/", "src/heap/", "src/alloc/",
                      "src/api/")


def files_of(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in PLAIN and "corpus" not in path.parts:
                yield path


def check_lines(name, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield f"{name}:{number}: {len(line)} columns; at most {COLUMNS_MAX}"
        if "\t" in line:
            yield f"{name}:{number}: a tab; use blanks"
        if line != line.rstrip():
            yield f"{name}:{number}: blanks at the end of the line"


def check_head(name, suffix, text):
    start = text.lstrip()
    if suffix in HEADS and not start.startswith(HEADS[suffix]):
        yield f"{name}:1: begin the file with a comment that says what it is"
    elif suffix == ".py" and '"""' not in "\n".join(text.splitlines()[:3]):
        yield f"{name}:1: begin the script with a doc string that says what it does"
    elif suffix == ".sh" and not re.search(r"\A(#!.*\n)?# \S", text):
        yield f"{name}:1: begin the script with a comment that says what it does"


def is_guard(condition, line_after):
    """The guard of a header or of a feature macro: #ifndef X, then #define X."""
    word = condition.split()[0] if condition.split() else ""
    return bool(word) and re.match(rf"\s*#\s*define\s+{re.escape(word)}\b", line_after) is not None


def check_conditions(name, lines):
    if not name.startswith(FREE_OF_CONDITIONS) or name.startswith("src/api/override"):
        return
    for number, line in enumerate(lines, 1):
        match = CONDITION.match(line)
        after = lines[number] if number < len(lines) else ""
        if match and match[1].strip() != WORD_SIZE and not is_guard(match[1], after):
            yield (f"{name}:{number}: #if outside base/, prim/ and override files; "
                   "use a constant of base/config.h in a plain if")


def check_atomics(name, lines):
    if not name.startswith("src/"):
        return
    for number, line in enumerate(lines, 1):
        if WIDE_ATOMIC.search(line):
            yield (f"{name}:{number}: a 64-bit atomic; 32-bit machines have none, or fault where "
                   "it is misaligned: make it as wide as a pointer")


def check_thread_locals(name, lines):
    """gcc for Windows makes a call of malloc of _Thread_local; MIM_THREAD_LOCAL is never that."""
    if not name.startswith("src/") or name == THREAD_LOCAL_HOME:
        return
    for number, line in enumerate(lines, 1):
        if THREAD_LOCAL.search(line):
            yield (f"{name}:{number}: a thread-local variable by the compiler's own word; "
                   "use MIM_THREAD_LOCAL and mim_tls of base/compiler.h")


def check_file(root, path):
    name = str(path.relative_to(root))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield f"{name}: not UTF-8 text"
        return
    lines = text.splitlines()
    yield from check_lines(name, lines)
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end of the file"
    if path.suffix in CODE:
        yield from check_head(name, path.suffix, text)
    if len(lines) > LINES_MAX and "long because" not in "\n".join(lines[:40]):
        yield f"{name}: {len(lines)} lines; split it, or say at its head why it is long because ..."
    yield from check_conditions(name, lines)
    yield from check_atomics(name, lines)
    yield from check_thread_locals(name, lines)


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parent.parent)
    root = root.resolve()
    files = list(files_of(root))
    errors = [error for path in files for error in check_file(root, path)]
    for error in errors:
        print(error)
    print(f"{len(files)} files, {len(errors)} violations")
    return 1 if errors or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

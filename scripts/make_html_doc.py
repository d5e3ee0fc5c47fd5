#!/usr/bin/env python3
"""Build the documentation as HTML with doxygen, out of the public headers and the pages of doc/.

usage: make_html_doc.py DEST

DEST/html/index.html is the result. Any warning of doxygen is an error, and so is a public function
without an entry, or a link that leads nowhere.
Result 77 (skipped) if doxygen is not installed.

Pages are written for readers of the tree: their links to each other become references, which
doxygen checks; links to sources become plain text. In comments of headers, and in topics, the name
of a function becomes a link to it.
"""
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ("README.md", "src/README.md", "packaging/README.md", "doc/*.md", "doc/decisions/*.md")
DECLARATION = re.compile(r"^(?:mi_decl_\w+|static inline)\b[^;{}#]*?\b(mi_\w+)\(", re.M)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
LEAST_FUNCTIONS = 230


# ---- Pages -----------------------------------------------------------------------------------

def label(path):
    """README.md -> page_README, doc/options.md -> page_doc_options."""
    return "page_" + re.sub(r"\W", "_", str(path.with_suffix("")))


def anchor(page, title):
    """The reference for a heading; the words of the link are those that code hosts make."""
    words = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", title)).strip().lower().replace(" ", "-")
    return f"{label(page)}_{words}".replace("-", "_")


def reference(page, text, target, pages):
    """A link of a page, in doxygen's words."""
    if re.match(r"[a-z]+:", target):
        return f"[{text}]({target})"
    name, _, heading = target.partition("#")
    path = page if not name else resolve(page, name)
    if path / "README.md" in pages:
        path = path / "README.md"
    if path not in pages:
        if not (ROOT / path).exists():
            sys.exit(f"make_html_doc.py: {page} links to {target}, which does not exist")
        return text
    quoted = text.replace('"', "'").replace("`", "")
    return f'@ref {anchor(path, heading) if heading else label(path)} "{quoted}"'


def resolve(page, name):
    return ((ROOT / page).parent / name).resolve().relative_to(ROOT)


def translate_line(page, line, pages, is_first):
    heading = HEADING.match(line)
    if heading:
        mark = label(page) if is_first else anchor(page, heading[2])
        return f"{heading[1]} {heading[2]} {{#{mark}}}"
    line = LINK.sub(lambda link: reference(page, link[1], link[2], pages), line)
    return re.sub(r"!\[([^\]]*)\]\(.*?([^/)]+)\)", r"![\1](\2)", line)


def joined_links(text):
    """A link that is broken over two lines is put on one."""
    broken = re.compile(r"\[[^\]\n]*\n[^\]\n]*\]\([^)\n]+\)")
    return broken.sub(lambda link: link[0].replace("\n", " "), text)


def translate(page, pages):
    """The page with labels for its headings and references for its links; not within code."""
    in_code, is_first, lines = False, True, []
    for line in joined_links((ROOT / page).read_text(encoding="utf-8")).splitlines():
        if line.startswith("```"):
            in_code = not in_code
        elif not in_code and not line.startswith("    "):
            translated = translate_line(page, line, pages, is_first)
            is_first = is_first and not HEADING.match(line)
            line = translated
        lines.append(line)
    return "\n".join(lines) + "\n"


def write_pages(destination):
    pages = {path.relative_to(ROOT) for pattern in PAGES for path in ROOT.glob(pattern)}
    shutil.rmtree(destination, ignore_errors=True)
    destination.mkdir(parents=True)
    for page in sorted(pages):
        (destination / f"{label(page)}.md").write_text(translate(page, pages), encoding="utf-8")
    return len(pages)


# ---- Headers and topics: line by line what they are --------------------------------------------

def public_functions():
    names = set()
    for header in sorted((ROOT / "include").glob("*.h")):
        names.update(DECLARATION.findall(header.read_text(encoding="utf-8")))
    return names


def with_links(text, names):
    """`mi_free` in a comment as `mi_free()`, which doxygen makes a link; not in code spans."""
    word = re.compile(r"`[^`\n]*`|\b(mi_\w+)\b(?![\w(])")
    return COMMENT.sub(lambda comment: word.sub(
        lambda match: match[0] + "()" if match[1] in names else match[0], comment[0]), text)


def write_sources(destination, names):
    for path in [*(ROOT / "include").glob("*.h"), *(ROOT / "doc" / "api").glob("*.dox")]:
        text = with_links(path.read_text(encoding="utf-8"), names)
        (destination / path.name).write_text(text, encoding="utf-8")


# ---- doxygen and its result ------------------------------------------------------------------

def run_doxygen(destination):
    """doxygen's warnings."""
    settings = (ROOT / "doc" / "Doxyfile").read_text(encoding="utf-8")
    sources = destination / "sources"
    settings += f"\nOUTPUT_DIRECTORY = {destination}\nINPUT = {sources}\n"
    settings += f"STRIP_FROM_PATH = {sources}\n"
    settings += f"USE_MDFILE_AS_MAINPAGE = {sources / 'page_README.md'}\n"
    run = subprocess.run(["doxygen", "-"], input=settings, cwd=ROOT, capture_output=True,
                         text=True, check=False)
    return [line for line in run.stderr.splitlines() if line.strip()]


class Page(html.parser.HTMLParser):
    """What a page refers to, and what can be referred to in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for key, value in attrs:
            if key in ("id", "name") and value:
                self.names.add(value)
            elif key in ("href", "src") and value and not re.match(r"[a-z]+:", value):
                self.links.append(value)


def broken_links(folder):
    pages = {path.name: Page(path) for path in folder.glob("*.html")}
    for name, page in sorted(pages.items()):
        for link in page.links:
            target, _, part = link.partition("#")
            target = target or name
            if not (folder / target).exists():
                yield f"{name} links to {link}, which is not there"
            elif part and target in pages and part not in pages[target].names:
                yield f"{name} links to {link}, but {target} has no such part"


def functions_without_entry(folder, names):
    """Doxygen gives each documented function a heading `name()`, with its text below."""
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("group__*.html"))
    headings = set(re.findall(r'class="memtitle">.*?</span>(\w+)\(\)', text))
    for name in sorted(names - headings):
        yield f"{name} has no entry in the documentation: write a comment at its declaration"


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    if shutil.which("doxygen") is None:
        print("SKIPPED: doxygen is not installed: scripts/setup.sh doc")
        return 77
    destination = pathlib.Path(arguments[0]).resolve()
    names = public_functions()
    shutil.rmtree(destination / "html", ignore_errors=True)
    page_count = write_pages(destination / "sources")
    write_sources(destination / "sources", names)
    errors = run_doxygen(destination)
    if len(names) < LEAST_FUNCTIONS:
        errors.append(f"only {len(names)} functions were found in include/")
    if (destination / "html").is_dir():
        errors += [*functions_without_entry(destination / "html", names),
                   *broken_links(destination / "html")]
    for error in errors:
        print(error.replace(f"{destination / 'sources'}/", ""))
    print(f"{page_count} pages, {len(names)} functions, {len(errors)} errors: "
          f"{destination / 'html' / 'index.html'}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""test_make_html_doc.py - make_html_doc.py finds what is not documented and what leads nowhere."""
import shutil
import unittest

import tool_case
from tool_case import ROOT, ToolCase

# All of it: links of the pages to sources lead to files that must exist.
FOLDERS = ("include", "doc", "src", "test", "scripts", "bench", "packaging")


@unittest.skipIf(shutil.which("doxygen") is None, "doxygen is not installed")
class MakeHtmlDoc(ToolCase):
    def setUp(self):
        super().setUp()
        for name in FOLDERS:
            shutil.copytree(ROOT / name, self.folder / name,
                            ignore=shutil.ignore_patterns("corpus", "__pycache__"))
        shutil.copy(ROOT / "README.md", self.folder)

    def change(self, name, old, new):
        text = (self.folder / name).read_text(encoding="utf-8")
        self.assertIn(old, text)
        (self.folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def make(self):
        return self.run_program("python3", "scripts/make_html_doc.py", "out")

    def fails_with(self, message):
        run = self.make()
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn(message, run.stdout + run.stderr)

    def test_the_tree_as_it_is_gives_a_page_for_each_topic_and_each_file(self):
        run = self.make()
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        html = self.folder / "out" / "html"
        self.assertIn("mi_heap_destroy", (html / "group__heaps.html").read_text())
        options = (html / "page_doc_options.html").read_text()
        self.assertIn("purge_delay", options)
        # A name in a comment leads to its function.
        self.assertRegex((html / "group__aligned.html").read_text(),
                         r'<a class="el" href="group__allocation\.html#\w+"[^>]*>mi_malloc\(\)</a>')

    def test_a_function_without_a_comment_is_named(self):
        self.change("include/mimalloc.h", "/** mi_calloc in this heap. */\n", "")
        self.fails_with("mi_heap_calloc has no entry")

    def test_a_link_to_a_heading_that_is_gone_is_an_error(self):
        self.change("doc/options.md", "## Without effect so far", "## Idle")
        self.fails_with("page_doc_options_without_effect_so_far")

    def test_a_link_to_a_file_that_is_gone_is_an_error(self):
        self.change("README.md", "(doc/testing.md)", "(doc/tests.md)")
        self.fails_with("README.md links to doc/tests.md, which does not exist")

    def test_an_example_that_is_gone_is_an_error(self):
        (self.folder / "test/examples/visit.c").unlink()
        self.fails_with("visit.c")


if __name__ == "__main__":
    tool_case.main()

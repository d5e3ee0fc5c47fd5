#!/usr/bin/env python3
"""test_make_options_doc.py - make_options_doc.py writes what the table says, finds an old page."""
import tool_case
from tool_case import ToolCase

HEADER = ("#define MIM_OPTION_RESERVE (MIM_IS_64BIT ? 1048576 : 131072)\n"
          "#define MIM_OPTION_THP (MI_NO_THP != 0 ? 0 : 1)\n")
TABLE = ('MIM_OPTION(0, delay, "wait", 1000, -1, 3600000, MSEC,\n           "how long")\n'
         'MIM_OPTION(1, deprecated_cache, "", 0, LONG_MIN, LONG_MAX, INT, "ignored")\n'
         'MIM_OPTION(2, reserve, "", MIM_OPTION_RESERVE, 0, MIM_OPTION_KIB_MAX, KIB, "how much")\n'
         'MIM_OPTION(3, thp, "", MIM_OPTION_THP, 0, 2, INT, "huge pages")\n')
USER = "long f(void) { return mim_option_get(MIM_OPTION_delay); }\n"


class MakeOptionsDoc(ToolCase):
    def setUp(self):
        super().setUp()
        (self.folder / "doc").mkdir()
        self.write({"src/diag/options.def": TABLE, "src/diag/options.h": HEADER,
                    "src/os/x.c": USER})

    def make(self, *options):
        return self.run_script("make_options_doc.py", *options, self.folder)

    def text(self):
        self.assertEqual(self.make().returncode, 0)
        return (self.folder / "doc/options.md").read_text(encoding="utf-8")

    def test_an_option_has_a_row_with_its_default_range_and_former_name(self):
        self.assertIn("| 0 | `delay` | 1000 ms | -1 to 3600000 ms | how long; formerly `wait` |",
                      self.text())

    def test_a_default_that_depends_on_the_machine_is_given_twice(self):
        self.assertIn("| 1 GiB (128 MiB on 32-bit machines) | from 0 (KiB) |", self.text())

    def test_a_default_that_depends_on_a_build_option_names_it(self):
        self.assertIn("| 3 | `thp` | 1 (0 if built with MI_NO_THP) | 0 to 2 |", self.text())

    def test_an_option_that_no_source_reads_is_said_to_have_no_effect(self):
        active, idle = self.text().split("## Without effect so far")
        self.assertIn("`delay`", active)
        self.assertNotIn("`reserve`", active)
        self.assertIn("`reserve`", idle)

    def test_check_finds_a_missing_and_an_old_page(self):
        self.assertEqual(self.make("--check").returncode, 1)
        self.text()
        self.assertEqual(self.make("--check").returncode, 0)
        self.write({"src/diag/options.def": TABLE.replace("1000,", "2000,")})
        run = self.make("--check")
        self.assertEqual(run.returncode, 1)
        self.assertIn("run scripts/make_options_doc.py", run.stdout)

    def test_the_manual_page_has_each_option_with_what_the_page_says(self):
        run = self.make("--man", self.folder / "options.7")
        self.assertEqual(run.returncode, 0, run.stderr)
        text = (self.folder / "options.7").read_text(encoding="utf-8")
        active, idle = text.split(".Sh OPTIONS WITHOUT EFFECT SO FAR")
        self.assertIn(".It Ev MIMALLOC_DELAY\nHow long.\nValue: \\-1 to 3600000 ms; default: "
                      "1000 ms.\nFormerly\n.Ql wait .\n", active)
        self.assertIn("Value: from 0 (KiB); default: 1 GiB (128 MiB on 32-bit machines).", idle)
        self.assertIn("cache (1).", idle)
        self.assertFalse((self.folder / "doc/options.md").exists())

    def test_an_entry_that_cannot_be_read_is_an_error_not_a_gap(self):
        self.write({"src/diag/options.def": TABLE + "MIM_OPTION(3, odd)\n"})
        self.assertIn("entry of another form", self.make().stderr)


if __name__ == "__main__":
    tool_case.main()

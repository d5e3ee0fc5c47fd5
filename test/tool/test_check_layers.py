#!/usr/bin/env python3
"""test_check_layers.py - scripts/check_layers.py finds each way of pointing upward."""
import tool_case
from tool_case import ToolCase

GOOD = {
    "src/LAYERS": "low   # the lower one\nhigh\n",
    "src/low/a.h": "/* a */\nint mim_a(void);\n",
    "src/low/a.c": '#include "low/a.h"\nint mim_a(void) { return 1; }\n',
    "src/high/b.h": '/* b */\n#include "low/a.h"\nint mim_b(void);\n',
    "src/high/b.c": '#include "high/b.h"\nint mim_b(void) { return mim_a(); }\n',
}


class CheckLayers(ToolCase):
    def check(self, changes=None, objects=()):
        self.write({**GOOD, **(changes or {})})
        return self.run_script("check_layers.py", "src", *objects)

    def objects(self, changes):
        self.write({**GOOD, **changes})
        return [self.compile_object(f"out/CMakeFiles/mim_{layer}.dir/{layer}/{name}.c.o",
                                    f"src/{layer}/{name}.c")
                for layer, name in (("low", "a"), ("high", "b"))]

    def assert_finds(self, run, text):
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn(text, run.stdout)

    def test_a_tree_that_points_downward_passes(self):
        run = self.check(objects=self.objects({}))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("2 layers, 4 files, 2 objects", run.stdout)

    def test_an_include_of_a_higher_layer_is_found_with_its_line(self):
        run = self.check({"src/low/a.c": '/* x */\n#include "high/b.h"\n'})
        self.assert_finds(run, "src/low/a.c:2: low/ may not include high/")

    def test_an_include_in_a_subfolder_counts_as_its_layer(self):
        run = self.check({"src/low/unix/c.c": '#include "high/b.h"\n'})
        self.assert_finds(run, "low/ may not include high/")

    def test_a_call_upward_without_an_include_is_found_in_the_symbols(self):
        objects = self.objects({"src/low/a.c": "int mim_b(void);\n"
                                               "int mim_a(void) { return mim_b(); }\n"})
        run = self.run_script("check_layers.py", "src", *objects)
        self.assert_finds(run, "low/ calls mim_b in high/")

    def test_headers_that_include_each_other_are_found(self):
        run = self.check({"src/low/c.h": '#include "low/d.h"\n',
                          "src/low/d.h": '#include "low/c.h"\n'})
        self.assert_finds(run, "include circle: low/c.h -> low/d.h -> low/c.h")

    def test_a_folder_that_is_no_layer_is_found(self):
        run = self.check({"src/other/e.c": "int e;\n"})
        self.assert_finds(run, "'other' is no layer")

    def test_an_include_that_does_not_exist_is_found(self):
        run = self.check({"src/high/b.c": '#include "low/gone.h"\n'})
        self.assert_finds(run, "there is no file low/gone.h")

    def test_an_include_without_its_folder_is_found(self):
        run = self.check({"src/low/a.c": '#include "a.h"\n'})
        self.assert_finds(run, 'write the folder too: "low/a.h"')


if __name__ == "__main__":
    tool_case.main()

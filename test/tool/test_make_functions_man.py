#!/usr/bin/env python3
"""test_make_functions_man.py - mimalloc(3) has every function of the headers, with its contract."""
import re
import tool_case
from tool_case import ROOT, ToolCase

HEADER = """\
/** @file mimalloc.h
 * What it is. And a rule. */
#define mi_decl_x __attribute__((x))
/* ---- Types ---- */
/** A heap. */
typedef struct mi_heap_s { int x; /**< no contract */ } mi_heap_t;
/* ---- Standard (ISO C): `p` is a block */
/** @addtogroup standard
 *  @{ */
/** @cond */
mi_decl_x void* mi_malloc(size_t size) mi_attr_noexcept mi_attr_alloc_size(1);
/** Frees `p`; -1 is
 *  no pointer. NULL is fine. */
mi_decl_x void mi_free(void* p) mi_attr_noexcept;
mi_decl_x void mi_free_size(void* p,
                            size_t size) mi_attr_noexcept;
/** @} */
/* ---- Inline ---- */
/** Small.
 *  @param one    the first
 *  @return NULL if not. */
static inline int mi_small(int one) mi_attr_noexcept {
  if (one) { return 1; } else { return 0; }
}
/* ---- C++ allocators ---- */
template <class T> struct mi_stl_allocator {};
"""
OTHER = """\
/** @file x.h
 * More. */
/** @addtogroup x
 * Also this. @{ */
#ifdef __cplusplus
extern "C" {
#endif
/** %s. */
int mi_%s(void);
}
"""


class MakeFunctionsMan(ToolCase):
    def make(self, header=HEADER):
        self.write({"include/mimalloc.h": header, "doc/man/mimalloc.3.in": "A\n@FUNCTIONS@\nZ\n",
                    "include/mimalloc-stats.h": OTHER % ("Stats", "stats"),
                    "include/mimalloc-profile.h": OTHER % ("Profile", "profile")})
        return self.run_script("make_functions_man.py", "--output", "page", self.folder)

    def page(self):
        run = self.make()
        self.assertEqual(run.returncode, 0, run.stderr)
        return (self.folder / "page").read_text(encoding="utf-8")

    def test_functions_that_share_a_contract_stand_together_above_it(self):
        self.assertIn('.It Xo\n.Ft "void"\n.Fn mi_free "void* p"\n.Xc\n'
                      '.It Xo\n.Ft "void"\n.Fn mi_free_size "void* p" "size_t size"\n.Xc\n'
                      "Frees\n.Ql p ;\n\\-1 is no pointer.\nNULL is fine.\n.El\n", self.page())

    def test_a_section_has_its_title_and_its_remark(self):
        self.assertIn(".Ss Standard (ISO C)\n.Ql p\nis a block.\n.Pp\n.Bl", self.page())

    def test_a_function_without_contract_takes_none_of_others(self):
        self.assertIn('.Fn mi_malloc "size_t size"\n.Xc\n.El\n', self.page())

    def test_inline_functions_and_parameters_are_told(self):
        self.assertIn('.Fn mi_small "int one"\n.Xc\nSmall.\n.Ql one :\nthe first.\n'
                      "Returns NULL if not.\n", self.page())

    def test_types_and_cpp_are_left_out_and_the_template_is_kept(self):
        page = self.page()
        self.assertTrue(page.startswith("A\n") and page.endswith("\nZ\n"))
        for text in ("stl_allocator", "A heap", "Types", "no contract"):
            self.assertNotIn(text, page)
        self.assertIn(".Ss x.h\nMore.\n.Pp\nAlso this.\n.Pp\n.Bl -tag -width Ds -compact\n.It Xo\n"
                      '.Ft "int"\n.Fn mi_stats "void"', page)

    def test_a_declaration_that_cannot_be_read_is_an_error_not_a_gap(self):
        run = self.make(HEADER.replace("void* mi_malloc(size_t size)", "int mi_variable"))
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("cannot read the declaration", run.stderr)

    def test_the_page_of_this_tree_has_every_function_that_a_program_can_link(self):
        run = self.run_script("make_functions_man.py", "--output", "page")
        self.assertEqual(run.returncode, 0, run.stderr)
        told = set(re.findall(r"^\.Fn (\w+)", (self.folder / "page").read_text(), re.M))
        headers = "".join(path.read_text() for path in (ROOT / "include").glob("*.h"))
        exported = (ROOT / "test/abi/symbols.txt").read_text().split()
        declared = {name for name in exported
                    if name.startswith("mi_") and re.search(rf"\b{name}\(", headers)}
        self.assertGreater(len(declared), 200)
        self.assertEqual(declared - told, set())


if __name__ == "__main__":
    tool_case.main()

#!/usr/bin/env python3
"""test_unsupported.py - what there is no port to is refused when it is configured, and why."""
import tool_case
from tool_case import ROOT, ToolCase


class Unsupported(ToolCase):
    def refusal(self, *options):
        run = self.run_program("cmake", "-S", ROOT, "-B", "build", "-DMI_BUILD_TESTS=OFF", *options)
        self.assertNotEqual(run.returncode, 0, run.stdout)
        return " ".join(run.stderr.split())

    def test_a_system_without_a_port_is_named_with_the_guide(self):
        text = self.refusal("-DCMAKE_SYSTEM_NAME=Plan9")
        self.assertIn("there is no port to Plan9", text)
        self.assertIn("doc/porting.md tells how to write one", text)

    def test_a_compiler_without_thread_local_variables_is_named(self):
        text = self.refusal("-DCMAKE_C_FLAGS=-D_Thread_local=unknown")
        self.assertIn("has no thread-local variables on", text)
        self.assertIn("doc/porting.md tells what the allocator needs", text)

    def test_a_processor_without_atomics_is_named(self):
        text = self.refusal("-DCMAKE_C_FLAGS=-D_Atomic=unknown")
        self.assertIn("has no lock-free atomics of C11 as wide as a pointer", text)

    def test_the_guide_is_there(self):
        self.assertTrue((ROOT / "doc" / "porting.md").is_file())


if __name__ == "__main__":
    tool_case.main()

"""tool_case.py - base of the tests of scripts/: a folder for each test, files, running scripts."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "scripts"


class ToolCase(unittest.TestCase):
    """self.folder is empty at the start of each test and gone after it."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="mim-tool-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write(self, files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run_program(self, *command, cwd=None):
        return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False, cwd=cwd or self.folder, stdin=subprocess.DEVNULL)

    def run_script(self, name, *arguments):
        interpreter = [sys.executable] if name.endswith(".py") else ["bash"]
        return self.run_program(*interpreter, SCRIPTS / name, *arguments)

    def compile_object(self, name, source):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        run = self.run_program("cc", "-c", "-I", self.folder / "src", "-o", path, source)
        self.assertEqual(run.returncode, 0, run.stderr)
        return path


def main():
    """Runs the tests of the calling file; 77 if all that ran passed, but some were skipped."""
    result = unittest.main(exit=False).result
    if result.wasSuccessful() and result.skipped:
        print("SKIPPED:", "; ".join(dict.fromkeys(why for _, why in result.skipped)))
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)

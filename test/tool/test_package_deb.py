#!/usr/bin/env python3
"""test_package_deb.py - packaging/build_deb.sh makes packages that lintian accepts, that serve an
outside program, and that take the place of Debian's own packages of mimalloc.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import tool_case
from tool_case import ROOT, ToolCase

TOOLS = ("dpkg-buildpackage", "dh", "lintian", "fakeroot", "git", "pkg-config")
# The library package must not be called as Debian's own, or apt would replace it by that one.
EXPECTED = ["W: libmimalloc3-anew: package-name-doesnt-match-sonames libmimalloc3"]
# Letters among the bytes of code: which words they make depends on the compiler.
SUPPRESSED = "spelling-error-in-binary"
THEIRS = """\
Package: %s
Version: 3.6.0+ds-1
Architecture: all
Maintainer: x <x@x.example>
Description: x
"""


@unittest.skipUnless(all(shutil.which(name) for name in TOOLS),
                     "the tools for Debian packages are not installed: scripts/setup.sh package")
class DebPackage(ToolCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="mim-deb-")
        cls.addClassCleanup(holder.cleanup)
        cls.out = pathlib.Path(holder.name)
        environment = {**os.environ, "DEB_BUILD_OPTIONS": "nocheck parallel=2"}
        run = subprocess.run(["bash", ROOT / "packaging/build_deb.sh", cls.out],
                             capture_output=True, text=True, check=False, env=environment)
        assert run.returncode == 0, run.stdout + run.stderr

    def package(self, name):
        return next(self.out.glob(f"{name}_*.deb"))

    def both(self):
        return [self.package("libmimalloc3-anew"), self.package("libmimalloc-anew-dev")]

    def names(self, name):
        listing = self.run_program("dpkg-deb", "-c", self.package(name)).stdout.splitlines()
        return {pathlib.PurePath(line.split()[5]).name for line in listing}

    def test_lintian_finds_nothing_but_what_is_meant(self):
        run = self.run_program("lintian", "--allow-root", "--display-info",
                               "--suppress-tags", SUPPRESSED, next(self.out.glob("*.changes")))
        self.assertEqual(run.stdout.splitlines(), EXPECTED, run.stderr)

    def test_each_package_holds_its_files(self):
        library, development, tools = (
            self.names(name)
            for name in ("libmimalloc3-anew", "libmimalloc-anew-dev", "mimalloc-anew-tools"))
        self.assertLessEqual({"libmimalloc.so.3", "libmimalloc.so.3.6", "mimalloc-options.7.gz"},
                             library)
        self.assertLessEqual({"libmimalloc.so", "libmimalloc.a", "mimalloc.o", "mimalloc.pc",
                              "mimalloc-config.cmake", "mimalloc.3.gz",
                              *(path.name for path in (ROOT / "include").glob("*.h"))},
                             development)
        self.assertLessEqual({"minject", "minject.1.gz"}, tools)

    def test_a_program_is_built_and_served_by_the_unpacked_packages(self):
        for package in self.both():
            self.run_program("dpkg-deb", "-x", package, "root")
        run = self.run_program("sh", ROOT / "packaging/debian/tests/link-and-preload",
                               self.folder / "root")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("all programs are served", run.stdout)

    def test_a_program_that_links_the_library_may_use_either_package(self):
        self.run_program("dpkg-deb", "-e", self.package("libmimalloc3-anew"), "control")
        first, *others = (self.folder / "control/symbols").read_text().splitlines()
        self.assertEqual(first, "libmimalloc.so.3 libmimalloc3-anew #MINVER# | "
                                "libmimalloc3 (>= 3.6.0)")
        self.assertIn(" mi_malloc@Base 3.6.0", others)

    def dpkg(self, *arguments):
        run = self.run_program("dpkg", f"--root={self.folder / 'system'}", "--force-depends",
                               "--force-script-chrootless", *arguments)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    @unittest.skipUnless(os.geteuid() == 0, "only root can install packages, even into a folder")
    def test_our_packages_replace_those_of_debian(self):
        self.write({f"system/var/lib/dpkg/{name}": "" for name in
                    ("status", "available", "updates/x", "info/x", "triggers/x")})
        (self.folder / "system/var/lib/dpkg/updates/x").unlink()
        for name, path in (("libmimalloc3", "usr/lib/libmimalloc.so.3"),
                           ("libmimalloc-dev", "usr/include/mimalloc.h")):
            self.write({f"{name}/DEBIAN/control": THEIRS % name, f"{name}/{path}": "theirs"})
            self.run_program("dpkg-deb", "-b", name, f"{name}.deb")
            self.dpkg("-i", f"{name}.deb")
        self.dpkg("-i", *self.both())
        installed = self.dpkg("-l")
        self.assertRegex(installed, r"\nii +libmimalloc3-anew")
        self.assertNotRegex(installed, r"\nii +libmimalloc3[ :]")
        self.assertNotRegex(installed, r"\nii +libmimalloc-dev")


if __name__ == "__main__":
    tool_case.main()

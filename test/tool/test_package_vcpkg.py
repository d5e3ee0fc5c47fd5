#!/usr/bin/env python3
"""test_package_vcpkg.py - the vcpkg port builds, installs and serves a program, on a stand-in for
vcpkg's functions (vcpkg_shim.cmake), and its manifest says what the portfile and this tree say.
"""
import json
import re
import tool_case
from tool_case import ROOT, ToolCase

PORT = ROOT / "packaging/vcpkg/mimalloc"
SHIM = ROOT / "test/tool/vcpkg_shim.cmake"
MANIFEST_KEYS = {"$schema", "name", "version", "description", "license", "supports",
                 "dependencies", "features"}
IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
APP = """\
#include <mimalloc.h>
#include <stdio.h>
int main(void) {
  char* p = mi_strdup("block");
  if (p == NULL || !mi_any_heap_contains(p)) { return 1; }
  mi_free(p);
  printf("served by %d\\n", mi_version());
  return 0;
}
"""
PROJECT = """\
cmake_minimum_required(VERSION 3.18)
project(main C)
add_executable(main app.c)
add_executable(with-object app.c)
%s
target_link_libraries(with-object PRIVATE mimalloc-obj)
"""


class VcpkgPort(ToolCase):
    def usage_lines(self):
        """What the usage file tells people to write, but for the object file."""
        lines = (PORT / "usage").read_text().splitlines()
        return "\n".join(line.strip() for line in lines
                         if line.startswith("  ") and "mimalloc-obj" not in line)

    def build(self, linkage, features, *options):
        run = self.run_program("cmake", f"-DPORT_DIR={PORT}", f"-DWORK={self.folder / 'w'}",
                               f"-DVCPKG_LIBRARY_LINKAGE={linkage}",
                               f"-DFEATURES={';'.join(features)}", *options, "-P", SHIM)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return self.folder / "w/packages"

    def assert_serves(self, packages, build_type):
        self.write({"app.c": APP, "CMakeLists.txt": PROJECT % self.usage_lines()})
        for command in (("-S", ".", "-B", build_type, f"-DCMAKE_BUILD_TYPE={build_type}",
                         f"-DCMAKE_PREFIX_PATH={packages}"), ("--build", build_type)):
            run = self.run_program("cmake", *command)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        for program in ("main", "with-object"):
            self.assertIn("served by 3", self.run_program(f"{build_type}/{program}").stdout)

    def test_the_dynamic_library_is_built_and_serves(self):
        packages = self.build("dynamic", ["override"])
        names = {path.name for path in packages.rglob("*") if not path.is_dir()}
        self.assertLessEqual({"libmimalloc.so", "libmimalloc-debug.so", "usage", "copyright",
                              "mimalloc.h"}, names)
        self.assertFalse([name for name in names if name.endswith(".a")])
        self.assertFalse((packages / "debug/include").exists())
        self.assertFalse((packages / "debug/share").exists())
        self.assert_serves(packages, "Release")
        self.assert_serves(packages, "Debug")

    def test_the_static_library_is_built_with_features(self):
        packages = self.build("static", ["override", "secure"], "-DVCPKG_BUILD_TYPE=release")
        names = {path.name for path in (packages / "lib").iterdir()}
        self.assertIn("libmimalloc-secure.a", names)
        self.assertNotIn("libmimalloc-secure.so", names)
        self.assert_serves(packages, "Release")

    def test_the_manifest_agrees_with_portfile_and_tree(self):
        manifest = json.loads((PORT / "vcpkg.json").read_text())
        self.assertEqual(set(manifest), MANIFEST_KEYS)
        version = re.search(r"VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text().split(
            "project(mimalloc")[1])[1]
        self.assertEqual(manifest["version"], version)
        for name in (manifest["name"], *manifest["features"]):
            self.assertTrue(IDENTIFIER.fullmatch(name), name)
        portfile = (PORT / "portfile.cmake").read_text()
        features = re.search(r"FEATURES\n(.*?)\)", portfile, re.S)[1].split()
        self.assertEqual(sorted(features[::2]), sorted(manifest["features"]))
        options = (ROOT / "cmake/options.cmake").read_text()
        for name in features[1::2]:
            self.assertTrue(re.search(rf"(option|set)\({name} ", options), f"no option {name}")
        self.assertEqual([(one["name"], one["host"]) for one in manifest["dependencies"]],
                         [("vcpkg-cmake", True), ("vcpkg-cmake-config", True)])


if __name__ == "__main__":
    tool_case.main()

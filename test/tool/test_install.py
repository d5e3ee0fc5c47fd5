#!/usr/bin/env python3
"""test_install.py - an installed build serves outside programs: pkg-config, find_package, preload.

The environment names the build folder: MIM_BUILD_DIR.
"""
import os
import pathlib
import tool_case
from tool_case import ROOT, ToolCase

BUILD = pathlib.Path(os.environ.get("MIM_BUILD_DIR", ROOT / "out" / "release"))
APP = """\
#include <stdio.h>
#include <mimalloc.h>
int main(void) {
  char* p = mi_malloc(100);
  if (p == NULL) { return 1; }
  p[99] = 1;
  mi_free(p);
  printf("served by %d\\n", mi_version());
  return 0;
}
"""
PROJECT = """\
cmake_minimum_required(VERSION 3.18)
project(app C)
find_package(mimalloc 3 REQUIRED)
foreach(target mimalloc mimalloc-static mimalloc-obj)
  add_executable(app-${target} app.c)
  target_link_libraries(app-${target} PRIVATE ${target})
endforeach()
"""
SUBDIRECTORY = """\
cmake_minimum_required(VERSION 3.18)
project(app C)
add_subdirectory("%s" mimalloc-build)
add_executable(app app.c)
target_link_libraries(app PRIVATE mimalloc)
"""


# All that users of mimalloc pass, but those that exclude each other (tests below).
OPTIONS = """
MI_OVERRIDE MI_XMALLOC MI_SHOW_ERRORS MI_GUARDED MI_USE_CXX MI_OPT_ARCH MI_OPT_SIMD MI_DEBUG
MI_DEBUG_INTERNAL MI_DEBUG_FULL MI_PADDING MI_TRACK_ETW MI_BUILD_SHARED MI_BUILD_STATIC
MI_BUILD_OBJECT MI_LIBC_MUSL MI_LOCAL_DYNAMIC_TLS MI_NO_THP MI_SKIP_COLLECT_ON_EXIT
MI_INSTALL_TOPLEVEL MI_NO_USE_CXX MI_NO_OPT_ARCH MI_OSX_INTERPOSE MI_OSX_ZONE MI_WIN_REDIRECT
MI_WIN_DIRECT_TLS MI_SECURE_FULL MI_TRACK_VALGRIND MI_NO_DEBUG MI_NO_PADDING MI_DEBUG_UBSAN
"""


class Install(ToolCase):
    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "prefix"
        self.write({"app.c": APP})
        self.succeed("cmake", "--install", BUILD, "--prefix", self.prefix)
        self.libraries = next(self.prefix.rglob("libmimalloc*.so")).parent
        self.library = next(self.libraries.glob("libmimalloc*.so"))

    def succeed(self, *command, **variables):
        run = self.run_program("env", *(f"{k}={v}" for k, v in variables.items()), *command)
        self.assertEqual(run.returncode, 0, f"{command}\n{run.stdout}{run.stderr}")
        return run

    def assert_served(self, *command, **variables):
        self.assertIn("served by 3", self.succeed(*command, **variables).stdout)

    def pkg_config(self, *options):
        run = self.succeed("pkg-config", *options, "mimalloc",
                           PKG_CONFIG_PATH=self.libraries / "pkgconfig")
        return run.stdout.split()

    def test_the_library_has_its_links_and_its_soname(self):
        names = sorted(path.name for path in self.libraries.glob(self.library.name + "*"))
        self.assertEqual(names, [self.library.name + end for end in ("", ".3", ".3.6")])
        run = self.succeed("readelf", "-d", self.library)
        self.assertIn(f"soname: [{self.library.name}.3]", run.stdout)

    def test_a_program_builds_with_pkg_config(self):
        flags = self.pkg_config("--cflags", "--libs")
        self.succeed("cc", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "app.c", "-o", "app",
                     *flags)
        self.assert_served("./app", LD_LIBRARY_PATH=self.libraries)

    def test_a_program_links_the_static_library_with_pkg_config(self):
        flags = self.pkg_config("--static", "--cflags", "--libs")
        self.succeed("cc", "app.c", "-static", "-Wl,--fatal-warnings", "-o", "app", *flags)
        self.assert_served("./app")

    def test_a_program_links_the_object_file(self):
        target = self.library.with_suffix(".o").name.removeprefix("lib")
        self.succeed("cc", "app.c", self.libraries / target, "-o", "app", "-pthread",
                     *self.pkg_config("--cflags"))
        self.assert_served("./app")

    def test_find_package_offers_three_targets_that_work(self):
        self.write({"CMakeLists.txt": PROJECT})
        self.succeed("cmake", "-S", ".", "-B", "b", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.succeed("cmake", "--build", "b")
        for name in ("mimalloc", "mimalloc-static", "mimalloc-obj"):
            with self.subTest(target=name):
                self.assert_served(f"b/app-{name}")

    def test_a_program_is_served_by_preload(self):
        run = self.succeed("sh", "-c", "grep -c libmimalloc /proc/self/maps",
                           LD_PRELOAD=self.library)
        self.assertGreater(int(run.stdout), 0)


class Configure(ToolCase):
    def configure(self, *options, **variables):
        settings = [f"{name}={value}" for name, value in variables.items()]
        return self.run_program("env", *settings, "cmake", "-S", ROOT, "-B", "b",
                                "-DMI_BUILD_TESTS=OFF", *options)

    def probes(self):
        cache = (self.folder / "b/CMakeCache.txt").read_text()
        return sorted(line for line in cache.splitlines() if line.startswith("mim_has_"))

    def test_a_flag_that_makes_the_compiler_warn_changes_no_probe(self):
        self.assertEqual(self.configure().returncode, 0)
        clean = self.probes()
        self.assertTrue(any("lto:INTERNAL=TRUE" in line for line in clean), clean)
        (self.folder / "b").rename(self.folder / "clean")
        run = self.configure(CFLAGS="-fno-rtti")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.probes(), clean)

    def test_every_option_of_mimalloc_is_accepted_and_ineffective_ones_are_named(self):
        run = self.configure("-DMI_EXTRA_CPPDEFS=A=1;B=2", "-DMI_SECURE=ON",
                             *(f"-D{name}=ON" for name in OPTIONS.split()))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("no effect here: MI_USE_CXX, MI_NO_USE_CXX", run.stdout)
        self.assertIn("libmimalloc-secure-valgrind 3.6.0", run.stdout)
        self.assertNotIn("not used", run.stderr)

    def test_a_bad_level_is_refused_with_the_remedy(self):
        run = self.configure("-DMI_SECURE=9")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("MI_SECURE has the bad value '9'", run.stderr)

    def test_the_name_of_the_folder_decides_the_build_type(self):
        for folder, name in (("my-debug", "libmimalloc-debug"), ("x-secure", "libmimalloc-secure"),
                             ("plain", "libmimalloc 3")):
            with self.subTest(folder=folder):
                run = self.run_program("cmake", "-S", ROOT, "-B", folder, "-DMI_BUILD_TESTS=OFF")
                self.assertIn(f"Library:    {name}", run.stdout)

    def test_add_subdirectory_builds_a_program(self):
        self.write({"app.c": APP, "CMakeLists.txt": SUBDIRECTORY % ROOT})
        for command in (("-S", ".", "-B", "b"), ("--build", "b", "--target", "app")):
            run = self.run_program("cmake", *command)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("served by 3", self.run_program("b/app").stdout)


if __name__ == "__main__":
    tool_case.main()

#!/usr/bin/env python3
"""test_install.py - an installed build serves outside programs: pkg-config, find_package, preload,
the flags that users pass, and this tree as a part of another one.

The environment names the build folder: MIM_BUILD_DIR.
"""
import os
import pathlib
import re
import shutil
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
APP_CPP = """\
#include <cstdio>
#include <vector>
#include <mimalloc.h>
#include <mimalloc-stats.h>
#include <mimalloc-profile.h>
#include <mimalloc-new-delete.h>
int main() {
  std::vector<int, mi_stl_allocator<int>> numbers(100, 7);
  int* one = new int(numbers[99]);
  const bool is_ours = mi_any_heap_contains(one) && mi_any_heap_contains(numbers.data());
  delete one;
  std::printf("served by %d\\n", is_ours ? mi_version() : 0);
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
# What a program does that has us as a part; it has targets of the names that we use at the top.
PARENT = """\
cmake_minimum_required(VERSION 3.18)
project(app C)
%s
add_custom_target(libraries)
add_custom_target(uninstall)
foreach(target mimalloc mimalloc-static mimalloc-obj)
  add_executable(app-${target} app.c)
  target_link_libraries(app-${target} PRIVATE ${target})
endforeach()
"""
SUBDIRECTORY = PARENT % f'add_subdirectory("{ROOT}" mimalloc-build)'
FETCHED = PARENT % f"""\
include(FetchContent)
FetchContent_Declare(mimalloc SOURCE_DIR "{ROOT}")
FetchContent_MakeAvailable(mimalloc)"""

# Flags of a program, for each way to link; -fno-rtti is one of C++ and makes gcc warn.
FLAGS = ("-O0", "-Os", "-O2 -flto", "-march=native", "-fvisibility=hidden", "-fno-rtti",
         "-O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong")
STATIC_FLAGS = ("-static", "-static-pie -fPIE", "-static -Os -flto", "-O0")
STRICT = "-Wall -Wextra -Wpedantic -Wshadow -Werror -Wl,--fatal-warnings".split()

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
        self.manifest = BUILD / "install_manifest.txt"
        self.keep_manifest()
        self.succeed("cmake", "--install", BUILD, "--prefix", self.prefix)
        self.libraries = next(self.prefix.rglob("libmimalloc*.so")).parent
        self.library = next(self.libraries.glob("libmimalloc*.so"))

    def keep_manifest(self):
        """What somebody has installed from this build folder can still be uninstalled after us."""
        before = self.manifest.read_text() if self.manifest.is_file() else None

        def restore():
            self.manifest.unlink(missing_ok=True)
            if before is not None:
                self.manifest.write_text(before)
        self.addCleanup(restore)

    def succeed(self, *command, **variables):
        run = self.run_program("env", *(f"{k}={v}" for k, v in variables.items()), *command)
        self.assertEqual(run.returncode, 0, f"{command}\n{run.stdout}{run.stderr}")
        return run

    def assert_served(self, *command, **variables):
        self.assertIn("served by 3", self.succeed(*command, **variables).stdout)

    def compilers(self, *names):
        return [name for name in names if shutil.which(name)]

    def assert_builds_and_runs(self, *command):
        with self.subTest(command=" ".join(str(word) for word in command[:-1])):
            self.succeed(*command, "-o", "app")
            self.assert_served("./app", LD_LIBRARY_PATH=self.libraries)

    def pkg_config(self, *options):
        run = self.succeed("pkg-config", *options, "mimalloc",
                           PKG_CONFIG_PATH=self.libraries / "pkgconfig")
        return run.stdout.split()

    def test_the_library_has_its_links_and_its_soname(self):
        names = sorted(path.name for path in self.libraries.glob(self.library.name + "*"))
        self.assertEqual(names, [self.library.name + end for end in ("", ".3", ".3.6")])
        run = self.succeed("readelf", "-d", self.library)
        self.assertIn(f"soname: [{self.library.name}.3]", run.stdout)

    def test_minject_is_there_with_its_manual_page(self):
        text = self.succeed(self.prefix / "bin" / "minject", "--help").stdout
        page = next(self.prefix.rglob("man1/minject.1")).read_text()
        options = re.findall(r"^ .*--(\w+)", text, re.MULTILINE)
        self.assertGreater(len(options), 5)
        for option in options:
            self.assertRegex(page, rf"(?m)^\.It .*Fl -{option}\b")

    def test_a_program_builds_with_pkg_config(self):
        flags = self.pkg_config("--cflags", "--libs")
        self.succeed("cc", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "app.c", "-o", "app",
                     *flags)
        self.assert_served("./app", LD_LIBRARY_PATH=self.libraries)

    def test_a_program_links_the_static_library_with_pkg_config(self):
        flags = self.pkg_config("--static", "--cflags", "--libs")
        self.succeed("cc", "app.c", "-static", "-Wl,--fatal-warnings", "-o", "app", *flags)
        self.assert_served("./app")

    def object_file(self):
        return self.libraries / self.library.with_suffix(".o").name.removeprefix("lib")

    def test_a_program_links_the_object_file(self):
        self.succeed("cc", "app.c", self.object_file(), "-o", "app", "-pthread",
                     *self.pkg_config("--cflags"))
        self.assert_served("./app")

    def test_a_program_is_compiled_together_with_the_single_source_file(self):
        flags = self.pkg_config("--cflags")
        for compiler in self.compilers("gcc", "clang"):
            self.assert_builds_and_runs(compiler, "-O1", "app.c", BUILD / "mimalloc.c", "-Wall",
                                        "-Wextra", "-Werror", "-pthread", *flags)

    def test_a_program_links_the_shared_library_with_any_flags(self):
        flags = self.pkg_config("--cflags", "--libs")
        for compiler in self.compilers("gcc", "clang"):
            for words in FLAGS:
                strict = STRICT if words != "-fno-rtti" else []
                self.assert_builds_and_runs(compiler, *words.split(), *strict, "app.c", *flags)

    def test_a_program_links_archive_and_object_with_any_flags(self):
        archive = self.pkg_config("--static", "--cflags", "--libs")
        single = [self.object_file(), "-pthread", *self.pkg_config("--cflags")]
        for compiler in self.compilers("gcc", "clang"):
            for words in STATIC_FLAGS:
                for flags in (archive, single):
                    self.assert_builds_and_runs(compiler, *words.split(), *STRICT, "app.c",
                                                *flags)

    def test_a_cpp_program_uses_every_header(self):
        self.write({"app.cpp": APP_CPP})
        flags = self.pkg_config("--cflags", "--libs")
        for compiler in self.compilers("g++", "clang++"):
            for level in ("c++11", "c++14", "c++17", "c++20", "c++2b"):
                self.assert_builds_and_runs(compiler, f"-std={level}", *STRICT, "app.cpp", *flags)

    def test_the_library_needs_nothing_but_libc(self):
        run = self.succeed("readelf", "-d", self.library)
        needed = [line.split("[")[1].rstrip("]") for line in run.stdout.splitlines()
                  if "(NEEDED)" in line]
        self.assertEqual([name for name in needed if not name.startswith(("libc.", "ld-"))], [])

    def test_the_manual_pages_are_where_man_looks(self):
        for name in ("man3/mimalloc.3", "man7/mimalloc-options.7"):
            self.assertIn(".Sh NAME", (self.prefix / "share/man" / name).read_text())

    def test_uninstall_takes_away_what_install_put_down_and_nothing_else(self):
        folders = {path.parent for path in self.prefix.rglob("*") if not path.is_dir()}
        for folder in folders - {self.libraries / "cmake/mimalloc"}:
            (folder / "other").write_text("of somebody else")
        run = self.uninstall()
        self.assertEqual(run.returncode, 0, run.stderr)
        left = [path for path in self.prefix.rglob("*") if not path.is_dir()]
        self.assertEqual([path.name for path in left if path.name != "other"], [])
        self.assertEqual(len(left), len(folders) - 1)
        self.assertFalse((self.libraries / "cmake/mimalloc").exists())

    def uninstall(self):
        return self.run_program("cmake", "--build", BUILD, "--target", "uninstall")

    def test_uninstall_without_an_install_says_so(self):
        self.manifest.unlink()
        run = self.uninstall()
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("install once more from this folder", run.stdout + run.stderr)

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

    def assert_part_of(self, parent, *options):
        self.write({"app.c": APP, "CMakeLists.txt": parent})
        for command in (("-S", ".", "-B", "b", *options), ("--build", "b", "-j2")):
            run = self.run_program("cmake", *command)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertNotIn("warning", (run.stdout + run.stderr).lower())
            if "-S" in command:      # optimized, although the program says nothing about it
                self.assertIn("libmimalloc 3.6.0, Release", run.stdout)
        for name in ("mimalloc", "mimalloc-static", "mimalloc-obj"):
            with self.subTest(target=name):
                self.assertIn("served by 3", self.run_program(f"b/app-{name}").stdout)

    def test_add_subdirectory_offers_three_targets_that_work(self):
        self.assert_part_of(SUBDIRECTORY)

    def test_fetched_content_offers_three_targets_that_work(self):
        self.assert_part_of(FETCHED, "-DMIM_LTO=OFF")

    def test_folders_of_a_version_are_asked_for_in_vain(self):
        self.assertNotIn("TOPLEVEL", self.configure("-DMI_INSTALL_TOPLEVEL=ON").stdout)
        self.assertIn("no effect here: MI_INSTALL_TOPLEVEL=OFF",
                      self.configure("-DMI_INSTALL_TOPLEVEL=OFF").stdout)


if __name__ == "__main__":
    tool_case.main()

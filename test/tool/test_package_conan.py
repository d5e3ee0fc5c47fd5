#!/usr/bin/env python3
"""test_package_conan.py - the Conan recipe builds a package that serves its test program, on a
stand-in for Conan (conan_shim.py).
"""
import importlib.util
import pathlib
import conan_shim
import tool_case
from tool_case import ROOT, ToolCase

RECIPE = ROOT / "packaging/conan/mimalloc/conanfile.py"
TEST_PACKAGE = RECIPE.parent / "test_package"


def recipe_class(path, name):
    spec = importlib.util.spec_from_file_location(f"recipe_{path.parent.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


class ConanRecipe(ToolCase):
    @classmethod
    def setUpClass(cls):
        conan_shim.install()
        cls.recipe = recipe_class(RECIPE, "MimallocConan")

    def make(self, system="Linux", build_type="Release", **options):
        settings = {"os": system, "build_type": build_type}
        return self.recipe(RECIPE, self.folder, settings, options)

    def assert_serves(self, recipe):
        """The test program, on a CMake package such as Conan writes from package_info."""
        target, folder = recipe.cpp_info.properties["cmake_target_name"], recipe.package_folder
        libraries = [next(pathlib.Path(folder, "lib").glob(f"lib{name}.*"))
                     for name in recipe.cpp_info.libs]
        self.write({"found/mimalloc-config.cmake":
                    f"add_library({target} INTERFACE IMPORTED)\n"
                    f"target_include_directories({target} INTERFACE {folder}/include)\n"
                    f"target_link_libraries({target} INTERFACE {libraries[0]} "
                    f"{' '.join(recipe.cpp_info.system_libs)})\n"})
        for command in (("-S", TEST_PACKAGE, "-B", "t", f"-Dmimalloc_DIR={self.folder}/found"),
                        ("--build", "t")):
            run = self.run_program("cmake", *command)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("served by 3", self.run_program("t/test_package").stdout)

    def test_the_static_package_serves_the_test_program(self):
        recipe = conan_shim.create(self.make())
        self.assertRegex(recipe.version, r"3\.6\.0")
        self.assertEqual(recipe.cpp_info.libs, ["mimalloc"])
        package = pathlib.Path(recipe.package_folder)
        self.assertTrue((package / "licenses/LICENSE").is_file())
        self.assertTrue((package / "lib/mimalloc.o").is_file())
        self.assertFalse((package / "lib/cmake").exists())
        self.assert_serves(recipe)

    def test_the_shared_package_with_checks_serves_the_test_program(self):
        recipe = conan_shim.create(self.make(shared=True, secure=True))
        self.assertEqual(recipe.cpp_info.libs, ["mimalloc-secure"])
        self.assertEqual(recipe.cpp_info.properties["cmake_target_name"], "mimalloc")
        self.assertFalse(list(pathlib.Path(recipe.package_folder).rglob("*.a")))
        self.assert_serves(recipe)

    def test_another_system_is_refused_with_a_sentence(self):
        with self.assertRaisesRegex(conan_shim.ConanInvalidConfiguration, "only Linux"):
            self.make("Windows").validate()

    def test_the_test_recipe_can_be_loaded(self):
        recipe = recipe_class(TEST_PACKAGE / "conanfile.py", "TestPackageConan")
        for step in ("requirements", "layout", "build", "test"):
            self.assertTrue(callable(getattr(recipe, step)))


if __name__ == "__main__":
    tool_case.main()

"""conanfile.py - the recipe of this tree for Conan 2: it builds the sources it lies among."""
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import collect_libs, copy, load, rmdir

required_conan_version = ">=2.4"

# From this file to the top of the tree.
TOP = os.path.join("..", "..", "..")


class MimallocConan(ConanFile):
    name = "mimalloc"
    description = "A general-purpose memory allocator with mimalloc's interface"
    license = "MIT"
    topics = ("allocator", "malloc", "memory")
    package_type = "library"
    languages = "C"
    implements = ["auto_shared_fpic"]
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "override": [True, False],
               "secure": [True, False], "xmalloc": [True, False]}
    default_options = {"shared": False, "fPIC": True, "override": True, "secure": False,
                       "xmalloc": False}

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, TOP, "CMakeLists.txt"))
        self.version = re.search(r"project\(mimalloc VERSION (\S+)", text)[1]

    def export_sources(self):
        top = os.path.join(self.recipe_folder, TOP)
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "doc/man/*", "include/*",
                        "scripts/*.py", "src/*"):
            copy(self, pattern, top, self.export_sources_folder)

    def layout(self):
        self.folders.root = TOP
        cmake_layout(self)

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration(
                f"mimalloc has no port to {self.settings.os} yet: only Linux is supported")

    def generate(self):
        toolchain = CMakeToolchain(self)
        is_shared = bool(self.options.shared)
        toolchain.cache_variables.update({
            "MI_BUILD_TESTS": False, "MI_BUILD_SHARED": is_shared,
            "MI_BUILD_STATIC": not is_shared, "MI_BUILD_OBJECT": not is_shared,
            "MI_OVERRIDE": bool(self.options.override), "MI_SECURE": bool(self.options.secure),
            "MI_XMALLOC": bool(self.options.xmalloc)})
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        # Conan's generators write these for each consumer.
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        target = "mimalloc" if self.options.shared else "mimalloc-static"
        self.cpp_info.set_property("cmake_file_name", "mimalloc")
        self.cpp_info.set_property("cmake_target_name", target)
        self.cpp_info.set_property("pkg_config_name", "mimalloc")
        self.cpp_info.libs = collect_libs(self)
        self.cpp_info.system_libs = ["pthread"]

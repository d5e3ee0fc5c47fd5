"""conan_shim.py - a stand-in for the part of Conan 2 that the recipe uses, as Conan documents it.

install() makes the modules importable as `conan`; create() then takes a recipe through the steps of
`conan create`, with a real configure, build and install.
"""
import fnmatch
import pathlib
import shutil
import subprocess
import sys
import types


class Settings(dict):
    __getattr__ = dict.__getitem__


class CppInfo:
    def __init__(self):
        self.libs, self.system_libs, self.properties = [], [], {}

    def set_property(self, name, value):
        self.properties[name] = value


class ConanFile:
    """What a recipe inherits: its folders and what the user has chosen."""

    def __init__(self, recipe, work, settings, options):
        self.recipe_folder = str(pathlib.Path(recipe).parent)
        self.export_sources_folder = self.source_folder = str(work / "source")
        self.build_folder, self.package_folder = str(work / "build"), str(work / "package")
        self.folders = types.SimpleNamespace(root=None)
        self.settings, self.cpp_info, self.cache_variables = Settings(settings), CppInfo(), {}
        known = getattr(self, "options", {})
        for name, value in options.items():
            assert value in known[name], f"option {name} has no value {value}"
        self.options = Settings({**getattr(self, "default_options", {}), **options})


class ConanInvalidConfiguration(Exception):
    """This recipe cannot build what was asked for."""


class CMakeToolchain:
    def __init__(self, conanfile):
        self.conanfile, self.cache_variables = conanfile, {}

    def generate(self):
        self.conanfile.cache_variables = self.cache_variables


class CMake:
    def __init__(self, conanfile):
        self.conanfile = conanfile

    @staticmethod
    def run(*arguments):
        run = subprocess.run(["cmake", *arguments], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        assert "not used by the project" not in run.stderr, run.stderr

    def configure(self):
        values = [f"-D{name}={'ON' if value else 'OFF'}"
                  for name, value in self.conanfile.cache_variables.items()]
        self.run("-S", self.conanfile.source_folder, "-B", self.conanfile.build_folder,
                 f"-DCMAKE_BUILD_TYPE={self.conanfile.settings.build_type}", *values)

    def build(self):
        self.run("--build", self.conanfile.build_folder, "-j", "2")

    def install(self):
        self.run("--install", self.conanfile.build_folder, "--prefix",
                 self.conanfile.package_folder)


def cmake_layout(_conanfile):
    """The stand-in's folders are fixed."""


def copy(_conanfile, pattern, src, dst):
    for path in pathlib.Path(src).rglob("*"):
        name = path.relative_to(src)
        if path.is_file() and fnmatch.fnmatch(str(name), pattern):
            (pathlib.Path(dst) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, pathlib.Path(dst) / name)


def load(_conanfile, path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def rmdir(_conanfile, path):
    shutil.rmtree(path, ignore_errors=True)


def collect_libs(conanfile):
    folder = pathlib.Path(conanfile.package_folder) / "lib"
    return sorted({path.name.removeprefix("lib").rsplit(".", 1)[0] for path in folder.iterdir()
                   if path.suffix in (".a", ".so")})


def install():
    modules = {
        "conan": {"ConanFile": ConanFile}, "conan.tools": {},
        "conan.errors": {"ConanInvalidConfiguration": ConanInvalidConfiguration},
        "conan.tools.build": {"can_run": lambda _conanfile: True},
        "conan.tools.cmake": {"CMake": CMake, "CMakeToolchain": CMakeToolchain,
                              "cmake_layout": cmake_layout},
        "conan.tools.files": {"collect_libs": collect_libs, "copy": copy, "load": load,
                              "rmdir": rmdir}}
    for name, members in modules.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)


def create(recipe):
    """`conan create`: export, then validate, build and package. Returns the recipe."""
    recipe.set_version()
    recipe.export_sources()
    recipe.validate()
    recipe.layout()
    recipe.generate()
    recipe.build()
    recipe.package()
    recipe.package_info()
    return recipe

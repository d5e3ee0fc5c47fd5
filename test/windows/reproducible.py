#!/usr/bin/env python3
"""reproducible.py - the same sources make the same files: whoever builds a release can compare.

usage: reproducible.py BUILD

Builds the libraries of BUILD's settings once more, from a copy of the tree in another folder and in
another time zone, compares every byte and prints the sums.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDERS = ["cmake", "include", "scripts", "src", "tools", "win", "doc"]
TARGETS = ["mimalloc", "mimalloc-static", "mimalloc-redirect"]
SETTING = re.compile(r"^((?:MIM?_\w+|CMAKE_BUILD_TYPE|CMAKE_TOOLCHAIN_FILE):(?!INTERNAL|STATIC)\w+)"
                     r"=(.*)$", re.MULTILINE)


def copy_tree(folder):
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    for path in ROOT.glob("*"):
        if path.is_file():
            shutil.copy(path, folder)


def settings_of(build, tree):
    """As options of cmake; what lies in our tree is taken from the copy."""
    text = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    return [f"-D{name}={value.replace(str(ROOT), str(tree))}"
            for name, value in SETTING.findall(text)]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, env=dict(os.environ, TZ="Asia/Tokyo", LC_ALL="C"))
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-3000:]}")


def build_again(build, folder):
    tree = folder / "another place" / "tree"
    tree.mkdir(parents=True)
    copy_tree(tree)
    made = folder / "made"
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    run("cmake", *generator, "-S", tree, "-B", made, *settings_of(build, tree),
        "-DMI_BUILD_TESTS=OFF", "-DMIM_TOOLS=OFF")
    run("cmake", "--build", made, "--target", *TARGETS)
    return made


def products_of(folder):
    return sorted(path.name for pattern in ("*.dll", "*.a") for path in folder.glob(pattern))


def sum_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    build = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory(prefix="mimalloc-again-") as folder:
        made = build_again(build, pathlib.Path(folder))
        names = products_of(made)
        differing = [name for name in names if sum_of(build / name) != sum_of(made / name)]
        for name in names:
            again = "is another one when" if name in differing else "is the same when"
            print(f"NOTE: {name} {again} built again: sha256 {sum_of(made / name)}")
    if not any(name.endswith(".dll") for name in names):
        sys.exit("there is no DLL to compare")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

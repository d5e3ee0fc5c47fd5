"""lanes.py - the lanes of scripts/test_platforms.py: what each needs, and how it builds and runs.

`packages` are groups of scripts/setup.sh. `toolchain` is a script of this folder with arguments: it
prints lines NAME=value, which `settings` (CMake variables) can use as {NAME}. `ctest` narrows the
tests. A lane without emulator runs on the processor of the machine that builds.
"""
import collections
import pathlib

import lanes_windows

Lane = collections.namedtuple("Lane", "name title runs groups packages toolchain settings ctest")

# Of the release build: link-time optimization is the compiler's business, and costs minutes.
COMMON = {"CMAKE_BUILD_TYPE": "Release", "MIM_LTO": "OFF", "CMAKE_SYSTEM_NAME": "Linux"}


def native_glibc(name, processor, triple, groups):
    root = f"/usr/{triple}/lib"
    loader = f"-Wl,--dynamic-linker={root}/ld-linux.so.2 -Wl,-rpath,{root}"
    settings = {**COMMON, "CMAKE_SYSTEM_PROCESSOR": processor,
                "CMAKE_C_COMPILER": f"{triple}-gcc", "CMAKE_CXX_COMPILER": f"{triple}-g++",
                "CMAKE_EXE_LINKER_FLAGS": loader}
    return Lane(name, f"{processor}, glibc", "natively", groups, ["platform-" + name], None,
                settings, [])


def emulated_glibc(name, processor, triple, qemu, groups=(), flags="", words=()):
    emulator = ";".join([f"/usr/bin/{qemu}-static", *words, "-L", f"/usr/{triple}"])
    settings = {**COMMON, "CMAKE_SYSTEM_PROCESSOR": processor,
                "CMAKE_C_COMPILER": f"{triple}-gcc", "CMAKE_CXX_COMPILER": f"{triple}-g++",
                "CMAKE_C_FLAGS": flags, "CMAKE_CXX_FLAGS": flags,
                "CMAKE_CROSSCOMPILING_EMULATOR": emulator}
    return Lane(name, f"{processor}, glibc", f"under {qemu}", list(groups), ["platform-" + name],
                None, settings, [])


def trapping(lane):
    """The same, where a misaligned access is a trap: also one that the processor carries out."""
    flags = lane.settings.get("CMAKE_C_FLAGS", "")
    flags += " -fsanitize=alignment -fsanitize-undefined-trap-on-error"
    return lane._replace(name=lane.name + "-alignment", groups=[],
                         title=lane.title + ", misaligned accesses trap",
                         settings={**lane.settings, "CMAKE_C_FLAGS": flags},
                         ctest=["-L", "unit|api|stress|fuzz|override"])


def with_pages(lane, kib):
    """The same with larger OS pages, as some kernels of these processors have.

    (Not the real programs: with 64 KiB qemu-user 7.2 ends redis by a fault, whatever its malloc.)
    """
    emulator, rest = lane.settings["CMAKE_CROSSCOMPILING_EMULATOR"].split(";", 1)
    return lane._replace(name=f"{lane.name}-{kib}k", groups=[],
                         title=f"{lane.title}, OS pages of {kib} KiB", ctest=["-E", "^programs"],
                         settings={**lane.settings, "CMAKE_CROSSCOMPILING_EMULATOR":
                                   f"{emulator};-p;{kib * 1024};{rest}"})


def musl(name, processor, debian, triple, qemu=None, groups=(), flags="", words=()):
    """Debian's musl of `debian`, with its gcc specs; C only: there is no C++ library for it."""
    settings = {**COMMON, "CMAKE_SYSTEM_PROCESSOR": processor,
                "CMAKE_C_COMPILER": f"{triple}-gcc", "CMAKE_CXX_COMPILER": "",
                "CMAKE_C_FLAGS": "-specs={SPECS} " + flags}
    runs = "natively"
    if qemu is None:
        settings["CMAKE_EXE_LINKER_FLAGS"] = "-Wl,--dynamic-linker={LOADER}"
    else:
        emulator = [f"/usr/bin/{qemu}-static", *words, "-L", "{ROOT}"]
        settings["CMAKE_CROSSCOMPILING_EMULATOR"] = ";".join(emulator)
        runs = f"under {qemu}"
    return Lane(name, f"{processor}, musl", runs, list(groups), ["platform-" + name],
                ["toolchain_musl.sh", debian, f"{triple}-gcc"], settings, [])


def big_endian_arm(name):
    """clang with a musl that the lane builds; the binary tools are those of little-endian ARM."""
    tools = {f"CMAKE_{tool.upper()}": f"/usr/bin/arm-linux-gnueabi-{tool}"
             for tool in ("ar", "ranlib", "nm", "objdump", "readelf")}
    settings = {**COMMON, **tools, "CMAKE_SYSTEM_PROCESSOR": "armeb",
                "CMAKE_C_COMPILER": "clang-19", "CMAKE_CXX_COMPILER": "",
                "CMAKE_C_FLAGS": "{FLAGS}",
                "CMAKE_CROSSCOMPILING_EMULATOR": "/usr/bin/qemu-armeb-static;-L;{ROOT}"}
    return Lane(name, "armv7 big-endian (BE8), musl", "under qemu-armeb", [], ["platform-" + name],
                ["toolchain_armeb.sh"], settings, [])


# WebAssembly: node runs the programs (wasm/run.mjs). The garbage collector of node 20 crashes when
# memory grows while it marks in steps.
NODE = ["node", "--no-warnings", "--no-incremental-marking",
        str(pathlib.Path(__file__).resolve().parent / "wasm" / "run.mjs")]
WASM = {"CMAKE_BUILD_TYPE": "Release", "MIM_LTO": "OFF", "MIM_TOOLS": "OFF",
        "CMAKE_SYSTEM_PROCESSOR": "wasm32", "CMAKE_CROSSCOMPILING_EMULATOR": ";".join(NODE)}
WASI = Lane("wasi", "wasm32, WASI", "under node", [], ["platform-wasi"], ["toolchain_wasi.sh"],
            {**WASM, "CMAKE_SYSTEM_NAME": "WASI", "CMAKE_SYSROOT": "{SYSROOT}",
             "CMAKE_C_COMPILER": "clang-19", "CMAKE_C_COMPILER_TARGET": "wasm32-wasi",
             "CMAKE_CXX_COMPILER": ""}, [])
# emcc optimizes when it links, too: more than -O1 takes seconds for each of 80 programs.
EMSCRIPTEN = Lane("emscripten", "wasm32, Emscripten with threads", "under node", [],
                  ["platform-emscripten"], ["toolchain_emscripten.sh"],
                  {**WASM, "CMAKE_TOOLCHAIN_FILE": "{TOOLCHAIN}", "CMAKE_C_FLAGS": "-pthread",
                   "CMAKE_CXX_FLAGS": "-pthread",
                   "CMAKE_EXE_LINKER_FLAGS": "-O1"}, [])

# Not as another system: real programs of this one are tested with what is built for it.
X86_64 = Lane("x86_64", "x86_64, glibc", "natively", [], ["test"], None,
              {name: value for name, value in COMMON.items() if name != "CMAKE_SYSTEM_NAME"}, [])
AARCH64 = emulated_glibc("aarch64", "aarch64", "aarch64-linux-gnu", "qemu-aarch64", ["ci"])
ARMV7 = emulated_glibc("armv7", "armv7 hard float", "arm-linux-gnueabihf", "qemu-arm")

LANES = [
    native_glibc("i686", "i686", "i686-linux-gnu", ["ci"]),
    AARCH64,
    musl("armv7-musl", "armv7 hard float", "armhf", "arm-linux-gnueabihf", "qemu-arm", ["ci"]),
    emulated_glibc("s390x", "s390x (big-endian)", "s390x-linux-gnu", "qemu-s390x", ["ci"]),
    ARMV7,
    X86_64,
    trapping(X86_64),
    trapping(ARMV7),
    musl("x86_64-musl", "x86_64", "amd64", "x86_64-linux-gnu"),
    musl("i686-musl", "i686", "i386", "i686-linux-gnu"),
    musl("aarch64-musl", "aarch64", "arm64", "aarch64-linux-gnu", "qemu-aarch64",
         flags="-mno-outline-atomics"),
    musl("armv6-musl", "armv6 soft float", "armel", "arm-linux-gnueabi", "qemu-arm",
         flags="-march=armv6", words=["-cpu", "arm1176"]),
    emulated_glibc("armv5", "armv5 soft float", "arm-linux-gnueabi", "qemu-arm"),
    musl("armv5-musl", "armv5 soft float", "armel", "arm-linux-gnueabi", "qemu-arm"),
    big_endian_arm("armeb-musl"),
    emulated_glibc("riscv64", "riscv64", "riscv64-linux-gnu", "qemu-riscv64"),
    emulated_glibc("powerpc", "powerpc (32 bits, big-endian)", "powerpc-linux-gnu", "qemu-ppc"),
    emulated_glibc("ppc64", "ppc64 (big-endian)", "powerpc64-linux-gnu", "qemu-ppc64"),
    with_pages(AARCH64, 16),
    with_pages(AARCH64, 64),
    WASI,
    EMSCRIPTEN,
]
LANES += lanes_windows.all_lanes(Lane)

"""lanes_windows.py - the lanes of Windows (make test-windows); see lanes.py.

Made by MinGW's gcc, or by clang with MinGW's libraries; both use the UCRT. Programs run in wine.
"""


def windows(lane, machine, compiler, title, groups):
    settings = {"CMAKE_BUILD_TYPE": "Release", "MIM_TOOLS": "OFF",
                "CMAKE_TOOLCHAIN_FILE": "{TREE}/cmake/mingw.cmake",
                "MIM_MACHINE": machine, "MIM_COMPILER": compiler,
                "CMAKE_CROSSCOMPILING_EMULATOR": "{TREE}/test/platforms/run_wine.sh;{WINE}"}
    name = "windows-" + machine
    if compiler != "gcc":
        name += "-clang"
    packages = ["windows", "npm", "windows-gcc" if compiler == "gcc" else "windows-clang"]
    return lane(name, f"Windows {machine}, {title}", "in wine", ["windows", *groups], packages,
                ["toolchain_wine.sh"], settings, [])


def windows_arm64(lane, groups):
    """clang alone, with a MinGW of our own; wine itself is a program for ARM64."""
    like_others = windows(lane, "arm64", "clang-19", "clang", groups)
    return like_others._replace(
        name="windows-arm64", runs="in wine under qemu-aarch64", packages=["windows-arm64", "npm"],
        toolchain=["toolchain_arm64.sh", "arm64"],
        settings={**like_others.settings, "MIM_SYSROOT": "{SYSROOT}"})


def windows_arm64ec(lane, groups):
    """Built and looked into; only what is for ARM64 runs, as in the lane for it."""
    arm64 = windows_arm64(lane, groups)
    settings = {**arm64.settings, "MIM_MACHINE": "arm64ec", "MIM_LLVM": "{LLVM}",
                "MIM_SYSROOT_ARM64": "{SYSROOT_ARM64}",
                "MIM_EMULATOR_ARM64": arm64.settings["CMAKE_CROSSCOMPILING_EMULATOR"]}
    del settings["CMAKE_CROSSCOMPILING_EMULATOR"]
    return arm64._replace(
        name="windows-arm64ec", title="Windows arm64ec and arm64x, clang",
        runs="inspected, run in part", toolchain=["toolchain_arm64.sh", "arm64ec"],
        settings=settings)


def all_lanes(lane):
    ci = ["ci", "windows-ci"]
    return [
        windows(lane, "x64", "gcc", "gcc", ci),
        windows(lane, "x86", "gcc", "gcc", ci),
        windows(lane, "x64", "clang-19", "clang", []),
        windows(lane, "x86", "clang-19", "clang", []),
        windows_arm64(lane, ci),
        windows_arm64ec(lane, ci),
    ]

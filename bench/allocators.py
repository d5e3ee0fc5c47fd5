"""The allocators that are compared: their names, what is preloaded, and the launcher's use.

Shared by run.py, startup.py, threads.py and micro/compare.py.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
DEFAULT_BUILD = os.path.join(ROOT, "out", "release")
TIMEOUT_SECONDS = 300  # of one measurement: a broken allocator may hang
OURS, GLIBC, MIMALLOC = "ours", "glibc", "mimalloc-3.6.0"


def stop(message):
    """An error of the user's making: one sentence, no traceback."""
    sys.exit(f"bench: error: {message}")


def program_folder(build):
    """Where the programs of a build are: the top-level build puts them under bench/."""
    for folder in (os.path.join(build, "bench"), build):
        if os.path.exists(os.path.join(folder, "bench-launch")):
            return folder
    stop(f"there are no benchmark programs in '{build}': build the release preset first "
         "(make bench does), or name a build folder with --build")


def find_allocators(library, wanted=None):
    """Name -> list of libraries to preload, in the order of the columns.

    `library` is ours; a peer that cannot be had is reported by peers.sh and left out.
    """
    if not os.path.exists(library):
        stop(f"'{library}' does not exist: build the release preset, or name ours with --lib")
    found = {OURS: [os.path.abspath(library)], GLIBC: []}
    script = os.path.join(BENCH, "peers.sh")
    for line in subprocess.run([script], stdout=subprocess.PIPE, text=True,
                               check=True).stdout.splitlines():
        name, path = line.split(maxsplit=1)
        if path != "-":
            found[name] = with_companion(path)
    if wanted is None:
        return found
    for name in wanted:
        if name not in found:
            stop(f"there is no allocator '{name}': expected some of {', '.join(found)}")
    return {name: found[name] for name in wanted}


def with_companion(path):
    """tbbmalloc's proxy needs its main library, which an unpacked package does not offer."""
    if "tbbmalloc_proxy" not in path:
        return [path]
    main = os.path.join(os.path.dirname(path), "libtbbmalloc.so.2")
    return [main, path] if os.path.exists(main) else [path]


def preload_environment(libraries, extra=None):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("LD_PRELOAD", "MIMALLOC_", "MALLOC_"))}
    environment["LC_ALL"] = "C"
    environment.update(extra or {})
    if libraries:
        environment["LD_PRELOAD"] = ":".join(libraries)
    return environment


def parse_reports(text):
    """The "key=number" lines that workloads print."""
    reports = {}
    for line in text.splitlines():
        key, separator, value = line.partition("=")
        if separator and key.isidentifier() and value.isdigit():
            reports[key] = int(value)
    return reports


def run_in_session(command, timeout, **arguments):
    """Like subprocess.run, but ends the whole family when it hangs or we are interrupted."""
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE,
                               **arguments)
    try:
        out, error = process.communicate(timeout=timeout)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, out, error.decode(errors="replace").strip()


def launch(folder, libraries, command, extra_env=None, stdout=subprocess.PIPE):
    """Runs one program under the launcher: its measurement, or {"error": why} if it failed.

    Python's environment has no LD_PRELOAD of its own here; the launcher is static and passes
    the one that it gets on.
    """
    handle, result = tempfile.mkstemp(prefix="mimalloc-bench-")
    os.close(handle)
    try:
        code, out, error = run_in_session(
            [os.path.join(folder, "bench-launch"), result] + command, TIMEOUT_SECONDS,
            env=preload_environment(libraries, extra_env), stdin=subprocess.DEVNULL,
            stdout=stdout)
        with open(result, encoding="utf-8") as file:
            text = file.read()
    except subprocess.TimeoutExpired:
        return {"error": f"ended after {TIMEOUT_SECONDS} s"}
    finally:
        os.unlink(result)
    if code != 0 or not text:
        return {"error": error or "could not be started"}
    measured = json.loads(text)
    if measured["exit"] != 0:
        tail = error.splitlines()[-1:]
        how = f"signal {measured['signal']}" if measured["signal"] else \
            f"exit code {measured['exit']}"
        return {"error": " ".join([how] + tail)}
    measured["cpu"] = measured["user"] + measured["sys"]
    measured["reports"] = parse_reports((out or b"").decode(errors="replace"))
    return measured

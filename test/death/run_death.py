#!/usr/bin/env python3
"""run_death.py - runs one misuse program and compares how it ended with what is expected.

    run_death.py PROGRAM abort|alive MESSAGE...
    run_death.py PROGRAM fault
    run_death.py --emulator "WORD;WORD..." PROGRAM ...

abort: the program is ended by SIGABRT.  alive: it ends with code 0 and says "alive".  fault: it is
ended by SIGSEGV, and nothing is said. An emulator's own remark on the signal is not counted.
MESSAGE: a line that the program's stderr must hold, exactly. In it {address} stands for
the address the program announced, {any} for any address, {size} for any decimal number; of
several messages one has to fit. All other lines of stderr must be the allocator's own, beginning
with "mimalloc: ".
"""
import re
import resource
import subprocess
import sys

SECONDS_MAX = 60
EMULATOR_REMARK = "qemu: uncaught target signal"


def pattern_of(message, address):
    text = re.escape(message)
    for name, replacement in (("address", re.escape(address)), ("any", "0x[0-9a-f]+"),
                              ("size", "[0-9]+")):
        text = text.replace(re.escape("{%s}" % name), replacement)
    return re.compile(text)


def faults_of(result, end, messages):
    """Yields a sentence for each thing that is not as expected."""
    announced = re.search(r"^address (0x[0-9a-f]+)$", result.stdout, re.MULTILINE)
    if announced is None:
        yield "the program did not announce an address"
        return
    is_alive = result.returncode == 0 and result.stdout.endswith("alive\n")
    if end == "abort" and result.returncode != -6:
        yield "expected SIGABRT, but the program ended with %d" % result.returncode
    if end == "fault" and result.returncode != -11:
        yield "expected SIGSEGV, but the program ended with %d" % result.returncode
    if end == "alive" and not is_alive:
        yield "expected the program to live, but it ended with %d" % result.returncode
    patterns = [pattern_of(message, announced.group(1)) for message in messages]
    lines = result.stderr.splitlines()
    if messages and not any(pattern.fullmatch(line) for line in lines for pattern in patterns):
        yield "no line of stderr is: " + "  or: ".join(messages)
    for line in lines:
        if not line.startswith(("mimalloc: ", EMULATOR_REMARK)):
            yield "stderr has a line that is not the allocator's: " + line


def main():
    arguments, command = sys.argv[1:], []
    if arguments[:1] == ["--emulator"] and len(arguments) > 1:
        command, arguments = arguments[1].split(";"), arguments[2:]
    least = {"abort": 3, "alive": 3, "fault": 2}
    if len(arguments) < 2 or len(arguments) < least.get(arguments[1], sys.maxsize):
        sys.exit(__doc__)
    program, end, messages = arguments[0], arguments[1], arguments[2:]
    # No core: an emulator that writes one may end by another signal.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    result = subprocess.run([*command, program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=SECONDS_MAX, check=False)
    faults = list(faults_of(result, end, messages))
    for fault in faults:
        print("failed: " + fault)
    print("-- stdout\n%s-- stderr\n%s" % (result.stdout, result.stderr))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

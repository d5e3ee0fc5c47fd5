#!/usr/bin/env python3
"""Join the tests of several build folders into one ctest folder, so that one run covers all.

usage: gather_tests.py DEST BUILD[=LABEL,LABEL...]...

Each test appears as <build folder's name>/<test's name> with its properties, plus a label with
the build folder's name. LABELs choose the tests that have one of them; a label with a leading '!'
leaves those out. Then: ctest --test-dir DEST.
"""
import json
import pathlib
import subprocess
import sys

# Properties that name fixtures or other tests get the prefix too.
FIXTURES = {"FIXTURES_REQUIRED", "FIXTURES_SETUP", "FIXTURES_CLEANUP", "DEPENDS"}
# Given by ctest for its own use, not settable.
IGNORED = {"ENVIRONMENT_MODIFICATION_INTERNAL", "WORKING_DIRECTORY_INTERNAL"}


def read_tests(build):
    """The tests of a build folder, as ctest itself sees them."""
    if not (build / "CTestTestfile.cmake").is_file():
        sys.exit(f"gather_tests.py: {build} has no tests; configure and build it first")
    run = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"gather_tests.py: ctest cannot read {build}: {run.stderr.strip()}")
    return json.loads(run.stdout)["tests"]


def quoted(text):
    """A CMake bracket argument: nothing in it is interpreted."""
    text = str(text)
    equals = "="
    while f"]{equals}]" in text or text.endswith("]" + equals):
        equals += "="
    return f"[{equals}[{text}]{equals}]"


def is_chosen(labels, wanted):
    allowed = {name for name in wanted if not name.startswith("!")}
    refused = {name[1:] for name in wanted if name.startswith("!")}
    return not (labels & refused) and (not allowed or bool(labels & allowed))


def property_text(name, value, prefix):
    if name in FIXTURES:
        value = [prefix + item for item in value]
    if isinstance(value, bool):
        return "ON" if value else "OFF"
    if isinstance(value, list):
        # ctest shows the patterns of REGULAR_EXPRESSION properties as lists as well.
        return ";".join(str(item).replace(";", "\\;") for item in value)
    return str(value)


def test_lines(test, build_name):
    prefix = build_name + "/"
    name = prefix + test["name"]
    yield f"add_test({quoted(name)} {' '.join(quoted(part) for part in test['command'])})"
    properties = {item["name"]: item["value"] for item in test.get("properties", [])}
    properties["LABELS"] = [*properties.get("LABELS", []), build_name]
    for key, value in properties.items():
        if key not in IGNORED:
            text = quoted(property_text(key, value, prefix))
            yield f"set_tests_properties({quoted(name)} PROPERTIES {key} {text})"


def gather(specification):
    """The lines of one BUILD[=LABELS] argument, and how many tests they hold."""
    path, _, labels = specification.partition("=")
    build = pathlib.Path(path).resolve()
    wanted = [label for label in labels.split(",") if label]
    lines, count = [], 0
    for test in read_tests(build):
        if "command" not in test:
            sys.exit(f"gather_tests.py: test {test['name']} of {build} has no program; build it")
        own = next((p["value"] for p in test.get("properties", []) if p["name"] == "LABELS"), [])
        if is_chosen(set(own), wanted):
            lines.extend(test_lines(test, build.name))
            count += 1
    return lines, count


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    destination = pathlib.Path(arguments[0])
    lines = ["# Written by scripts/gather_tests.py; run it again instead of changing this file."]
    for specification in arguments[1:]:
        found, count = gather(specification)
        if count == 0:
            sys.exit(f"gather_tests.py: '{specification}' chooses no test; check its labels")
        lines.extend(found)
        print(f"{count:4} tests of {specification}")
    destination.mkdir(parents=True, exist_ok=True)
    (destination / "CTestTestfile.cmake").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Check the law of layers: nothing includes or calls a layer above its own, no include circles.

usage: check_layers.py SRC [OBJECT...]

SRC/LAYERS lists the layers, lowest first; a file's layer is the first folder below SRC. Objects
are those of CMake's object libraries mim_<layer>; their symbols are read with nm, so that an
`extern` declaration without an include is caught as well. Prints one line for each violation.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')
SOURCE_SUFFIXES = {".c", ".h", ".def"}


def read_layers(src):
    """The rank of each layer, from SRC/LAYERS."""
    lines = (line.split("#")[0].strip() for line in (src / "LAYERS").read_text().splitlines())
    return {name: rank for rank, name in enumerate(filter(None, lines))}


def source_files(src):
    return sorted(p for p in src.rglob("*") if p.suffix in SOURCE_SUFFIXES)


def check_folders(src, rank):
    """Every folder of sources is a layer, every layer has a folder."""
    for path in source_files(src):
        layer = path.relative_to(src).parts[0]
        if layer not in rank:
            yield f"{path}: '{layer}' is no layer; put the file into one that LAYERS lists"
    for layer in rank:
        if not (src / layer).is_dir():
            yield f"{src / 'LAYERS'}: layer '{layer}' has no folder"


def includes_of(path):
    """Pairs (line number, included name) of the quoted includes of a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1]


def check_includes(src, rank):
    for path in source_files(src):
        layer = path.relative_to(src).parts[0]
        for number, name in includes_of(path):
            other = name.split("/")[0]
            if "/" not in name:
                if (path.parent / name).exists():
                    yield f'{path}:{number}: write the folder too: "{layer}/{name}"'
            elif other not in rank:
                yield f"{path}:{number}: '{other}' is no layer"
            elif not (src / name).exists():
                yield f"{path}:{number}: there is no file {name}"
            elif rank[other] > rank.get(layer, len(rank)):
                yield f"{path}:{number}: {layer}/ may not include {other}/"


def check_circles(src):
    """Headers that include each other; a .c file cannot be part of a circle."""
    graph = {str(p.relative_to(src)): [name for _, name in includes_of(p)]
             for p in source_files(src)}
    done, reported = set(), set()

    def visit(name, trail):
        if name in trail:
            circle = trail[trail.index(name):]
            if frozenset(circle) not in reported:
                reported.add(frozenset(circle))
                yield "include circle: " + " -> ".join([*circle, name])
        elif name in graph and name not in done:
            for other in graph[name]:
                yield from visit(other, [*trail, name])
            done.add(name)

    for name in sorted(graph):
        yield from visit(name, [])


def layer_of_object(path, rank):
    match = re.search(r"mim_(\w+)\.dir", str(path))
    if match:
        return match[1]
    return next((part for part in reversed(path.parts) if part in rank), None)


def symbols_of(path):
    """Pairs (kind, name); kind 'U' is wanted, an upper-case letter is offered to other files."""
    tool = os.environ.get("NM") or shutil.which("nm") or shutil.which("llvm-nm")
    if tool is None:
        sys.exit("check_layers.py: the tool 'nm' is missing; install binutils")
    run = subprocess.run([tool, path], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"check_layers.py: nm cannot read {path}: {run.stderr.strip()}")
    for line in run.stdout.splitlines():
        fields = line.split()
        if len(fields) >= 2:
            yield fields[-2], fields[-1]


def check_symbols(objects, rank):
    home, needs = {}, []
    for path in objects:
        layer = layer_of_object(path, rank)
        if layer not in rank:
            yield f"{path}: its path does not tell its layer (mim_<layer>.dir)"
            continue
        for kind, name in symbols_of(path):
            if kind == "U":
                needs.append((path, layer, name))
            elif kind.isupper():
                home.setdefault(name, layer)
    for path, layer, name in needs:
        # Overrides define malloc, free, ... in the top layer: libc's names are not upward calls.
        if name in home and rank[home[name]] > rank[layer] and name.startswith(("mim_", "mi_")):
            yield f"{path}: {layer}/ calls {name} in {home[name]}/"


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    src = pathlib.Path(arguments[0])
    if not (src / "LAYERS").is_file():
        sys.exit(f"check_layers.py: there is no file {src / 'LAYERS'}")
    rank = read_layers(src)
    objects = [pathlib.Path(name) for name in arguments[1:]]
    errors = [*check_folders(src, rank), *check_includes(src, rank), *check_circles(src),
              *check_symbols(objects, rank)]
    for error in errors:
        print(error)
    if not errors:
        print(f"{len(rank)} layers, {len(source_files(src))} files, {len(objects)} objects: "
              "nothing points upward")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

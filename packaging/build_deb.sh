#!/bin/bash
# build_deb.sh - Debian packages of this tree: libmimalloc3-anew, libmimalloc-anew-dev and
# mimalloc-anew-tools.
#
# usage: packaging/build_deb.sh [OUT]      OUT: where the packages go (default: out/deb)
#
# A copy of the files that git knows gets packaging/debian as its debian/; the tree itself stays as
# it is. DEB_BUILD_OPTIONS works as usual: nocheck leaves the tests out, parallel=2 uses two cores.
set -euo pipefail

fail() { echo "build_deb.sh: $*" >&2; exit 1; }

root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/out/deb}
for tool in git dpkg-buildpackage dh; do
  command -v "$tool" >/dev/null ||
    fail "'$tool' is needed; install what is missing with: scripts/setup.sh package"
done
git -C "$root" ls-files --error-unmatch packaging/debian/control >/dev/null 2>&1 ||
  fail "$root is not a clone of the repository, so it is not known which files belong to it"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
git -C "$root" ls-files -z | tar -C "$root" --null -T - -cf - | tar -C "$work/tree" -xf -
cp -r "$root/packaging/debian" "$work/tree/debian"
(cd "$work/tree" && dpkg-buildpackage -b -us -uc) >"$work/log" 2>&1 || {
  tail -n 40 "$work/log" >&2
  fail "dpkg-buildpackage failed; see the messages above"
}
mkdir -p "$out"
cp "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out/"
ls "$out"/*.deb

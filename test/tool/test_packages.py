#!/usr/bin/env python3
"""test_packages.py - setup.sh and fetch_suite.sh against a pretended apt: no network, no root.

The pretended programs stand first in PATH and write what they were asked to do into `calls`.
"""
import os
import tool_case
from tool_case import SCRIPTS, ToolCase

DPKG_QUERY = """#!/bin/sh
for package; do :; done
grep -qx "$package" "$FAKE/installed" && { printf installed; exit 0; }
exit 1
"""
APT_CACHE = """#!/bin/sh
[ "$1" = madison ] && grep -qx "$2" "$FAKE/known" && echo "$2 | 1"
[ "$1" = show ] && cat "$FAKE/record-of-$2" 2>/dev/null
exit 0
"""
# Fields of Debian 12's own record of clang.
CLANG_RECORD = """\
Package: clang
Version: 1:15.0-55.7
Replaces: clang (<< 3.2-1~exp2), clang-3.2, clang-3.3
Depends: clang-15 (>= 15~)
Breaks: clang-3.2, clang-3.3
"""
# `update` makes the packages of `after_update` known, as on a machine that was never updated.
APT_GET = r"""#!/bin/bash
echo "apt-get $*" >>"$FAKE/calls"
make_package() {
  mkdir -p new/DEBIAN new/usr/share
  printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n' \
    "$1" >new/DEBIAN/control
  echo hello >new/usr/share/"$1"
  chmod 4755 new/usr/share/"$1"
  dpkg-deb -b new "${1}_1_all.deb" >/dev/null && rm -r new
}
case " $* " in
  *" indextargets "*) cat "$FAKE/targets" ;;
  *" update "*) cat "$FAKE/after_update" >>"$FAKE/known" 2>/dev/null; true ;;
  *" --download-only "*)
    for package; do
      case $package in
        Dir::Cache::archives=*) cd "${package#*=}" || exit 1 ;;
        Dir::State::status=*) [ ! -s "${package#*=}" ] || exit 1 ;;
      esac
    done
    grep -qx "$package" "$FAKE/known" || { echo "E: no $package" >&2; exit 100; }
    make_package "$package" && make_package "needed-by-$package" ;;
  *" install "*)
    for word; do
      case $word in -* | install) ;; *)
        grep -qx "$word" "$FAKE/known" || exit 100
        echo "$word" >>"$FAKE/installed" ;;
      esac
    done ;;
  *" download "*)
    for package; do :; done
    grep -qx "$package" "$FAKE/known" || { echo "E: no $package" >&2; exit 100; }
    make_package "$package" ;;
esac
"""
TARGETS = """\
http://third.party/debian/|nodistro|main|
http://archive.example/security/|CODENAME-security|main|
http://archive.example/debian/|CODENAME-updates|main|
http://archive.example/debian/|CODENAME|contrib|
http://archive.example/debian/|CODENAME|main|
"""


class PackageCase(ToolCase):
    def setUp(self):
        super().setUp()
        self.write({"bin/dpkg-query": DPKG_QUERY, "bin/apt-cache": APT_CACHE,
                    "bin/apt-get": APT_GET, "bin/id": "#!/bin/sh\necho ${FAKE_ID:-0}\n",
                    "installed": "", "known": "", "after_update": "", "calls": ""})
        for path in (self.folder / "bin").iterdir():
            path.chmod(0o755)

    def run_pretended(self, script, *arguments, **variables):
        settings = {"FAKE": self.folder, "XDG_CACHE_HOME": self.folder / "cache",
                    "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", **variables}
        return self.run_program("env", *(f"{k}={v}" for k, v in settings.items()), "bash",
                                SCRIPTS / script, *arguments)

    def calls(self):
        return (self.folder / "calls").read_text()


class Setup(PackageCase):
    def missing(self, group):
        return self.run_pretended("setup.sh", "--print", group).stdout.split()

    def test_nothing_happens_when_all_is_installed(self):
        self.write({"installed": "\n".join(self.missing("build")) + "\n"})
        run = self.run_pretended("setup.sh", "build")
        self.assertEqual((run.returncode, run.stdout, self.calls()), (0, "", ""))

    def test_root_installs_only_what_is_missing(self):
        wanted = self.missing("build")
        self.write({"installed": "\n".join(wanted[1:]) + "\n", "known": "\n".join(wanted) + "\n"})
        run = self.run_pretended("setup.sh", "build")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.calls().strip(),
                         f"apt-get install -y --no-install-recommends {wanted[0]}")

    def test_empty_package_lists_are_updated_once_and_the_names_chosen_again(self):
        wanted = self.missing("bench")
        known = ["libtcmalloc-minimal4t64" if name == "libtcmalloc-minimal4" else name
                 for name in wanted]
        self.write({"after_update": "\n".join(known) + "\n"})
        run = self.run_pretended("setup.sh", "bench")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.calls().count("apt-get update"), 1)
        self.assertIn("libtcmalloc-minimal4t64", (self.folder / "installed").read_text())

    def test_without_root_it_names_the_packages_and_fails(self):
        run = self.run_pretended("setup.sh", "build", FAKE_ID="1000")
        self.assertEqual(run.returncode, 1)
        for name in ("gcc", "cmake", "ninja-build", "sudo apt-get"):
            self.assertIn(name, run.stderr)
        self.assertEqual(self.calls(), "")

    def test_a_package_that_cannot_be_had_is_an_error(self):
        run = self.run_pretended("setup.sh", "build")
        self.assertEqual(run.returncode, 1)
        self.assertIn("could not install", run.stderr)

    def test_the_sanitizer_runtime_is_of_the_clang_that_would_be_installed(self):
        self.write({"record-of-clang": CLANG_RECORD})
        self.assertIn("libclang-rt-15-dev", self.missing("fuzz"))

    def test_an_unknown_group_is_named(self):
        run = self.run_pretended("setup.sh", "biuld")
        self.assertEqual(run.returncode, 1)
        self.assertIn("there is no group 'biuld'", run.stderr)


class FetchSuite(PackageCase):
    def setUp(self):
        super().setUp()
        run = self.run_program("sh", "-c", ". /etc/os-release; echo ${VERSION_CODENAME:-sid}")
        self.write({"targets": TARGETS.replace("CODENAME", run.stdout.strip()),
                    "known": "one\ntwo\n"})

    def fetch(self, *packages, suite="sid", options=()):
        return self.run_pretended("fetch_suite.sh", *options, suite, self.folder / "out",
                                  *packages)

    def fetch_set(self, *packages):
        return self.fetch(*packages, options=["--with-dependencies"])

    def test_packages_are_unpacked_from_the_system_s_own_archive(self):
        run = self.fetch("one", "two")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual((self.folder / "out/usr/share/two").read_text(), "hello\n")
        sources = (self.folder / "cache/mimalloc-test/sid/apt/sources.list").read_text()
        self.assertRegex(sources, r"^deb (\[signed-by=\S+\] )?"
                                  r"http://archive.example/debian/ sid main$")
        self.assertNotIn("trusted", sources)

    def test_a_second_call_asks_nobody(self):
        self.fetch("one")
        self.write({"calls": ""})
        self.assertEqual(self.fetch("one").returncode, 0)
        self.assertEqual(self.calls(), "")

    def test_what_a_package_needs_comes_along_if_asked_for(self):
        self.assertEqual(self.fetch("one").returncode, 0)
        self.assertFalse((self.folder / "out/usr/share/needed-by-one").exists())
        run = self.fetch_set("one")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue((self.folder / "out/usr/share/needed-by-one").exists())

    def test_a_set_of_packages_is_asked_for_once(self):
        self.fetch_set("one", "two")
        self.write({"calls": ""})
        self.assertEqual(self.fetch_set("two", "one").returncode, 0)
        self.assertEqual(self.calls(), "")

    def test_a_set_that_cannot_be_had_is_named_and_asked_for_again(self):
        run = self.fetch_set("one", "three")
        self.assertEqual(run.returncode, 1)
        self.assertIn("cannot be fetched from suite 'sid' with what they need: one three",
                      run.stderr)
        self.write({"known": "one\nthree\n"})
        self.assertEqual(self.fetch_set("one", "three").returncode, 0)

    def test_what_is_unpacked_has_no_raised_rights(self):
        for fetch in (self.fetch, self.fetch_set):
            self.assertEqual(fetch("one").returncode, 0)
            mode = (self.folder / "out/usr/share/one").stat().st_mode
            self.assertEqual(oct(mode & 0o7777), "0o755")

    def test_a_package_that_does_not_exist_is_named(self):
        run = self.fetch("onee")
        self.assertEqual(run.returncode, 1)
        self.assertIn("package 'onee' cannot be fetched from suite 'sid'", run.stderr)

    def test_a_machine_without_an_archive_is_told_so(self):
        self.write({"targets": TARGETS.splitlines()[0] + "\n"})
        run = self.fetch("one")
        self.assertEqual(run.returncode, 1)
        self.assertIn("no Debian archive is in this machine's apt sources", run.stderr)

    def test_a_suite_name_cannot_smuggle_options(self):
        run = self.fetch("one", suite="sid main [x]")
        self.assertEqual(run.returncode, 1)
        self.assertIn("is not the name of a suite", run.stderr)


if __name__ == "__main__":
    tool_case.main()

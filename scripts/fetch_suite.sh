#!/bin/bash
# fetch_suite.sh - unpack packages of another Debian suite (sid, say) without installing them.
#
# usage: scripts/fetch_suite.sh [--with-dependencies] [--architecture NAME] SUITE DEST PACKAGE...
#        scripts/fetch_suite.sh --source [--packed] SUITE DEST PACKAGE...
#
# Uses a private apt root: the archive's address and its keyring are those of this machine's own
# apt sources (either format); only the suite differs. Nothing of the system's package state is
# read or written, root is not needed. Signatures are always verified. Packages are kept in
# ${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test, so a second call works without a network.
# Dependencies are followed only with --with-dependencies: then DEST has all down to libc, of one
# day, so that programs of the suite run by its own dynamic linker, whatever this machine's libc is.
# --architecture takes the packages of another processor. --source unpacks source packages, with the
# distribution's patches, as DEST/PACKAGE; with --packed DEST gets the archives of the authors.
# What is unpacked has no raised rights (setuid, setgid).
set -euo pipefail

fail() { echo "fetch_suite.sh: $*" >&2; exit 1; }

with_dependencies=no architecture= kind=deb packed=no
while [ $# -gt 0 ]; do
  case $1 in
    --source) kind=deb-src ;;
    --packed) packed=yes ;;
    --with-dependencies) with_dependencies=yes ;;
    --architecture) architecture=${2:-}; shift ;;
    *) break ;;
  esac
  shift
done
[ $# -ge 3 ] ||
  fail "usage: scripts/fetch_suite.sh [--with-dependencies] [--architecture NAME] SUITE DEST" \
       "PACKAGE..."
suite=$1 dest=$2
shift 2
case $suite in
  *[!a-z0-9-]* | "") fail "'$suite' is not the name of a suite; use one like 'sid'" ;;
esac
tools=(apt-get flock dpkg-deb)
if [ $kind = deb-src ]; then tools=(apt-get flock dpkg-source); fi
if [ $packed = yes ]; then tools=(apt-get flock); fi
for tool in "${tools[@]}"; do
  command -v "$tool" >/dev/null || fail "'$tool' is needed; this works on Debian and its kin only"
done

cache=${XDG_CACHE_HOME:-$HOME/.cache}/mimalloc-test/$suite${architecture:+-$architecture}
if [ $kind = deb-src ]; then cache+=-source; fi
root=$cache/apt
debs=$cache/debs
mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/parts" "$debs"
exec 9>"$cache/lock"
flock 9

# Prints "address|keyring" of the archive this system itself comes from: not of a third party's,
# and not of security or updates, which lack the other suites.
machine_archive() {
  local codename
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
  apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)' \
      'Created-By: Packages' |
    awk -F'|' -v names="|$codename|oldstable|stable|testing|unstable|sid|" '
      index(names, "|" $2 "|") && $3 == "main" { print $1 "|" $4; exit }'
}

# The keyring a source names, or the distribution's, or none: then apt's trusted.gpg.d decides.
signed_by() {
  local keyring
  for keyring in "$1" /usr/share/keyrings/debian-archive-keyring.gpg \
                 /usr/share/keyrings/debian-archive-keyring.pgp; do
    if [ -n "$keyring" ] && [ -r "$keyring" ]; then echo "signed-by=$keyring"; return; fi
  done
}

write_apt_root() {
  local archive options
  archive=$(machine_archive)
  [ -n "$archive" ] ||
    fail "no Debian archive is in this machine's apt sources; add one to /etc/apt/sources.list"
  options=$(signed_by "${archive#*|}")
  echo "$kind ${options:+[$options] }${archive%%|*} $suite main" >"$root/sources.list"
  # The machine's hooks and extra indexes (icons, contents) are for the system, not for us.
  cat >"$root/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::Contents-deb;
Dir::State::lists "$root/lists";
Dir::Cache "$root/cache";
Dir::Etc::sourcelist "$root/sources.list";
Dir::Etc::sourceparts "$root/parts";
Dir::Etc::preferences "$root/none";
Dir::Etc::preferencesparts "$root/parts";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "$(id -un)";
CONF
  if [ -n "$architecture" ]; then
    echo "APT::Architecture \"$architecture\"; APT::Architectures { \"$architecture\"; };" \
      >>"$root/apt.conf"
  fi
}

private_apt() { apt-get -c "$root/apt.conf" -qq "$@"; }

# A list younger than a day is used again: sid changes, but not while a test runs.
update_lists() {
  if [ -n "$(find "$root/updated" -mmin -1440 2>/dev/null)" ]; then return; fi
  write_apt_root
  private_apt -o APT::Update::Error-Mode=any update >"$root/log" 2>&1 || {
    cat "$root/log" >&2
    fail "the package list of suite '$suite' cannot be fetched; look at the messages above"
  }
  touch "$root/updated"
}

fetch_package() {
  local package=$1
  compgen -G "$debs/${package}_*.deb" >/dev/null && return
  update_lists
  rm -rf "$root/new" && mkdir "$root/new"
  (cd "$root/new" && private_apt download "$package" >"$root/log" 2>&1) || {
    cat "$root/log" >&2
    fail "package '$package' cannot be fetched from suite '$suite'; check its name"
  }
  mv "$root/new"/*.deb "$debs/"
}

# The packages with all they need, into the folder of this very set: apt chooses versions that fit
# each other, which packages fetched on different days may not. With an empty state nothing is
# installed, so nothing is left out.
fetch_set() {
  local folder=$1
  shift
  [ ! -e "$folder/complete" ] || return 0
  update_lists
  rm -rf "$folder" && mkdir -p "$folder/partial"
  : >"$root/nothing"
  private_apt -o Dir::State::status="$root/nothing" -o Dir::State::extended_states="$root/nothing" \
      -o Dir::Cache::archives="$folder" -o Debug::NoLocking=true \
      install --download-only --no-install-recommends -y "$@" >"$root/log" 2>&1 || {
    cat "$root/log" >&2
    fail "these packages cannot be fetched from suite '$suite' with what they need: $*"
  }
  touch "$folder/complete"
}

fetch_source() {
  local package=$1 folder=$2 what=$3
  [ ! -e "$folder/complete" ] || return 0
  update_lists
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && private_apt source "$what" "$package" >"$root/log" 2>&1) || {
    cat "$root/log" >&2
    fail "the sources of package '$package' cannot be fetched from suite '$suite'; check its name"
  }
  touch "$folder/complete"
}

copy_archives() {
  local folder=$cache/archives/$1
  fetch_source "$1" "$folder" --tar-only
  cp "$folder"/*.orig.tar.* "$dest/"
}

unpack_source() {
  fetch_source "$1" "$cache/sources/$1" --download-only
  rm -rf "${dest:?}/$1"
  dpkg-source --no-copy --extract "$cache/sources/$1"/*.dsc "$dest/$1" >"$root/log" 2>&1 || {
    cat "$root/log" >&2
    fail "the sources of package '$1' cannot be unpacked; look at the messages above"
  }
}

unpack() {
  local archive
  for archive in "$@"; do dpkg-deb -x "$archive" "$dest"; done
  find "$dest" -type f -perm /6000 -exec chmod ug-s {} +
}

mkdir -p "$dest"
if [ $kind = deb-src ]; then
  for package in "$@"; do
    if [ $packed = yes ]; then copy_archives "$package"; else unpack_source "$package"; fi
  done
elif [ $with_dependencies = yes ]; then
  set_folder=$cache/sets/$(printf '%s\n' "$@" | sort | sha256sum | cut -c 1-16)
  fetch_set "$set_folder" "$@"
  unpack "$set_folder"/*.deb
else
  for package in "$@"; do
    fetch_package "$package"
    unpack "$debs/${package}"_*.deb
  done
fi

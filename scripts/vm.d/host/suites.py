# SPDX-License-Identifier: MIT
"""Package lists of Debian's suites and architectures, kept in the cache.

They are fetched from the mirror that this host uses, with its key. The host's
own lists and configuration stay as they are.
"""

import os
import shlex
import time

from host import sources
from host.apt import Apt
from host.cache import cache_folder, locked, write
from host.common import EXIT_UNABLE, Problem, cure, note, say

# In the order in which a version is looked for.
SUITES = ("bullseye", "bookworm", "trixie", "sid")
_FRESH_SECONDS = 86400

# Hooks of the host's apt would act on the host; its pins, its default release
# and what is installed there do not affect what a virtual machine boots. The
# user _apt, in whose name apt fetches for root, cannot read root's cache, so
# apt's sandbox is not used.
_CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Default-Release "";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::GzipIndexes "true";
Dir::Cache "{folder}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{folder}/sources";
Dir::State::lists "{folder}/lists";
Dir::State::status "/dev/null";
"""

# The lists of old suites expire, as do those of a mirror that is no longer
# updated; neither is a danger to a disposable VM.
_SOURCE = """\
Types: deb
URIs: {uris}
Suites: {suite}
Components: main
Architectures: {architecture}
Languages: none
Targets: Packages
PDiffs: no
Check-Valid-Until: no
"""
_COPIED = {"signed-by": "Signed-By", "trusted": "Trusted"}


def _source(suite, architecture):
    fields = sources.of_debian()
    if not fields:
        raise Problem(
            EXIT_UNABLE,
            "packages of Debian's suites can be fetched only where apt's "
            "sources include Debian, which is not so on this host",
        )
    text = _SOURCE.format(
        uris=fields["uris"], suite=suite, architecture=architecture
    )
    for name, written in _COPIED.items():
        if name in fields:
            text += f"{written}: {fields[name]}\n"
    return text


def _is_fresh(stamp, source):
    """Whether lists of this source were fetched within a day."""
    try:
        with open(stamp, encoding="utf-8") as file:
            age = time.time() - os.fstat(file.fileno()).st_mtime
            return file.read() == source and age < _FRESH_SECONDS
    except OSError:
        return False


def _refresh(apt, folder, source, architecture):
    for name in ("cache/archives/partial", "lists/partial", "sources"):
        cache_folder("apt", os.path.basename(folder), name)
    write(os.path.join(folder, "sources", "debian.sources"), source)
    write(
        os.path.join(folder, "apt.conf"),
        _CONFIGURATION.format(folder=folder, architecture=architecture),
    )
    note(f"fetching {apt.place}")
    problem = apt.update()
    stamp = os.path.join(folder, "fetched")
    if not problem:
        write(stamp, source)
    elif os.path.exists(stamp):
        say(f"{apt.place}: {problem}; using those of an earlier day")
    else:
        raise Problem(
            EXIT_UNABLE,
            "; ".join(
                filter(
                    None,
                    (f"cannot fetch {apt.place}: {problem}", cure(problem, "")),
                )
            ),
        )


def apt_of(suite, architecture="amd64"):
    """apt with the lists of a suite of Debian, which are fetched once a day."""
    source = _source(suite, architecture)
    other = "" if architecture == "amd64" else "." + architecture
    folder = cache_folder("apt", suite + other)
    old = shlex.quote(f"{folder}.old")
    apt = Apt(
        f"the package lists of Debian's suite {suite}{other}",
        # As often as it is needed: the old ones may be there already.
        f"mv -T --backup=numbered {shlex.quote(folder)} {old}",
        ("-c", os.path.join(folder, "apt.conf")),
    )
    # Two that need them fetch them once.
    with locked(folder):
        if not _is_fresh(os.path.join(folder, "fetched"), source):
            _refresh(apt, folder, source, architecture)
    return apt

# SPDX-License-Identifier: MIT
"""Where this host gets Debian's packages from: apt's own sources."""

import glob
import os
import re

from host.apt import run

# Names of Debian's suites from 2019 on.
_SUITES = frozenset(
    "oldoldstable oldstable stable testing unstable "
    "buster bullseye bookworm trixie forky duke sid".split()
)
_ONE_LINE = re.compile(r"deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+(.+)")


def _one_line(text):
    """Fields of deb822 for each line of the form deb [OPTIONS] URI SUITE ..."""
    for line in text.splitlines():
        match = _ONE_LINE.fullmatch(line.split("#", 1)[0].strip())
        if not match:
            continue
        options, uri, suite, components = match.groups()
        pairs = (word.partition("=") for word in (options or "").split())
        yield {
            **{name.lower(): value for name, _, value in pairs},
            "uris": uri,
            "suites": suite,
            "components": components,
        }


def _deb822(text):
    """Fields of each paragraph, their names in lower case."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = re.findall(
            r"^([^\s:]+):[ \t]*(.*(?:\n[ \t].*)*)", paragraph, re.M
        )
        values = {name.lower(): value.rstrip() for name, value in fields}
        enabled = values.get("enabled", "yes").lower() not in ("no", "false")
        if enabled and "deb" in values.get("types", "").split():
            yield values


def _paths():
    """apt's lists of sources, which its configuration may move elsewhere."""
    done = run(
        "apt-config",
        "shell",
        *("FILE", "Dir::Etc::sourcelist/f"),
        *("PARTS", "Dir::Etc::sourceparts/d"),
    )
    places = dict(re.findall(r"^(\w+)='(.*)'$", done.stdout, re.M))
    found = [places["FILE"]] if "FILE" in places else []
    for kind in ("sources", "list"):
        pattern = os.path.join(glob.escape(places.get("PARTS", "")), "*.")
        found += sorted(glob.glob(pattern + kind))
    return [path for path in found if os.access(path, os.R_OK)]


def _all():
    for path in _paths():
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        yield from (_deb822 if path.endswith(".sources") else _one_line)(text)


def _likeness(fields):
    """Other archives name Debian's suites, too: prefer Debian's own key."""
    return (
        "debian-archive" in fields.get("signed-by", ""),
        fields["uris"].split()[0].rstrip("/").endswith("/debian"),
    )


def _suites(fields):
    return [
        word for word in fields.get("suites", "").split() if word in _SUITES
    ]


def _all_of_debian():
    return [
        fields
        for fields in _all()
        if _suites(fields)
        and "main" in fields.get("components", "").split()
        and fields.get("uris", "").split()
    ]


def of_debian():
    """Fields of the source that offers Debian, as in deb822; None without.

    Their names are in lower case.
    """
    return max(_all_of_debian(), key=_likeness, default=None)


def suites_of_debian():
    """The suites that this host's sources offer, in their order."""
    return [suite for fields in _all_of_debian() for suite in _suites(fields)]

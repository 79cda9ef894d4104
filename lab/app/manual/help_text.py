# SPDX-License-Identifier: MIT
"""The --help of the programs, as data."""

import dataclasses
import os
import re
import subprocess

# "  -q [ --quiet ]   text", "  --limit SIZE   text"; a text that begins on the
# next line is indented as the others are.
_OPTION = re.compile(
    r"^  (?:-(?P<short>\w) \[ )?--(?P<name>[\w-]+)(?: \])?"
    r"(?: (?P<value>[A-Z][\w|=-]*|[\w-]+(?:\|[\w-]+)+))?"
    r"(?:, --(?P<other>[\w-]+))?(?:\s+(?P<text>.*))?$"
)
_ITEM = re.compile(r"^  (?P<name>[\w-]+)\s+(?P<text>\S.*)$")
_ITEM_SECTIONS = ("Commands:", "Topics:")


@dataclasses.dataclass
class Option:
    """One option. value is its name in the help, None for a switch."""

    name: str
    short: str
    value: str
    text: str

    def choices(self):
        """The words that it takes: a|b in lower case."""
        words = (self.value or "").split("|")
        return words if len(words) > 1 and self.value.islower() else []

    def kind(self):
        """What else can be completed: "file", "folder" or ""."""
        words = (self.value or "").split("|")
        if "FILE" in words:
            return "file"
        return "folder" if {"PATH", "DIR"} & set(words) else ""


@dataclasses.dataclass
class Help:
    """The help of a program or of one of its commands."""

    name: str
    usage: str
    options: list
    items: dict  # of its sections Commands: and Topics:
    before: str  # what stands before the options and sections
    after: str  # and after them

    def takes_command(self):
        """Whether any command of the system may follow a --."""
        return "-- COMMAND" in self.usage

    def takes_folder(self):
        """Whether an argument is a path."""
        return "PATH" in self.usage


def _ask(program, *words):
    environment = {**os.environ, "LC_ALL": "C", "CGLAB_LANG": "en"}
    done = subprocess.run(
        [program, *words, "--help"], check=True, capture_output=True,
        text=True, encoding="utf-8", stdin=subprocess.DEVNULL, env=environment,
    )
    return done.stdout


class _Reader:
    """Takes a help text line by line."""

    def __init__(self):
        self.options, self.items = [], {}
        self.before, self.after = [], []
        self._section = None

    def take(self, line):
        match = _OPTION.match(line)
        if match:
            self._section = "options"
            self._add_option(match)
        elif line in _ITEM_SECTIONS or line == "Options:":
            self._section = line
        elif self._section in _ITEM_SECTIONS and _ITEM.match(line):
            match = _ITEM.match(line)
            self.items[match["name"]] = match["text"]
        elif self._section == "options" and re.match(r"^ {8,}\S", line):
            last = self.options[-1]
            last.text = f"{last.text} {line.strip()}".strip()
        elif self._section is None:
            self.before.append(line)
        elif line or self.after:
            self._section = "after" if line and line[0] != " " else self._section
            self.after.append(line)

    def _add_option(self, match):
        self.options.append(
            Option(match["name"], match["short"], match["value"],
                   match["text"] or "")
        )
        if match["other"]:
            self.options.append(Option(match["other"], None, None, ""))


def read_help(name, text):
    """The text as data."""
    first, *lines = text.rstrip("\n").split("\n")
    reader = _Reader()
    for line in lines:
        reader.take(line)
    return Help(
        name, first.removeprefix("Usage: "), reader.options, reader.items,
        "\n".join(reader.before).strip(), "\n".join(reader.after).strip(),
    )


def read_program(program):
    """(help of the program, help of each of its commands)."""
    name = os.path.basename(program)
    whole = read_help(name, _ask(program))
    if not whole.usage.startswith(f"{name} COMMAND"):
        return whole, []
    whole.options = [
        Option("help", "h", None, "list the commands"),
        Option("version", None, None, "print the version"),
    ]
    return whole, [
        read_help(command, _ask(program, command)) for command in whole.items
    ]

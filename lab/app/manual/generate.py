# SPDX-License-Identifier: MIT
"""Writes manual pages and completions: generate.py VERSION FOLDER CGLAB.JSON
MALLOC_DEMO.JSON TEMPLATE..., what each of the two programs prints by --describe,
and a template for each."""

import json
import os
import sys

import completions


def _roff(text):
    """Text that groff prints literally."""
    lines = []
    for line in text.replace("\\", "\\e").replace("-", "\\-").split("\n"):
        lines.append("\\&" + line if line[:1] in (".", "'") else line)
    return "\n".join(lines)


def _row(label, text):
    return f".TP\n{label}\n{_roff(text)}\n"


def _options(options):
    text = ""
    for option in options:
        name = f"--{option['name']}"
        if option["short"]:
            name = f"-{option['short']}, {name}"
        value = option["value"]
        value = f" \\fI{_roff(value)}\\fR" if value else ""
        text += _row(f"\\fB{_roff(name)}\\fR{value}", option["help"])
    return text


def _paragraphs(paragraphs):
    return "".join(f".PP\n{_roff(each)}\n" for each in paragraphs)


def _exit_statuses(program):
    return "".join(_row(f"\\fB{_roff(status)}\\fR", meaning)
                   for status, meaning in program["exit_statuses"])


def _command(command):
    usage = f"cglab {command['name']} {command['usage']}"
    text = f".SS {_roff(usage)}\n{_paragraphs(command['about'])}"
    for label, said in command["rows"]:
        text += _row(_roff(label), said)
    if command["arguments"]["heading"]:
        for word in command["arguments"]["completion"]["words"]:
            text += _row(f"\\fB{_roff(word['name'])}\\fR", word["summary"])
    text += _options(command["options"])
    text += _paragraphs(command["notes"])
    if command["examples"]:
        text += f".PP\n.EX\n{_roff(chr(10).join(command['examples']))}\n.EE\n"
    return f"{text}.PP\nExit status:\n{_exit_statuses(command)}"


def _page(template, version, program):
    with open(template, encoding="utf-8") as file:
        text = file.read()
    parts = {
        "@VERSION@": version,
        "@COMMANDS@\n": "".join(map(_command, program["commands"])),
        "@OPTIONS@\n": _options(program["options"]),
        "@NOTES@\n": _paragraphs(program.get("notes", [])),
    }
    if "exit_statuses" in program:
        parts["@EXIT_STATUSES@\n"] = _exit_statuses(program)
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


def main(version, folder, *paths):
    """Writes all files of both programs."""
    for path, template in zip(paths[:2], paths[2:]):
        with open(path, encoding="utf-8") as file:
            program = json.load(file)
        name = program["name"]
        files = {
            f"{name}.1": _page(template, version, program),
            name: completions.bash(program),
            f"_{name}": completions.zsh(program),
            f"{name}.fish": completions.fish(program),
        }
        for file_name, text in files.items():
            path = os.path.join(folder, file_name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])

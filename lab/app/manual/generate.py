# SPDX-License-Identifier: MIT
"""Writes manual pages and completions: generate.py VERSION FOLDER CGLAB
MALLOC_DEMO TEMPLATE..., a template for each of the two programs."""

import os
import sys

import completions
import help_text


def _roff(text):
    """Text that groff prints literally."""
    lines = []
    for line in text.replace("\\", "\\e").replace("-", "\\-").split("\n"):
        lines.append("\\&" + line if line[:1] in (".", "'") else line)
    return "\n".join(lines)


def _options(help_):
    text = ""
    for option in help_.options:
        name = f"--{option.name}"
        if option.short:
            name = f"-{option.short}, {name}"
        value = f" \\fI{_roff(option.value)}\\fR" if option.value else ""
        said = _roff(option.text) or "see above"
        text += f".TP\n\\fB{_roff(name)}\\fR{value}\n{said}\n"
    return text


def _paragraphs(text):
    """Lines as they stand: the helps are laid out by hand."""
    if not text:
        return ""
    return f".PP\n.nf\n{_roff(text)}\n.fi\n"


def _command(help_):
    text = f".SS {_roff(help_.usage)}\n{_paragraphs(help_.before)}"
    for name, said in help_.items.items():
        text += f".TP\n\\fB{_roff(name)}\\fR\n{_roff(said)}\n"
    return text + _options(help_) + _paragraphs(help_.after)


def _page(template, version, program, commands):
    with open(template, encoding="utf-8") as file:
        text = file.read()
    text = text.replace("@VERSION@", version)
    text = text.replace("@COMMANDS@\n", "".join(map(_command, commands)))
    text = text.replace("@OPTIONS@\n", _options(program))
    return text.replace("@AFTER@\n", _paragraphs(program.after))


def main(version, folder, *paths):
    """Writes all files of both programs."""
    for program_path, template in zip(paths[:2], paths[2:]):
        program, commands = help_text.read_program(program_path)
        name = program.name
        files = {
            f"{name}.1": _page(template, version, program, commands),
            name: completions.bash(program, commands),
            f"_{name}": completions.zsh(program, commands),
            f"{name}.fish": completions.fish(program, commands),
        }
        for file_name, text in files.items():
            path = os.path.join(folder, file_name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])

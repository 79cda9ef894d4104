# SPDX-License-Identifier: MIT
"""Completions for bash, zsh and fish."""


def _words(help_):
    names = []
    for option in help_.options:
        names += [f"-{option.short}"] if option.short else []
        names.append(f"--{option.name}")
    return names


def _bash_action(option):
    if option.choices():
        return f"_words '{' '.join(option.choices())}'"
    return {"file": "_files -f", "folder": "_files -d"}.get(option.kind(), ":")


def _bash_case(help_, function):
    """The branch of one command."""
    lines = ['    case "$previous" in']
    for option in help_.options:
        if option.value:
            action = _bash_action(option).replace("_", function + "_", 1)
            lines.append(f"      --{option.name}) {action}; return ;;")
    lines += ["    esac", '    case "$current" in']
    lines.append(f"      -*) {function}_words '{' '.join(_words(help_))}' ;;")
    if help_.items:
        lines.append(f"      *) {function}_words '{' '.join(help_.items)}' ;;")
    elif help_.takes_folder():
        lines.append(f"      *) {function}_files -d ;;")
    lines.append("    esac")
    return lines


def bash(program, commands):
    """The file for bash."""
    function = f"_{program.name}"
    lines = [
        f"# bash completion for {program.name}",
        f"{function}_words() {{",
        '  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")',
        "}",
        f"{function}_files() {{",
        "  compopt -o filenames 2>/dev/null",
        '  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")',
        "}",
        f"{function}() {{",
        "  local current=${COMP_WORDS[COMP_CWORD]}",
        "  local previous=${COMP_WORDS[COMP_CWORD - 1]}",
        "  COMPREPLY=()",
    ]
    if not commands:
        lines += ["  {", *_bash_case(program, function), "  }"]
    else:
        first = " ".join([*program.items, *_words(program)])
        lines += [
            '  if [ "$COMP_CWORD" -eq 1 ]; then',
            f"    {function}_words '{first}'",
            "    return",
            "  fi",
            "  local command=${COMP_WORDS[1]} word",
            '  case "$command" in',
        ]
        for each in commands:
            lines.append(f"  {each.name})")
            if each.takes_command():
                lines += [
                    '    for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do',
                    '      [ "$word" = -- ] || continue',
                    f"      {function}_files -c",
                    "      return",
                    "    done",
                ]
            lines += [*_bash_case(each, function), "    ;;"]
        lines.append("  esac")
    lines += ["}", f"complete -F {function} {program.name}", ""]
    return "\n".join(lines)


def _zsh_text(text):
    for letter in "\\[]:":
        text = text.replace(letter, "\\" + letter)
    return text.replace("'", "'\\''").replace("`", "")


def _zsh_action(option):
    if option.choices():
        return f"({' '.join(option.choices())})"
    return {"file": "_files", "folder": "_files -/"}.get(option.kind(), " ")


def _zsh_option(option):
    text = f"[{_zsh_text(option.text)}]"
    if option.value:
        value = _zsh_text(option.value)
        return f"'*--{option.name}={text}:{value}:{_zsh_action(option)}'"
    if option.short:
        both = f"-{option.short},--{option.name}"
        return f"'(-{option.short} --{option.name})'{{{both}}}'{text}'"
    return f"'--{option.name}{text}'"


def _zsh_arguments(help_):
    lines = ["    _arguments -S \\"]
    lines += [f"      {_zsh_option(option)} \\" for option in help_.options]
    if help_.takes_command():
        lines.append("      '(-)1:command:_command_names -e' \\")
        lines.append("      '*::argument:_normal'")
    elif help_.items:
        lines.append(f"      '1:name:({' '.join(help_.items)})'")
    elif help_.takes_folder():
        lines.append("      '1:path:_files -/'")
    else:
        lines[-1] = lines[-1].removesuffix(" \\")
    return lines


def zsh(program, commands):
    """The file for zsh."""
    lines = [f"#compdef {program.name}", f"_{program.name}() {{"]
    if not commands:
        lines += _zsh_arguments(program)
    else:
        lines += ["  if (( CURRENT == 2 )); then", "    local -a commands",
                  "    commands=("]
        for name, text in program.items.items():
            lines.append(f"      '{name}:{_zsh_text(text)}'")
        lines += [
            "    )", "    _describe command commands", "    return", "  fi",
            "  local command=$words[2]", "  shift words", "  (( CURRENT-- ))",
            "  case $command in",
        ]
        for each in commands:
            lines += [f"  {each.name})", *_zsh_arguments(each), "    ;;"]
        lines.append("  esac")
    lines += ["}", f'_{program.name} "$@"', ""]
    return "\n".join(lines)


def _fish_text(text):
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("`", "")


def _fish_option(option, program, condition):
    line = f"complete -c {program}{condition} -l {option.name}"
    if option.short:
        line += f" -s {option.short}"
    if option.choices():
        line += f" -x -a '{' '.join(option.choices())}'"
    elif option.kind() == "folder":
        line += " -x -a '(__fish_complete_directories)'"
    elif option.value:
        line += " -r -F" if option.kind() == "file" else " -x"
    return f"{line} -d '{_fish_text(option.text)}'"


def fish(program, commands):
    """The file for fish."""
    name = program.name
    lines = [f"complete -c {name} -f"]
    first = " -n __fish_use_subcommand" if commands else ""
    lines += [_fish_option(option, name, first) for option in program.options]
    for command, text in program.items.items():
        lines.append(f"complete -c {name}{first} -a {command}"
                     f" -d '{_fish_text(text)}'")
    for each in commands:
        condition = f" -n '__fish_seen_subcommand_from {each.name}'"
        lines += [_fish_option(o, name, condition) for o in each.options]
        for word, text in each.items.items():
            lines.append(f"complete -c {name}{condition} -a {word}"
                         f" -d '{_fish_text(text)}'")
        if each.takes_command():
            lines.append(f"complete -c {name}{condition} -F")
        elif each.takes_folder():
            lines.append(f"complete -c {name}{condition}"
                         " -a '(__fish_complete_directories)'")
    return "\n".join(lines) + "\n"

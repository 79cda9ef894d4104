# SPDX-License-Identifier: MIT
"""Completions for bash, zsh and fish, of what a program describes."""


def _names(completion):
    return [word["name"] for word in completion["words"]]


def _before_files(completion):
    """The words that a file follows."""
    return [word["name"] for word in completion["words"]
            if word.get("takes_file")]


def _spellings(option):
    short = [f"-{option['short']}"] if option["short"] else []
    return [*short, f"--{option['name']}"]


_BASH_FILES = {"file": "-f", "directory": "-d", "program": "-c"}


def _bash_action(completion, function):
    if completion["words"]:
        return f"{function}_words '{' '.join(_names(completion))}'"
    flag = _BASH_FILES.get(completion["kind"])
    return f"{function}_files {flag}" if flag else ":"


def _bash_case(command, function):
    """The branch of one command."""
    lines = ['    case "$previous" in']
    for option in command["options"]:
        if option["value"]:
            action = _bash_action(option["completion"], function)
            names = "|".join(_spellings(option))
            lines.append(f"      {names}) {action}; return ;;")
    options = " ".join(name for option in command["options"]
                       for name in _spellings(option))
    lines += ["    esac", '    case "$current" in',
              f"      -*) {function}_words '{options}' ;;"]
    if "arguments" in command:
        completion = command["arguments"]["completion"]
        action = _bash_action(completion, function)
        names = _before_files(completion)
        if names:
            action = (f'case "$previous" in {"|".join(names)}) '
                      f"{function}_files -f ;; *) {action} ;; esac")
        lines.append(f"      *) {action} ;;")
    return [*lines, "    esac"]


def _bash_rest(command, function):
    """What follows "--"."""
    completion = command["rest"]["completion"]
    if not command["rest"]["usage"]:
        return []
    if completion["kind"] != "options":
        return [
            '    for word in "${words[@]:2:${#words[@]}-3}"; do',
            '      [ "$word" = -- ] || continue',
            f"      {_bash_action(completion, function)}",
            "      return",
            "    done",
        ]
    names = "|".join(_names(command["arguments"]["completion"]))
    return [
        "    local i named=''",
        "    for ((i = 2; i < ${#words[@]} - 1; i++)); do",
        '      case "${words[i]}" in',
        f"        {names}) named=${{words[i]}} ;;",
        "        --)",
        '          [ "$named" ] || return',
        '          words=("${words[0]}" "$named" "${words[@]:i+1}")',
        "          # Nothing but options can follow.",
        '          [ "$current" ] || [ "$previous" != -- ] || current=--',
        f"          {function}_complete",
        "          return ;;",
        "      esac",
        "    done",
    ]


_BASH_FUNCTIONS = """\
# bash completion for @NAME@
_@NAME@_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}
_@NAME@_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}
_@NAME@() {
  # bash splits words at "=".
  local -a words=()
  local word joined='' option=''
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ $word == = ]]; then
      words[-1]+='='
      joined=yes
    elif [[ $joined ]]; then
      words[-1]+=$word
      joined=''
    else
      words+=("$word")
    fi
  done
  local current=${words[-1]} previous=${words[-2]}
  if [[ $current == --*=* ]]; then
    option=${current%%=*}=
    previous=${option%=}
    current=${current#*=}
  fi
  COMPREPLY=()
  _@NAME@_complete
  # Only what follows the "=" is replaced.
  if [[ $COMP_WORDBREAKS != *=* ]]; then
    COMPREPLY=("${COMPREPLY[@]/#/$option}")
  elif [[ $current == *=* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${current%%=*}="}")
  fi
  if [[ ${COMPREPLY[0]-} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
"""


def bash(program):
    """The file for bash."""
    name = program["name"]
    function = f"_{name}"
    lines = [f"{function}_complete() {{"]
    if not program["commands"]:
        lines += _bash_case(program, function)
    else:
        first = [each["name"] for each in program["commands"]]
        for option in program["options"]:
            first += _spellings(option)
        lines += [
            '  if [ "${#words[@]}" -eq 2 ]; then',
            f"    {function}_words '{' '.join(first)}'",
            "    return",
            "  fi",
            '  case "${words[1]}" in',
        ]
        for each in program["commands"]:
            lines.append(f"  {each['name']})")
            lines += _bash_rest(each, function)
            lines += [*_bash_case(each, function), "    ;;"]
        lines.append("  esac")
    lines += ["}", f"complete -F {function} {name}", ""]
    return _BASH_FUNCTIONS.replace("@NAME@", name) + "\n".join(lines)


def _zsh_text(text):
    for letter in "\\[]:":
        text = text.replace(letter, "\\" + letter)
    return text.replace("'", "'\\''").replace("`", "")


def _zsh_action(completion):
    names = _names(completion)
    if any(name.endswith("=") for name in names):
        return '{compadd -S "" - ' + " ".join(names) + "}"
    if names:
        return f"({' '.join(names)})"
    return {"file": "_files", "directory": "_files -/"}.get(
        completion["kind"], " ")


def _zsh_option(option):
    text = f"[{_zsh_text(option['help'])}]"
    spellings = _spellings(option)
    others = "*" if option.get("repeats") else f"({' '.join(spellings)})"
    if option["value"]:
        action = _zsh_action(option["completion"])
        text += f":{_zsh_text(option['value'])}:{action}"
        spellings = [f"{each}=" if each.startswith("--") else f"{each}+"
                     for each in spellings]
    if len(spellings) > 1:
        return f"'{others}'{{{','.join(spellings)}}}'{text}'"
    return f"'{others}{spellings[0]}{text}'"


def _zsh_arguments(command):
    lines = [_zsh_option(option) for option in command["options"]]
    if "arguments" in command:
        action = _zsh_action(command["arguments"]["completion"])
        if command["rest"]["completion"]["kind"] == "program":
            lines.append("'(-)1:command:_command_names -e'")
            lines.append("'*::argument:_normal'")
        elif action != " ":
            if _before_files(command["arguments"]["completion"]):
                lines.append("'2:file:_files'")
            lines.append(f"'*:argument:{action}'")
    return ["    _arguments -S \\", *(f"      {each} \\" for each in lines[:-1]),
            f"      {lines[-1]}"]


def _zsh_rest(command, name):
    """Options of another command after "--"; the rest is for _arguments."""
    if command["rest"]["completion"]["kind"] != "options":
        return []
    names = "|".join(_names(command["arguments"]["completion"]))
    return [
        "    local i named",
        "    for (( i = 2; i < CURRENT; i++ )); do",
        "      case $words[i] in",
        f"        ({names}) named=$words[i] ;;",
        "        (--)",
        "          [[ -n $named ]] || return",
        f"          words=({name} $named \"${{(@)words[i+1,-1]}}\")",
        "          (( CURRENT -= i - 2 ))",
        f"          _{name}",
        "          return ;;",
        "      esac",
        "    done",
    ]


def zsh(program):
    """The file for zsh."""
    name = program["name"]
    lines = [f"#compdef {name}", f"_{name}() {{"]
    if not program["commands"]:
        lines += _zsh_arguments(program)
    else:
        lines += ["  if (( CURRENT == 2 )); then", "    local -a commands",
                  "    commands=("]
        for each in program["commands"]:
            lines.append(f"      '{each['name']}:{_zsh_text(each['summary'])}'")
        lines += [
            "    )", "    _describe command commands", "    return", "  fi",
            "  local command=$words[2]", "  shift words", "  (( CURRENT-- ))",
            "  case $command in",
        ]
        for each in program["commands"]:
            lines += [f"  {each['name']})", *_zsh_rest(each, name),
                      *_zsh_arguments(each), "    ;;"]
        lines.append("  esac")
    lines += ["}", f'_{name} "$@"', ""]
    return "\n".join(lines)


def _fish_text(text):
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("`", "")


_FISH_FILES = {"file": " -F", "directory": " -a '(__fish_complete_directories)'",
               "program": " -F"}


def _fish_option(option, line):
    line += f" -l {option['name']}"
    if option["short"]:
        line += f" -s {option['short']}"
    completion = option["completion"]
    if completion["kind"] == "file":
        line += " -r -F"
    elif completion["words"]:
        line += f" -x -a '{' '.join(_names(completion))}'"
    elif option["value"]:
        line += " -x" + _FISH_FILES.get(completion["kind"], "")
    return f"{line} -d '{_fish_text(option['help'])}'"


def _fish_operands(completion, line):
    if completion["words"]:
        # The condition of `line` is its last word, in quotes.
        return [f"{line} -a {word['name']} -d '{_fish_text(word['summary'])}'"
                for word in completion["words"]] + [
                f"{line[:-1]}; and __fish_seen_subcommand_from {name}' -F"
                for name in _before_files(completion)]
    files = _FISH_FILES.get(completion["kind"])
    return [line + files] if files else []


_FISH_AFTER_DASHES = "contains -- -- (commandline -opc)"


def _fish_rest(program, command):
    """Options of another command after "--", where fish offers none."""
    if command["rest"]["completion"]["kind"] != "options":
        return []
    named = set(_names(command["arguments"]["completion"]))
    lines = []
    for each in program["commands"]:
        if each["name"] not in named:
            continue
        condition = (f"__fish_seen_subcommand_from {command['name']}; "
                     f"and __fish_seen_subcommand_from {each['name']}; "
                     f"and {_FISH_AFTER_DASHES}")
        for option in each["options"]:
            lines.append(f"complete -c {program['name']} -n '{condition}'"
                         f" -a '--{option['name']}'"
                         f" -d '{_fish_text(option['help'])}'")
    return lines


def fish(program):
    """The file for fish."""
    start = f"complete -c {program['name']}"
    lines = [f"{start} -f"]
    first = f"{start} -n __fish_use_subcommand" if program["commands"] else start
    lines += [_fish_option(option, first) for option in program["options"]]
    for each in program["commands"]:
        lines.append(f"{first} -a {each['name']}"
                     f" -d '{_fish_text(each['summary'])}'")
    for each in program["commands"]:
        condition = f"__fish_seen_subcommand_from {each['name']}"
        line = f"{start} -n '{condition}'"
        lines += [_fish_option(option, line) for option in each["options"]]
        if each["rest"]["completion"]["kind"] == "options":
            line = f"{start} -n '{condition}; and not {_FISH_AFTER_DASHES}'"
        for operands in (each["arguments"], each["rest"]):
            lines += _fish_operands(operands["completion"], line)
        lines += _fish_rest(program, each)
    return "\n".join(lines) + "\n"

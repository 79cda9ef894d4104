#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the page of an HTML report into one C++ source, with dygraphs if it has
their marks. HEADER declares its functions, whose names begin with its own.

usage: embed.py HEADER PAGE CSS JS... OUTPUT
"""

import os
import sys

FOLDERS = ("/usr/share/javascript/dygraphs", "/usr/share/nodejs/dygraphs/dist")
PLACE = "@DATA@"


def dygraphs(name):
    for folder in FOLDERS:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    sys.exit(
        f"embed.py: no {name} in {' or '.join(FOLDERS)}: the HTML report needs "
        "dygraphs (Debian and Ubuntu: libjs-dygraphs)"
    )


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def array(name, text):
    """A function that returns the text, by its bytes: literals have a bound."""
    data = text.encode()
    lines = [
        ",".join(str(byte) for byte in data[i : i + 40])
        for i in range(0, len(data), 40)
    ]
    return (
        f"static const unsigned char {name}_bytes[] = {{\n"
        + ",\n".join(lines)
        + f"}};\nstd::string_view {name}() noexcept {{\n"
        f"  return {{reinterpret_cast<const char*>({name}_bytes), "
        f"sizeof {name}_bytes}};\n}}\n"
    )


def script(text):
    # What would end the script element; no source here has it in code.
    return text.replace("</script", "<\\/script")


def library_style():
    return dygraphs("dygraph.min.css").split("/*# sourceMapping")[0]


def library_script():
    return script(dygraphs("dygraph.min.js")).split("//# sourceMapping")[0]


def main(header, page, css, *scripts, output):
    name = os.path.splitext(os.path.basename(header))[0]
    text = read(page)
    for mark, value in (
        ("@DYGRAPHS_CSS@", library_style),
        ("@CSS@", lambda: read(css)),
        ("@DYGRAPHS_JS@", library_script),
        ("@JS@", lambda: script("".join(read(each) for each in scripts))),
    ):
        if mark in text:
            text = text.replace(mark, value(), 1)
    before, after = text.split(PLACE, 1)
    with open(output, "w", encoding="utf-8") as file:
        file.write(f'#include "{header}"\nnamespace lab {{\n')
        file.write(array(f"{name}_before_data", before))
        file.write(array(f"{name}_after_data", after))
        file.write("}\n")


if __name__ == "__main__":
    main(*sys.argv[1:-1], output=sys.argv[-1])

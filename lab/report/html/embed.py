#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts text files into one C++ source: for each a function that returns its
text, called after the file (page.css: page_css). HEADER declares them.

usage: embed.py HEADER OUTPUT FILE...

A file dygraph* is that of Debian's package.
"""

import os
import re
import sys

FOLDERS = ("/usr/share/javascript/dygraphs", "/usr/share/nodejs/dygraphs/dist")


def find(path):
    if not path.startswith("dygraph"):
        return path
    for folder in FOLDERS:
        found = os.path.join(folder, path)
        if os.path.exists(found):
            return found
    sys.exit(
        f"embed.py: no {path} in {' or '.join(FOLDERS)}: the HTML report needs "
        "dygraphs (Debian and Ubuntu: libjs-dygraphs)"
    )


def text_of(path):
    with open(find(path), encoding="utf-8") as file:
        text = file.read()
    text = re.split(r"/\*# sourceMapping|//# sourceMapping", text)[0]
    # What would end the script element; no source here has it in code.
    return text.replace("</script", "<\\/script")


def function(path):
    """By its bytes: literals have a bound."""
    name = re.sub(r"\W", "_", os.path.basename(path))
    data = text_of(path).encode()
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


def main(header, output, *paths):
    with open(output, "w", encoding="utf-8") as file:
        file.write(f'#include "{header}"\nnamespace lab {{\n')
        file.write("".join(function(path) for path in paths))
        file.write("}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

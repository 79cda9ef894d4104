#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the page of the HTML report and dygraphs into one C++ source.

usage: embed.py PAGE CSS JS OUTPUT
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


def main(page, css, js, output):
    library = script(dygraphs("dygraph.min.js")).split("//# sourceMapping")[0]
    style = dygraphs("dygraph.min.css").split("/*# sourceMapping")[0]
    text = read(page)
    for mark, value in (
        ("@DYGRAPHS_CSS@", style),
        ("@CSS@", read(css)),
        ("@DYGRAPHS_JS@", library),
        ("@JS@", script(read(js))),
    ):
        text = text.replace(mark, value, 1)
    before, after = text.split(PLACE, 1)
    with open(output, "w", encoding="utf-8") as file:
        file.write('#include "lab/report/html/page.h"\nnamespace lab {\n')
        file.write(array("page_before_data", before))
        file.write(array("page_after_data", after))
        file.write("}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

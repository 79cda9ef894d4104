// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace lab {

/// The shell command that does the same as `cglab ARGUMENTS` in a kernel that
/// can be thrown away (scripts/vm): on the hierarchy that was asked for, with
/// enough memory, without what names things of this host (--parent, and --json,
/// --html, --csv: a file in there would be lost). `vm_options` stand behind
/// "scripts/vm".
std::string vm_command(const std::vector<std::string>& arguments,
                       const std::string& vm_options = "");

}  // namespace lab

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace lab {

/// The words that stand behind "scripts/vm" so that it does the same as `cglab
/// ARGUMENTS`: on the hierarchy that was asked for, with enough memory, without
/// what names things of this host (--parent, and --json, --html, --csv: a file
/// in there would be lost). `vm_options` (" --swap 256M") come first.
std::vector<std::string> vm_words(const std::vector<std::string>& arguments,
                                  const std::string& vm_options = "");

/// The same as a command for a shell.
std::string vm_command(const std::vector<std::string>& arguments,
                       const std::string& vm_options = "");

}  // namespace lab

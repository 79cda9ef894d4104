// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace lab {

/// The words after "scripts/vm" that make it do the same as `cglab ARGUMENTS`:
/// on the requested hierarchy, with enough memory, without options that refer
/// to this host (--parent, and --json, --html, --csv, --output: a file in the
/// VM would be lost). `vm_options` (" --swap 256M") come first.
std::vector<std::string> vm_words(const std::vector<std::string>& arguments,
                                  const std::string& vm_options = "");

/// The same as a command for a shell.
std::string vm_command(const std::vector<std::string>& arguments,
                       const std::string& vm_options = "");

}  // namespace lab

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

/// argv of scripts/vm with which it prints the record of the run `run`, the
/// words after "cglab", to its standard output. The VM gets the programs of
/// this build, so that the kernel is the only difference.
std::vector<std::string> recording_vm_words(const std::vector<std::string>& run,
                                            const std::string& vm_options);

/// The same as vm_words(), as a command for a shell.
std::string vm_command(const std::vector<std::string>& arguments,
                       const std::string& vm_options = "");

}  // namespace lab

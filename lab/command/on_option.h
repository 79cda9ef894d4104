// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/command/command_line.h"

namespace lab {

/// Adds --on.
void add_on_option(OptionList& options);

/// "v1,v2": the versions in their order, each once. Throws UsageError.
std::vector<cgroupfs::Version> parse_versions(const std::string& text);

/// What --on says; empty without it. Throws UsageError also for options beside
/// it that belong to one run on this host.
std::vector<cgroupfs::Version> read_on_option(const CommandLine& line);

}  // namespace lab

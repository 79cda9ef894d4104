// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/command/command_line.h"

namespace lab {

/// --on.
Option on_option();

/// "v1,v2": the versions in their order, each once. Throws UsageError.
std::vector<cgroupfs::Version> parse_versions(const std::string& text);

/// What --on says; empty without it. Throws UsageError also where an option
/// that belongs to one run on this host is given, too.
std::vector<cgroupfs::Version> read_on_option(const CommandLine& line);

}  // namespace lab

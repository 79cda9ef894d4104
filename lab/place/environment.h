// SPDX-License-Identifier: MIT
#pragma once

#include "lab/place/placement.h"
#include "lab/record/record.h"

namespace lab {

/// Reads what a run needs to know about the host before it begins. Values that
/// cannot be read stay absent.
Environment read_environment(const Placement& placement);

/// Adds what only the record needs: transparent huge pages, PSI, CPUs,
/// emulation.
void read_host_details(Environment& environment);

/// The value in bytes of `key` ("MemAvailable") in /proc/meminfo text, which
/// has kB; nullopt when the kernel does not have it. Throws
/// cgroupfs::ParseError.
std::optional<Bytes> meminfo_value(std::string_view text, std::string_view key);

/// The word in brackets in a file with choices ("always [madvise] never").
std::optional<std::string> chosen_word(std::string_view text);

}  // namespace lab

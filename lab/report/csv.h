// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/record/record.h"

namespace lab {

/// The samples as RFC 4180 has it, a line each under a head: time_ns (since the
/// gate opened), usage_bytes, touched_bytes (empty for a command). Where
/// claims are made those of all cgroups, one after the other: cgroup, time_ns,
/// usage_bytes.
std::string csv_report(const RunRecord& record);

}  // namespace lab

// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/record/record.h"

namespace lab {

/// The samples in the format of RFC 4180, one per line after a header: time_ns
/// (since the gate opened), usage_bytes, touched_bytes (empty for a command).
/// For a run with claims, the samples of each cgroup in turn: cgroup, time_ns,
/// usage_bytes.
std::string csv_report(const RunRecord& record);

}  // namespace lab

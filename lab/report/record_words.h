// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/record/record.h"

/// Values of a record in words, for every report that tells them.
namespace lab {

/// Whether it is a control run that shows or lacks the effect, and neither a
/// command's nor one that went wrong.
bool is_control_outcome(const RunRecord& record) noexcept;

/// "oom killed", with "(control run)" behind it for one.
std::string verdict_words(const RunRecord& record);

/// How it ended: "ended by SIGKILL", "exited with 1"; "unknown". What cglab
/// itself killed after the last step was still running.
std::string end_words(const ProcessRecord& process);

/// Bytes or, in files that hold none, the bare number; "max"; "unknown".
std::string limit_words(const LimitRecord& limit);

/// The limit that slows down (memory.high), where the kernel has one.
std::optional<Bytes> high_limit(const RunRecord& record);

/// The highest usage and who says so.
std::string peak_words(const RunRecord& record);

/// What the usage consisted of at its highest sample; empty without samples.
std::string split_words(const RunRecord& record);

/// The kernel's own lines about the kill, or why there are none.
std::vector<std::string> kernel_log_lines(const RunRecord& record);

/// "1 -> 2".
std::string change_words(const std::optional<std::uint64_t>& before,
                         const std::optional<std::uint64_t>& after);

/// A size; "unknown" for none.
std::string size_words(const std::optional<Bytes>& bytes);

/// "yes", "no"; "unknown" for a claim that this kernel tells nothing of.
std::string held_words(const std::optional<bool>& held);

/// The file of a limit, and whose it is where a run has several cgroups: "hog:
/// memory.max".
std::string limit_place(const LimitRecord& limit, const RunRecord& record);

}  // namespace lab

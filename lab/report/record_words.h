// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/record/record.h"

/// Values of a record in words, for every report.
namespace lab {

/// What the name of a verdict depends on.
struct Outcome {
  Status status = Status::child_failed;
  bool control = false;
  bool as_expected = false;  ///< is_as_expected()

  auto operator<=>(const Outcome&) const = default;
};

Outcome outcome_of(const RunRecord& record) noexcept;

/// The name of a verdict, in every report; of a control run that was completed,
/// whether it came out as expected.
std::string verdict_words(const Outcome& outcome, Language language);
std::string verdict_words(const RunRecord& record, Language language);

/// "unknown".
std::string unknown_words(Language language);

/// Bytes, or "max".
std::string limit_text(const Limit& limit, Language language);

/// What a row with the hits of the own limit is called.
std::string limit_hits_label(Language language);

/// How it ended: "ended by SIGKILL", "exited with status 1"; "unknown". What
/// cglab itself killed after the last step was still running.
std::string end_words(const ProcessRecord& process, Language language);

/// Bytes or, in files that hold none, the bare number; "max"; "unknown".
std::string limit_words(const LimitRecord& limit, Language language);

/// The highest usage, of which cgroup, and what reported it.
std::string peak_words(const RunRecord& record, Language language);

/// What the usage consisted of at its highest sample; empty without samples.
std::string split_words(const RunRecord& record, Language language);

/// "1 -> 2".
std::string change_words(const std::optional<std::uint64_t>& before,
                         const std::optional<std::uint64_t>& after,
                         Language language);

/// A size; "unknown" for none.
std::string size_words(const std::optional<Bytes>& bytes, Language language);

/// "yes", "no"; "unknown" for a claim that this kernel has no evidence of.
std::string held_words(const std::optional<bool>& held, Language language);

/// The file of a limit, and the cgroup where a run has several: "hog:
/// memory.max".
std::string limit_place(const LimitRecord& limit, const RunRecord& record);

/// What an event is called in charts and timelines.
std::string event_name(EventKind kind, Language language);

/// What the event was about, and what reported it.
std::string event_source(const Event& event, Language language);

/// How the parent of a run was chosen. `strategy` is a StrategyCode; another
/// text, of an older record, is returned as it is.
std::string strategy_words(const std::string& strategy, Language language);

/// The label of the memory among environment_rows().
std::string memory_row_label(Language language);

/// Label and value of each property of the host, in one order.
std::vector<std::vector<std::string>> environment_rows(
    const Environment& environment, Language language);

}  // namespace lab

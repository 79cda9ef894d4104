// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/report/document.h"
#include "lab/report/record_words.h"

namespace lab {

/// A record and the name to show for it: its file.
struct NamedRecord {
  std::string name;
  RunRecord record;
  /// The verdict saved in the file, where it does not follow from the evidence.
  std::optional<Outcome> denied = std::nullopt;
};

/// A record that was read from the file `name`. Where recheck() concludes
/// something else than its verdict says, that replaces it.
NamedRecord rechecked(std::string name, RunRecord record);

/// That the saved verdict was replaced, for the top of a report; empty where it
/// was not.
Document denial(const NamedRecord& run, Language language);

/// Warns of it on stderr. Returns whether there is one in `runs`.
bool warn_of_denied(const std::vector<NamedRecord>& runs);

/// How much of a run a report shows.
enum class Length {
  brief,     ///< at most eight lines, rounded, the verdict last
  terminal,  ///< of a command the outcome; of an experiment all of it
  full,      ///< also all properties of the host
};

/// The report of a run, made from the record only.
Document run_document(const RunRecord& record, Language language,
                      Length length);

/// Several runs side by side: first what differs between their plans and
/// hosts, then the results.
Document comparison_document(const std::vector<NamedRecord>& runs,
                             Language language);

/// A run and its control run, named in `language`, for the above.
std::vector<NamedRecord> run_and_control(const std::vector<RunRecord>& records,
                                         Language language);

/// For a terminal; a report longer than the screen repeats the verdict at the
/// end.
std::string text_report(const RunRecord& record, const Terminal& terminal,
                        Language language, Length length = Length::terminal);

/// Reports on stderr what is left behind, always and first: nothing may hide
/// it.
void warn_of_left_behind(const RunRecord& record);

}  // namespace lab

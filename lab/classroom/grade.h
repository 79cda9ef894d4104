// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/base/message.h"
#include "lab/classroom/evidence.h"
#include "lab/report/fact_words.h"

namespace lab {

/// What is looked at, in the order in which the exercise does it.
enum class CheckId { group, limit, process, charged, oom };

/// One thing that is graded.
struct Check {
  CheckId id = CheckId::group;
  const char* name;   ///< as in options and records, never translated
  unsigned points;    ///< unless a course weighs it otherwise
  Message title;      ///< what has to be so, a clause
  const char* topic;  ///< of `cglab explain`
};

/// All of them, 100 points together.
const std::vector<Check>& all_checks();

/// What to do about something that is missing.
struct Hint {
  std::string id;                     ///< of the fingerprint, never translated
  std::string text;                   ///< what is wrong, and why
  std::vector<std::string> commands;  ///< that mend it here, for a POSIX shell
};

/// What became of one check.
struct CheckResult {
  const Check* check = nullptr;
  unsigned points = 0;  ///< that it is worth
  bool passed = false;
  std::string evidence;      ///< what the kernel shows, one sentence
  std::optional<Hint> hint;  ///< unless it passed
};

/// How to grade. Passive data.
struct GradingPlan {
  Assignment assignment;
  std::vector<std::string> only;            ///< names of checks; empty: all
  std::map<std::string, unsigned> weights;  ///< points in place of the usual
  Language language = Language::en;
};

/// What the exercise is worth.
struct Grade {
  GradingPlan plan;
  cgroupfs::Version version = cgroupfs::Version::v2;
  std::optional<std::string> directory;  ///< of the cgroup
  std::vector<CheckResult> results;
  unsigned earned = 0;
  unsigned points = 0;  ///< that could be had

  bool is_full() const noexcept;
};

/// Grades `evidence`: a pure function. What the interface files do not show is
/// not there, whatever else is.
///
/// The kill counts only at the cgroup's own limit, and only at the limit that
/// is asked for, see judge_kill(): a process that was killed by hand leaves
/// neither (Documentation/admin-guide/cgroup-v2.rst, memory.events).
Grade grade(const GradingPlan& plan, const ExerciseEvidence& evidence);

}  // namespace lab

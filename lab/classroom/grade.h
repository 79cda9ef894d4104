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

/// The checks, in the order of the exercise's steps.
enum class CheckId { group, limit, process, charged, oom };

/// One check.
struct Check {
  CheckId id = CheckId::group;
  const char* name;   ///< as in options and records, never translated
  unsigned points;    ///< unless a course sets another weight
  Message title;      ///< the condition that it checks, a clause
  const char* topic;  ///< of `cglab explain`
};

/// All of them; 100 points in total.
const std::vector<Check>& all_checks();

/// Advice on a failed check.
struct Hint {
  std::string id;    ///< of the mistake, never translated
  std::string text;  ///< what is wrong, and why
  std::vector<std::string>
      commands;  ///< that fix it on this host, for a POSIX shell
};

/// The result of one check.
struct CheckResult {
  const Check* check = nullptr;
  unsigned points = 0;  ///< for passing it
  bool passed = false;
  std::string evidence;      ///< what the kernel shows, one sentence
  std::optional<Hint> hint;  ///< unless it passed
};

/// How to grade. Passive data.
struct GradingPlan {
  Assignment assignment;
  std::vector<std::string> only;            ///< names of checks; empty: all
  std::map<std::string, unsigned> weights;  ///< points instead of the default
  Language language = Language::en;
};

/// The graded exercise.
struct Grade {
  GradingPlan plan;
  cgroupfs::Version version = cgroupfs::Version::v2;
  std::optional<std::string> directory;  ///< of the cgroup
  std::vector<CheckResult> results;
  unsigned earned = 0;
  unsigned points = 0;  ///< the maximum

  bool is_full() const noexcept;
};

/// Grades `evidence`: a pure function. Only the interface files count as
/// evidence of the cgroup.
///
/// The kill counts only at the cgroup's own limit, and only at the expected
/// limit, see judge_kill(): a process killed by hand shows neither
/// (Documentation/admin-guide/cgroup-v2.rst, memory.events).
Grade grade(const GradingPlan& plan, const ExerciseEvidence& evidence);

}  // namespace lab

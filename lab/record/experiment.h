// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "lab/base/message.h"
#include "lab/record/procedure.h"
#include "lab/record/record.h"

namespace lab {

/// What a host needs in addition to the right version of the controller.
enum class HostFeature {
  swap,
  disk,
  huge_pages,
  pressure,
  locked_memory,
  pids,
  cgroup_kill
};

/// One experiment: its steps and the expected observations. Data only, so that
/// experiments can become files; commands and registry are elsewhere.
struct Experiment {
  Message question;    ///< a sentence, as a teacher asks it
  Message prediction;  ///< a sentence: the answer
  /// A clause: what the control run does instead of the cause. Observations
  /// that depend on the cause must then be absent.
  Message control_run;
  Procedure procedure;
  /// The user may choose how much the hog allocates (--total, --block); the
  /// rate that it has by default.
  bool sized_by_user = false;
  /// The only cgroup version on which it exists, and why; nullopt: both.
  std::optional<cgroupfs::Version> only = std::nullopt;
  Message only_because{"", ""};
  std::vector<HostFeature> requirements = {};
  /// The topic of `cglab explain` that it belongs to; empty: there is none.
  const char* lesson = "";
  // Filled in by the registry.
  const char* name = "";    ///< the sub-command
  Message summary{"", ""};  ///< one line
};

}  // namespace lab

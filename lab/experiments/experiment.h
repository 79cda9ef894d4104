// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/record/record.h"
#include "lab/run/scenario.h"

namespace lab {

/// What a scenario is built for.
struct Choice {
  bool control = false;  ///< the decisive knob is off
  cgroupfs::Version version = cgroupfs::Version::v2;
  /// As reads_share_a_page() has measured.
  bool reads_share_a_page = true;
};

/// One experiment: what it does and what must be seen. Data only; its
/// sub-command is made in lab/app.
struct Experiment {
  const char* name;        ///< the sub-command
  const char* summary;     ///< one line
  const char* question;    ///< what it answers, for its help
  const char* prediction;  ///< what to predict, and what then happens
  Status expected = Status::as_predicted;  ///< makes exit status 0
  /// nullptr: the climb to the limit, which has a runner of its own.
  Scenario (*build)(const Choice&) = nullptr;
  /// What --control leaves out, so that the other outcome must be seen.
  const char* knob = "";
  /// The only version of cgroups where it exists, and why; nullopt: both.
  std::optional<cgroupfs::Version> only = std::nullopt;
  const char* only_because = "";
  std::vector<Need> needs = {};
};

/// All of them, sorted by name.
const std::vector<const Experiment*>& all_experiments();

/// Where `experiment` exists, for people: "v2", "v1, v2; swap".
std::string availability(const Experiment& experiment);

/// Options of scripts/vm that give the machine what `experiment` needs
/// (" --swap 256M"); empty: nothing.
std::string machine_needs(const Experiment& experiment);

/// A static object of this type in an experiment's file adds it to them.
/// `experiment` must outlive the program's main().
class ExperimentRegistration {
 public:
  explicit ExperimentRegistration(const Experiment& experiment);
};

}  // namespace lab

// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lab {

/// Usage of one cgroup over time; both columns of equal length.
struct GroupSamples {
  std::vector<std::int64_t> time_ns;
  std::vector<std::uint64_t> usage;  ///< bytes
};

/// A cgroup of a scenario.
struct StageGroupRecord {
  std::string name;
  std::string path;
  GroupSamples samples;
};

/// A process of a scenario.
struct ActorRecord {
  std::string name;
  std::string group;
  pid_t pid = 0;
  std::vector<std::string> arguments;
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool ended_by_cglab = false;  ///< lived to the end of the scenario
  std::uint64_t touched = 0;    ///< bytes, by its own account
  std::string output;
};

/// Numbers of one group or actor at one moment. What the kernel does not tell
/// is nullopt.
struct Reading {
  std::string mark;
  std::int64_t time_ns = 0;
  std::string subject;
  std::map<std::string, std::optional<std::uint64_t>> values;
};

/// A claim and what became of it.
struct ClaimRecord {
  std::string text;
  std::string what;      ///< "oom_kill of hog (memory.events.local)"
  std::string seen;      ///< "0 -> 1"; "unknown on this kernel"
  std::string expected;  ///< "rises"
  /// nullopt: this kernel does not tell, or the run ended before
  std::optional<bool> held;
  bool decided_by_knob = false;  ///< has to fail in the control run
};

/// What a scenario adds to the record of its run, whose times count from the
/// beginning of its first step.
struct ScenarioRecord {
  bool control = false;  ///< the decisive knob was off
  std::string question;
  std::string prediction;
  std::string knob;  ///< what the control run leaves out
  std::vector<StageGroupRecord> groups;
  std::vector<ActorRecord> actors;
  std::vector<Reading> readings;
  std::vector<ClaimRecord> claims;
};

}  // namespace lab

// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/record/record.h"

namespace lab {

/// The reason why a run waits after its command has ended.
struct Waiting {
  ProcessRecord command;
  /// Processes that the command left: some of them, where there are many.
  std::vector<HeldProcess> processes;
  bool has_more = false;
  /// v2: the cgroup that freezes them.
  std::optional<std::string> frozen_cgroup;
  std::optional<HeldProcess> traced;  ///< the command, which was not reaped
};

/// Receives the events of a run as they happen. Times in the arguments are
/// CLOCK_MONOTONIC nanoseconds.
class Observer {
 public:
  virtual ~Observer() = default;
  /// The run's cgroup exists, nothing runs yet.
  virtual void on_start(const RunRecord& record) = 0;
  /// An event was recorded.
  virtual void on_event(const Event& event) = 0;
  /// A sample was taken: the last row of `samples`.
  virtual void on_sample(const Samples& samples) = 0;
  /// The hog named `process` printed `text`.
  virtual void on_output(const std::string& process, std::string_view text) = 0;
  /// The run has waited for this for a second.
  virtual void on_waiting(const Waiting& waiting) = 0;
  /// Every process has ended or was given up; teardown follows.
  virtual void on_end() = 0;
};

}  // namespace lab

// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/record/record.h"

namespace lab {

/// What a run of a command waits for after the command's own end.
struct Waiting {
  ProcessRecord command;
  /// Processes that it has left behind: some, where there are many.
  std::vector<HeldProcess> processes;
  bool has_more = false;
  /// v2: the cgroup by which they are frozen.
  std::optional<std::string> frozen_cgroup;
  std::optional<HeldProcess> traced;  ///< the command, whose end was not taken
};

/// Is told of a run while it goes on. Times in what it is given are
/// CLOCK_MONOTONIC nanoseconds.
class Observer {
 public:
  virtual ~Observer() = default;
  /// The run's own cgroup is made, nothing runs yet.
  virtual void on_start(const RunRecord& record) = 0;
  /// Something happened.
  virtual void on_event(const Event& event) = 0;
  /// A sample was taken: the last row of `samples`.
  virtual void on_sample(const Samples& samples) = 0;
  /// The hog called `process` printed `text`.
  virtual void on_output(const std::string& process, std::string_view text) = 0;
  /// For a second the run has waited for this.
  virtual void on_waiting(const Waiting& waiting) = 0;
  /// Every process has ended or was given up; teardown follows.
  virtual void on_end() = 0;
};

}  // namespace lab

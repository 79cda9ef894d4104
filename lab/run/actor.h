// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/os/child.h"
#include "lab/os/progress.h"
#include "lab/run/scenario.h"
#include "lab/run/scratch.h"
#include "lab/run/stage_groups.h"

namespace lab {

/// One process of a scenario. Killed and reaped at the latest with this object.
class Actor {
 public:
  /// Prepares only. On a block device that all share its memory lies at
  /// `device_offset`, which goes on by it. Throws what ScratchFile::create()
  /// throws.
  Actor(const ActorSpec& spec, Bytes limit, std::uint64_t& device_offset);

  /// Born inside `group`, verified to be there, waiting at its gate. Throws as
  /// Child does, RunError when it is elsewhere.
  void start(const StageGroup& group, const StageGroups& groups,
             const Placement& placement);
  void go_on() const noexcept { child_->open_gate(); }

  const ActorSpec& spec() const noexcept { return spec_; }
  bool started() const noexcept { return child_.has_value(); }
  bool ended() const noexcept { return record_.signal || record_.exit_code; }
  /// Ended, or touched all it wanted (until its pause).
  bool settled() const noexcept;
  Child& child() { return *child_; }
  const Child& child() const { return *child_; }

  /// Reaps it, if it has ended. True when it was done now.
  bool try_reap();
  /// Kills it, if it lives, and reaps it. Throws RunError when it does not end.
  void end();
  /// Takes what it has printed; false when there is nothing more.
  bool read_output();
  void release_file() { scratch_.reset(); }
  void pass_pause() noexcept { paused_ = false; }

  /// signal, exit_code, alive, touched, state (its letter in /proc/PID/stat),
  /// huge_pages (of memory thp and small).
  std::map<std::string, std::optional<std::uint64_t>> numbers() const;
  ProcessRecord record() const;
  std::optional<std::int64_t> last_touch() const noexcept {
    return progress_.last_touch();
  }
  Bytes touched() const noexcept { return progress_.touched(); }

 private:
  ActorSpec spec_;
  Bytes total_;
  std::optional<Bytes> pause_;
  Progress progress_;
  std::optional<ScratchFile> scratch_;
  std::optional<Child> child_;
  ProcessRecord record_;
  bool paused_ = true;
};

}  // namespace lab

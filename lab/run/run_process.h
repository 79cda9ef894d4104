// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/base/errors.h"
#include "lab/os/child.h"
#include "lab/os/progress.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"
#include "lab/run/readings.h"
#include "lab/run/scratch.h"

namespace lab {

/// The command was not executed; exit status 126 or 127. what() says why.
class NotExecuted : public RunError {
 public:
  /// `error` is errno of the exec.
  NotExecuted(const std::string& command, int error);

  int exit_code() const noexcept { return exit_code_; }

 private:
  int exit_code_;
};

/// One process of a run: the hog, or a command. Killed and reaped at the latest
/// with this object.
class RunProcess {
 public:
  /// Prepares only. On a block device that all share the hog's memory lies at
  /// `device_offset`, which goes on by it. Throws what ScratchFile::create()
  /// throws.
  RunProcess(const ProcessSpec& spec, const Plan& plan,
             std::uint64_t& device_offset);

  /// Starts it inside `cgroup`, where it waits at its gate. A command gets
  /// `environment`. Throws as Child does.
  void start(const cgroupfs::Cgroup& cgroup,
             std::vector<std::string> environment);
  /// Waits until it is at its gate. Throws as Child does.
  void await_start();
  void open_gate() const noexcept { child_->open_gate(); }
  /// The hog goes on from its pause.
  void go_on() noexcept;

  const ProcessSpec& spec() const noexcept { return spec_; }
  bool is_command() const noexcept { return !spec_.command.empty(); }
  bool started() const noexcept { return child_.has_value(); }
  bool ended() const noexcept { return record_.signal || record_.exit_code; }
  /// Ended, or touched all it wanted (until its pause).
  bool settled() const noexcept;
  /// What was started.
  Child& child() { return *child_; }
  const Child& child() const { return *child_; }

  /// Reaps it, if it has ended. True when it was done now.
  bool try_reap();
  /// Kills it, if it lives.
  void kill();
  /// It did not end by SIGKILL, or its tracer has yet to take its end: takes
  /// that from /proc/PID/stat, where it tells, and waits no longer.
  void give_up();
  /// So many OOM kills had been counted when it was reaped.
  void note_kills(const std::optional<std::uint64_t>& kills) {
    record_.oom_kills_at_end = kills;
  }
  /// Throws NotExecuted for a command that has ended and was none.
  void require_execution() const;
  /// Takes what it has printed since the last time: "" when there is nothing;
  /// nullopt when there will be nothing more.
  std::optional<std::string> read_output();
  void release_file() { scratch_.reset(); }

  /// signal, exit_code, alive, touched, state (its letter in /proc/PID/stat),
  /// huge_pages (of memory thp and small).
  Numbers numbers() const;
  ProcessRecord record() const;
  /// By its own account; nullopt for a command.
  std::optional<Bytes> touched() const noexcept;

 private:
  void take_status(const ExitStatus& status);
  std::vector<std::string> hog_command(const Plan& plan,
                                       std::uint64_t& device_offset);

  ProcessSpec spec_;
  Bytes total_;
  std::vector<Bytes> pauses_;
  std::size_t passed_ = 0;  ///< pauses that it has gone on from
  std::optional<Progress> progress_;
  std::optional<ScratchFile> scratch_;
  std::optional<Child> child_;
  ProcessRecord record_;
};

/// "SIGKILL", "exit status 1".
std::string end_of(const ProcessRecord& process);

}  // namespace lab

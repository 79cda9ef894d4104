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

/// One process of a run: the hog, or a command. Killed and reaped when this
/// object is destroyed.
class RunProcess {
 public:
  /// Only prepares it. On a block device shared by all hogs, the memory of this
  /// one is at `device_offset`, which is advanced. Throws as
  /// ScratchFile::create().
  RunProcess(const ProcessSpec& spec, const Plan& plan,
             std::uint64_t& device_offset);

  /// Starts it inside `cgroup`, where it waits at its gate. A command gets
  /// `environment`. Throws as Child.
  void start(const cgroupfs::Cgroup& cgroup,
             std::vector<std::string> environment);
  /// Waits until it is at its gate. Throws as Child.
  void await_start();
  void open_gate() const noexcept { child_->open_gate(); }
  /// Lets the hog continue after its pause.
  void go_on() noexcept;

  const ProcessSpec& spec() const noexcept { return spec_; }
  bool is_command() const noexcept { return !spec_.command.empty(); }
  bool started() const noexcept { return child_.has_value(); }
  bool ended() const noexcept { return record_.signal || record_.exit_code; }
  /// Whether it has ended, or touched all its memory (up to its
  /// pause).
  bool settled() const noexcept;
  /// The started process.
  Child& child() { return *child_; }
  const Child& child() const { return *child_; }

  /// Reaps it, if it has ended. True when it was reaped now.
  bool try_reap();
  /// Kills it, if it is alive.
  void kill();
  /// SIGKILL did not end it, or its tracer has not reaped it: reads
  /// its end from /proc/PID/stat, if available, and stops waiting.
  void give_up();
  /// Records the OOM kills counted when it was reaped.
  void note_kills(const std::optional<std::uint64_t>& kills) {
    record_.oom_kills_at_end = kills;
  }
  /// Throws NotExecuted for a command that has ended and was not
  /// executed.
  void require_execution() const;
  /// Reads its output since the last call: "" when there is none;
  /// nullopt at its end.
  std::optional<std::string> read_output();
  void release_file() { scratch_.reset(); }

  /// signal, exit_code, alive, touched, state (its letter in
  /// /proc/PID/stat), huge_pages (of memory thp and small).
  Numbers numbers() const;
  ProcessRecord record() const;
  /// As it reports; nullopt for a command.
  std::optional<Bytes> touched() const noexcept;

 private:
  void take_status(const ExitStatus& status);
  std::vector<std::string> hog_command(const Plan& plan,
                                       std::uint64_t& device_offset);

  ProcessSpec spec_;
  Bytes total_;
  std::vector<Bytes> pauses_;
  std::size_t passed_ = 0;  ///< pauses after which it has continued
  std::optional<Progress> progress_;
  std::optional<ScratchFile> scratch_;
  std::optional<Child> child_;
  ProcessRecord record_;
};

}  // namespace lab

// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace lab {

/// The command line cannot be understood; exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// This host cannot run what was asked for; nothing was changed; exit status
/// 77. what() says what is missing.
class Unavailable : public std::runtime_error {
 public:
  /// `fix` says what to do on this host; empty when nothing helps. A command in
  /// it stands on a line of its own after two blanks, and pastes as it is; a
  /// cure that begins with one begins with the line end.
  /// `vm_helps`: the same would run in the throw-away kernel of scripts/vm,
  /// given `vm_options`.
  Unavailable(const std::string& missing, std::string fix, bool vm_helps = true,
              std::string vm_options = "")
      : std::runtime_error(missing),
        fix_(std::move(fix)),
        vm_helps_(vm_helps),
        vm_options_(std::move(vm_options)) {}

  const std::string& fix() const noexcept { return fix_; }
  bool vm_helps() const noexcept { return vm_helps_; }
  /// " --swap 256M", to stand behind "scripts/vm".
  const std::string& vm_options() const noexcept { return vm_options_; }

 private:
  std::string fix_;
  bool vm_helps_;
  std::string vm_options_;
};

/// A signal came before there was an outcome, and all is cleaned up; exit
/// status 128+n. No failure, and not to be taken for one.
struct Interrupted {
  int signal;
};

/// Something went wrong while a run was under way; exit status 3. what() names
/// the step, the file and the kernel's answer.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A run failed and what it made could not be removed; exit status 4. what()
/// names the failure and the path.
class LeftBehind : public RunError {
 public:
  using RunError::RunError;
};

}  // namespace lab

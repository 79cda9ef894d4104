// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace lab {

/// The command line is invalid; exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// This host cannot run the request; nothing was changed; exit status 77.
/// what() names the missing requirement.
class Unavailable : public std::runtime_error {
 public:
  /// `fix` says what to do on this host; empty when nothing helps. A command in
  /// it is on a separate line after two blanks, ready to paste; a cure that
  /// begins with one begins with a newline. `vm_helps`: it would run in the
  /// disposable VM of scripts/vm, with `vm_options`.
  Unavailable(const std::string& missing, std::string fix, bool vm_helps = true,
              std::string vm_options = "")
      : std::runtime_error(missing),
        fix_(std::move(fix)),
        vm_helps_(vm_helps),
        vm_options_(std::move(vm_options)) {}

  const std::string& fix() const noexcept { return fix_; }
  bool vm_helps() const noexcept { return vm_helps_; }
  /// " --swap 256M", to follow "scripts/vm".
  const std::string& vm_options() const noexcept { return vm_options_; }

 private:
  std::string fix_;
  bool vm_helps_;
  std::string vm_options_;
};

/// A signal arrived before there was an outcome, and everything is cleaned up;
/// exit status 128+n. Not a failure.
struct Interrupted {
  int signal;
};

/// A run failed; exit status 3. what() names the step, the file and the
/// kernel's error.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A run failed and its cgroup could not be removed; exit status 4. what()
/// names the failure and the path.
class LeftBehind : public RunError {
 public:
  using RunError::RunError;
};

}  // namespace lab

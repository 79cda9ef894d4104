// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "tests/cli/cli_test.h"

namespace cli_test {

/// `cglab run --parent NEST`; nothing may be left of it on any hierarchy.
class RunTest : public CliTest {
 protected:
  /// With `options`, and `command` behind `--`.
  ProcessSpec run_spec(const Words& options, const Words& command) const;
  Ending run(
      const Words& options, const Words& command,
      std::function<void()> prepare = [] {}) const;
  /// A shell script as the command.
  Ending run_script(const Words& options, const std::string& script) const;
  Subprocess start_script(const Words& options,
                          const std::string& script) const;
  /// Runs it with --json, after `prepare`; the record is checked against the
  /// schema.
  Json record_of(
      const Words& options, const std::string& script, int expected_status,
      std::function<void()> prepare = [] {}) const;
};

/// The hog, taking `size` within `ramp` (0: at full speed), as words of a
/// shell.
std::string hog(const std::string& size, const std::string& ramp = "0");

}  // namespace cli_test

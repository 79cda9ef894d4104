// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/run/scratch.h"
#include "tests/cli/cli_test.h"

namespace cli_test {

/// A student's hands: what is typed into a shell, and what `cglab check` makes
/// of it. The cgroup is `memorydemo` in the nest of the test.
class ClassroomTest : public CliTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Directory of the cgroup, made or not.
  const std::string& demo() const { return demo_; }

  /// Runs `script` by sh. It has the variables demo, limit (the name of the
  /// limit's file), usage, counters, swap_limit, hog and cglab.
  Ending type(const std::string& script) const;
  ProcessSpec script_spec(const std::string& script) const;
  /// `cglab check` of this cgroup with `more`.
  ProcessSpec check_spec(const Words& more = {}) const;
  Ending check(const Words& more = {}) const;
  /// Its JSON; the exit status says whether all is done.
  Json graded(const Words& more = {}) const;

  /// A command that writes 48 MiB to a disk. Their page cache is charged to its
  /// cgroup, page by page up to the limit, and can be reclaimed. Empty where
  /// there is no disk.
  std::string write_to_disk();
  /// A command that empties that file, and so takes its page cache away.
  std::string empty_disk() const;

  /// Whether a cgroup here can limit swap.
  bool has_swap_limit() const;

 private:
  std::string demo_;
  std::optional<lab::ScratchFile> disk_;
};

/// The result of the check called `id`.
Json result_of(const Json& grade, const std::string& id);
/// Whether it passed.
bool passed(const Json& grade, const std::string& id);
/// The id of its hint; empty without one.
std::string hint_of(const Json& grade, const std::string& id);

}  // namespace cli_test

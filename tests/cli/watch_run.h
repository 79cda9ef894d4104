// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/cli/cli_test.h"

namespace cli_test {

/// Runs of `cglab watch` on a cgroup that the test makes in its nest.
class WatchTest : public CliTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// A cgroup in the nest, without limit.
  test_support::MemoryGroup& watched() { return *watched_; }
  /// Its directory, also when it was removed.
  const std::string& path() const { return path_; }
  /// Removes the cgroup that is watched.
  void remove_watched();

  /// `cglab watch PATH` with `more`.
  ProcessSpec watch_spec(const Words& more) const;
  Ending watch(const Words& more) const;
  /// Of another target, with --json; has begun to watch when it returns.
  static Subprocess start_json_of(
      const std::string& target, const std::string& interval = "20ms",
      const std::function<void()>& prepare = [] {});
  /// The same of the cgroup.
  Subprocess start_json(
      const std::string& interval = "20ms",
      const std::function<void()>& prepare = [] {}) const;

 private:
  std::optional<test_support::MemoryGroup> watched_;
  std::string path_;
};

/// Where the hierarchy with the memory controller is mounted.
std::string memory_mount();

/// The objects of the lines, each as the schema wants it.
std::vector<Json> watch_lines(const std::string& text);

/// Those of a kind.
std::vector<Json> of_kind(const std::vector<Json>& lines,
                          const std::string& kind);

}  // namespace cli_test

// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cgroupfs/cgroup.h"
#include "tests/support/error_text.h"
#include "tests/support/memory_test.h"
#include "tests/support/subprocess.h"

/// Tests of the program as its users meet it: started as a process, judged by
/// its exit status, what it says and what it leaves.
namespace cli_test {

using Json = nlohmann::json;
using Words = std::vector<std::string>;
using test_support::Ending;
using test_support::ProcessSpec;
using test_support::Subprocess;

/// The program under test: $CGLAB, else where the build tree has it, else
/// beside the test, else on PATH.
std::string cglab_path();

/// PATH with the folder of that program first.
std::string path_with_cglab();

/// cglab with these arguments, in an environment that changes no output.
ProcessSpec cglab_spec(Words arguments);

/// Runs it to its end.
Ending cglab(Words arguments);

/// Directories of the memory and the pids hierarchy whose names say that
/// process `pid` owns them.
std::vector<std::string> groups_of(pid_t pid);

/// Whether process `pid` is there and no zombie.
bool is_running(pid_t pid);

/// Waits until none of it is there.
bool ends(pid_t pid);

/// Runs of cglab whose cgroups are made in a nest of the test's own. Every test
/// fails when something is left in it.
class CliTest : public test_support::MemoryTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// On v2 it hands the memory controller to its children.
  const cgroupfs::Cgroup& nest() const { return *nest_; }
  /// v2: enables pids for its children, where it has it.
  void enable_pids() const;
  /// Names of the cgroups in the nest.
  Words in_nest() const { return nest().directory().subdirectories(); }

  /// `cglab oom --parent NEST` with `more`.
  ProcessSpec oom_spec(const Words& more) const;
  Ending oom(const Words& more) const;
  Subprocess start_oom(const Words& more) const;

  /// The only cgroup in the nest, once there is one.
  cgroupfs::Cgroup running_group() const;
  /// The pid of the hog in running_group(), once it has `bytes` charged.
  pid_t climbing_hog(cgroupfs::Bytes bytes = test_support::mib(1)) const;

 private:
  std::optional<cgroupfs::Cgroup> nest_;
};

/// A run with these arguments that ends by an OOM kill. The kernel's log says
/// whose limit it was only ten times in five seconds; where it did not, the run
/// is repeated after that time.
Ending logged_kill(const Words& arguments);

/// The record that --json wrote; fails the test when it is none.
Json parse_record(const std::string& text);

/// Kinds of the events in a record, in their order.
Words event_kinds(const Json& record);

/// Runs `try_out` in a child process; whether it said true. For asking what
/// this process may do.
bool succeeds_in_child(const std::function<bool()>& try_out);

}  // namespace cli_test

// SPDX-License-Identifier: MIT
#include "tests/cli/cli_test.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

namespace fs = std::filesystem;

using cgroupfs::Cgroup;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

void add_groups_below(const std::optional<Hierarchy>& hierarchy,
                      const std::string& part, Words& found) {
  if (!hierarchy) return;
  std::error_code gone;
  for (fs::recursive_directory_iterator
           entry(hierarchy->mount_point,
                 fs::directory_options::skip_permission_denied, gone),
       end;
       entry != end; entry.increment(gone)) {
    if (entry->path().filename().string().find(part) != std::string::npos) {
      found.push_back(entry->path());
    }
  }
}

std::uint64_t usage_of(const Cgroup& group) {
  return cgroupfs::Memory::open(group).usage().count;
}

}  // namespace

std::string cglab_path() {
  if (const char* const path = std::getenv("CGLAB")) return path;
  const fs::path self = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path build = self.parent_path().parent_path();
  for (const fs::path& path : {build / "lab" / "cglab", self / "cglab"}) {
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return "cglab";
}

std::string path_with_cglab() {
  const char* const path = std::getenv("PATH");
  return fs::path(cglab_path()).parent_path().string() + ":" +
         (path ? path : "/usr/bin:/bin");
}

ProcessSpec cglab_spec(Words arguments) {
  ProcessSpec spec;
  spec.program = cglab_path();
  spec.arguments = std::move(arguments);
  spec.environment = {
      {"TERM", "xterm"}, {"NO_COLOR", std::nullopt}, {"LC_ALL", "C.UTF-8"}};
  return spec;
}

Ending cglab(Words arguments) {
  return test_support::run_process(cglab_spec(std::move(arguments)));
}

Words groups_of(pid_t pid) {
  const auto search = cgroupfs::find_controller("memory");
  const std::string part = std::string(".").append(std::to_string(pid)) + "-";
  Words found;
  add_groups_below(search.v1, part, found);
  add_groups_below(search.v2, part, found);
  const auto pids = cgroupfs::find_controller("pids");
  add_groups_below(pids.v1, part, found);
  return found;
}

bool is_running(pid_t pid) try {
  const auto stat =
      cgroupfs::try_read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!stat || stat->empty()) return false;
  const char state = stat->at(stat->rfind(')') + 2);
  return state != 'Z' && state != 'X';
} catch (const cgroupfs::FileError& error) {
  // It was reaped between open and read.
  if (error.code().value() == ESRCH) return false;
  throw;
}

bool ends(pid_t pid) {
  return test_support::wait_until([pid] { return !is_running(pid); });
}

void CliTest::SetUp() {
  MemoryTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  nest_.emplace(make_group());
  if (version() == Version::v2) {
    nest().directory().write("cgroup.subtree_control", "+memory");
  }
}

void CliTest::enable_pids() const {
  const auto offered = nest().directory().try_read("cgroup.controllers");
  if (offered && offered->find("pids") != std::string::npos) {
    nest().directory().write("cgroup.subtree_control", "+pids");
  }
}

void CliTest::TearDown() {
  if (nest_) {
    EXPECT_EQ(in_nest(), Words());
    EXPECT_FALSE(nest().populated());
  }
  nest_.reset();
  MemoryTest::TearDown();
}

ProcessSpec CliTest::oom_spec(const Words& more) const {
  Words arguments{"oom", "--parent", nest().path()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return cglab_spec(std::move(arguments));
}

Ending CliTest::oom(const Words& more) const {
  return test_support::run_process(oom_spec(more));
}

Subprocess CliTest::start_oom(const Words& more) const {
  return Subprocess::start(oom_spec(more));
}

Cgroup CliTest::running_group() const {
  if (!test_support::wait_until([this] { return !in_nest().empty(); })) {
    throw std::runtime_error("no run has made its cgroup");
  }
  return Cgroup::open(nest().directory().path_of(in_nest().front()), version());
}

pid_t CliTest::climbing_hog(cgroupfs::Bytes bytes) const {
  const Cgroup group = running_group();
  const bool climbs = test_support::wait_until([&] {
    return usage_of(group) >= bytes.count && !group.processes().empty();
  });
  if (!climbs) throw std::runtime_error("no hog climbs in " + group.path());
  return group.processes().front();
}

Ending logged_kill(const Words& arguments) {
  Ending ending = cglab(arguments);
  const bool left_out = has(ending.out, "LIMIT UNKNOWN") ||
                        has(ending.out, "oom_killed_by_unknown");
  if (!left_out) return ending;
  std::this_thread::sleep_for(std::chrono::seconds(6));
  return cglab(arguments);
}

Json parse_record(const std::string& text) {
  Json record = Json::parse(text, nullptr, false);
  EXPECT_TRUE(record.is_object()) << text;
  return record;
}

Words event_kinds(const Json& record) {
  Words kinds;
  for (const Json& event : record.at("events")) kinds.push_back(event["kind"]);
  return kinds;
}

bool succeeds_in_child(const std::function<bool()>& try_out) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(try_out() ? 0 : 1);
  int status = 0;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

}  // namespace cli_test

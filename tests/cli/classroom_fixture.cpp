// SPDX-License-Identifier: MIT
#include "tests/cli/classroom_fixture.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "cgroupfs/directory.h"

namespace cli_test {
namespace {

namespace fs = std::filesystem;

using cgroupfs::Version;

std::string hog_path() {
  const fs::path build = fs::path(cglab_path()).parent_path().parent_path();
  const fs::path path = build / "malloc_demo" / "malloc_demo";
  return ::access(path.c_str(), X_OK) == 0 ? path.string() : "malloc_demo";
}

}  // namespace

void ClassroomTest::SetUp() {
  CliTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  demo_ = nest().path() + "/memorydemo";
}

void ClassroomTest::TearDown() {
  if (!demo_.empty() && fs::exists(demo_)) {
    auto group =
        cgroupfs::Cgroup::adopt(nest().directory(), "memorydemo", version());
    // A sleeping task of a v1 cgroup without OOM killer cannot die.
    if (version() == Version::v1) {
      group.directory().write("memory.oom_control", "0");
    }
    group.kill();
    group.remove();
  }
  CliTest::TearDown();
}

ProcessSpec ClassroomTest::script_spec(const std::string& script) const {
  const bool v1 = version() == Version::v1;
  ProcessSpec spec;
  spec.program = "sh";
  spec.arguments = {"-c", script};
  spec.environment = {
      {"LC_ALL", "C.UTF-8"},
      {"TERM", "xterm"},
      {"demo", demo_},
      {"hog", hog_path()},
      {"cglab", cglab_path()},
      {"limit", v1 ? "memory.limit_in_bytes" : "memory.max"},
      {"usage", v1 ? "memory.usage_in_bytes" : "memory.current"},
      {"counters", v1 ? "memory.oom_control" : "memory.events"},
      {"swap_limit", v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max"}};
  return spec;
}

Ending ClassroomTest::type(const std::string& script) const {
  return test_support::run_process(script_spec(script));
}

ProcessSpec ClassroomTest::check_spec(const Words& more) const {
  Words arguments{"check", "--group", demo_};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return cglab_spec(std::move(arguments));
}

Ending ClassroomTest::check(const Words& more) const {
  return test_support::run_process(check_spec(more));
}

Json ClassroomTest::graded(const Words& more) const {
  Words words{"--format", "json"};
  words.insert(words.end(), more.begin(), more.end());
  const Ending ending = check(words);
  Json grade = parse_record(ending.out);
  EXPECT_EQ(ending.status, grade.value("full", false) ? 0 : 1) << ending.err;
  return grade;
}

std::string ClassroomTest::write_to_disk() {
  if (lab::ScratchFile::place_on_disk().empty()) return "";
  disk_ = lab::ScratchFile::create(lab::Backing::disk);
  const cgroupfs::UniqueFd file(
      ::open(disk_->path().c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
  return fmt::format("dd if=/dev/zero of={} bs=4k count=12288 conv=notrunc",
                     disk_->path());
}

std::string ClassroomTest::empty_disk() const {
  return ": > " + disk_->path();
}

bool ClassroomTest::has_swap_limit() const {
  const bool v1 = version() == Version::v1;
  return v1 ? nest().directory().exists("memory.memsw.limit_in_bytes")
            : nest().directory().exists("memory.swap.max");
}

Json result_of(const Json& grade, const std::string& id) {
  for (const Json& result : grade.at("checks")) {
    if (result.at("id") == id) return result;
  }
  ADD_FAILURE() << "there is no check " << id << " in " << grade;
  return Json::object();
}

bool passed(const Json& grade, const std::string& id) {
  return result_of(grade, id).value("passed", false);
}

std::string hint_of(const Json& grade, const std::string& id) {
  const Json hint = result_of(grade, id).value("hint", Json());
  return hint.is_object() ? hint.value("id", "") : "";
}

}  // namespace cli_test

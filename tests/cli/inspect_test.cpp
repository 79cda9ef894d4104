// SPDX-License-Identifier: MIT
// `cglab inspect` of cgroups: their limits, what happened in them, and how they
// are found.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/inspect_run.h"
#include "tests/cli/own_world.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using cgroupfs::File;
using cgroupfs::Limit;
using cgroupfs::Version;
using test_support::mib;
using test_support::Worker;

/// A parent and its child, in the nest.
class InspectLimits : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    parent_.emplace(make_below(nest()));
    child_.emplace(make_below(parent_->group));
  }

  void TearDown() override {
    child_.reset();
    parent_.reset();
    CliTest::TearDown();
  }

  test_support::MemoryGroup& parent() { return *parent_; }
  test_support::MemoryGroup& child() { return *child_; }

  static void limit(const test_support::MemoryGroup& group,
                    std::uint64_t size) {
    group.memory.set(File::memory_max, Limit::of(mib(size)));
    test_support::forbid_swap(group.memory);
  }

  /// A process of the child that is OOM-killed.
  void kill_one() {
    auto worker = Worker::start_in(child().group);
    EXPECT_EQ(worker.touch(mib(64)), Worker::Answer::died);
    worker.reap();
  }

  static Json limit_in(const Json& level, const char* file) {
    for (const Json& each : level.at("limits")) {
      if (each.at("file") == file) return each.at("limit");
    }
    return nullptr;
  }

 private:
  std::optional<test_support::MemoryGroup> parent_;
  std::optional<test_support::MemoryGroup> child_;
};

TEST_F(InspectLimits, BindingOneHasTheLeastHeadroom) {
  limit(parent(), 64);
  limit(child(), 48);
  auto worker = Worker::start_in(child().group);
  ASSERT_EQ(worker.touch(mib(8)), Worker::Answer::done);
  const std::string pid = std::to_string(worker.pid());
  const Json own = inspect(pid)["memory"];
  EXPECT_EQ(own["path"], child().group.path());
  EXPECT_EQ(own["binding"]["path"], child().group.path());
  EXPECT_EQ(own["binding"]["limit"], mib(48).count);
  EXPECT_EQ(own["levels"][0]["path"], child().group.path());
  EXPECT_EQ(own["levels"][1]["path"], parent().group.path());
  EXPECT_GE(own["levels"][0]["usage"], mib(8).count);
  const char* const file = name_of(File::memory_max, version());
  EXPECT_EQ(limit_in(own["levels"][1], file), mib(64).count);
  child().memory.set(File::memory_max, Limit::max());
  const Json inherited = inspect(pid)["memory"];
  EXPECT_EQ(inherited["binding"]["path"], parent().group.path());
  EXPECT_EQ(limit_in(inherited["levels"][0], file), "max");
  const Ending text = cglab({"inspect", pid});
  EXPECT_TRUE(has(text.out, "MEMORY LIMIT 64 MiB, HEADROOM "));
  EXPECT_TRUE(has(text.out, "of the ancestor"));
}

TEST_F(InspectLimits, WithoutAnyIsSaidSo) {
  const Json memory = inspect(child().group.path())["memory"];
  if (memory["binding"].is_null()) {
    EXPECT_TRUE(
        has(cglab({"inspect", child().group.path()}).out, "NO MEMORY LIMIT"));
  } else {
    EXPECT_NE(memory["binding"]["path"], child().group.path());
  }
}

/// Its ancestors may have one.
TEST_F(InspectLimits, NoneIsVisibleInACgroupNamespace) {
  const std::string missing = missing_for_container();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const auto search = cgroupfs::find_controller("memory");
  const std::string mount_point =
      (search.v1 ? search.v1 : search.v2)->mount_point;
  cgroupfs::Memory::open(nest()).set(File::memory_max, Limit::of(mib(64)));
  const std::string box = child().group.path();
  ProcessSpec spec = cglab_spec({"inspect", mount_point});
  spec.prepare = [&] { enter_cgroup_namespace(box, mount_point, version()); };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out.find("NO VISIBLE MEMORY LIMIT\n"), 0u) << ending.out;
  EXPECT_TRUE(has(ending.out, "none visible has one, ancestors outside"));
}

TEST_F(InspectLimits, KillsAtTheOwnLimitAreCounted) {
  limit(child(), 16);
  kill_one();
  const Json memory = inspect(child().group.path())["memory"];
  EXPECT_EQ(memory["oom_kills"], 1);
  EXPECT_EQ(memory["levels"][0]["oom_kills"], 1);
  EXPECT_EQ(memory["levels"][1]["oom_kills"], 0);
  EXPECT_GT(memory["levels"][0]["hits"], 0);
  EXPECT_EQ(memory["levels"][1]["hits"], 0);
  const Json above = inspect(parent().group.path())["memory"];
  EXPECT_EQ(above["oom_kills"], 1);
  EXPECT_EQ(above["levels"][0]["oom_kills"], 0);
  const Ending text = cglab({"inspect", child().group.path()});
  EXPECT_TRUE(has(text.out, "1 in its cgroup"));
}

/// The limit is an ancestor's, the victim's cgroup counts the kill.
TEST_F(InspectLimits, KillsAtAnAncestorsLimitAreInherited) {
  limit(parent(), 16);
  test_support::forbid_swap_below(parent().memory);
  kill_one();
  const Json memory = inspect(child().group.path())["memory"];
  EXPECT_EQ(memory["levels"][0]["oom_kills"], 1);
  EXPECT_EQ(memory["levels"][0]["hits"], 0);
  EXPECT_GT(memory["levels"][1]["hits"], 0);
  if (version() == Version::v2) {
    EXPECT_EQ(memory["levels"][0]["ooms"], 0);
    EXPECT_GT(memory["levels"][1]["ooms"], 0);
  }
}

TEST_F(InspectLimits, AbsentValuesHaveReasons) {
  const Json document = inspect(child().group.path());
  const Json& memory = document["memory"];
  EXPECT_EQ(memory["pressure"].is_null(),
            !gap_of(document, "pressure").is_null());
  EXPECT_EQ(memory["peak"].is_null(), !gap_of(document, "peak").is_null());
  EXPECT_EQ(memory["swap"].is_null(), !gap_of(document, "swap").is_null());
  EXPECT_EQ(memory["parts"]["kernel"].is_null(),
            !gap_of(document, "kernel memory").is_null());
  EXPECT_EQ(document["pids"].is_null(),
            !gap_of(document, "pids limit").is_null());
  EXPECT_EQ(document["cpu"].is_null(),
            !gap_of(document, "CPU limit").is_null());
}

TEST_F(InspectLimits, CgroupHasNoProcessPart) {
  auto worker = Worker::start_in(child().group);
  const Json document = inspect(child().group.path());
  EXPECT_EQ(document["subject"]["kind"], "cgroup");
  EXPECT_EQ(document["subject"]["pid"], nullptr);
  EXPECT_EQ(document["process"], nullptr);
  EXPECT_EQ(document["members"]["count"], 1);
  EXPECT_EQ(document["members"]["first"][0], worker.pid());
}

/// A cgroup in the hierarchy that has pids; nullopt, with a skip, without one.
class InspectPids : public InspectLimits {
 protected:
  std::optional<cgroupfs::Cgroup> make_pids_group(
      const std::string& ending = "") {
    enable_pids();
    const auto search = cgroupfs::find_controller("pids");
    const auto hierarchy = search.v1 ? search.v1 : search.v2;
    if (!hierarchy || !hierarchy->own_directory()) return std::nullopt;
    const std::string parent = hierarchy->version == Version::v2
                                   ? nest().path()
                                   : *hierarchy->own_directory();
    auto group = cgroupfs::Cgroup::create(
        cgroupfs::Directory::open(parent),
        "cglab.inspect." + std::to_string(::getpid()) + ending,
        hierarchy->version);
    if (!group.has(File::pids_max)) return std::nullopt;
    group.write(File::pids_max, "5");
    return group;
  }
};

constexpr char no_pids[] = "pids: this cgroup does not have this controller";
constexpr char one_hierarchy[] = "v1: memory and pids are in one hierarchy";

/// The cgroup of a process in another hierarchy, whatever its path.
TEST_F(InspectPids, LimitInAnotherHierarchyIsThatOfAMember) {
  auto group = make_pids_group();
  if (!group) GTEST_SKIP() << no_pids;
  if (group->version() == Version::v2) GTEST_SKIP() << one_hierarchy;
  auto worker = Worker::start_in(child().group);
  group->add(worker.pid());
  const Json document = inspect(child().group.path());
  EXPECT_EQ(document["cgroups_of"], worker.pid());
  EXPECT_EQ(document["pids"]["binding"], group->path());
  EXPECT_EQ(document["memory"]["path"], child().group.path());
  EXPECT_TRUE(has(cglab({"inspect", child().group.path()}).out,
                  "in other hierarchies those of its process " +
                      std::to_string(worker.pid())));
  worker.kill();
  worker.reap();
  const Json empty = inspect(group->path());
  EXPECT_EQ(empty["cgroups_of"], nullptr);
  EXPECT_EQ(empty["memory"], nullptr);
  EXPECT_TRUE(has(gap_of(empty, "memory cgroup")["reason"].get<std::string>(),
                  "another hierarchy has this controller"));
  EXPECT_EQ(empty["cgroups"].size(), 1u);
  group->remove();
}

/// As systemd has for a service without limits.
TEST_F(InspectPids, UnitMayBeInAnotherHierarchyOnly) {
  auto group = make_pids_group(".service");
  if (!group) GTEST_SKIP() << no_pids;
  auto worker = Worker::start_in(child().group);
  group->add(worker.pid());
  const std::string path = group->path();
  const Json document = inspect("cglab.inspect." + std::to_string(::getpid()));
  EXPECT_EQ(document["subject"]["kind"], "unit");
  EXPECT_EQ(document["subject"]["pid"], worker.pid());
  EXPECT_EQ(document["pids"]["binding"], path);
  EXPECT_EQ(document["members"]["count"], 1);
  if (group->version() == Version::v1) {
    EXPECT_EQ(document["memory"]["path"], child().group.path());
  }
  worker.kill();
  worker.reap();
  group->remove();
}

TEST_F(InspectPids, LimitIsShown) {
  auto group = make_pids_group();
  if (!group) GTEST_SKIP() << no_pids;
  {
    auto worker = Worker::start();
    group->add(worker.pid());
    const Json pids = inspect(std::to_string(worker.pid()))["pids"];
    EXPECT_EQ(pids["binding"], group->path());
    EXPECT_EQ(pids["levels"][0]["max"], 5);
    EXPECT_EQ(pids["levels"][0]["current"], 1);
    worker.kill();
    worker.reap();
  }
  group->remove();
}

const std::string container_id =
    "3f4c1b7de0a94f0b8d3c6a51e2f7908b4d6e1c2a9f8b7d5e3c1a0f9e8d7c6b5a";

/// Cgroups with the names of containers.
class InspectContainer : public CliTest {
 protected:
  cgroupfs::Cgroup make(const std::string& name) {
    return cgroupfs::Cgroup::create(nest().directory(), name, version());
  }
};

/// Its namespaces are the caller's: the name alone proves nothing.
TEST_F(InspectContainer, IsFoundByThePrefixOfItsId) {
  const auto group = make("docker-" + container_id + ".scope");
  auto worker = Worker::start_in(group);
  for (const std::string& name : {container_id, container_id.substr(0, 6)}) {
    const Json document = inspect(name);
    EXPECT_EQ(document["subject"]["kind"], "container");
    EXPECT_EQ(document["subject"]["pid"], worker.pid());
    EXPECT_EQ(document["container"]["runtime"], "docker");
    EXPECT_EQ(document["container"]["id"], container_id);
    EXPECT_EQ(document["container"]["evidence"], "name");
    EXPECT_EQ(document["process"]["pid"], worker.pid());
    EXPECT_EQ(document["members"]["count"], 1);
  }
  const Ending text = cglab({"inspect", container_id});
  EXPECT_TRUE(has(text.out, "Docker container 3f4c1b7de0a9, only by the name"));
  expect_refused(container_id.substr(0, 3), "no container or unit");
  worker.kill();
  worker.reap();
}

TEST_F(InspectContainer, MayHaveAnIdOfDigits) {
  const std::string id = "314159265358" + std::string(52, '7');
  const auto group = make("docker-" + id + ".scope");
  for (const std::string& name : {id, id.substr(0, 12)}) {
    const Json document = inspect(name);
    EXPECT_EQ(document["subject"]["kind"], "container");
    EXPECT_EQ(document["container"]["id"], id);
  }
  expect_refused("271828182845", "no container or unit");
  expect_refused("27182818284", "27182818284 is not a process id");
  expect_refused("000004194305", "there is no process 4194305");
}

TEST_F(InspectContainer, MayBeEmpty) {
  const auto group = make("libpod-" + container_id);
  const Json document = inspect(container_id);
  EXPECT_EQ(document["container"]["runtime"], "podman");
  EXPECT_EQ(document["container"]["evidence"], "unknown");
  EXPECT_EQ(document["process"], nullptr);
  EXPECT_EQ(document["members"]["count"], 0);
}

TEST_F(InspectContainer, MustBeTheOnlyOneOfThatName) {
  const auto one = make("docker-" + container_id + ".scope");
  const auto other = make("libpod-" + container_id);
  expect_refused("3f4c1b", "'3f4c1b' matches 2 cgroups");
  expect_refused("3f4c1b", one.path());
  expect_refused("3f4c1b", other.path());
}

TEST_F(InspectContainer, UnitIsFoundByItsName) {
  const auto group = make("cglab-x\\x2dy.service");
  for (const char* const name :
       {"cglab-x-y", "cglab-x-y.service", "cglab-x\\x2dy.service"}) {
    const Json document = inspect(name);
    EXPECT_EQ(document["container"]["unit"], "cglab-x-y.service");
    EXPECT_EQ(document["memory"]["levels"].empty(), false);
  }
}

/// Programs in the place of podman and docker.
class InspectRuntime : public InspectContainer {
 protected:
  void put(const std::string& name, const std::string& script) {
    const std::string path = folder_.path_of(name);
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  }

  ProcessSpec spec(const std::string& name) const {
    ProcessSpec spec = inspect_spec(name);
    spec.environment.emplace_back("PATH",
                                  folder_.path() + ":" + path_with_cglab());
    return spec;
  }

  Ending run(const std::string& name) const {
    return test_support::run_process(spec(name));
  }

 private:
  TempFolder folder_;
};

TEST_F(InspectRuntime, IsAskedForAName) {
  const auto group = make("libpod-" + container_id + ".scope");
  auto worker = Worker::start_in(group);
  put("podman", "echo \"no such container $7\" >&2; exit 125");
  put("docker",
      "echo '" + std::to_string(worker.pid()) + " " + container_id + "'");
  const Ending ending = run("web");
  ASSERT_EQ(ending.status, 0) << ending.err;
  const Json document = parse_record(ending.out);
  EXPECT_EQ(document["subject"]["asked"], "docker");
  EXPECT_EQ(document["subject"]["kind"], "container");
  EXPECT_EQ(document["process"]["pid"], worker.pid());
  EXPECT_EQ(document["container"]["id"], container_id);
  worker.kill();
  worker.reap();
}

TEST_F(InspectRuntime, MayKnowThatItIsNotRunning) {
  put("podman", "echo '0 " + container_id + "'");
  const Ending ending = run("web");
  EXPECT_EQ(ending.status, 2);
  EXPECT_TRUE(has(ending.err, "the container 'web' of podman is not running"));
}

/// Its pid may be one of a virtual machine in which docker runs.
TEST_F(InspectRuntime, MustBeOfThisHost) {
  put("podman", "exit 1");
  put("docker",
      "echo '" + std::to_string(::getpid()) + " " + container_id + "'");
  const Ending ending = run("web");
  EXPECT_EQ(ending.status, 2);
  EXPECT_TRUE(has(ending.err, "it may be a process of another machine"));
}

TEST_F(InspectRuntime, IsQuotedWhereItFails) {
  put("podman", "echo 'Error: no such container \"web\"' >&2; exit 125");
  put("docker", "echo hint >&2; echo 'Cannot connect' >&2; echo >&2; exit 1");
  const Ending ending = run("web");
  EXPECT_EQ(ending.status, 2);
  EXPECT_TRUE(has(ending.err, "podman: Error: no such container \"web\""));
  EXPECT_TRUE(has(ending.err, "docker: Cannot connect"));
}

TEST_F(InspectRuntime, IsNotWaitedForLong) {
  put("podman", "exec sleep 600");
  put("docker", "exit 1");
  const Ending ending = run("web");
  EXPECT_EQ(ending.status, 2);
  EXPECT_TRUE(has(ending.err, "podman: it did not answer within 5 s"));
}

TEST_F(InspectContainer, ArgumentsMustBeKnown) {
  expect_refused("/no/such/cgroup", "'/no/such/cgroup': no such cgroup under");
  expect_refused("", "the argument is empty");
  for (const Words& words :
       {Words{"inspect"}, Words{"inspect", "1", "2"},
        Words{"inspect", "1", "--format", "tap"},
        Words{"inspect", "1", "--json", "--format", "text"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2);
    EXPECT_EQ(ending.out, "");
  }
}

/// They may create files of their own.
TEST(InspectHelp, NamesTheProgramsThatAreRun) {
  std::string text = cglab({"inspect", "--help"}).out;
  std::replace(text.begin(), text.end(), '\n', ' ');
  for (const char* const part :
       {"cglab itself changes nothing", "podman inspect and docker inspect"}) {
    EXPECT_TRUE(has(text, part));
  }
}

TEST_F(InspectContainer, FormatsAreThoseOfDocumentsAndJson) {
  const std::string path = nest().path();
  EXPECT_TRUE(has(cglab({"inspect", path, "--format", "markdown"}).out, "## "));
  EXPECT_TRUE(has(cglab({"inspect", path, "--format", "html"}).out, "<html"));
  EXPECT_EQ(
      parse_record(cglab({"inspect", path, "--format", "json"}).out)["schema"],
      "cglab.inspect/1");
  EXPECT_TRUE(
      has(cglab({"inspect", path, "--lang", "zh"}).out, "其他上限和 cgroup"));
}

}  // namespace
}  // namespace cli_test

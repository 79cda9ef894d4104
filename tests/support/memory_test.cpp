// SPDX-License-Identifier: MIT
#include "tests/support/memory_test.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/text.h"

namespace test_support {
namespace {

using cgroupfs::Bytes;
using cgroupfs::Cgroup;
using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::Hierarchy;
using cgroupfs::Limit;
using cgroupfs::Memory;
using cgroupfs::Version;

std::string name_prefix() {
  return "cglab.test." + std::to_string(::getpid()) + "-";
}

bool delegates_memory(const Directory& group) {
  const auto text = group.read("cgroup.subtree_control");
  const auto words = cgroupfs::split_words(cgroupfs::trim(text));
  return std::find(words.begin(), words.end(), "memory") != words.end();
}

/// This process' v2 cgroup or its nearest ancestor that enables the memory
/// controller for its children and is writable.
std::optional<Directory> find_v2_parent(const Hierarchy& hierarchy) {
  std::string path = hierarchy.own_directory().value_or(hierarchy.mount_point);
  while (path.size() >= hierarchy.mount_point.size()) {
    auto group = Directory::open(path);
    if (delegates_memory(group) && group.writable(".")) return group;
    path.erase(path.rfind('/'));
  }
  return std::nullopt;
}

std::optional<Directory> find_v1_parent(const Hierarchy& hierarchy) {
  auto group = Directory::open(
      hierarchy.own_directory().value_or(hierarchy.mount_point));
  if (!group.writable(".")) return std::nullopt;
  return group;
}

std::string expected_version() {
  const char* value = std::getenv("CGLAB_TEST_CGROUP");
  return value ? value : "";
}

MemoryGroup with_controller(Cgroup group) {
  auto memory = cgroupfs::Memory::open(group);
  return {std::move(group), std::move(memory)};
}

}  // namespace

void MemoryTest::SetUp() {
  const auto why = find_parent();
  const auto expected = expected_version();
  if (!expected.empty()) {
    ASSERT_EQ(why, "");
    ASSERT_EQ(cgroupfs::to_string(version_), expected);
  }
  if (!why.empty()) GTEST_SKIP() << why;
}

std::string MemoryTest::find_parent() {
  const auto found = cgroupfs::find_controller("memory");
  if (!found.v1 && !found.v2) {
    return "memory controller: v1: " + found.v1_absent_because +
           "; v2: " + found.v2_absent_because;
  }
  version_ = found.v1 ? Version::v1 : Version::v2;
  parent_ = found.v1 ? find_v1_parent(*found.v1) : find_v2_parent(*found.v2);
  if (parent_) return {};
  return "cgroup " + std::string(cgroupfs::to_string(version_)) +
         ": no writable cgroup whose children have the memory controller";
}

void MemoryTest::TearDown() {
  if (!parent_) return;
  for (const auto& name : parent_->subdirectories()) {
    if (name.rfind(name_prefix(), 0) != 0) continue;
    ADD_FAILURE() << "left behind: " << parent_->path_of(name);
    Cgroup::adopt(*parent_, name, version_);
  }
}

Cgroup MemoryTest::make_group() {
  return Cgroup::create(parent(), next_name(), version_);
}

MemoryGroup MemoryTest::make_memory() {
  return with_controller(make_group());
}

MemoryGroup MemoryTest::make_limited(Bytes limit) {
  auto made = make_memory();
  made.memory.set(cgroupfs::File::memory_max, Limit::of(limit));
  forbid_swap(made.memory);
  return made;
}

MemoryGroup MemoryTest::make_below(const Cgroup& above) {
  if (version_ == Version::v2) {
    above.directory().write("cgroup.subtree_control", "+memory");
  }
  return with_controller(
      Cgroup::create(above.directory(), next_name(), version_));
}

std::string MemoryTest::next_name() {
  static unsigned made = 0;
  return name_prefix() + std::to_string(++made);
}

std::string missing(const Memory& memory, File file) {
  if (memory.has(file)) return {};
  return std::string(name_of(file)) + ": " + memory.why_absent(file);
}

void forbid_swap_below(const cgroupfs::Memory& memory) {
  forbid_swap(memory);
  const auto memsw = cgroupfs::File::memory_memsw_max;
  if (!host_has_swap() || !memory.has(memsw)) return;
  memory.set(memsw, *memory.limit(cgroupfs::File::memory_max));
}

void forbid_swap(const Memory& memory) {
  for (const File file : {File::memory_swappiness, File::memory_swap_max}) {
    if (memory.has(file)) memory.set(file, 0);
  }
}

bool host_has_swap() {
  // One line of headings, then one per device.
  return cgroupfs::split_lines(cgroupfs::read_file("/proc/swaps")).size() > 1;
}

}  // namespace test_support

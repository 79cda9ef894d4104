// SPDX-License-Identifier: MIT
#include "cgroupfs/interface_files.h"

#include <sys/utsname.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "tests/support/memory_test.h"

namespace cgroupfs {
namespace {

using test_support::MemoryTest;
using test_support::mib;

constexpr Limit some_limit = Limit::of(mib(16));

bool is_of_memory(File file) {
  return std::string_view(name_of(file)).starts_with("memory.");
}

/// Whether this kernel is as new as `release`, such as "5.19".
bool is_since(const std::string& release) {
  utsname name{};
  EXPECT_EQ(::uname(&name), 0);
  int major = 0;
  int minor = 0;
  int wanted_major = 0;
  int wanted_minor = 0;
  EXPECT_EQ(std::sscanf(name.release, "%d.%d", &major, &minor), 2);
  EXPECT_EQ(std::sscanf(release.c_str(), "%d.%d", &wanted_major, &wanted_minor),
            2);
  return std::pair(major, minor) >= std::pair(wanted_major, wanted_minor);
}

/// Whether a fresh memory cgroup must have it: one that a kernel may lack for a
/// reason other than its age need not exist.
bool must_be_there(const InterfaceFile& row, Version version) {
  if (!is_on(row.file, version) || *row.lacking != '\0') return false;
  return is_mandatory(row.file, version) || is_since(row.since);
}

class InterfaceFilesTest : public MemoryTest {};

/// Through the directory itself, so that a misspelled name is detected.
TEST_F(InterfaceFilesTest, exist_under_the_names_in_the_table) {
  const auto made = make_memory();
  std::size_t there = 0;
  for (const InterfaceFile& row : interface_files()) {
    if (!must_be_there(row, version())) continue;
    const std::string name = name_of(row.file, version());
    EXPECT_TRUE(std::filesystem::exists(made.group.path() + "/" + name))
        << name;
    ++there;
  }
  EXPECT_GT(there, 9u);
}

/// read() agrees with has().
TEST_F(InterfaceFilesTest, present_files_are_read_and_absent_ones_are_not) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (!is_of_memory(row.file) || row.file == File::memory_reclaim) continue;
    SCOPED_TRACE(row.id);
    EXPECT_EQ(made.group.read(row.file).has_value(), made.memory.has(row.file));
  }
}

TEST_F(InterfaceFilesTest, sizes_are_limits_or_sizes) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (row.content != Content::size || !made.memory.has(row.file)) continue;
    SCOPED_TRACE(row.id);
    EXPECT_TRUE(made.memory.limit(row.file));
  }
}

TEST_F(InterfaceFilesTest, absent_files_are_nullopt_with_a_reason) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (!is_of_memory(row.file) || made.memory.has(row.file)) continue;
    SCOPED_TRACE(row.id);
    EXPECT_NE(made.memory.why_absent(row.file), "");
    EXPECT_EQ(made.memory.limit(row.file), std::nullopt);
    EXPECT_EQ(made.memory.number(row.file), std::nullopt);
    EXPECT_EQ(made.memory.bytes(row.file), std::nullopt);
  }
}

TEST_F(InterfaceFilesTest, absent_files_cannot_be_written) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (!is_of_memory(row.file) || made.group.has(row.file)) continue;
    SCOPED_TRACE(row.id);
    try {
      made.memory.set(row.file, some_limit);
      ADD_FAILURE() << "did not throw NotSupported";
    } catch (const NotSupported& error) {
      const bool named = is_on(row.file, version());
      EXPECT_EQ(error.feature(),
                named ? name_of(row.file, version()) : name_of(row.file));
      EXPECT_EQ(error.reason(), made.memory.why_absent(row.file));
    }
  }
}

TEST_F(InterfaceFilesTest, no_version_emulates_the_other) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (is_on(row.file, version())) continue;
    EXPECT_FALSE(made.group.directory().exists(name_of(row.file)))
        << name_of(row.file);
  }
}

TEST_F(InterfaceFilesTest, keys_are_where_the_table_says) {
  const auto made = make_limited(mib(16));
  for (const Key key : {Key::anon, Key::file, Key::shmem}) {
    EXPECT_TRUE(made.memory.find(made.memory.stat(), key));
  }
  const auto kills = place_of(Key::oom_kill, version());
  ASSERT_TRUE(kills);
  const auto text = made.group.read(kills->file);
  ASSERT_TRUE(text);
  EXPECT_EQ(find(parse_flat_keyed(*text), kills->key), 0u);
}

TEST_F(InterfaceFilesTest, a_refused_value_is_not_an_absent_file) {
  if (version() != Version::v2) {
    GTEST_SKIP() << "cgroup.subtree_control: cgroup v2 only";
  }
  const auto above = make_memory();
  const auto made = make_below(above.group);
  // The kernel returns ENOENT for a controller that `above` does not enable.
  for (const std::string name : {"cpuset", "no-such-controller"}) {
    try {
      made.group.enable_for_children(name);
      ADD_FAILURE() << "did not throw for " << name;
    } catch (const FileError& error) {
      EXPECT_EQ(error.value(), "+" + name);
    }
  }
}

TEST_F(InterfaceFilesTest, a_directory_without_controller_is_not_supported) {
  const auto group = Cgroup::open("/proc/self", version());
  EXPECT_THROW(Memory::open(group), NotSupported);
}

TEST_F(InterfaceFilesTest,
       a_removed_cgroup_is_a_file_error_not_an_absent_file) {
  auto made = make_memory();
  made.group.remove();
  EXPECT_THROW(made.memory.usage(), FileError);
  EXPECT_THROW(made.memory.limit(File::memory_max), FileError);
  EXPECT_THROW(made.memory.set(File::memory_max, some_limit), FileError);
  EXPECT_THROW(made.memory.oom_kills(), FileError);
  EXPECT_THROW(made.memory.stat(), FileError);
}

}  // namespace
}  // namespace cgroupfs

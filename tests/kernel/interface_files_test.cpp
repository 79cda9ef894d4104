// SPDX-License-Identifier: MIT
#include "cgroupfs/interface_files.h"

#include <string>
#include <string_view>
#include <vector>

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

std::vector<File> of_every_kernel(Version version) {
  using enum File;
  if (version == Version::v1) {
    return {memory_max,   memory_swappiness,  memory_current,
            memory_peak,  memory_stat,        memory_failcnt,
            cgroup_procs, memory_oom_control, tasks};
  }
  return {memory_max,  memory_high,           memory_low,   memory_current,
          memory_stat, memory_events,         cgroup_procs, cgroup_events,
          cgroup_type, cgroup_subtree_control};
}

class InterfaceFilesTest : public MemoryTest {};

TEST_F(InterfaceFilesTest, has_what_every_kernel_of_the_version_has) {
  const auto made = make_memory();
  for (const File file : of_every_kernel(version())) {
    EXPECT_TRUE(made.group.has(file)) << name_of(file, version());
  }
}

/// The names in the table are those of this kernel: a memory.* file that is
/// there under one is read without an error.
TEST_F(InterfaceFilesTest, present_files_are_read_and_absent_ones_are_not) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (!is_of_memory(row.file) || row.file == File::memory_reclaim) continue;
    SCOPED_TRACE(to_string(row.file));
    EXPECT_EQ(made.group.read(row.file).has_value(), made.memory.has(row.file));
  }
}

TEST_F(InterfaceFilesTest, sizes_are_limits_or_sizes) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (row.content != Content::size || !made.memory.has(row.file)) continue;
    SCOPED_TRACE(to_string(row.file));
    EXPECT_TRUE(made.memory.limit(row.file));
  }
}

TEST_F(InterfaceFilesTest, absent_files_are_nullopt_with_a_reason) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (!is_of_memory(row.file) || made.memory.has(row.file)) continue;
    SCOPED_TRACE(to_string(row.file));
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
    SCOPED_TRACE(to_string(row.file));
    try {
      made.memory.set(row.file, some_limit);
      ADD_FAILURE() << "did not throw NotSupported";
    } catch (const NotSupported& error) {
      EXPECT_EQ(error.feature(), name_of(row.file));
      EXPECT_EQ(error.reason(), made.memory.why_absent(row.file));
    }
  }
}

TEST_F(InterfaceFilesTest, no_version_emulates_the_other) {
  const auto made = make_memory();
  for (const InterfaceFile& row : interface_files()) {
    if (is_on(version(), row.file)) continue;
    EXPECT_FALSE(made.group.has(row.file)) << name_of(row.file);
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

TEST_F(InterfaceFilesTest, a_directory_without_controller_is_not_supported) {
  const auto group = Cgroup::open("/proc/self", version());
  EXPECT_THROW(Memory::open(group), NotSupported);
}

TEST_F(InterfaceFilesTest, a_gone_cgroup_is_a_file_error_not_an_absent_file) {
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

// SPDX-License-Identifier: MIT
#include "cgroupfs/interface_files.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cgroupfs {
namespace {

TEST(InterfaceFiles, have_a_name_that_leads_back_to_them) {
  for (const InterfaceFile& row : interface_files()) {
    SCOPED_TRACE(row.id);
    EXPECT_TRUE(is_on(row.file, Version::v1) || is_on(row.file, Version::v2));
    EXPECT_EQ(file_named(name_of(row.file)), row.file);
    for (const Version version : {Version::v1, Version::v2}) {
      if (!is_on(row.file, version)) continue;
      EXPECT_EQ(file_named(name_of(row.file, version)), row.file);
    }
  }
}

TEST(InterfaceFiles, have_unique_names) {
  std::set<std::string> names;
  for (const InterfaceFile& row : interface_files()) {
    const std::string v1 = row.v1;
    const std::string v2 = row.v2;
    if (!v1.empty()) {
      EXPECT_TRUE(names.insert(v1).second) << v1;
    }
    if (!v2.empty() && v2 != v1) {
      EXPECT_TRUE(names.insert(v2).second) << v2;
    }
  }
}

TEST(InterfaceFiles, are_mandatory_without_since_and_without_a_reason) {
  EXPECT_TRUE(is_mandatory(File::memory_max, Version::v1));
  EXPECT_TRUE(is_mandatory(File::memory_max, Version::v2));
  EXPECT_TRUE(is_mandatory(File::memory_peak, Version::v1));
  EXPECT_FALSE(is_mandatory(File::memory_peak, Version::v2));
  EXPECT_FALSE(is_mandatory(File::memory_swap_max, Version::v2));
  EXPECT_FALSE(is_mandatory(File::memory_high, Version::v1));
}

TEST(InterfaceFiles, say_why_a_version_has_none) {
  for (const InterfaceFile& row : interface_files()) {
    const bool on_both =
        is_on(row.file, Version::v1) && is_on(row.file, Version::v2);
    EXPECT_EQ(*row.one_only == '\0', on_both) << row.id;
  }
  EXPECT_EQ(why_absent(File::memory_high, Version::v1),
            "cgroup v1 has no limit that throttles");
  EXPECT_EQ(why_absent(File::memory_oom_control, Version::v2),
            "the OOM killer of cgroup v2 cannot be disabled");
}

TEST(InterfaceFiles, say_which_kernel_introduced_them) {
  EXPECT_EQ(why_absent(File::cgroup_kill, Version::v2),
            "appeared in Linux 5.14; this kernel lacks it");
  EXPECT_EQ(why_absent(File::memory_peak, Version::v2),
            "appeared in Linux 5.19; this kernel lacks it");
  EXPECT_EQ(why_absent(File::memory_peak, Version::v1), "this kernel lacks it");
}

TEST(InterfaceFiles, are_not_found_by_other_names) {
  for (const char* const name : {"", "memory", "memory.maximum", "samples"}) {
    EXPECT_EQ(file_named(name), std::nullopt);
    EXPECT_FALSE(holds_size(name));
  }
}

TEST(InterfaceFiles, hold_sizes_by_both_names) {
  EXPECT_TRUE(holds_size("memory.max"));
  EXPECT_TRUE(holds_size("memory.limit_in_bytes"));
  EXPECT_FALSE(holds_size("memory.oom.group"));
  EXPECT_FALSE(holds_size("memory.oom_control"));
  EXPECT_FALSE(holds_size("pids.max"));
}

TEST(Keys, are_in_a_file_of_their_version) {
  for (const Key key :
       {Key::oom_kill, Key::oom_kill_local, Key::swap, Key::anon, Key::file,
        Key::shmem, Key::anon_thp, Key::kernel}) {
    for (const Version version : {Version::v1, Version::v2}) {
      const auto place = place_of(key, version);
      if (place) {
        EXPECT_TRUE(is_on(place->file, version));
      }
      EXPECT_NE(why_absent(key, version), "");
    }
  }
}

TEST(Keys, may_be_a_whole_file) {
  EXPECT_EQ(place_of(Key::swap, Version::v2)->file, File::memory_swap_current);
  EXPECT_STREQ(place_of(Key::swap, Version::v2)->key, "");
  EXPECT_STREQ(name_of(Key::swap, Version::v1), "memory.stat");
}

TEST(Keys, are_absent_where_a_version_has_none) {
  EXPECT_FALSE(place_of(Key::kernel, Version::v1));
  EXPECT_EQ(why_absent(Key::kernel, Version::v1),
            "memory.stat of cgroup v1 has no such counter");
  EXPECT_EQ(why_absent(Key::oom_kill, Version::v1),
            "the counter oom_kill appeared in Linux 4.13; this kernel lacks "
            "it");
}

}  // namespace
}  // namespace cgroupfs

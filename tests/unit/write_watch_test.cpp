// SPDX-License-Identifier: MIT
#include "lab/classroom/write_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

class WriteWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* const name : {"a", "b"}) folder_.add_file(name, "");
    watch_.watch(folder_.path());
    if (watch_.fd() < 0) GTEST_SKIP() << "inotify: no instance is available";
  }

  const TempFolder folder_;
  WriteWatch watch_;
};

TEST_F(WriteWatchTest, names_the_files_that_were_written) {
  folder_.add_file("a", "1");
  const Writes writes = watch_.take();
  EXPECT_TRUE(writes.ended.contains("a"));
  EXPECT_TRUE(writes.may_have("a"));
  EXPECT_FALSE(writes.may_have("b"));
  EXPECT_FALSE(writes.lost);
  EXPECT_FALSE(watch_.take().may_have("a")) << "it was reported before";
}

/// Alternately, because the kernel merges equal consecutive events.
TEST_F(WriteWatchTest, treats_any_file_as_written_where_reports_were_lost) {
  const std::uint64_t most = cgroupfs::parse_u64(
      cgroupfs::read_file("/proc/sys/fs/inotify/max_queued_events"));
  if (most > 1000000) GTEST_SKIP() << "a queue that can be filled";
  const cgroupfs::UniqueFd a(::open(folder_.path_of("a").c_str(), O_WRONLY));
  const cgroupfs::UniqueFd b(::open(folder_.path_of("b").c_str(), O_WRONLY));
  for (std::uint64_t i = 0; i <= most / 2; ++i) {
    ASSERT_EQ(::pwrite(a.get(), "1", 1, 0), 1);
    ASSERT_EQ(::pwrite(b.get(), "1", 1, 0), 1);
  }
  folder_.add_file("c", "1");
  const Writes writes = watch_.take();
  EXPECT_TRUE(writes.lost);
  EXPECT_FALSE(writes.begun.contains("c"));
  EXPECT_TRUE(writes.may_have("c"));
  EXPECT_FALSE(watch_.take().lost);
}

}  // namespace
}  // namespace lab

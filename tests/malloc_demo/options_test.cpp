// SPDX-License-Identifier: MIT
#include "malloc_demo/options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <vector>

namespace malloc_demo {
namespace {

using std::chrono::milliseconds;

Options parse(std::initializer_list<const char*> arguments,
              std::size_t page_size = 4096) {
  return parse_options({arguments.begin(), arguments.size()}, page_size);
}

TEST(Options, DefaultIsTheCoursesDemo) {
  const Options options = parse({});
  EXPECT_EQ(options.command, Command::run);
  EXPECT_EQ(options.block, 104857600U);
  EXPECT_EQ(options.count, 10U);
  EXPECT_EQ(options.total, 1048576000U);
  EXPECT_EQ(options.interval, std::chrono::minutes(1));
  EXPECT_FALSE(options.ramp);
  EXPECT_EQ(options.touch, Touch::write);
  EXPECT_EQ(options.memory, MemoryKind::anon);
  EXPECT_FALSE(options.hold);
  EXPECT_FALSE(options.quiet);
  EXPECT_FALSE(options.gate_fd);
  EXPECT_FALSE(options.progress_fd);
}

TEST(Options, EachOneIsRead) {
  const Options options = parse(
      {"--block",    "1M", "--count",   "3",       "--interval",    "20ms",
       "--ramp",     "0",  "--touch",   "read",    "--memory",      "thp",
       "--file-dir", "/x", "--hold",    "--quiet", "--gate-fd",     "7",
       "--gate-at",  "4K", "--gate-at", "1M",      "--progress-fd", "8"});
  EXPECT_EQ(options.block, 1048576U);
  EXPECT_EQ(options.count, 3U);
  EXPECT_EQ(options.interval, milliseconds(20));
  EXPECT_EQ(options.ramp, milliseconds(0));
  EXPECT_EQ(options.touch, Touch::read);
  EXPECT_EQ(options.memory, MemoryKind::thp);
  EXPECT_EQ(options.file_dir, "/x");
  EXPECT_TRUE(options.hold);
  EXPECT_TRUE(options.quiet);
  EXPECT_EQ(options.gate_fd, 7);
  EXPECT_EQ(options.gate_at, (std::vector<std::uint64_t>{4096, 1048576}));
  EXPECT_EQ(options.progress_fd, 8);
}

TEST(Options, ValueMayFollowAnEqualsSign) {
  const Options options = parse({"--block=64K", "--file-dir=/a=b"});
  EXPECT_EQ(options.block, 65536U);
  EXPECT_EQ(options.file_dir, "/a=b");
}

TEST(Options, NamesAreTheWordsOfTheCommandLine) {
  for (const char* word : {"anon", "shm", "file", "mlock", "thp"}) {
    EXPECT_EQ(name_of(parse({"--memory", word}).memory), word);
  }
  for (const char* word : {"write", "read", "none"}) {
    EXPECT_EQ(name_of(parse({"--touch", word}).touch), word);
  }
}

TEST(Options, TotalOverridesCount) {
  const Options options =
      parse({"--total", "10M", "--block", "4M", "--count", "99"});
  EXPECT_EQ(options.total, 10485760U);
  EXPECT_EQ(options.count, 3U);
}

TEST(Options, SizesAreRoundedUpToWholePages) {
  const Options options = parse({"--block", "1", "--total", "70000",
                                 "--gate-fd", "0", "--gate-at", "65537"},
                                65536);
  EXPECT_EQ(options.block, 65536U);
  EXPECT_EQ(options.total, 131072U);
  EXPECT_EQ(options.gate_at, (std::vector<std::uint64_t>{131072}));
}

TEST(Options, GateMayBeAtTheVeryEnd) {
  EXPECT_EQ(parse({"--total", "1M", "--gate-fd", "0", "--gate-at", "1M"})
                .gate_at.size(),
            1U);
}

TEST(Options, HelpEndsTheReading) {
  EXPECT_EQ(parse({"--help", "--nonsense"}).command, Command::help);
  EXPECT_EQ(parse({"--version"}).command, Command::version);
}

}  // namespace
}  // namespace malloc_demo

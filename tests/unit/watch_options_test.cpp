// SPDX-License-Identifier: MIT
#include "lab/watch/watch_options.h"

#include <gtest/gtest.h>

#include "lab/base/errors.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using std::chrono::milliseconds;
using Arguments = std::vector<std::string>;

std::string refusal(const Arguments& arguments) {
  return error_text<UsageError>([&] { parse_watch_options(arguments); });
}

TEST(WatchOptions, need_only_a_cgroup) {
  const WatchOptions options = parse_watch_options({"/a b"});
  EXPECT_EQ(options.target, "/a b");
  EXPECT_EQ(options.plan.interval, milliseconds(1000));
  EXPECT_EQ(options.plan.count, std::nullopt);
  EXPECT_EQ(options.color, ColorChoice::automatic);
  EXPECT_FALSE(options.json);
  EXPECT_FALSE(options.help);
  EXPECT_TRUE(has(refusal({}), "a cgroup's path or a process id"));
  EXPECT_TRUE(has(refusal({"--json"}), "a cgroup's path or a process id"));
  EXPECT_TRUE(has(refusal({"/a", "/b"}), "'/b'"));
  EXPECT_TRUE(parse_watch_options({"-h"}).help);
}

TEST(WatchOptions, reads_each_option) {
  const WatchOptions options = parse_watch_options(
      {"--interval", "10ms", "--count=3", "42", "--json", "--color", "never"});
  EXPECT_EQ(options.target, "42");
  EXPECT_EQ(options.plan.interval, milliseconds(10));
  EXPECT_EQ(options.plan.count, 3u);
  EXPECT_EQ(options.color, ColorChoice::never);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(parse_watch_options({"42", "--lang", "zh"}).language, Language::zh);
}

TEST(WatchOptions, refuses_meaningless_values) {
  EXPECT_TRUE(has(refusal({"/a", "--interval", "9ms"}), "--interval: '9ms'"));
  EXPECT_TRUE(has(refusal({"/a", "--interval", "0"}), "10ms or more"));
  EXPECT_TRUE(has(refusal({"/a", "--interval", "1"}), "--interval"));
  for (const char* const count :
       {"0", "-1", "", "1.5", "1x", " 1", "99999999999999999999"}) {
    EXPECT_TRUE(
        has(refusal({"/a", std::string("--count=") + count}), "--count"))
        << count;
  }
  EXPECT_TRUE(has(refusal({"/a", "--color", "red"}), "red"));
  EXPECT_TRUE(has(refusal({"/a", "--lang", "fr"}), "fr"));
  EXPECT_TRUE(has(refusal({"/a", "--limit", "1M"}), "--limit"));
}

}  // namespace
}  // namespace lab

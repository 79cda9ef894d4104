// SPDX-License-Identifier: MIT
#include "lab/watch/watch_options.h"

#include <gtest/gtest.h>

#include "lab/base/errors.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using std::chrono::milliseconds;
using Arguments = std::vector<std::string>;

WatchOptions options_of(const Arguments& arguments) {
  return read_watch_options(parse_command_line(describe_watch(), arguments));
}

std::string refusal(const Arguments& arguments) {
  return error_text<UsageError>([&] { options_of(arguments); });
}

TEST(WatchOptions, need_only_a_cgroup) {
  const WatchOptions options = options_of({"/a b"});
  EXPECT_EQ(options.target, "/a b");
  EXPECT_EQ(options.plan.interval, milliseconds(1000));
  EXPECT_EQ(options.plan.count, std::nullopt);
  EXPECT_EQ(options.color, ColorChoice::automatic);
  EXPECT_FALSE(options.json);
  EXPECT_TRUE(has(refusal({}), "a cgroup path or a process id"));
  EXPECT_TRUE(
      has(refusal({"--format", "json"}), "a cgroup path or a process id"));
  EXPECT_TRUE(has(refusal({"/a", "/b"}), "'/b'"));
}

TEST(WatchOptions, reads_each_option) {
  const WatchOptions options =
      options_of({"--interval", "10ms", "--count=3", "42", "--format", "json",
                  "--color", "never"});
  EXPECT_EQ(options.target, "42");
  EXPECT_EQ(options.plan.interval, milliseconds(10));
  EXPECT_EQ(options.plan.count, 3u);
  EXPECT_EQ(options.color, ColorChoice::never);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options_of({"42", "--lang", "zh"}).language, Language::zh);
}

TEST(WatchOptions, refuses_meaningless_values) {
  EXPECT_TRUE(has(refusal({"/a", "--interval", "9ms"}), "--interval: '9ms'"));
  EXPECT_TRUE(has(refusal({"/a", "--interval", "0"}), "at least 10ms"));
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
  EXPECT_TRUE(has(refusal({"/a", "--format", "csv"}), "use text or json"));
}

TEST(WatchOptions, refuse_contradictory_formats) {
  EXPECT_TRUE(has(refusal({"/a", "--json", "--format", "text"}),
                  "--json and --format cannot be combined"));
  EXPECT_TRUE(options_of({"/a", "--json", "--format", "json"}).json);
  EXPECT_TRUE(
      has(refusal({"/a", "--json", "--format", "csv"}), "use text or json"));
  for (const Arguments& more :
       {Arguments{"--sort", "usage"}, Arguments{"--rows", "3"}}) {
    Arguments arguments{"--all", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_TRUE(has(refusal(arguments), "--format json prints all cgroups"));
  }
}

}  // namespace
}  // namespace lab

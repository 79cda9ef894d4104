// SPDX-License-Identifier: MIT
#include "lab/app/run_options.h"

#include <gtest/gtest.h>

#include "lab/base/errors.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

std::string refusal(const Words& arguments) {
  return error_text<UsageError>([&] {
    const CommandOptions options = parse_command_options(arguments);
    make_command_plan(options.parameters, options.command);
  });
}

Plan plan_of(const Words& arguments) {
  const CommandOptions options = parse_command_options(arguments);
  return make_command_plan(options.parameters, options.command);
}

TEST(CommandOptions, leave_everything_behind_the_mark_to_the_command) {
  const Words command{"prog", "--limit", "1M", "--", "-v"};
  Words arguments{"--limit", "100M", "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  const Plan plan = plan_of(arguments);
  EXPECT_EQ(plan.command, command);
  EXPECT_EQ(plan.limit, Limit::of(Bytes{100 * mebi}));
}

TEST(CommandOptions, limit_swap_only_with_a_limit) {
  EXPECT_EQ(plan_of({"--", "a"}).swap, Limit::max());
  EXPECT_EQ(plan_of({"--", "a"}).limit, Limit::max());
  EXPECT_EQ(plan_of({"--limit", "2M", "--", "a"}).swap, Limit::of(Bytes{0}));
  EXPECT_EQ(plan_of({"--swap", "3M", "--", "a"}).swap,
            Limit::of(Bytes{3 * mebi}));
}

TEST(CommandOptions, have_no_deadline_unless_asked_for) {
  EXPECT_EQ(plan_of({"--", "a"}).timeout, std::nullopt);
  EXPECT_EQ(plan_of({"--timeout", "2s", "--", "a"}).timeout,
            std::chrono::seconds(2));
}

TEST(CommandOptions, take_all_limits) {
  const CommandPlan command = *plan_of({"--high", "8M", "--oom-group", "--pids",
                                        "12", "--env", "--", "a"})
                                   .run;
  EXPECT_EQ(command.high, Limit::of(Bytes{8 * mebi}));
  EXPECT_TRUE(command.oom_group);
  EXPECT_EQ(command.pids, 12u);
  EXPECT_TRUE(command.tell);
}

TEST(CommandOptions, want_a_command_behind_the_mark) {
  EXPECT_TRUE(has(refusal({}), "no command"));
  EXPECT_TRUE(has(refusal({"--"}), "no command"));
  EXPECT_TRUE(has(refusal({"--", ""}), "empty"));
  EXPECT_TRUE(has(refusal({"true"}), "'true'"));
  EXPECT_TRUE(has(refusal({"true"}), "cglab run -- true"));
}

TEST(CommandOptions, refuse_what_makes_no_sense) {
  EXPECT_TRUE(has(refusal({"--json", "-", "--", "a"}), "name a file"));
  EXPECT_TRUE(has(refusal({"--pids", "0", "--", "a"}), "--pids"));
  EXPECT_TRUE(has(refusal({"--pids", "-1", "--", "a"}), "--pids"));
  EXPECT_TRUE(has(refusal({"--pids", "x", "--", "a"}), "'x'"));
  EXPECT_TRUE(has(refusal({"--limit", "4K", "--", "a"}), "--limit"));
  EXPECT_TRUE(has(refusal({"--high", "4K", "--", "a"}), "--high"));
  EXPECT_TRUE(has(refusal({"--timeout", "0", "--", "a"}), "--timeout"));
  EXPECT_TRUE(has(refusal({"--total", "1M", "--", "a"}), "total"));
}

}  // namespace
}  // namespace lab

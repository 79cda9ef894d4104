// SPDX-License-Identifier: MIT
#include "lab/record/plan.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "lab/base/errors.h"
#include "lab/experiments/experiment.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Parameters with_limit(Bytes limit) {
  Parameters asked;
  asked.limit = limit;
  return asked;
}

Plan plan_of(const std::string& experiment, const Parameters& asked) {
  return make_plan(experiment_named(experiment), asked);
}

/// With the items for v2.
Plan fitted(const std::string& experiment, const Parameters& asked) {
  Plan plan = plan_of(experiment, asked);
  fit(plan, {.control = plan.control});
  return plan;
}

std::string refusal(const Parameters& asked,
                    const std::string& experiment = "oom") {
  return error_text<UsageError>([&] { plan_of(experiment, asked); });
}

TEST(MakePlan, fills_in_defaults) {
  const Plan plan = plan_of("oom", {});
  EXPECT_EQ(plan.experiment, "oom");
  EXPECT_FALSE(is_course(plan));
  EXPECT_FALSE(is_command(plan));
  EXPECT_FALSE(plan.control);
  EXPECT_EQ(plan.limit, Limit::of(Bytes{100 * mebi}));
  EXPECT_EQ(plan.size(), Bytes{100 * mebi});
  EXPECT_EQ(plan.swap, Limit::of(Bytes{0}));
  EXPECT_EQ(plan.total, Bytes{200 * mebi});
  EXPECT_EQ(plan.block, Bytes{100 * mebi});
  EXPECT_EQ(plan.ramp, seconds(3));
  EXPECT_EQ(plan.poll, milliseconds(10));
  EXPECT_EQ(plan.timeout, seconds(66));
  EXPECT_FALSE(plan.keep);
}

TEST(MakePlan, keeps_the_given_values) {
  Parameters asked;
  asked.limit = Bytes{30 * mebi};
  asked.swap = Limit::max();
  asked.total = Bytes{20 * mebi};
  asked.block = Bytes{5 * mebi};
  asked.ramp = milliseconds(600);
  asked.poll = microseconds(100);
  asked.timeout = seconds(5);
  asked.keep = true;
  asked.control = true;
  const Plan plan = plan_of("oom", asked);
  EXPECT_EQ(plan.experiment, "oom");
  EXPECT_EQ(plan.size(), *asked.limit);
  EXPECT_EQ(plan.swap, Limit::max());
  EXPECT_EQ(plan.total, *asked.total);
  EXPECT_EQ(plan.block, *asked.block);
  EXPECT_EQ(plan.ramp, *asked.ramp);
  EXPECT_EQ(plan.poll, *asked.poll);
  EXPECT_EQ(plan.timeout, *asked.timeout);
  EXPECT_TRUE(plan.keep);
  EXPECT_TRUE(plan.control);
  EXPECT_FALSE(is_course(plan));
  EXPECT_TRUE(is_course(plan_of("course", asked)));
}

TEST(MakePlan, derives_the_block_from_limit_and_order) {
  EXPECT_EQ(plan_of("oom", with_limit({16 * mebi})).block, Bytes{16 * mebi});
  EXPECT_EQ(plan_of("oom", with_limit({4 * gibi})).block, Bytes{100 * mebi});
  const Bytes quarter = *plan_of("course", with_limit({104960000})).block;
  EXPECT_EQ(quarter, cgroupfs::round_down_to_page(Bytes{104960000 / 4}));
  EXPECT_EQ(quarter.count % cgroupfs::page_size().count, 0u);
}

TEST(MakePlan, samples_ten_times_as_often_without_a_ramp) {
  Parameters asked;
  asked.ramp = seconds(0);
  EXPECT_EQ(plan_of("oom", asked).poll, milliseconds(1));
  EXPECT_EQ(plan_of("oom", asked).timeout, seconds(60));
}

TEST(MakePlan, waits_for_the_whole_ramp_and_a_minute) {
  Parameters asked = with_limit({100 * mebi});
  asked.total = Bytes{1000 * mebi};
  asked.ramp = seconds(10);
  EXPECT_EQ(plan_of("oom", asked).timeout, seconds(160));
}

TEST(TotalRamp, continues_at_the_rate_of_the_ramp) {
  struct {
    std::uint64_t total;
    milliseconds expected;
  } cases[] = {
      {50 * mebi, milliseconds(1500)},
      {100 * mebi, milliseconds(3000)},
      {250 * mebi, milliseconds(7500)},
  };
  for (const auto& c : cases) {
    Parameters asked = with_limit({100 * mebi});
    asked.total = Bytes{c.total};
    EXPECT_EQ(plan_of("oom", asked).ramp_of(Bytes{c.total}), c.expected)
        << c.total;
    EXPECT_EQ(fitted("oom", asked).procedure.processes[0].ramp, c.expected)
        << c.total;
  }
  Parameters at_once;
  at_once.ramp = nanoseconds(0);
  EXPECT_EQ(fitted("oom", at_once).procedure.processes[0].ramp, nanoseconds(0));
}

TEST(MakePlan, refuses_a_limit_in_which_nothing_can_start) {
  EXPECT_NO_THROW(plan_of("oom", with_limit(smallest_limit)));
  const std::string error = refusal(with_limit({smallest_limit.count - 1}));
  EXPECT_TRUE(has(error, "--limit 1048575 is too small"));
  EXPECT_TRUE(has(error, "at least 1 MiB (1048576 bytes)"));
  EXPECT_TRUE(has(refusal(with_limit({0})), "--limit 0 is too small"));
}

TEST(MakePlan, refuses_a_total_of_0) {
  Parameters no_total;
  no_total.total = Bytes{0};
  EXPECT_TRUE(has(refusal(no_total), "--total and --block"));
  Parameters no_block;
  no_block.block = Bytes{0};
  EXPECT_TRUE(has(refusal(no_block), "--total and --block"));
}

TEST(MakePlan, counts_in_whole_pages) {
  const std::uint64_t page = cgroupfs::page_size().count;
  Parameters asked = with_limit({40 * mebi});
  asked.total = Bytes{30 * mebi - 1};
  asked.block = Bytes{page + 1};
  const Plan plan = plan_of("oom", asked);
  EXPECT_EQ(plan.total, Bytes{30 * mebi});
  EXPECT_EQ(plan.block, Bytes{2 * page});
}

TEST(MakePlan, allocates_more_than_limit_and_swap_together) {
  Parameters asked = with_limit({40 * mebi});
  asked.swap = Limit::of(Bytes{100 * mebi});
  EXPECT_EQ(plan_of("oom", asked).total, Bytes{180 * mebi});
  asked.swap = Limit::max();
  EXPECT_EQ(plan_of("oom", asked).total, Bytes{80 * mebi});
}

TEST(MakePlan, refuses_more_blocks_than_the_hog_counts) {
  Parameters asked = with_limit({gibi});
  asked.total = Bytes{1000 * gibi};
  asked.block = Bytes{4096};
  const std::string error = refusal(asked);
  EXPECT_TRUE(has(error, "--block 4K is too small for --total 1000G"));
  EXPECT_TRUE(has(error, "1000000 blocks"));
}

TEST(MakePlan, refuses_a_total_larger_than_any_memory) {
  Parameters asked = with_limit({gibi});
  asked.total = Bytes{gibi * 1024 * 1025};
  EXPECT_TRUE(has(refusal(asked), "--total 1025T is too large"));
}

TEST(MakePlan, refuses_a_course_that_ends_before_its_limit) {
  Parameters asked = with_limit({40 * mebi});
  asked.block = Bytes{10 * mebi};
  asked.total = Bytes{20 * mebi};
  EXPECT_NO_THROW(plan_of("course", asked));
  asked.total = Bytes{20 * mebi - 4096};
  EXPECT_TRUE(
      has(refusal(asked, "course"),
          "--total 20476K is too small: the hog allocates 2 times --block 10M "
          "before the limit is set; use at least 20M"));
  EXPECT_NO_THROW(plan_of("oom", asked));
}

TEST(MakePlan, refuses_times_that_cannot_be_kept) {
  Parameters poll;
  poll.poll = nanoseconds(99999);
  EXPECT_TRUE(has(refusal(poll), "--poll 99999ns is too short"));
  EXPECT_TRUE(has(refusal(poll), "at least 100us"));
  Parameters timeout;
  timeout.timeout = nanoseconds(0);
  EXPECT_TRUE(has(refusal(timeout), "--timeout must be longer than 0"));
}

TEST(MakePlan, refuses_a_ramp_to_a_total_that_no_clock_counts) {
  Parameters asked = with_limit({mebi});
  asked.ramp = std::chrono::hours(200000);
  asked.total = Bytes{64 * gibi};
  const std::string error = refusal(asked);
  EXPECT_TRUE(has(error, "--ramp 200000h"));
  EXPECT_TRUE(has(error, "too long to allocate 64G"));
  asked.total = Bytes{mebi};
  EXPECT_EQ(plan_of("oom", asked).ramp_of(Bytes{mebi}), *asked.ramp);
}

TEST(MakePlan, allocates_less_than_the_limit_in_the_control_run) {
  Parameters asked = with_limit({40 * mebi});
  asked.control = true;
  for (const char* const experiment : {"oom", "course"}) {
    const Plan plan = plan_of(experiment, asked);
    EXPECT_TRUE(plan.control);
    EXPECT_EQ(plan.total, Bytes{30 * mebi}) << experiment;
  }
}

TEST(MakePlan, of_shares_fills_in_defaults) {
  const Plan plan = plan_of("leak", {});
  EXPECT_EQ(plan.experiment, "leak");
  EXPECT_FALSE(plan.question.empty());
  EXPECT_FALSE(plan.prediction.empty());
  EXPECT_FALSE(plan.control_run.empty());
  EXPECT_EQ(plan.limit, Limit::of(Bytes{64 * mebi}));
  EXPECT_EQ(plan.swap, Limit::of(Bytes{0}));
  EXPECT_EQ(plan.total, std::nullopt);
  EXPECT_EQ(plan.block, std::nullopt);
  EXPECT_EQ(plan.ramp, std::nullopt);
  EXPECT_EQ(plan.poll, milliseconds(5));
  EXPECT_EQ(plan.timeout, minutes(2));
  EXPECT_FALSE(plan.keep);
}

TEST(MakePlan, of_shares_keeps_the_given_values) {
  Parameters asked = with_limit({32 * mebi});
  asked.swap = Limit::max();
  asked.ramp = seconds(4);
  asked.poll = milliseconds(2);
  asked.timeout = seconds(7);
  asked.keep = true;
  asked.control = true;
  const Plan plan = plan_of("leak", asked);
  EXPECT_EQ(plan.size(), Bytes{32 * mebi});
  EXPECT_EQ(plan.swap, Limit::max());
  EXPECT_EQ(plan.ramp, seconds(4));
  EXPECT_EQ(plan.poll, milliseconds(2));
  EXPECT_EQ(plan.timeout, seconds(7));
  EXPECT_TRUE(plan.keep);
  EXPECT_TRUE(plan.control);
}

TEST(MakePlan, of_shares_waits_for_the_ramps_as_well) {
  Parameters asked = with_limit({64 * mebi});
  asked.ramp = seconds(60);
  const Plan plan = fitted("swap", asked);
  nanoseconds ramps{0};
  for (const ProcessSpec& process : plan.procedure.processes) {
    ramps += process.ramp;
  }
  // Three times one and a half of the limit.
  EXPECT_EQ(ramps, seconds(270));
  EXPECT_GE(*plan.timeout, minutes(2) + ramps);
  asked.timeout = seconds(5);
  EXPECT_EQ(plan_of("swap", asked).timeout, seconds(5));
}

TEST(MakePlan, of_shares_refuses_values_that_are_too_small) {
  EXPECT_NO_THROW(plan_of("leak", with_limit({16 * mebi})));
  EXPECT_TRUE(has(refusal(with_limit({16 * mebi - 1}), "leak"),
                  "is too small: use at least 16 MiB"));
  EXPECT_TRUE(has(refusal(with_limit({smallest_limit.count - 1}), "leak"),
                  "is too small: the process needs memory"));
  Parameters seldom;
  seldom.poll = seconds(2);
  seldom.timeout = seconds(1);
  EXPECT_TRUE(
      has(refusal(seldom, "leak"), "--poll 2s is longer than --timeout 1s"));
  Parameters slow;
  slow.ramp = std::chrono::hours(200000);
  EXPECT_TRUE(has(refusal(slow, "leak"), "--ramp 200000h"));
}

/// It waits after each of these blocks: for the move, and for the limit. Until
/// that is set only its total limits it.
TEST(Fit, gives_the_course_its_pauses_and_its_guard) {
  Parameters asked = with_limit({40 * mebi});
  asked.total = Bytes{90 * mebi};
  asked.block = Bytes{15 * mebi};
  const Procedure procedure = fitted("course", asked).procedure;
  const ProcessSpec& hog = procedure.processes.at(0);
  EXPECT_EQ(hog.pauses, (std::vector<Value>{15 * mebi, 30 * mebi}));
  EXPECT_EQ(hog.total, Value(90 * mebi));
  EXPECT_EQ(hog.block, Value(15 * mebi));
  EXPECT_EQ(procedure.guard, Value(90 * mebi));
}

TEST(Fit, gives_the_hog_of_oom_its_total_and_no_guard) {
  Parameters asked = with_limit({40 * mebi});
  asked.block = Bytes{8 * mebi};
  const Procedure procedure = fitted("oom", asked).procedure;
  const ProcessSpec& hog = procedure.processes.at(0);
  EXPECT_EQ(hog.total, Value(80 * mebi));
  EXPECT_EQ(hog.block, Value(8 * mebi));
  EXPECT_TRUE(hog.pauses.empty());
  EXPECT_EQ(procedure.guard, std::nullopt);
}

TEST(Fit, keeps_the_items_of_the_run) {
  Parameters asked;
  Plan plan = plan_of("leak", asked);
  EXPECT_EQ(plan.procedure.processes.size(), 2u) << "of both runs";
  fit(plan, {.control = false});
  ASSERT_EQ(plan.procedure.processes.size(), 1u);
  EXPECT_EQ(plan.procedure.processes[0].total, Value(Part{3, 2}));
  asked.control = true;
  EXPECT_EQ(fitted("leak", asked).procedure.processes.at(0).total,
            Value(Part{1, 2}));
}

TEST(Fit, spreads_each_total_at_the_rate_of_the_limit) {
  Parameters asked = with_limit({64 * mebi});
  asked.ramp = seconds(4);
  EXPECT_EQ(fitted("leak", asked).procedure.processes.at(0).ramp, seconds(6));
  const Procedure group = fitted("group", asked).procedure;
  EXPECT_EQ(group.processes.at(0).ramp, seconds(8));
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(group.processes.at(i).ramp, milliseconds(250)) << i;
  }
  asked.ramp = nanoseconds(0);
  EXPECT_EQ(fitted("group", asked).procedure.processes.at(0).ramp,
            nanoseconds(0));
}

TEST(MakePlan, leaves_time_for_a_prediction) {
  Parameters asked = with_limit({64 * mebi});
  asked.ramp = milliseconds(900);
  EXPECT_TRUE(has(error_text<UsageError>(
                      [&] { make_plan(experiment_named("leak"), asked); }),
                  "at least 1s"));
  asked.ramp = seconds(1);
  EXPECT_EQ(make_plan(experiment_named("leak"), asked).ramp, seconds(1));
}

TEST(Fit, keeps_the_experiments_ramp_where_none_is_given) {
  EXPECT_EQ(fitted("leak", {}).procedure.processes.at(0).ramp, seconds(3));
  EXPECT_EQ(fitted("forks", {}).procedure.processes.at(0).ramp, nanoseconds(0));
}

TEST(MakeCommandPlan, names_the_process_after_the_program) {
  Parameters asked;
  asked.command = {"/usr/bin/make", "-j2"};
  const Procedure procedure = make_command_plan(asked).procedure;
  ASSERT_EQ(procedure.processes.size(), 1u);
  EXPECT_EQ(procedure.processes[0].name, "make");
  EXPECT_EQ(procedure.processes[0].cgroup, "run");
  EXPECT_EQ(procedure.processes[0].command, asked.command);
  ASSERT_EQ(procedure.cgroups.size(), 1u);
  EXPECT_EQ(procedure.cgroups[0].name, "run");
  EXPECT_TRUE(procedure.cgroups[0].settings.empty());
  EXPECT_EQ(procedure.guard, std::nullopt);
  EXPECT_TRUE(procedure.claims.empty());
}

/// With any name: otherwise its events could not be distinguished from those of
/// its cgroup.
TEST(MakeCommandPlan, distinguishes_a_program_called_run_from_its_cgroup) {
  for (const char* const program : {"run", "./run", "/", "sub/"}) {
    Parameters asked;
    asked.command = {program};
    const Procedure procedure = make_command_plan(asked).procedure;
    EXPECT_NE(procedure.processes.at(0).name, procedure.cgroups.at(0).name)
        << program;
    EXPECT_NE(procedure.processes.at(0).name, "") << program;
  }
}

TEST(MakeCommandPlan, sets_the_requested_limits) {
  Parameters asked;
  asked.command = {"a"};
  asked.limit = Bytes{8 * mebi};
  asked.high = Bytes{6 * mebi};
  asked.pids = 9;
  asked.oom_group = true;
  const Plan plan = make_command_plan(asked);
  std::vector<std::pair<cgroupfs::File, Value>> settings;
  for (const Setting& each : plan.procedure.cgroups.at(0).settings) {
    settings.emplace_back(each.file, each.value);
  }
  const std::vector<std::pair<cgroupfs::File, Value>> expected{
      {cgroupfs::File::memory_max, 8 * mebi},
      {cgroupfs::File::memory_high, 6 * mebi},
      {cgroupfs::File::memory_oom_group, std::uint64_t{1}},
      {cgroupfs::File::pids_max, std::uint64_t{9}}};
  EXPECT_EQ(settings, expected);
}

/// Only measured.
TEST(MakeCommandPlan, has_no_limit_in_the_control_run) {
  Parameters asked;
  asked.command = {"a"};
  asked.limit = Bytes{8 * mebi};
  asked.high = Bytes{6 * mebi};
  asked.pids = 9;
  asked.oom_group = true;
  asked.control = true;
  Plan plan = make_command_plan(asked);
  fit(plan, {.control = true});
  EXPECT_TRUE(plan.control);
  EXPECT_EQ(plan.limit, Limit::max());
  EXPECT_EQ(plan.swap, Limit::max());
  EXPECT_TRUE(plan.procedure.cgroups.at(0).settings.empty());
}

}  // namespace
}  // namespace lab

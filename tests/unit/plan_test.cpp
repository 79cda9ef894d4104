// SPDX-License-Identifier: MIT
#include "lab/record/plan.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "lab/base/errors.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Parameters with_limit(Bytes limit) {
  Parameters asked;
  asked.limit = limit;
  return asked;
}

std::string refusal(const Parameters& asked,
                    const std::string& experiment = "oom") {
  return error_text<UsageError>([&] { make_plan(experiment, asked); });
}

TEST(MakePlan, fills_in_what_was_left_out) {
  const Plan plan = make_plan("oom", {});
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

TEST(MakePlan, keeps_what_was_asked_for) {
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
  const Plan plan = make_plan("other", asked);
  EXPECT_EQ(plan.experiment, "other");
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
  EXPECT_TRUE(is_course(make_plan("course", asked)));
}

TEST(MakePlan, takes_the_block_from_limit_and_order) {
  EXPECT_EQ(make_plan("oom", with_limit({16 * mebi})).block, Bytes{16 * mebi});
  EXPECT_EQ(make_plan("oom", with_limit({4 * gibi})).block, Bytes{100 * mebi});
  const Bytes quarter = *make_plan("course", with_limit({104960000})).block;
  EXPECT_EQ(quarter, cgroupfs::round_down_to_page(Bytes{104960000 / 4}));
  EXPECT_EQ(quarter.count % cgroupfs::page_size().count, 0u);
}

TEST(MakePlan, samples_ten_times_as_often_without_a_ramp) {
  Parameters asked;
  asked.ramp = seconds(0);
  EXPECT_EQ(make_plan("oom", asked).poll, milliseconds(1));
  EXPECT_EQ(make_plan("oom", asked).timeout, seconds(60));
}

TEST(MakePlan, waits_for_the_whole_ramp_and_a_minute) {
  Parameters asked = with_limit({100 * mebi});
  asked.total = Bytes{1000 * mebi};
  asked.ramp = seconds(10);
  EXPECT_EQ(make_plan("oom", asked).timeout, seconds(160));
}

TEST(TotalRamp, goes_on_at_the_rate_of_the_ramp) {
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
    EXPECT_EQ(make_plan("oom", asked).total_ramp(), c.expected) << c.total;
  }
  Parameters at_once;
  at_once.ramp = nanoseconds(0);
  EXPECT_EQ(make_plan("oom", at_once).total_ramp(), nanoseconds(0));
}

TEST(MakePlan, refuses_a_limit_in_which_nothing_can_start) {
  EXPECT_NO_THROW(make_plan("oom", with_limit(smallest_limit)));
  const std::string error = refusal(with_limit({smallest_limit.count - 1}));
  EXPECT_TRUE(has(error, "--limit 1048575 is too small"));
  EXPECT_TRUE(has(error, "at least 1 MiB (1048576 bytes)"));
  EXPECT_TRUE(has(refusal(with_limit({0})), "--limit 0 is too small"));
}

TEST(MakePlan, refuses_nothing_to_take) {
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
  const Plan plan = make_plan("oom", asked);
  EXPECT_EQ(plan.total, Bytes{30 * mebi});
  EXPECT_EQ(plan.block, Bytes{2 * page});
}

TEST(MakePlan, takes_more_than_limit_and_swap_together) {
  Parameters asked = with_limit({40 * mebi});
  asked.swap = Limit::of(Bytes{100 * mebi});
  EXPECT_EQ(make_plan("oom", asked).total, Bytes{180 * mebi});
  asked.swap = Limit::max();
  EXPECT_EQ(make_plan("oom", asked).total, Bytes{80 * mebi});
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
  EXPECT_TRUE(has(refusal(asked), "--total 1025T is larger than any memory"));
}

TEST(MakePlan, refuses_a_course_that_ends_before_its_limit) {
  Parameters asked = with_limit({40 * mebi});
  asked.block = Bytes{10 * mebi};
  asked.total = Bytes{20 * mebi};
  EXPECT_NO_THROW(make_plan("course", asked));
  asked.total = Bytes{20 * mebi - 4096};
  EXPECT_TRUE(has(refusal(asked, "course"),
                  "--total 20476K must be at least twice "
                  "--block 10M"));
  EXPECT_NO_THROW(make_plan("oom", asked));
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
  EXPECT_TRUE(has(error, "--total 64G"));
  asked.total = Bytes{mebi};
  EXPECT_EQ(make_plan("oom", asked).total_ramp(), *asked.ramp);
}

TEST(OrderWord, is_the_one_of_the_command_line) {
  EXPECT_EQ(to_string(Order::limit_first), "limit-first");
  EXPECT_EQ(to_string(Order::course), "course");
}

}  // namespace
}  // namespace lab

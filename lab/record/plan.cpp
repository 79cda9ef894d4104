// SPDX-License-Identifier: MIT
#include "lab/record/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/errors.h"

namespace lab {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr nanoseconds default_ramp = seconds(3);
constexpr long double longest_ramp_ns = 1e18L;
constexpr nanoseconds shortest_poll = microseconds(100);
constexpr nanoseconds default_command_poll = milliseconds(10);
/// What a run may take beyond its own ramp before it counts as stuck.
constexpr nanoseconds patience = seconds(60);
/// The course's own block.
constexpr Bytes course_block{100 * mebi};

/// The hog counts its blocks and refuses more, or more memory than this.
constexpr std::uint64_t most_blocks = 1000000;
constexpr Bytes largest_total{1024 * gibi * 1024};

/// Twice the limit and all the swap, so that the hog always meets it; in the
/// course's order at least the two blocks that come before the limit.
Bytes default_total(const Plan& plan) {
  const std::uint64_t limit = plan.size().count;
  if (plan.control) return Bytes{limit / 4 * 3};
  const std::uint64_t swap = plan.swap.is_max() ? 0 : plan.swap.bytes().count;
  const std::uint64_t total = std::min(2 * limit, largest_total.count) +
                              std::min(swap, largest_total.count);
  const std::uint64_t least = is_course(plan) ? 2 * plan.block->count : 0;
  return std::min(Bytes{std::max(total, least)}, largest_total);
}

/// Memory is touched, and charged, in whole pages.
Bytes round_up_to_page(Bytes bytes) {
  const std::uint64_t page = cgroupfs::page_size().count;
  return cgroupfs::round_down_to_page(Bytes{bytes.count + page - 1});
}

/// In the course's order one block is taken outside and one inside before the
/// limit is written: quarters of the limit let the limit be accepted.
Bytes default_block(const Plan& plan) {
  const Bytes limit = plan.size();
  if (is_course(plan)) {
    return cgroupfs::round_down_to_page(Bytes{limit.count / 4});
  }
  return std::min(course_block, limit);
}

/// A block that nobody asked for is of a size that the hog can count.
Bytes countable_block(const Plan& plan) {
  const Bytes least =
      round_up_to_page(Bytes{plan.total->count / most_blocks + 1});
  return std::min(std::max(*plan.block, least), *plan.total);
}

nanoseconds default_poll(nanoseconds ramp) {
  return ramp.count() == 0 ? milliseconds(1) : milliseconds(10);
}

void check_room(std::string_view option, Limit limit) {
  if (limit.is_max() || limit.bytes() >= smallest_limit) return;
  throw UsageError(fmt::format(
      "--{} {} is too small: the child needs memory to start at all; "
      "take at least {}",
      option, size_argument(limit.bytes()), exact_size(smallest_limit)));
}

void check_total(const Plan& plan) {
  const Bytes total = *plan.total;
  const Bytes block = *plan.block;
  if (total.count == 0 || block.count == 0) {
    throw UsageError("--total and --block must be larger than 0");
  }
  if (total > largest_total) {
    throw UsageError(fmt::format("--total {} is larger than any memory",
                                 size_argument(total)));
  }
  if (total.count / block.count >= most_blocks) {
    throw UsageError(
        fmt::format("--block {} is too small for --total {}: at most {} blocks",
                    size_argument(block), size_argument(total), most_blocks));
  }
}

void check_course(const Plan& plan) {
  if (!is_course(plan) || plan.total->count >= 2 * plan.block->count) return;
  throw UsageError(fmt::format(
      "--order course takes one block outside and one inside before the "
      "limit is set: --total {} must be at least twice --block {}",
      size_argument(*plan.total), size_argument(*plan.block)));
}

long double total_ramp_ns(const Plan& plan) {
  return static_cast<long double>(plan.ramp->count()) *
         static_cast<long double>(plan.total->count) /
         static_cast<long double>(plan.size().count);
}

void check_ramp(const Plan& plan) {
  if (total_ramp_ns(plan) <= longest_ramp_ns) return;
  throw UsageError(fmt::format(
      "--ramp {} to the limit would fill --total {} for longer than anybody "
      "waits",
      time_argument(*plan.ramp), size_argument(*plan.total)));
}

void check_times(const Plan& plan) {
  if (plan.poll < shortest_poll) {
    throw UsageError(fmt::format("--poll {} is too short: take at least {}",
                                 time_argument(plan.poll),
                                 time_argument(shortest_poll)));
  }
  if (plan.timeout && plan.timeout->count() <= 0) {
    throw UsageError("--timeout must be longer than 0");
  }
}

}  // namespace

std::string_view to_string(Order order) noexcept {
  return order == Order::course ? "course" : "limit-first";
}

nanoseconds Plan::total_ramp() const noexcept {
  return nanoseconds(static_cast<std::int64_t>(total_ramp_ns(*this)));
}

Plan make_plan(const std::string& experiment, const Parameters& asked) {
  Plan plan;
  plan.experiment = experiment;
  plan.control = asked.control;
  plan.limit = Limit::of(asked.limit.value_or(Bytes{100 * mebi}));
  plan.swap = asked.swap;
  check_room("limit", plan.limit);
  plan.block = round_up_to_page(asked.block.value_or(default_block(plan)));
  plan.total = round_up_to_page(asked.total.value_or(default_total(plan)));
  if (!asked.block) plan.block = countable_block(plan);
  plan.ramp = asked.ramp.value_or(default_ramp);
  plan.poll = asked.poll.value_or(default_poll(*plan.ramp));
  plan.keep = asked.keep;
  check_total(plan);
  check_course(plan);
  check_ramp(plan);
  plan.timeout = asked.timeout.value_or(plan.total_ramp() + patience);
  check_times(plan);
  return plan;
}

Plan make_command_plan(const Parameters& asked, CommandPlan command) {
  Plan plan;
  plan.experiment = "run";
  plan.swap = asked.swap;
  plan.poll = asked.poll.value_or(default_command_poll);
  plan.keep = asked.keep;
  if (asked.limit) command.limit = Limit::of(*asked.limit);
  plan.limit = command.limit;
  plan.timeout = asked.timeout;
  plan.command = command.command;
  const bool swap_was_asked_for = asked.swap != Limit::of(Bytes{0});
  if (!asked.limit && !swap_was_asked_for) plan.swap = Limit::max();
  plan.run = std::move(command);
  check_room("limit", plan.limit);
  check_room("high", plan.run->high);
  if (plan.run->pids == 0) throw UsageError("--pids must be larger than 0");
  check_times(plan);
  return plan;
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/record/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "lab/base/errors.h"
#include "lab/record/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Bytes default_limit{64 * mebi};
/// Shares of a smaller limit would be lost in the memory that processes need to
/// start.
constexpr Bytes least_for_shares{16 * mebi};
constexpr nanoseconds default_poll = milliseconds(5);
constexpr nanoseconds default_timeout = minutes(2);
/// For a hog whose size the user may choose, and for a command.
constexpr Bytes default_sized_limit{100 * mebi};
constexpr nanoseconds default_ramp = seconds(3);
constexpr nanoseconds default_slow_poll = milliseconds(10);
constexpr nanoseconds default_fast_poll = milliseconds(1);
/// The time that a run may take beyond its ramp before it counts as stuck.
constexpr nanoseconds time_to_spare = seconds(60);
/// The block of the course.
constexpr Bytes course_block{100 * mebi};

constexpr long double longest_ramp_ns = 1e18L;
constexpr nanoseconds shortest_poll = microseconds(100);
/// The hog counts its blocks and refuses more than this, or more memory than
/// that.
constexpr std::uint64_t most_pids = 4194304;  ///< PID_MAX_LIMIT
constexpr std::uint64_t most_blocks = 1000000;
constexpr Bytes largest_total{1024 * gibi * 1024};

/// How many blocks the hog has allocated when it continues after its last
/// pause.
std::uint64_t blocks_before_last_pause(const Plan& plan) {
  const auto& pauses = plan.procedure.processes.front().pauses_after_blocks;
  return pauses.empty() ? 0 : pauses.back();
}

/// Twice the limit and all the swap, so that the hog always reaches it; at
/// least the amount before its last pause, after which the limit is set.
Bytes default_total(const Plan& plan) {
  const std::uint64_t limit = plan.size().count;
  if (plan.control) return Bytes{limit / 4 * 3};
  const std::uint64_t swap = plan.swap.is_max() ? 0 : plan.swap.bytes().count;
  const std::uint64_t total = std::min(2 * limit, largest_total.count) +
                              std::min(swap, largest_total.count);
  const std::uint64_t least =
      blocks_before_last_pause(plan) * plan.block->count;
  return std::min(Bytes{std::max(total, least)}, largest_total);
}

/// Memory is touched, and charged, in whole pages.
Bytes round_up_to_page(Bytes bytes) {
  const std::uint64_t page = cgroupfs::page_size().count;
  return cgroupfs::round_down_to_page(Bytes{bytes.count + page - 1});
}

/// Blocks that are allocated before the limit is set leave half of it free, so
/// that it is accepted, and do not exceed `total`, if given.
Bytes default_block(const Plan& plan, const std::optional<Bytes>& total) {
  const Bytes limit = plan.size();
  const std::uint64_t before = blocks_before_last_pause(plan);
  if (before == 0) return std::min(course_block, limit);
  const Bytes half{limit.count / 2};
  return cgroupfs::round_down_to_page(
      Bytes{std::min(total.value_or(half), half).count / before});
}

/// A default block is large enough for the hog to count all of them.
Bytes countable_block(const Plan& plan) {
  const Bytes least =
      round_up_to_page(Bytes{plan.total->count / most_blocks + 1});
  return std::min(std::max(*plan.block, least), *plan.total);
}

void check_version(const Experiment& experiment, const Parameters& asked) {
  if (!experiment.only ||
      asked.version.value_or(*experiment.only) == *experiment.only) {
    return;
  }
  throw UsageError(fmt::format("'{}' exists only on cgroup {} ({})",
                               experiment.name, to_string(*experiment.only),
                               experiment.only_because.text(Language::en)));
}

void check_room(std::string_view option, const std::optional<Bytes>& limit) {
  if (!limit || *limit >= smallest_limit) return;
  throw UsageError(fmt::format(
      "--{} {} is too small: the process needs memory to start; use at "
      "least {}",
      option, size_argument(*limit), exact_size(smallest_limit)));
}

void check_total(const Plan& plan) {
  const Bytes total = *plan.total;
  const Bytes block = *plan.block;
  if (total.count == 0 || block.count == 0) {
    throw UsageError("--total and --block must be larger than 0");
  }
  if (total > largest_total) {
    throw UsageError(
        fmt::format("--total {} is too large", size_argument(total)));
  }
  if (total.count / block.count >= most_blocks) {
    throw UsageError(
        fmt::format("--block {} is too small for --total {}: at most {} blocks",
                    size_argument(block), size_argument(total), most_blocks));
  }
  const std::uint64_t before = blocks_before_last_pause(plan);
  if (total.count / block.count >= before) return;
  if (plan.total_by_limit) {
    throw UsageError(fmt::format(
        "--block {} is too large: the hog allocates {} blocks before the limit "
        "is set, and {} in all; use at most {}",
        size_argument(block), before, size_argument(total),
        size_argument(
            cgroupfs::round_down_to_page(Bytes{total.count / before}))));
  }
  throw UsageError(
      fmt::format("--total {} is too small: the hog allocates {} times --block "
                  "{} before the limit is set; use at least {}",
                  size_argument(total), before, size_argument(block),
                  size_argument(Bytes{before * block.count})));
}

long double ramp_ns(const Plan& plan, Bytes total) {
  return static_cast<long double>(plan.ramp->count()) *
         static_cast<long double>(total.count) /
         static_cast<long double>(plan.size().count);
}

/// Of the process that allocates most.
Bytes largest_total_of(const Plan& plan) {
  if (plan.total) return *plan.total;
  Bytes largest{0};
  for (const ProcessSpec& process : plan.procedure.processes) {
    largest = std::max(largest, resolve(process.total, plan.limit).bytes());
  }
  return largest;
}

void check_ramp(const Plan& plan) {
  if (!plan.ramp) return;
  const Bytes total = largest_total_of(plan);
  if (ramp_ns(plan, total) <= longest_ramp_ns) return;
  throw UsageError(fmt::format("--ramp {} is too long to allocate {}",
                               time_argument(*plan.ramp),
                               size_argument(total)));
}

void check_times(const Plan& plan) {
  if (plan.poll < shortest_poll) {
    throw UsageError(fmt::format("--poll {} is too short: use at least {}",
                                 time_argument(plan.poll),
                                 time_argument(shortest_poll)));
  }
  if (plan.timeout && plan.timeout->count() <= 0) {
    throw UsageError("--timeout must be longer than 0");
  }
}

/// Shares of the limit in time, too: each process at the given rate, one after
/// the other at worst.
nanoseconds time_to_fill(const Plan& plan) {
  nanoseconds time{0};
  if (!plan.ramp) return time;
  for (const ProcessSpec& process : plan.procedure.processes) {
    if (process.when.control.value_or(plan.control) != plan.control) continue;
    time += plan.ramp_of(resolve(process.total, plan.limit).bytes());
  }
  return time;
}

void size_hog(Plan& plan, const Parameters& asked) {
  plan.block =
      round_up_to_page(asked.block.value_or(default_block(plan, asked.total)));
  plan.total = round_up_to_page(asked.total.value_or(default_total(plan)));
  plan.total_by_limit = !asked.total.has_value();
  if (!asked.block) plan.block = countable_block(plan);
  plan.ramp = asked.ramp.value_or(default_ramp);
  plan.poll = asked.poll.value_or(plan.ramp->count() == 0 ? default_fast_poll
                                                          : default_slow_poll);
  check_total(plan);
  check_ramp(plan);
  plan.timeout =
      asked.timeout.value_or(plan.ramp_of(*plan.total) + time_to_spare);
}

void check_shares(const Plan& plan) {
  if (plan.size() < least_for_shares) {
    throw UsageError(fmt::format("--limit {} is too small: use at least {}",
                                 size_argument(plan.size()),
                                 exact_size(least_for_shares)));
  }
  if (plan.poll > *plan.timeout) {
    throw UsageError(fmt::format(
        "--poll {} is longer than --timeout {}: nothing would be sampled",
        time_argument(plan.poll), time_argument(*plan.timeout)));
  }
}

/// The limit must be reached after the prediction.
void check_prediction(const Plan& plan) {
  nanoseconds before{0};
  for (const Step& each : plan.procedure.steps) {
    before += each.kind == Step::Kind::rest ? each.time : nanoseconds(0);
    if (each.kind != Step::Kind::predict) continue;
    const nanoseconds least = before * 5 / 4;
    if (!plan.ramp || *plan.ramp >= least) return;
    throw UsageError(
        fmt::format("--ramp {} is too short: the prediction is made {} after "
                    "the start; use at least {}",
                    time_argument(*plan.ramp), time_argument(before),
                    time_argument(least)));
  }
}

void keep_shares(Plan& plan, const Parameters& asked) {
  plan.ramp = asked.ramp;
  check_prediction(plan);
  check_ramp(plan);
  plan.poll = asked.poll.value_or(default_poll);
  plan.timeout = asked.timeout.value_or(default_timeout + time_to_fill(plan));
  check_shares(plan);
}

/// The name of its program; a different one where its cgroup has that name.
std::string name_of_command(const std::string& program) {
  const std::string name = std::filesystem::path(program).filename();
  return name.empty() || name == "run" ? "command" : name;
}

Procedure command_procedure(const Parameters& asked) {
  std::vector<Setting> settings;
  if (asked.limit) settings.push_back({File::memory_max, asked.limit->count});
  if (asked.high) settings.push_back({File::memory_high, asked.high->count});
  if (asked.oom_group) {
    settings.push_back({File::memory_oom_group, std::uint64_t{1}});
  }
  if (asked.pids) settings.push_back({File::pids_max, *asked.pids});
  const std::string name = name_of_command(asked.command.front());
  return {
      .cgroups = {{"run", std::move(settings)}},
      .processes = {{.name = name, .cgroup = "run", .command = asked.command}},
      .steps = {step::start(name), step::await_end(name),
                step::await_empty("run")},
      .guard = std::nullopt};
}

}  // namespace

nanoseconds Plan::ramp_of(Bytes bytes) const {
  return nanoseconds(static_cast<std::int64_t>(ramp_ns(*this, bytes)));
}

Plan make_plan(const Experiment& experiment, const Parameters& asked) {
  check_version(experiment, asked);
  Plan plan;
  plan.experiment = experiment.name;
  plan.control = asked.control;
  plan.question = experiment.question;
  plan.prediction = experiment.prediction;
  plan.control_run = experiment.control_run;
  plan.procedure = experiment.procedure;
  const bool sized = experiment.sized_by_user;
  plan.limit = Limit::of(
      asked.limit.value_or(sized ? default_sized_limit : default_limit));
  plan.swap = asked.swap.value_or(plan.swap);
  plan.keep = asked.keep;
  check_room("limit", plan.size());
  if (sized) {
    size_hog(plan, asked);
  } else {
    keep_shares(plan, asked);
  }
  check_times(plan);
  return plan;
}

Plan make_command_plan(const Parameters& requested) {
  Parameters asked = requested;
  if (asked.control) {
    asked.limit = asked.high = std::nullopt;
    asked.pids = std::nullopt;
    asked.swap = std::nullopt;
    asked.oom_group = false;
  }
  if (asked.pids == 0) throw UsageError("--pids must be larger than 0");
  if (asked.pids > most_pids) {
    throw UsageError(fmt::format("--pids {} is too large: use at most {}",
                                 *asked.pids, most_pids));
  }
  check_room("limit", asked.limit);
  check_room("high", asked.high);
  Plan plan;
  plan.experiment = "run";
  plan.control = asked.control;
  plan.control_run = Message("no limit is set", "不设上限");
  if (asked.limit) plan.limit = Limit::of(*asked.limit);
  plan.swap = asked.swap.value_or(asked.limit ? plan.swap : Limit::max());
  plan.poll = asked.poll.value_or(default_slow_poll);
  plan.timeout = asked.timeout;
  plan.keep = asked.keep;
  plan.no_wait = asked.no_wait;
  plan.command = asked.command;
  plan.procedure = command_procedure(asked);
  plan.limits_in_environment = asked.limits_in_environment;
  check_times(plan);
  return plan;
}

nanoseconds longest_wait(const Plan& plan, const Step& step) {
  nanoseconds time = step.time;
  if (!plan.ramp || !makes_claims(plan.procedure)) return time;
  for (const ProcessSpec& each : plan.procedure.processes) time += each.ramp;
  return time;
}

void fit(Plan& plan, const Choice& choice) {
  Procedure& procedure = plan.procedure;
  procedure = select(std::move(procedure), choice);
  if (plan.total) {
    ProcessSpec& hog = procedure.processes.front();
    hog.total = plan.total->count;
    hog.block = plan.block->count;
    for (const std::uint64_t blocks : hog.pauses_after_blocks) {
      hog.pauses.push_back(blocks * plan.block->count);
    }
    // The guard must not kill a hog whose size the user chose.
    if (procedure.guard) procedure.guard = plan.total->count;
  }
  if (!plan.ramp) return;
  for (ProcessSpec& process : procedure.processes) {
    process.ramp = plan.ramp_of(resolve(process.total, plan.limit).bytes());
  }
}

}  // namespace lab

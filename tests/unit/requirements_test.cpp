// SPDX-License-Identifier: MIT
#include "lab/run/requirements.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/experiments/experiment.h"
#include "lab/place/swap.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using cgroupfs::Version;

Plan plan_of(const Parameters& asked, const std::string& experiment) {
  Plan plan = make_plan(experiment_named(experiment), asked);
  fit(plan, {.control = plan.control});
  return plan;
}

Plan plan_of(Bytes limit, Bytes total, const std::string& experiment = "oom") {
  Parameters asked;
  asked.limit = limit;
  asked.total = total;
  return plan_of(asked, experiment);
}

/// For an experiment with claims.
Plan plan_with_shares(Bytes limit) {
  Parameters asked;
  asked.limit = limit;
  return plan_of(asked, "leak");
}

Plan small_plan() {
  return plan_of({4 * mebi}, {8 * mebi});
}

Plan command_plan(std::optional<Bytes> limit) {
  Parameters asked;
  asked.command = {"true"};
  asked.limit = limit;
  return make_command_plan(asked);
}

/// A host without swap with this much available memory.
Environment host_with(std::optional<Bytes> available) {
  Environment environment;
  environment.memory_available = available;
  environment.swap_total = Bytes{0};
  return environment;
}

Placement on(Version version, const std::string& parent = "") {
  Placement placement;
  placement.version = version;
  placement.parent = parent;
  return placement;
}

struct Refusal {
  std::string missing;
  std::string fix;
};

std::optional<Refusal> check(const Plan& plan, const Placement& placement,
                             const Environment& environment) {
  try {
    check_requirements(plan, {}, placement, environment);
  } catch (const Unavailable& error) {
    return Refusal{error.what(), error.fix()};
  }
  return std::nullopt;
}

TEST(LargestClaim, is_the_most_that_the_limit_allows) {
  EXPECT_EQ(largest_claim(plan_of({100 * mebi}, {200 * mebi})),
            Bytes{100 * mebi});
  EXPECT_EQ(largest_claim(plan_of({100 * mebi}, {50 * mebi})),
            Bytes{50 * mebi});
}

/// Plus the memory that its process needs to start, which the guard must allow.
TEST(LargestClaim, is_the_total_where_the_limit_comes_late) {
  for (const std::uint64_t total : {200, 50}) {
    const Plan plan = plan_of({100 * mebi}, {total * mebi}, "course");
    EXPECT_EQ(guard_of(plan), Bytes{(total + 32) * mebi});
    EXPECT_EQ(largest_claim(plan), guard_of(plan));
  }
}

TEST(LargestClaim, is_the_most_that_the_guard_allows) {
  EXPECT_EQ(largest_claim(plan_with_shares({64 * mebi})),
            Bytes{(4 * 64 + 32) * mebi});
}

TEST(LargestClaim, is_unknown_for_a_command) {
  EXPECT_EQ(largest_claim(command_plan(std::nullopt)), std::nullopt);
  EXPECT_EQ(largest_claim(command_plan(Bytes{gibi})), std::nullopt);
}

TEST(CheckRequirements, lets_a_run_claim_half_of_the_free_memory) {
  const Environment host = host_with(Bytes{1000 * mebi});
  const Bytes half{500 * mebi};
  EXPECT_FALSE(check(plan_of(half, {gibi}), on(Version::v2), host));
  const auto refusal =
      check(plan_of({half.count + 1}, {gibi}), on(Version::v2), host);
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->missing, "use 500 MiB (524288001 bytes)"));
  EXPECT_TRUE(has(refusal->missing, "(50 %)"));
  EXPECT_TRUE(has(refusal->missing, "1000 MiB (1048576000 bytes)"));
  EXPECT_TRUE(has(refusal->fix, "--limit 450M"));
}

TEST(CheckRequirements, counts_the_total_of_a_course) {
  const Environment host = host_with(Bytes{1000 * mebi});
  EXPECT_FALSE(
      check(plan_of({400 * mebi}, {800 * mebi}), on(Version::v2), host));
  const auto refusal = check(plan_of({400 * mebi}, {800 * mebi}, "course"),
                             on(Version::v2), host);
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->fix, "--total "));
}

TEST(CheckRequirements, count_all_cgroups_of_an_experiment) {
  const Environment host = host_with(Bytes{1000 * mebi});
  EXPECT_FALSE(check(plan_with_shares({100 * mebi}), on(Version::v2), host));
  const auto refusal =
      check(plan_with_shares({120 * mebi}), on(Version::v2), host);
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->missing, "use 512 MiB"));
}

/// A command may allocate anything: its user chooses the limit.
TEST(CheckRequirements, let_a_command_claim_any_memory) {
  EXPECT_FALSE(check(command_plan(Bytes{gibi}), on(Version::v2),
                     host_with(Bytes{mebi})));
}

TEST(CheckRequirements, proposes_a_usable_limit) {
  const auto refusal = check(small_plan(), on(Version::v2), host_with({{0}}));
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->fix, "--limit 1M"));
}

/// The number after `option` in "use less, for example --limit 450M".
Bytes proposed(const Refusal& refusal, const std::string& option) {
  const std::size_t at = refusal.fix.find(option);
  EXPECT_NE(at, std::string::npos) << refusal.fix;
  if (at == std::string::npos) return Bytes{0};
  return parse_size(refusal.fix.substr(at + option.size()));
}

TEST(CheckRequirements, proposes_a_value_that_is_accepted) {
  for (const std::uint64_t available : {300, 500, 1000, 4000, 100000}) {
    const Environment host = host_with(Bytes{available * mebi});
    const Placement place = on(Version::v2);
    const Bytes much{200 * gibi};

    const auto oom = check(plan_of(much, much), place, host);
    ASSERT_TRUE(oom);
    EXPECT_FALSE(check(plan_of(proposed(*oom, "--limit "), much), place, host))
        << oom->fix << " of " << available << "M";

    const auto course = check(plan_of(much, much, "course"), place, host);
    ASSERT_TRUE(course);
    const Bytes total = proposed(*course, "--total ");
    EXPECT_FALSE(check(plan_of(much, total, "course"), place, host))
        << course->fix << " of " << available << "M";

    for (const bool control : {false, true}) {
      Parameters asked;
      asked.limit = much;
      asked.control = control;
      const auto refusal = check(plan_of(asked, "course"), place, host);
      ASSERT_TRUE(refusal);
      asked.limit = proposed(*refusal, "--limit ");
      EXPECT_FALSE(check(plan_of(asked, "course"), place, host))
          << refusal->fix << " of " << available << "M";
    }

    const auto shares = check(plan_with_shares(much), place, host);
    ASSERT_TRUE(shares);
    EXPECT_FALSE(
        check(plan_with_shares(proposed(*shares, "--limit ")), place, host))
        << shares->fix << " of " << available << "M";
  }
}

constexpr std::string_view commit_text =
    "MemTotal: 1024000 kB\nCommitLimit: 512000 kB\nCommitted_AS: 462800 kB\n";

TEST(Overcommit, of_mode_2_allows_uncommitted_memory) {
  const auto refusal = [](std::uint64_t mebibytes, const char* mode = "2\n") {
    return forbidden_by_overcommit(
        plan_of({mebibytes * mebi}, {mebibytes * mebi}), mode, commit_text);
  };
  EXPECT_FALSE(refusal(48)) << "48.05 MiB are left";
  const auto refused = refusal(49);
  ASSERT_TRUE(refused);
  EXPECT_TRUE(has(refused->what(), "vm.overcommit_memory is 2"));
  EXPECT_TRUE(has(refused->what(), "(50380800 bytes)"));
  EXPECT_TRUE(has(refused->fix(), "sysctl vm.overcommit_memory=0"));
  EXPECT_FALSE(refusal(1000, "0\n"));
  EXPECT_FALSE(refusal(1000, "1\n"));
}

TEST(Overcommit, counts_the_blocks_up_to_the_limit) {
  Parameters asked;
  asked.limit = Bytes{40 * mebi};
  asked.total = Bytes{400 * mebi};
  for (const auto& [block, fits] :
       {std::pair{40u, true}, {16u, true}, {49u, false}, {400u, false}}) {
    asked.block = Bytes{block * mebi};
    EXPECT_EQ(!forbidden_by_overcommit(plan_of(asked, "oom"), "2", commit_text),
              fits)
        << block;
  }
}

TEST(Overcommit, allows_runs_when_it_cannot_be_read) {
  EXPECT_FALSE(forbidden_by_overcommit(small_plan(), "2", ""));
  EXPECT_FALSE(forbidden_by_overcommit(small_plan(), "", commit_text));
}

TEST(CheckRequirements, refuses_nothing_for_unknown_values) {
  EXPECT_FALSE(
      check(plan_of({gibi}, {gibi}), on(Version::v2), host_with(std::nullopt)));
}

TEST(CheckRequirements, needs_swap_accounting_on_a_host_with_swap) {
  const TempFolder parent;
  Environment host = host_with(Bytes{gibi});
  const Placement v1 = on(Version::v1, parent.path());
  EXPECT_FALSE(check(small_plan(), v1, host)) << "no swap";
  host.swap_total = std::nullopt;
  EXPECT_FALSE(check(small_plan(), v1, host)) << "swap unknown";
  host.swap_total = Bytes{gibi};
  const auto refusal = check(small_plan(), v1, host);
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->missing, "swapped out instead of killed"));
  EXPECT_TRUE(has(refusal->fix, "swapaccount=1"));
  EXPECT_TRUE(has(refusal->fix, "--swap max"));
  Plan swapping = small_plan();
  swapping.swap = Limit::max();
  EXPECT_FALSE(check(swapping, v1, host)) << "--swap max";
  parent.add_file("memory.current", "0\n");
  EXPECT_TRUE(check(small_plan(), on(Version::v2, parent.path()), host))
      << "v2 without swap accounting";
  parent.add_file("memory.swap.max", "max\n");
  EXPECT_FALSE(check(small_plan(), on(Version::v2, parent.path()), host));
  parent.add_file("memory.memsw.limit_in_bytes", "0\n");
  EXPECT_FALSE(check(small_plan(), v1, host)) << "accounted";
}

/// There swappiness 0 keeps runs with claims out of swap, but no others.
TEST(CheckRequirements, need_no_accounting_for_claims_without_swap_on_v1) {
  const TempFolder parent;
  Environment host = host_with(Bytes{gibi});
  host.swap_total = Bytes{gibi};
  const Placement v1 = on(Version::v1, parent.path());
  Plan plan = plan_with_shares({64 * mebi});
  EXPECT_FALSE(check(plan, v1, host));
  plan.swap = Limit::of(Bytes{mebi});
  EXPECT_TRUE(check(plan, v1, host));
  plan.swap = Limit::max();
  EXPECT_FALSE(check(plan, v1, host));
}

TEST(CheckRequirements, name_the_command_that_would_be_swapped_out) {
  const TempFolder parent;
  Environment host = host_with(Bytes{gibi});
  host.swap_total = Bytes{gibi};
  const Placement v1 = on(Version::v1, parent.path());
  const auto refusal = check(command_plan(Bytes{8 * mebi}), v1, host);
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->missing, "so the command would be swapped out"));
  EXPECT_FALSE(check(command_plan(std::nullopt), v1, host)) << "no limit";
}

TEST(CheckRequirements, refuse_options_that_v1_lacks) {
  const Environment host = host_with(Bytes{gibi});
  Parameters asked;
  asked.command = {"true"};
  asked.high = Bytes{8 * mebi};
  const auto high = check(make_command_plan(asked), on(Version::v1), host);
  ASSERT_TRUE(high);
  EXPECT_TRUE(has(high->missing, "--high needs memory.high of cgroup v2"));
  EXPECT_FALSE(check(make_command_plan(asked), on(Version::v2), host));
  asked.high.reset();
  asked.oom_group = true;
  const auto group = check(make_command_plan(asked), on(Version::v1), host);
  ASSERT_TRUE(group);
  EXPECT_TRUE(has(group->missing, "--oom-group needs memory.oom.group"));
  EXPECT_FALSE(check(make_command_plan(asked), on(Version::v2), host));
  asked.oom_group = false;
  asked.swap = Limit::of(Bytes{mebi});
  const auto swap = check(make_command_plan(asked), on(Version::v1), host);
  ASSERT_TRUE(swap);
  EXPECT_TRUE(has(swap->missing, "--swap needs a --limit"));
  EXPECT_FALSE(check(make_command_plan(asked), on(Version::v2), host));
}

TEST(CheckRequirements, accepts_a_parent_that_does_not_exist_yet) {
  const Environment host = host_with(Bytes{gibi});
  Environment swapping = host;
  swapping.swap_total = Bytes{gibi};
  const Placement scope = on(Version::v2, "/no/such/slice");
  EXPECT_NO_THROW(check(small_plan(), scope, swapping));
  EXPECT_FALSE(accounts_swap(on(Version::v1, "/no/such/cgroup")));
}

TEST(HostSwaps, is_unknown_where_the_host_does_not_report_it) {
  Environment host;
  EXPECT_EQ(host_swaps(host), std::nullopt);
  host.swap_total = Bytes{0};
  EXPECT_EQ(host_swaps(host), false);
  host.swap_total = Bytes{1};
  EXPECT_EQ(host_swaps(host), true);
}

}  // namespace
}  // namespace lab

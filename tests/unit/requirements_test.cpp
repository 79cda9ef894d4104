// SPDX-License-Identifier: MIT
#include "lab/run/requirements.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "lab/base/errors.h"
#include "lab/place/swap.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using cgroupfs::Version;

Plan plan_of(Bytes limit, Bytes total, const std::string& experiment = "oom") {
  Plan plan;
  plan.experiment = experiment;
  plan.limit = Limit::of(limit);
  plan.total = total;
  return plan;
}

Plan small_plan() {
  return plan_of({4 * mebi}, {8 * mebi});
}

/// A host with so much free memory that does not swap.
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
    check_requirements(plan, placement, environment);
  } catch (const Unavailable& error) {
    return Refusal{error.what(), error.fix()};
  }
  return std::nullopt;
}

TEST(LargestClaim, is_what_the_limit_lets_through) {
  EXPECT_EQ(largest_claim(plan_of({100}, {200})), Bytes{100});
  EXPECT_EQ(largest_claim(plan_of({100}, {50})), Bytes{50});
}

TEST(LargestClaim, is_the_total_where_the_limit_comes_late) {
  EXPECT_EQ(largest_claim(plan_of({100}, {200}, "course")), Bytes{200});
  EXPECT_EQ(largest_claim(plan_of({100}, {50}, "course")), Bytes{50});
}

TEST(CheckRequirements, lets_a_run_claim_half_of_the_free_memory) {
  const Environment host = host_with(Bytes{1000 * mebi});
  const Bytes half{500 * mebi};
  EXPECT_FALSE(check(plan_of(half, {gibi}), on(Version::v2), host));
  const auto refusal =
      check(plan_of({half.count + 1}, {gibi}), on(Version::v2), host);
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->missing, "claim 500 MiB (524288001 bytes)"));
  EXPECT_TRUE(has(refusal->missing, "(50 %)"));
  EXPECT_TRUE(has(refusal->missing, "1000 MiB (1048576000 bytes)"));
  EXPECT_TRUE(has(refusal->fix, "--limit 450M"));
}

TEST(CheckRequirements, counts_the_total_of_a_course) {
  const Environment host = host_with(Bytes{1000 * mebi});
  EXPECT_FALSE(
      check(plan_of({400 * mebi}, {800 * mebi}), on(Version::v2), host));
  EXPECT_TRUE(check(plan_of({400 * mebi}, {800 * mebi}, "course"),
                    on(Version::v2), host));
}

TEST(CheckRequirements, proposes_a_limit_that_can_be_taken) {
  const auto refusal = check(small_plan(), on(Version::v2), host_with({{0}}));
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(has(refusal->fix, "--limit 1M"));
}

TEST(CheckRequirements, refuses_nothing_for_what_is_unknown) {
  EXPECT_FALSE(
      check(plan_of({gibi}, {gibi}), on(Version::v2), host_with(std::nullopt)));
}

TEST(CheckRequirements, wants_swap_accounted_on_a_host_that_swaps) {
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

TEST(CheckRequirements, takes_a_parent_that_is_not_there_yet) {
  const Environment host = host_with(Bytes{gibi});
  Environment swapping = host;
  swapping.swap_total = Bytes{gibi};
  const Placement scope = on(Version::v2, "/no/such/slice");
  EXPECT_NO_THROW(check(small_plan(), scope, swapping));
  EXPECT_FALSE(accounts_swap(on(Version::v1, "/no/such/cgroup")));
}

TEST(HostSwaps, is_unknown_where_the_host_does_not_say) {
  Environment host;
  EXPECT_EQ(host_swaps(host), std::nullopt);
  host.swap_total = Bytes{0};
  EXPECT_EQ(host_swaps(host), false);
  host.swap_total = Bytes{1};
  EXPECT_EQ(host_swaps(host), true);
}

}  // namespace
}  // namespace lab

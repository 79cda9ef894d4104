// SPDX-License-Identifier: MIT
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "cgroupfs/error.h"
#include "tests/support/memory_test.h"

namespace cgroupfs {
namespace {

using test_support::MemoryTest;
using test_support::mib;

using Call = std::function<void(MemoryController&)>;

struct FeatureCalls {
  MemoryFeature feature;
  std::vector<Call> calls;  ///< all that need the feature
};

constexpr Limit some_limit = Limit::of(mib(16));

const std::vector<FeatureCalls> feature_calls = {
    {MemoryFeature::max,
     {[](auto& m) { m.set_max(some_limit); }, [](auto& m) { m.max(); }}},
    {MemoryFeature::swap_max,
     {[](auto& m) { m.set_swap_max(some_limit); },
      [](auto& m) { m.swap_max(); }}},
    {MemoryFeature::memsw_max,
     {[](auto& m) { m.set_memsw_max(some_limit); },
      [](auto& m) { m.memsw_max(); }}},
    {MemoryFeature::high,
     {[](auto& m) { m.set_high(some_limit); }, [](auto& m) { m.high(); }}},
    {MemoryFeature::low,
     {[](auto& m) { m.set_low(some_limit); }, [](auto& m) { m.low(); }}},
    {MemoryFeature::min,
     {[](auto& m) { m.set_min(some_limit); }, [](auto& m) { m.min(); }}},
    {MemoryFeature::soft_limit,
     {[](auto& m) { m.set_soft_limit(some_limit); },
      [](auto& m) { m.soft_limit(); }}},
    {MemoryFeature::oom_group,
     {[](auto& m) { m.set_oom_group(true); }, [](auto& m) { m.oom_group(); }}},
    {MemoryFeature::swappiness,
     {[](auto& m) { m.set_swappiness(10); }, [](auto& m) { m.swappiness(); }}},
    {MemoryFeature::usage, {[](auto& m) { m.usage(); }}},
    {MemoryFeature::swap_usage, {[](auto& m) { m.swap_usage(); }}},
    {MemoryFeature::peak, {[](auto& m) { m.peak(); }}},
    {MemoryFeature::stat, {[](auto& m) { m.stat(); }}},
    {MemoryFeature::events, {[](auto& m) { m.events(); }}},
    {MemoryFeature::local_events, {[](auto& m) { m.local_events(); }}},
    {MemoryFeature::failcnt, {[](auto& m) { m.failcnt(); }}},
    {MemoryFeature::memsw_failcnt, {[](auto& m) { m.memsw_failcnt(); }}},
    {MemoryFeature::oom_kills, {[](auto& m) { m.oom_kills(); }}},
    {MemoryFeature::oom_control,
     {[](auto& m) { m.oom_control(); },
      [](auto& m) { m.set_oom_kill_disable(false); }}},
    {MemoryFeature::reclaim, {[](auto& m) { m.reclaim({0}); }}},
    {MemoryFeature::pressure, {[](auto& m) { m.pressure(); }}},
};

std::vector<MemoryFeature> of_every_kernel(Version version) {
  using enum MemoryFeature;
  if (version == Version::v1) {
    return {max, swappiness, usage, peak, stat, failcnt, oom_control};
  }
  return {max, high, low, usage, stat, events};
}

class CapabilitiesTest : public MemoryTest {};

TEST_F(CapabilitiesTest, lists_each_feature_once_in_order) {
  const auto made = make_memory();
  const auto capabilities = made.memory->capabilities();
  ASSERT_EQ(capabilities.size(), feature_calls.size());
  for (std::size_t i = 0; i < capabilities.size(); ++i) {
    EXPECT_EQ(capabilities[i].feature, feature_calls[i].feature);
  }
}

TEST_F(CapabilitiesTest, has_what_every_kernel_of_the_version_has) {
  const auto made = make_memory();
  for (const auto feature : of_every_kernel(version())) {
    EXPECT_EQ(test_support::missing(*made.memory, feature), "");
  }
}

TEST_F(CapabilitiesTest, present_features_work_and_name_their_file) {
  const auto made = make_memory();
  for (const auto& capability : made.memory->capabilities()) {
    if (!capability.present) continue;
    SCOPED_TRACE(to_string(capability.feature));
    EXPECT_EQ(capability.reason, "");
    EXPECT_TRUE(made.group.directory().exists(capability.file));
    const auto index = static_cast<std::size_t>(capability.feature);
    for (const auto& call : feature_calls.at(index).calls) {
      EXPECT_NO_THROW(call(*made.memory));
    }
  }
}

void expect_not_supported(const Call& call, MemoryController& memory,
                          const std::string& reason) {
  try {
    call(memory);
    ADD_FAILURE() << "did not throw NotSupported";
  } catch (const NotSupported& error) {
    EXPECT_NE(error.feature(), "");
    EXPECT_EQ(error.reason(), reason);
  }
}

TEST_F(CapabilitiesTest, absent_features_throw_their_reason) {
  const auto made = make_memory();
  for (const auto& capability : made.memory->capabilities()) {
    if (capability.present) continue;
    SCOPED_TRACE(to_string(capability.feature));
    EXPECT_NE(capability.reason, "");
    const auto index = static_cast<std::size_t>(capability.feature);
    for (const auto& call : feature_calls.at(index).calls) {
      expect_not_supported(call, *made.memory, capability.reason);
    }
  }
}

TEST_F(CapabilitiesTest, no_version_emulates_the_other) {
  using enum MemoryFeature;
  const std::vector<MemoryFeature> v1_only = {
      memsw_max, soft_limit, swappiness, failcnt, memsw_failcnt, oom_control};
  const std::vector<MemoryFeature> v2_only = {
      swap_max, high,         low,     min,     oom_group,
      events,   local_events, reclaim, pressure};
  const auto made = make_memory();
  for (const auto feature : version() == Version::v1 ? v2_only : v1_only) {
    EXPECT_NE(test_support::missing(*made.memory, feature), "");
  }
}

TEST_F(CapabilitiesTest, a_directory_without_controller_is_not_supported) {
  const auto group = Cgroup::open("/proc/self", version());
  EXPECT_THROW(open_memory(group), NotSupported);
}

TEST_F(CapabilitiesTest, a_gone_cgroup_is_a_file_error_not_a_missing_feature) {
  auto made = make_memory();
  made.group.remove();
  EXPECT_THROW(made.memory->usage(), FileError);
  EXPECT_THROW(made.memory->max(), FileError);
  EXPECT_THROW(made.memory->set_max(some_limit), FileError);
  EXPECT_THROW(made.memory->oom_kills(), FileError);
}

}  // namespace
}  // namespace cgroupfs

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"

namespace test_support {

constexpr cgroupfs::Bytes mib(std::uint64_t count) {
  return {count * 1024 * 1024};
}

/// A cgroup with its memory controller.
struct MemoryGroup {
  cgroupfs::Cgroup group;
  cgroupfs::Memory memory;
};

/// Creates memory cgroups on the hierarchy of this host, named
/// "cglab.test.PID-NUMBER". Each removes itself at the end of its test, passed
/// or failed. Skips where no cgroup can be created, and names the missing
/// feature; fails there when the environment variable CGLAB_TEST_CGROUP (v1 or
/// v2) names the required hierarchy.
class MemoryTest : public testing::Test {
 protected:
  void SetUp() override;
  /// Fails when a cgroup was left behind, and removes it.
  void TearDown() override;

  cgroupfs::Version version() const { return version_; }
  const cgroupfs::Directory& parent() const { return *parent_; }

  cgroupfs::Cgroup make_group();
  /// A cgroup without a limit.
  MemoryGroup make_memory();
  /// A cgroup with this limit that cannot swap.
  MemoryGroup make_limited(cgroupfs::Bytes limit);
  /// A child of `above`; on v2 `above` first enables memory for its children.
  MemoryGroup make_below(const cgroupfs::Cgroup& above);

 private:
  /// Empty, or why there is none.
  std::string find_parent();
  std::string next_name();

  cgroupfs::Version version_ = cgroupfs::Version::v2;
  std::optional<cgroupfs::Directory> parent_;
};

/// Empty when `memory` has `file`; else the text of the skip.
std::string missing(const cgroupfs::Memory& memory, cgroupfs::File file);

/// Keeps `memory`, which is limited, and its descendants from swapping: on v1,
/// where each cgroup has its own swappiness, with a limit on memory plus swap.
void forbid_swap_below(const cgroupfs::Memory& memory);

/// Keeps `memory` from swapping: limit 0 on v2, swappiness 0 on v1.
void forbid_swap(const cgroupfs::Memory& memory);

/// Whether this host has swap space in use.
bool host_has_swap();

}  // namespace test_support

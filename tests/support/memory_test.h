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

/// A cgroup with the controller that rules it.
struct MemoryGroup {
  cgroupfs::Cgroup group;
  cgroupfs::Memory memory;
};

/// Makes memory cgroups on the hierarchy of this host, named
/// "cglab.test.PID-NUMBER". Each removes itself at the end of the test that
/// made it, passed or failed. Skips where no cgroup can be made, and names what
/// is missing; fails there when the environment variable CGLAB_TEST_CGROUP (v1
/// or v2) says which hierarchy has to be found.
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
  /// A child of `above`; on v2 `above` delegates its memory controller first.
  MemoryGroup make_below(const cgroupfs::Cgroup& above);

 private:
  /// Empty, or why there is none.
  std::string find_parent();
  std::string next_name();

  cgroupfs::Version version_ = cgroupfs::Version::v2;
  std::optional<cgroupfs::Directory> parent_;
};

/// Empty when `memory` has `file`; else what a skip has to say.
std::string missing(const cgroupfs::Memory& memory, cgroupfs::File file);

/// Keeps `memory`, which is limited, and all below it from swapping: on v1,
/// where swappiness is each cgroup's own, by a limit of memory plus swap.
void forbid_swap_below(const cgroupfs::Memory& memory);

/// Keeps `memory` from swapping: limit 0 on v2, swappiness 0 on v1.
void forbid_swap(const cgroupfs::Memory& memory);

/// Whether this host has swap space switched on.
bool host_has_swap();

}  // namespace test_support

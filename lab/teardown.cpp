// SPDX-License-Identifier: MIT
#include "lab/teardown.h"

#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"

namespace lab {
namespace {

void enable_oom_killer(const cgroupfs::Cgroup& group) {
  if (group.version() != cgroupfs::Version::v1) return;
  const auto text = group.directory().try_read("memory.oom_control");
  if (text && cgroupfs::parse_oom_control(*text).oom_kill_disable) {
    group.directory().write("memory.oom_control", "0");
  }
}

}  // namespace

void tear_down(cgroupfs::Cgroup& group) {
  enable_oom_killer(group);
  group.kill();
  group.remove();
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/place/teardown.h"

#include <vector>

#include "cgroupfs/memory.h"
#include "lab/base/errors.h"
#include "lab/place/held.h"

namespace lab {
namespace {

constexpr auto control_file = cgroupfs::File::memory_oom_control;

void enable_oom_killer_in(const cgroupfs::Directory& directory) {
  const auto text = directory.try_read(name_of(control_file));
  if (text && cgroupfs::parse_oom_control(*text).oom_kill_disable) {
    directory.write(name_of(control_file), "0");
  }
  for (const std::string& name : directory.subdirectories()) {
    enable_oom_killer_in(directory.open_directory(name));
  }
}

}  // namespace

void enable_oom_killer(const cgroupfs::Cgroup& group) {
  if (group.has(control_file)) enable_oom_killer_in(group.directory());
}

void tear_down(cgroupfs::Cgroup& group) {
  enable_oom_killer(group);
  // A fork bomb could fork faster than it is killed.
  if (group.has(cgroupfs::File::pids_max)) {
    group.write(cgroupfs::File::pids_max, "0");
  }
  const std::vector<HeldProcess> held = kill_all(group);
  if (!held.empty()) throw RunError(held_text(held));
  group.remove();
}

}  // namespace lab

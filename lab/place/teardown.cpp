// SPDX-License-Identifier: MIT
#include "lab/place/teardown.h"

#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"

namespace lab {
namespace {

void enable_oom_killer_in(const cgroupfs::Directory& directory) {
  const auto text = directory.try_read("memory.oom_control");
  if (text && cgroupfs::parse_oom_control(*text).oom_kill_disable) {
    directory.write("memory.oom_control", "0");
  }
  for (const std::string& name : directory.subdirectories()) {
    enable_oom_killer_in(directory.open_directory(name));
  }
}

}  // namespace

void enable_oom_killer(const cgroupfs::Cgroup& group) {
  if (group.version() != cgroupfs::Version::v1) return;
  enable_oom_killer_in(group.directory());
}

void tear_down(cgroupfs::Cgroup& group) {
  enable_oom_killer(group);
  group.kill();
  group.remove();
}

}  // namespace lab

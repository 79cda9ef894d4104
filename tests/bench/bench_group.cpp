// SPDX-License-Identifier: MIT
#include "tests/bench/bench_group.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/place/owner.h"

namespace bench {
namespace {

lab::Placement choose() {
  try {
    return lab::choose_placement({});
  } catch (const lab::Unavailable& error) {
    std::fprintf(stderr, "lab_bench: cannot run here: %s\n", error.what());
    std::exit(lab::exit_unavailable);
  }
}

}  // namespace

const lab::Placement& placement() {
  static const lab::Placement chosen = choose();
  return chosen;
}

cgroupfs::Cgroup make_group() {
  static const lab::Owner owner = lab::this_process();
  static unsigned number = 0;
  static const auto parent = cgroupfs::Directory::open(placement().parent);
  const std::string what = "bench-" + std::to_string(++number);
  return cgroupfs::Cgroup::create(parent, lab::group_name(what, owner),
                                  placement().version);
}

std::string program(const std::string& folder, const std::string& name) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto beside = self.parent_path() / name;
  if (std::filesystem::exists(beside)) return beside;
  return self.parent_path().parent_path().parent_path() / folder / name;
}

}  // namespace bench

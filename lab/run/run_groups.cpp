// SPDX-License-Identifier: MIT
#include "lab/run/run_groups.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/advice.h"
#include "lab/place/owner.h"
#include "lab/place/teardown.h"
#include "lab/run/apply_limits.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;

/// Room for what the hog needs besides the memory that it takes on purpose.
constexpr Bytes own_needs{16 * mebi};

std::string make_name(const Plan& plan) {
  const Owner owner = this_process();
  return plan.keep ? kept_group_name(plan.experiment, owner)
                   : group_name(plan.experiment, owner);
}

Cgroup create(const cgroupfs::Directory& parent, const std::string& name,
              cgroupfs::Version version) {
  try {
    return Cgroup::create(parent, name, version);
  } catch (const cgroupfs::FileError& error) {
    const int code = error.code().value();
    if (code != EACCES && code != EPERM && code != EROFS) throw;
    throw Unavailable(error.what(), advice_for(error));
  }
}

Cgroup make_child_group(const Cgroup& top, const std::string& name) {
  top.directory().make_directory(name);
  return Cgroup::open(top.directory().path_of(name), top.version());
}

/// The hog must never run without a limit that was read back.
void hold_with_outer_limit(const Cgroup& top, const Plan& plan) {
  const auto memory = cgroupfs::Memory::open(top);
  const Bytes outer =
      cgroupfs::round_down_to_page(Bytes{plan.total->count + own_needs.count});
  const LimitRecord record = set_hard_limit(memory, outer);
  if (!is_in_force(record, outer)) {
    throw RunError(fmt::format("the outer limit {} of {} is not in force: {}",
                               outer.count, top.path(),
                               record.error.value_or("read back otherwise")));
  }
}

}  // namespace

cgroupfs::Cgroup make_run_group(const Plan& plan, const Placement& placement) {
  const auto parent = cgroupfs::Directory::open(placement.parent);
  Cgroup top = create(parent, make_name(plan), placement.version);
  if (!lock_group(top)) {
    throw RunError(fmt::format("lock {}: another process holds it; try again",
                               top.path()));
  }
  return top;
}

RunGroups RunGroups::create(const Plan& plan, const Placement& placement) {
  RunGroups groups(make_run_group(plan, placement));
  if (is_course(plan)) groups.make_course_groups(plan);
  groups.memory_ = cgroupfs::Memory::open(groups.target());
  if (groups.inside_) {
    groups.outside_memory_ = cgroupfs::Memory::open(*groups.outside_);
    groups.top_memory_ = cgroupfs::Memory::open(groups.top_);
  }
  return groups;
}

void RunGroups::make_course_groups(const Plan& plan) {
  hold_with_outer_limit(top_, plan);
  top_.enable_for_children("memory");
  outside_ = make_child_group(top_, "outside");
  inside_ = make_child_group(top_, "memorydemo");
}

void RunGroups::remove() {
  tear_down(top_);
}

void RunGroups::keep() {
  top_.kill();
  top_.disown();
}

}  // namespace lab

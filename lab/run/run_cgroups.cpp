// SPDX-License-Identifier: MIT
#include "lab/run/run_cgroups.h"

#include <errno.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/place/advice.h"
#include "lab/place/held.h"
#include "lab/place/owner.h"
#include "lab/place/swap.h"
#include "lab/place/teardown.h"
#include "lab/run/membership.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::File;

std::string make_name(const Plan& plan) {
  const Owner owner = this_process();
  return plan.keep ? kept_group_name(plan.experiment, owner)
                   : group_name(plan.experiment, owner);
}

/// The number in `file`; nullopt where it is absent.
std::optional<std::string> number_in(const Cgroup& cgroup, File file) {
  const auto text = cgroup.read(file);
  if (!text) return std::nullopt;
  return std::string(cgroupfs::trim(*text));
}

/// Where memory shares its hierarchy with cpuset, whose new cgroups are empty
/// and accept no process (ENOSPC).
void copy_cpuset(const Cgroup& cgroup, const cgroupfs::Directory& parent) {
  if (cgroup.version() == cgroupfs::Version::v2) return;
  for (const File file : {File::cpuset_cpus, File::cpuset_mems}) {
    if (number_in(cgroup, file) != "") continue;
    const auto text = parent.try_read(name_of(file));
    if (text) cgroup.write(file, cgroupfs::trim(*text));
  }
}

Cgroup make_top(const Plan& plan, const Placement& placement) {
  const auto parent = cgroupfs::Directory::open(placement.parent);
  try {
    Cgroup top = Cgroup::create(parent, make_name(plan), placement.version);
    require_lock(top);
    copy_cpuset(top, parent);
    return top;
  } catch (const cgroupfs::FileError& error) {
    const int code = error.code().value();
    if (code != EACCES && code != EPERM && code != EROFS) throw;
    throw Unavailable(error.what(), advice_for(error));
  }
}

/// Also pids, if `cgroup` has it and the run has a pids limit.
void enable_controllers(const Cgroup& cgroup, const Procedure& procedure) {
  cgroup.enable_for_children("memory");
  if (limits_tasks(procedure) && cgroup.has(File::pids_max)) {
    cgroup.enable_for_children("pids");
  }
}

/// On v1 a new cgroup inherits these settings of its parent
/// (mem_cgroup_css_alloc(), cgroup_create()): a hog would sleep forever where
/// the OOM killer is disabled, the host's release agent would remove a cgroup
/// that is empty for a moment, and nothing would be swapped where swappiness is
/// 0.
void set_what_is_inherited(const Cgroup& cgroup) {
  if (cgroup.version() == cgroupfs::Version::v2) return;
  enable_oom_killer(cgroup);
  if (number_in(cgroup, File::notify_on_release).value_or("0") != "0") {
    cgroup.write(File::notify_on_release, "0");
  }
  const std::string host =
      cgroupfs::try_read_file("/proc/sys/vm/swappiness").value_or("");
  const auto own = number_in(cgroup, File::memory_swappiness);
  const std::string_view wanted = cgroupfs::trim(host);
  if (own && !wanted.empty() && *own != wanted) {
    cgroup.write(File::memory_swappiness, wanted);
  }
}

bool is_flat(const Cgroup& cgroup) {
  const auto text = cgroup.read(File::memory_use_hierarchy);
  return text && text->starts_with('0');
}

/// v1 before 5.11: a cgroup need not count its descendants, and its limit would
/// not apply to them.
void count_what_is_below(const Cgroup& top) {
  if (!is_flat(top)) return;
  std::string answer;
  try {
    top.write(File::memory_use_hierarchy, "1");
  } catch (const cgroupfs::FileError& error) {
    answer = fmt::format(" ({})", error.code().message());
  }
  if (!is_flat(top)) return;
  throw Unavailable(
      fmt::format("{} of {} cannot be set to 1{}: its limit would not apply to "
                  "its descendants",
                  name_of(File::memory_use_hierarchy), top.path(), answer),
      "use --parent with a cgroup that has no children");
}

/// `cleanup` has the cgroups that were removed, kept, or left because of an
/// error.
template <typename End>
void end_one(const std::string& path, bool keep, Cleanup& cleanup,
             const End& end) {
  try {
    end();
    if (keep) cleanup.left.push_back(path);
  } catch (const std::exception& error) {
    note_left_behind(cleanup, path, error.what());
  }
}

}  // namespace

RunCgroups::RunCgroups(const Plan& plan, const Placement& placement,
                       const Environment& environment, OnWrite on_write)
    : plan_(plan),
      placement_(placement),
      environment_(environment),
      on_write_(std::move(on_write)),
      top_(make_top(plan, placement)) {
  set_what_is_inherited(top_);
  if (plan.procedure.guard) return;
  cgroups_.push_back({plan.procedure.cgroups.front().name, top_.borrow(),
                      cgroupfs::Memory::open(top_)});
}

void RunCgroups::build() {
  const Procedure& procedure = plan_.procedure;
  if (procedure.guard) {
    guard();
    for (const CgroupSpec& spec : procedure.cgroups) make(spec);
  }
  for (const CgroupSpec& spec : procedure.cgroups) {
    if (is_limited_later(procedure, spec)) continue;
    RunCgroup& cgroup = at(spec.name);
    const auto refused = limit(cgroup, spec.settings);
    if (refused) throw RunError(refused->text(cgroup.cgroup.path()));
  }
}

/// The processes must never run without a limit that was read back.
void RunCgroups::guard() {
  guard_memory_ = cgroupfs::Memory::open(top_);
  count_what_is_below(top_);
  const Written written =
      write_limit(*guard_memory_, File::memory_max, Limit::of(guard_of(plan_)));
  if (!written.in_force) {
    throw RunError("the outer limit: " + written.text(top_.path()));
  }
  enable_controllers(top_, plan_.procedure);
}

void RunCgroups::make(const CgroupSpec& spec) {
  top_.directory().make_directory(spec.name);
  Cgroup cgroup =
      Cgroup::open(top_.directory().path_of(spec.name), top_.version());
  copy_cpuset(cgroup, top_.directory());
  auto memory = cgroupfs::Memory::open(cgroup);
  if (is_above_others(plan_.procedure, spec.name)) {
    enable_controllers(cgroup, plan_.procedure);
  }
  cgroups_.push_back({spec.name, std::move(cgroup), std::move(memory)});
}

RunCgroup& RunCgroups::at(const std::string& name) {
  for (RunCgroup& cgroup : cgroups_) {
    if (cgroup.name == name) return cgroup;
  }
  throw std::logic_error("the run has no cgroup " + name);
}

Written RunCgroups::write(RunCgroup& cgroup, const Setting& setting) {
  const Limit value = resolve(setting.value, plan_.limit);
  if (setting.file == File::pids_max) {
    return limit_tasks(cgroup, value.bytes().count);
  }
  Written written = setting.file == File::memory_swap_max
                        ? write_swap_limit(cgroup.memory, value)
                        : write_limit(cgroup.memory, setting.file, value);
  if (written.refused != 0 || written.in_force) return written;
  throw RunError(written.text(cgroup.cgroup.path()));
}

std::optional<Written> RunCgroups::limit(RunCgroup& cgroup,
                                         const std::vector<Setting>& settings) {
  const bool own_swap = has_setting(settings, File::memory_swap_max);
  for (const Setting& setting :
       with_swap_limit(settings, plan_, environment_)) {
    const bool is_plans = setting.file == File::memory_swap_max && !own_swap;
    const Written written = is_plans
                                ? write_swap_limit(cgroup.memory, plan_.swap)
                                : write(cgroup, setting);
    on_write_(cgroup, written);
    if (written.refused != 0) return written;
    if (is_plans) require_swap_limit(cgroup, written);
  }
  return std::nullopt;
}

void RunCgroups::require_swap_limit(const RunCgroup& cgroup,
                                    const Written& written) const {
  if (written.in_force) return;
  // The file is absent, because there is no swap.
  const bool absent = !written.record.actual;
  if (absent && !host_swaps(environment_).value_or(false)) return;
  if (!absent) throw RunError(written.text(cgroup.cgroup.path()));
  throw RunError(fmt::format(
      "swap cannot be limited, so the {} would be swapped out instead of "
      "killed: {}: {}; accept this with --swap max",
      is_command(plan_) ? "command" : "hog", written.record.file,
      *written.record.error));
}

Written RunCgroups::limit_tasks(const RunCgroup& cgroup, std::uint64_t tasks) {
  pids_.emplace(PidsLimit::create(tasks, cgroup.cgroup, top_, placement_));
  Written written;
  written.record.file = name_of(File::pids_max);
  written.record.asked = std::to_string(tasks);
  written.record.actual = Limit::of(Bytes{tasks});
  written.in_force = true;
  return written;
}

void RunCgroups::enable_oom_killer() const {
  lab::enable_oom_killer(top_);
}

bool RunCgroups::are_there() const {
  return std::all_of(
      cgroups_.begin(), cgroups_.end(), [](const RunCgroup& each) {
        return each.cgroup.directory().exists(name_of(File::cgroup_procs));
      });
}

bool RunCgroups::have_memory() const {
  return std::all_of(cgroups_.begin(), cgroups_.end(),
                     [](const RunCgroup& each) {
                       return each.memory.has(File::memory_current);
                     });
}

bool RunCgroups::populated() const {
  return first().cgroup.populated() ||
         (has_own_pids() && pids_->own()->populated());
}

bool RunCgroups::was_renamed() const {
  const auto now = top_.directory().path_now();
  return now && *now != top_.path();
}

std::vector<HeldProcess> RunCgroups::kill_inside() {
  if (pids_) pids_->refuse_forks();
  std::vector<HeldProcess> held = kill_all(first().cgroup);
  if (!has_own_pids()) return held;
  for (HeldProcess& each : kill_all(*pids_->own())) {
    held.push_back(std::move(each));
  }
  return held;
}

std::vector<HeldProcess> RunCgroups::end(bool keep, Cleanup& cleanup) {
  const std::string path = top_.path();
  const auto pids_path = pids_ ? pids_->own_path() : std::nullopt;
  cleanup.removed = !keep;
  std::vector<HeldProcess> held;
  end_one(path, keep, cleanup, [&] {
    if (top_.populated()) leave_if_inside(top_, placement_);
    enable_oom_killer();
    if (pids_ && populated()) pids_->refuse_forks();
    held = kill_all(top_);
    if (!held.empty()) throw RunError(held_text(held));
    if (!keep) return top_.remove();
    if (pids_ && !pids_path) pids_->keep();
  });
  // The remaining processes were reported: they are not waited for again.
  top_.disown();
  if (!pids_path) return held;
  end_one(*pids_path, keep, cleanup, [&] {
    if (!keep && held.empty()) return pids_->remove();
    pids_->keep();
    if (!held.empty()) throw RunError(held_text(held));
  });
  return held;
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/run/pids_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/base/shell_quote.h"
#include "lab/place/advice.h"
#include "lab/place/missing_controller.h"
#include "lab/place/orphans.h"
#include "lab/place/owner.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::Hierarchy;

Hierarchy pids_hierarchy() {
  const auto search = cgroupfs::find_controller("pids");
  if (search.v2) return *search.v2;
  if (search.v1) return *search.v1;
  throw Unavailable(
      fmt::format("pids limit: no pids controller: {}; {}",
                  search.v2_absent_because, search.v1_absent_because),
      missing_controller_cure("pids"));
}

[[noreturn]] void not_enabled(const std::string& parent) {
  throw Unavailable(
      fmt::format(
          "pids limit: the pids controller is not enabled for the children of "
          "{}",
          parent),
      "if nothing else manages it:" +
          root_command(fmt::format("echo +pids > {}/{}", shell_quote(parent),
                                   name_of(File::cgroup_subtree_control))));
}

Cgroup make_group(const Directory& parent, const std::string& name,
                  cgroupfs::Version version) try {
  return Cgroup::create(parent, name, version);
} catch (const cgroupfs::FileError& error) {
  const int code = error.code().value();
  if (code != EACCES && code != EPERM && code != EROFS) throw;
  throw Unavailable(error.what(), advice_for(error));
}

std::string parent_in(const Hierarchy& hierarchy) {
  return hierarchy.own_directory().value_or(hierarchy.mount_point);
}

/// Next to the own cgroup of this process in the hierarchy of the controller.
Cgroup make_beside(const Hierarchy& hierarchy, const std::string& name) {
  const std::string path = parent_in(hierarchy);
  const Directory parent = Directory::open(path);
  handle_orphans_in(parent, hierarchy.version, OrphanAction::remove);
  Cgroup group = make_group(parent, name, hierarchy.version);
  if (!group.has(File::pids_max)) not_enabled(path);
  require_lock(group);
  return group;
}

}  // namespace

PidsLimit::PidsLimit(std::optional<Cgroup> own, const Cgroup& group)
    : own_(std::move(own)), pids_(own_ ? own_->borrow() : group.borrow()) {}

PidsLimit PidsLimit::create(std::uint64_t tasks, const Cgroup& group,
                            const Cgroup& top, const Placement& placement) {
  const Hierarchy hierarchy = pids_hierarchy();
  std::optional<Cgroup> own;
  if (hierarchy.mount_point != placement.hierarchy.mount_point) {
    own.emplace(
        make_beside(hierarchy, std::filesystem::path(top.path()).filename()));
  } else if (!group.has(File::pids_max)) {
    not_enabled(placement.parent);
  }
  PidsLimit limit(std::move(own), group);
  limit.set(tasks);
  return limit;
}

std::optional<std::string> PidsLimit::parent_beside(
    const Placement& placement) {
  const Hierarchy hierarchy = pids_hierarchy();
  if (hierarchy.mount_point != placement.hierarchy.mount_point) {
    return parent_in(hierarchy);
  }
  // Where the place needs preparation, it is enabled then.
  const auto parent = Directory::open(placement.parent);
  const auto control =
      parent.try_read(name_of(File::cgroup_subtree_control)).value_or("");
  const auto words = cgroupfs::split_words(cgroupfs::trim(control));
  const bool enabled =
      std::find(words.begin(), words.end(), "pids") != words.end();
  if (placement.preparation == Preparation::none && !enabled) {
    not_enabled(placement.parent);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> PidsLimit::max() const {
  const std::string text = pids_.directory().read(name_of(File::pids_max));
  if (cgroupfs::trim(text) == "max") return std::nullopt;
  return cgroupfs::parse_u64(text);
}

void PidsLimit::set(std::uint64_t tasks) const {
  pids_.write(File::pids_max, std::to_string(tasks));
  const auto actual = max();
  if (actual == tasks) return;
  throw RunError(fmt::format("{} of {}: requested {}, the kernel has {}",
                             name_of(File::pids_max), pids_.path(), tasks,
                             actual ? std::to_string(*actual) : "max"));
}

void PidsLimit::join(pid_t pid) const {
  if (own_) own_->add(pid);
}

void PidsLimit::refuse_forks() {
  if (state_before_) return;
  state_before_ = state();
  if (state_before_) pids_.write(File::pids_max, "0");
}

std::optional<PidsLimit::State> PidsLimit::state() const try {
  if (state_before_) return state_before_;
  std::optional<std::uint64_t> refused;
  if (const auto events = pids_.read(File::pids_events)) {
    refused = cgroupfs::find(cgroupfs::parse_flat_keyed(*events), "max");
  }
  return State{max(), refused};
} catch (const cgroupfs::FileError& error) {
  if (!cgroupfs::is_absent(error.code().value())) throw;
  return std::nullopt;
}

std::optional<std::uint64_t> PidsLimit::refused() const {
  const auto now = state();
  return now ? now->refused : std::nullopt;
}

std::optional<std::string> PidsLimit::own_path() const {
  return own_ ? std::optional(own_->path()) : std::nullopt;
}

void PidsLimit::remove() {
  if (!own_) return;
  own_->kill();
  own_->remove();
}

void PidsLimit::keep() {
  if (own_) own_->disown();
  if (!state_before_) return;
  const auto& max = state_before_->max;
  pids_.write(File::pids_max, max ? std::to_string(*max) : "max");
}

}  // namespace lab

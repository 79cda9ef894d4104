// SPDX-License-Identifier: MIT
#include "lab/inspect/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cgroupfs/directory.h"
#include "cgroupfs/mountinfo.h"
#include "lab/base/errors.h"
#include "lab/inspect/cgroup_state.h"
#include "lab/inspect/gaps.h"
#include "lab/inspect/inspect_messages.h"
#include "lab/inspect/process_state.h"
#include "lab/inspect/subject.h"
#include "lab/place/memory_access.h"

namespace lab {
namespace {

namespace messages = inspect_messages;

using cgroupfs::Mount;

class Inspector {
 public:
  explicit Inspector(const std::string& argument)
      : mounts_(cgroupfs::parse_mountinfo(
            cgroupfs::read_file("/proc/self/mountinfo"))),
        found_(find_subject(argument, mounts_)) {
    result_.time = std::chrono::system_clock::now();
    result_.subject = found_.subject;
  }

  Inspection run();

 private:
  void look_at_process();
  void read_places();
  bool is_elsewhere(const char* controller) const;
  const CgroupPlace* find_place(const char* controller, const Message& what);
  void read_limits_of_places();
  void read_processes();
  template <typename Value, typename Read>
  void unless_ended(Value& value, const Read& read);

  std::vector<Mount> mounts_;
  FoundSubject found_;
  std::optional<CgroupPlace> own_place_;  ///< of found_.directory
  pid_t thread_ = 0;                      ///< whose files are read
  Inspection result_;
};

Inspection Inspector::run() {
  if (found_.process) look_at_process();
  read_places();
  read_limits_of_places();
  read_processes();
  result_.container = find_container(result_.cgroups, result_.namespaces);
  return std::move(result_);
}

void Inspector::look_at_process() {
  const pid_t pid = found_.process->pid();
  thread_ = living_thread(pid);
  if (thread_ == pid && found_.process->is_exiting()) {
    found_.process->refuse_exiting();
  }
}

/// Another process may get the same id at any moment: what was read counts only
/// while this one has not ended.
template <typename Value, typename Read>
void Inspector::unless_ended(Value& value, const Read& read) {
  if (!found_.process || result_.ended) return;
  const std::size_t gaps_before = result_.gaps.size();
  auto taken = read();
  result_.ended = found_.process->has_ended();
  if (result_.ended) {
    result_.gaps.resize(gaps_before);
  } else if (taken) {
    value = *std::move(taken);
  }
}

void Inspector::read_places() {
  if (found_.directory) {
    CgroupPlaces places =
        places_at(*found_.directory, mounts_, found_.subject.pid);
    own_place_ = std::move(places.own);
    result_.cgroups = std::move(places.all);
    result_.member = places.member;
    return;
  }
  unless_ended(result_.cgroups, [this] {
    return try_to(result_.gaps, messages::cgroups,
                  fmt::format("/proc/{}/cgroup", thread_),
                  [this] { return places_of(thread_, mounts_); });
  });
  if (!result_.ended) return;
  throw RunError(fmt::format("process {} ended during the inspection",
                             found_.process->pid()));
}

constexpr char not_mounted[] =
    "no mounted hierarchy with this controller has the cgroup";

constexpr char cgroup_unknown[] =
    "another hierarchy has this controller, and no process in the cgroup shows "
    "which cgroup it belongs to there";

/// Whether `controller` is in another hierarchy than the cgroup that is
/// inspected, and no process shows which cgroup belongs to it there.
bool Inspector::is_elsewhere(const char* controller) const {
  if (!own_place_ || result_.member) return false;
  const auto& own = own_place_->controllers;
  if (std::find(own.begin(), own.end(), controller) != own.end()) return false;
  if (is_on_v1(controller, mounts_)) return true;
  return own_place_->version == cgroupfs::Version::v1 &&
         std::any_of(mounts_.begin(), mounts_.end(), [](const Mount& mount) {
           return mount.type == "cgroup2";
         });
}

/// nullptr where no limit can be read, which is noted as the absence of `what`.
const CgroupPlace* Inspector::find_place(const char* controller,
                                         const Message& what) {
  const bool elsewhere = is_elsewhere(controller);
  const CgroupPlace* const place = place_with(result_.cgroups, controller);
  if (!elsewhere && place && place->directory) return place;
  add_absence(result_.gaps, what, "", elsewhere ? cgroup_unknown : not_mounted);
  return nullptr;
}

/// Nothing here is read by way of the process.
void Inspector::read_limits_of_places() {
  if (const auto* const place = find_place("memory", messages::memory)) {
    result_.memory = read_memory_state(*place, result_.gaps);
  }
  if (const auto* const place = find_place("pids", messages::pids)) {
    result_.pids = read_pids_levels(*place, result_.gaps);
  }
  if (const auto* const place = find_place("cpu", messages::cpu)) {
    result_.cpu = read_cpu_levels(*place, result_.gaps);
  }
  if (own_place_) result_.members = read_members(*own_place_, result_.gaps);
}

void Inspector::read_processes() {
  unless_ended(result_.process,
               [this] { return read_process_state(thread_, result_.gaps); });
  unless_ended(result_.namespaces, [this] {
    return std::optional(read_namespaces(thread_, result_.gaps));
  });
  unless_ended(result_.network,
               [this] { return read_network_of(thread_, result_.gaps); });
}

std::optional<bool> differ(const std::vector<NamespaceState>& namespaces,
                           std::string_view kind) {
  for (const NamespaceState& each : namespaces) {
    if (each.kind == kind) return each.differs();
  }
  return std::nullopt;
}

ContainerFinding::Evidence evidence_from(std::optional<bool> pids,
                                         std::optional<bool> mounts) {
  using Evidence = ContainerFinding::Evidence;
  if (!pids || !mounts) return Evidence::unknown;
  return *pids && *mounts ? Evidence::namespaces : Evidence::name;
}

}  // namespace

Inspection inspect(const std::string& argument) {
  return Inspector(argument).run();
}

std::vector<LimitReading> limits_in(const MemoryState& memory) {
  std::vector<LimitReading> limits;
  for (const MemoryLevel& level : memory.levels) {
    limits.insert(limits.end(), level.limits.begin(), level.limits.end());
  }
  return limits;
}

ContainerFinding find_container(const std::vector<CgroupPlace>& cgroups,
                                const std::vector<NamespaceState>& namespaces) {
  ContainerFinding finding;
  for (const CgroupPlace& place : cgroups) {
    CgroupNames names = names_in(place.path);
    CgroupNames& known = finding.names;
    if (!known.container && names.container) {
      known = std::move(names);
      break;
    }
    if (!known.unit && names.unit) known = std::move(names);
  }
  const auto pids = differ(namespaces, "pid");
  const auto mounts = differ(namespaces, "mnt");
  finding.evidence = evidence_from(pids, mounts);
  finding.isolated = pids.value_or(false) && mounts.value_or(false);
  return finding;
}

std::uint64_t headroom_of(const PidsLevel& level) {
  const std::uint64_t max = level.max.value_or(0);
  return max - std::min(max, level.current.value_or(0));
}

const PidsLevel* binding_pids(const std::vector<PidsLevel>& levels) {
  const PidsLevel* binding = nullptr;
  for (const PidsLevel& level : levels) {
    if (!level.max) continue;
    if (!binding || headroom_of(level) < headroom_of(*binding)) {
      binding = &level;
    }
  }
  return binding;
}

double cpus_of(const CpuLevel& level) {
  const std::uint64_t period =
      std::max<std::uint64_t>(level.period_us.value_or(0), 1);
  return static_cast<double>(level.quota_us.value_or(0)) /
         static_cast<double>(period);
}

const CpuLevel* binding_cpu(const std::vector<CpuLevel>& levels) {
  const CpuLevel* binding = nullptr;
  for (const CpuLevel& level : levels) {
    if (!level.quota_us) continue;
    if (!binding || cpus_of(level) < cpus_of(*binding)) binding = &level;
  }
  return binding;
}

}  // namespace lab

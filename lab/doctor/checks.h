// SPDX-License-Identifier: MIT
#pragma once

// Private to the doctor: one function for each requirement.

#include <optional>
#include <string>
#include <utility>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/hierarchy.h"
#include "lab/base/errors.h"
#include "lab/doctor/doctor.h"
#include "lab/doctor/doctor_messages.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// What the checks examine.
struct Host {
  Language language = Language::en;
  cgroupfs::ControllerSearch search;
  Environment environment;
  Plan plan;  ///< `cglab oom` with its defaults
  std::optional<Placement> placement;
  std::string no_place_because;  ///< empty with a placement
  std::string place_fix;         ///< may be empty
  /// Determined before the doctor itself opens any.
  std::optional<Unavailable> too_few_files;
  /// An empty cgroup in place of a run's; nullptr without a place.
  const cgroupfs::Cgroup* group = nullptr;
};

/// A requirement whose state is not known yet.
inline Requirement requirement(const Host& host, const char* id,
                               const Message& title, std::string purpose) {
  return {id,
          say(host.language, title),
          std::move(purpose),
          Health::unknown,
          say(host.language, doctor_messages::unknown),
          std::nullopt};
}

inline Requirement requirement(const Host& host, const char* id,
                               const Message& title, const Message& purpose) {
  return requirement(host, id, title, say(host.language, purpose));
}

/// Sets the fix, unless `cure` is empty.
inline void set_cure(const std::string& cure, Requirement& requirement) {
  if (!cure.empty()) requirement.fix = cure;
}

Requirement check_kernel(const Host& host);
Requirement check_hierarchies(const Host& host);
Requirement check_memory_controller(const Host& host);
Requirement check_delegation(const Host& host);
Requirement check_place(const Host& host);

Requirement check_swap(const Host& host);
Requirement check_free_memory(const Host& host);
Requirement check_resource_limits(const Host& host);
Requirement check_open_files(const Host& host);
Requirement check_overcommit(const Host& host);
Requirement check_panic_on_oom(const Host& host);
Requirement check_thp(const Host& host);
Requirement check_psi(const Host& host);
Requirement check_kmsg(const Host& host);
Requirement check_pidfd(const Host& host);
Requirement check_qemu(const Host& host);
Requirement check_vm_kernel(const Host& host);

Requirement check_swap_accounting(const Host& host);
Requirement check_kill_count(const Host& host);
Requirement check_notification(const Host& host);
Requirement check_peak(const Host& host);
Requirement check_cgroup_kill(const Host& host);
Requirement check_clone_into_cgroup(const Host& host);

}  // namespace lab

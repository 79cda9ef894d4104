// SPDX-License-Identifier: MIT
#pragma once

// Private to the doctor: one function a requirement.

#include <optional>
#include <string>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/hierarchy.h"
#include "lab/doctor/doctor.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// What the checks look at.
struct Patient {
  cgroupfs::ControllerSearch search;
  Environment environment;
  Plan plan;  ///< `cglab oom` with its defaults
  std::optional<Placement> placement;
  std::string no_place_because;  ///< empty with a placement
  std::string place_fix;         ///< may be empty
  /// An empty cgroup where a run's would be; nullptr without a place.
  const cgroupfs::Cgroup* group = nullptr;
};

Requirement check_kernel(const Patient& patient);
Requirement check_hierarchies(const Patient& patient);
Requirement check_memory_controller(const Patient& patient);
Requirement check_delegation(const Patient& patient);
Requirement check_place(const Patient& patient);

Requirement check_swap(const Patient& patient);
Requirement check_free_memory(const Patient& patient);
Requirement check_panic_on_oom(const Patient& patient);
Requirement check_thp(const Patient& patient);
Requirement check_psi(const Patient& patient);
Requirement check_kmsg(const Patient& patient);
Requirement check_pidfd(const Patient& patient);
Requirement check_qemu(const Patient& patient);
Requirement check_vm_kernel(const Patient& patient);

Requirement check_swap_accounting(const Patient& patient);
Requirement check_kill_count(const Patient& patient);
Requirement check_notification(const Patient& patient);
Requirement check_peak(const Patient& patient);
Requirement check_cgroup_kill(const Patient& patient);
Requirement check_clone_into_cgroup(const Patient& patient);

/// How an option gets onto the kernel's command line on this host.
std::string boot_option_fix(const std::string& option);

}  // namespace lab

// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"
#include "cgroupfs/oom_watch.h"
#include "lab/doctor/checks.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

using cgroupfs::Capability;
using cgroupfs::MemoryFeature;
using cgroupfs::Version;

Requirement in_group(const char* id, const char* purpose) {
  return {id, purpose, Health::unknown, "no cgroup can be made here",
          std::nullopt};
}

bool is_v1(const Patient& patient) {
  return patient.group->version() == Version::v1;
}

Capability capability(const Patient& patient, MemoryFeature feature) {
  for (Capability& each :
       cgroupfs::open_memory(*patient.group)->capabilities()) {
    if (each.feature == feature) return std::move(each);
  }
  return {};
}

/// Judges a file of the probe cgroup. Without it the lab is `without`.
void judge_file(const Patient& patient, MemoryFeature feature, Health without,
                Requirement& result) {
  const Capability found = capability(patient, feature);
  result.health = found.present ? Health::ok : without;
  result.found = found.present ? found.file : found.reason;
  if (!found.present) result.fix = "take a newer kernel";
}

/// Starts a child in `group` that ends at once. 0, or the kernel's error.
int try_clone_into(const cgroupfs::Cgroup& group) {
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(group.directory().fd());
  const auto pid =
      static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof(arguments)));
  if (pid == 0) ::_exit(0);
  if (pid < 0) return errno;
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return 0;
}

}  // namespace

Requirement check_swap_accounting(const Patient& patient) {
  Requirement result = in_group(
      "swap_accounting", "without it a hog is swapped out instead of killed");
  if (!patient.group) return result;
  const Capability found =
      capability(patient, is_v1(patient) ? MemoryFeature::memsw_max
                                         : MemoryFeature::swap_max);
  result.health = Health::ok;
  result.found = found.present ? found.file : found.reason;
  const bool swaps =
      patient.environment.swap_total.value_or(Bytes{0}).count > 0;
  if (found.present || !swaps) {
    if (!found.present) result.found += "; not needed without swap";
    return result;
  }
  result.health = Health::missing;
  result.fix =
      "sudo swapoff -a, or for good: " + boot_option_fix("swapaccount=1");
  return result;
}

Requirement check_kill_count(const Patient& patient) {
  Requirement result =
      in_group("oom_kill_count", "a count that rose proves the OOM kill");
  if (patient.group) {
    judge_file(patient, MemoryFeature::oom_kills, Health::limited, result);
  }
  return result;
}

Requirement check_notification(const Patient& patient) {
  Requirement result =
      in_group("oom_notification", "early notice that the limit was hit");
  if (!patient.group) return result;
  try {
    const auto watch = cgroupfs::OomWatch::open(*patient.group);
    result.health = Health::ok;
    result.found = is_v1(patient) ? "eventfd through cgroup.event_control"
                                  : "poll on memory.events";
  } catch (const cgroupfs::NotSupported& error) {
    result.health = Health::limited;
    result.found = error.what();
  }
  return result;
}

Requirement check_peak(const Patient& patient) {
  Requirement result =
      in_group("memory_peak", "the highest usage, also between two samples");
  if (patient.group) {
    judge_file(patient, MemoryFeature::peak, Health::limited, result);
  }
  return result;
}

Requirement check_cgroup_kill(const Patient& patient) {
  Requirement result =
      in_group("cgroup_kill", "ends everything in a cgroup at once");
  if (!patient.group) return result;
  if (is_v1(patient)) {
    result.health = Health::ok;
    result.found = "cgroup v1 has none: processes are killed one by one";
  } else if (patient.group->directory().exists("cgroup.kill")) {
    result.health = Health::ok;
    result.found = "cgroup.kill";
  } else {
    result.health = Health::limited;
    result.found = "no cgroup.kill: processes are killed one by one";
    result.fix = "take a newer kernel (it came in Linux 5.14)";
  }
  return result;
}

Requirement check_clone_into_cgroup(const Patient& patient) {
  Requirement result = in_group(
      "clone_into_cgroup", "the child is born inside, charged from its start");
  if (!patient.group) return result;
  result.health = Health::ok;
  if (is_v1(patient)) {
    result.found = "cgroup v1 has none: the child joins before exec";
    return result;
  }
  const int error = try_clone_into(*patient.group);
  result.found = "clone3 works";
  if (error != 0) {
    result.health = Health::limited;
    result.found =
        fmt::format("clone3 into a cgroup: {}; the child joins before exec",
                    std::strerror(error));
    result.fix = error == ENOSYS || error == EINVAL
                     ? "take a newer kernel (it came in Linux 5.7), or a "
                       "container runtime whose seccomp filter lets clone3 "
                       "through"
                     : "see what forbids clone3, such as a seccomp filter";
  }
  return result;
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"
#include "cgroupfs/oom_watch.h"
#include "lab/doctor/checks.h"
#include "lab/os/child_process.h"
#include "lab/place/advice.h"
#include "lab/place/boot_option.h"
#include "lab/place/swap.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Key;
using cgroupfs::Memory;
using cgroupfs::Version;

Requirement in_group(const char* id, const char* purpose) {
  return {id, purpose, Health::unknown, "no cgroup can be made here",
          std::nullopt};
}

bool is_v1(const Host& host) {
  return host.group->version() == Version::v1;
}

/// What the probe cgroup has by the name of `found`, or why it lacks it.
/// Without it the lab is `without`.
void judge_file(bool present, std::string found, std::string why_absent,
                Health without, Requirement& result) {
  result.health = present ? Health::ok : without;
  result.found = present ? std::move(found) : std::move(why_absent);
  if (!present) result.fix = "use a newer kernel";
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

Requirement check_swap_accounting(const Host& host) {
  Requirement result = in_group(
      "swap_accounting", "without it a hog is swapped out instead of killed");
  if (!host.group) return result;
  const Version version = host.group->version();
  const File file = swap_limit_file(version);
  const bool accounts = host.group->has(file);
  const bool swaps = host_swaps(host.environment).value_or(false);
  result.found = accounts ? name_of(file) : why_absent(file, version);
  if (accounts) {
    result.health = Health::ok;
    return result;
  }
  if (!swaps) {
    result.health = Health::absent;
    result.found = "not needed without swap: " + result.found;
    return result;
  }
  result.health = Health::missing;
  result.fix = "disable swap:" + root_command("swapoff -a") + "\nor, " +
               boot_option_cure("swapaccount=1");
  return result;
}

Requirement check_kill_count(const Host& host) {
  Requirement result =
      in_group("oom_kill_count", "a count that rose proves the OOM kill");
  if (host.group) {
    const Version version = host.group->version();
    judge_file(Memory::open(*host.group).oom_kills().has_value(),
               name_of(Key::oom_kill, version),
               why_absent(Key::oom_kill, version), Health::limited, result);
  }
  return result;
}

Requirement check_notification(const Host& host) {
  Requirement result =
      in_group("oom_notification", "early notice that the limit was hit");
  if (!host.group) return result;
  try {
    const auto watch = cgroupfs::OomWatch::open(*host.group);
    result.health = Health::ok;
    const File file =
        is_v1(host) ? File::cgroup_event_control : File::memory_events;
    result.found = fmt::format("{} {} {}", watch.mechanism(),
                               is_v1(host) ? "through" : "on", name_of(file));
  } catch (const cgroupfs::NotSupported& error) {
    result.health = Health::limited;
    result.found = error.what();
  }
  return result;
}

Requirement check_peak(const Host& host) {
  Requirement result =
      in_group("memory_peak", "the highest usage, also between two samples");
  if (host.group) {
    const Version version = host.group->version();
    judge_file(host.group->has(File::memory_peak),
               name_of(File::memory_peak, version),
               why_absent(File::memory_peak, version), Health::limited, result);
  }
  return result;
}

Requirement check_cgroup_kill(const Host& host) {
  Requirement result =
      in_group("cgroup_kill", "ends everything in a cgroup at once");
  if (!host.group) return result;
  const char* const name = name_of(File::cgroup_kill);
  if (host.group->has(File::cgroup_kill)) {
    result.health = Health::ok;
    result.found = name;
  } else if (is_v1(host)) {
    result.health = Health::absent;
    result.found = "not needed: on cgroup v1 processes are killed one by one";
  } else {
    result.health = Health::limited;
    result.found = fmt::format("no {}: processes are killed one by one", name);
    result.fix = fmt::format("use Linux {} or newer", since(File::cgroup_kill));
  }
  return result;
}

Requirement check_clone_into_cgroup(const Host& host) {
  Requirement result =
      in_group("clone_into_cgroup",
               "the child is created inside, charged from its start");
  if (!host.group) return result;
  if (is_v1(host)) {
    result.health = Health::absent;
    result.found = "not needed: on cgroup v1 the child joins before exec";
    return result;
  }
  const int error = try_clone_into(*host.group);
  result.health = error == 0 ? Health::ok : Health::limited;
  result.found = error == 0 ? "clone3 works"
                            : why_refused(clone_into, error) +
                                  "; the child joins before exec";
  if (error != 0) set_cure(refusal_cure(clone_into, error), result);
  return result;
}

}  // namespace lab

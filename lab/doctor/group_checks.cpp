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

namespace messages = doctor_messages;

/// Unknown until a cgroup was made.
Requirement in_group(const Host& host, const char* id, const Message& title,
                     const Message& purpose) {
  Requirement result = requirement(host, id, title, purpose);
  result.found = say(host.language, messages::no_cgroup);
  return result;
}

bool is_v1(const Host& host) {
  return host.group->version() == Version::v1;
}

/// `found` names what the probe cgroup has; without it the lab is limited.
void judge_file(const Host& host, bool present, std::string found,
                std::string why_absent, Requirement& result) {
  result.health = present ? Health::ok : Health::limited;
  result.found = present ? std::move(found) : std::move(why_absent);
  if (!present) result.fix = say(host.language, messages::newer_kernel);
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
  Requirement result =
      in_group(host, "swap_accounting", messages::swap_accounting,
               messages::swap_accounting_use);
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
    result.found =
        say(host.language, messages::no_accounting_needed, result.found);
    return result;
  }
  result.health = Health::missing;
  result.fix =
      say(host.language, messages::disable_swap, root_command("swapoff -a"),
          boot_option_cure("swapaccount=1"));
  return result;
}

Requirement check_kill_count(const Host& host) {
  Requirement result =
      in_group(host, "oom_kill_count", messages::oom_kill_count,
               messages::oom_kill_count_use);
  if (host.group) {
    const Version version = host.group->version();
    judge_file(host, Memory::open(*host.group).oom_kills().has_value(),
               name_of(Key::oom_kill, version),
               why_absent(Key::oom_kill, version), result);
  }
  return result;
}

Requirement check_notification(const Host& host) {
  Requirement result =
      in_group(host, "oom_notification", messages::oom_notification,
               messages::oom_notification_use);
  if (!host.group) return result;
  try {
    const auto watch = cgroupfs::OomWatch::open(*host.group);
    result.health = Health::ok;
    const File file =
        is_v1(host) ? File::cgroup_event_control : File::memory_events;
    result.found =
        say(host.language,
            is_v1(host) ? messages::notified_through : messages::notified_on,
            watch.mechanism(), name_of(file));
  } catch (const cgroupfs::NotSupported& error) {
    result.health = Health::limited;
    result.found = error.what();
  }
  return result;
}

Requirement check_peak(const Host& host) {
  Requirement result = in_group(host, "memory_peak", messages::memory_peak,
                                messages::memory_peak_use);
  if (host.group) {
    const Version version = host.group->version();
    judge_file(host, host.group->has(File::memory_peak),
               name_of(File::memory_peak, version),
               why_absent(File::memory_peak, version), result);
  }
  return result;
}

Requirement check_cgroup_kill(const Host& host) {
  Requirement result = in_group(host, "cgroup_kill", messages::cgroup_kill,
                                messages::cgroup_kill_use);
  if (!host.group) return result;
  const char* const name = name_of(File::cgroup_kill);
  if (host.group->has(File::cgroup_kill)) {
    result.health = Health::ok;
    result.found = name;
  } else if (is_v1(host)) {
    result.health = Health::absent;
    result.found = say(host.language, messages::no_kill_on_v1);
  } else {
    result.health = Health::limited;
    result.found = say(host.language, messages::no_kill, name);
    result.fix =
        say(host.language, messages::newer_release, since(File::cgroup_kill));
  }
  return result;
}

Requirement check_clone_into_cgroup(const Host& host) {
  Requirement result =
      in_group(host, "clone_into_cgroup", messages::clone_into_cgroup,
               messages::clone_into_cgroup_use);
  if (!host.group) return result;
  if (is_v1(host)) {
    result.health = Health::absent;
    result.found = say(host.language, messages::no_clone_on_v1);
    return result;
  }
  const int error = try_clone_into(*host.group);
  result.health = error == 0 ? Health::ok : Health::limited;
  result.found = error == 0 ? say(host.language, messages::clone_found)
                            : say(host.language, messages::no_clone,
                                  why_refused(clone_into, error));
  if (error != 0) set_cure(refusal_cure(clone_into, error), result);
  return result;
}

}  // namespace lab

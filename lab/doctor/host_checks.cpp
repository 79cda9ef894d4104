// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "cgroupfs/unique_fd.h"
#include "lab/doctor/checks.h"
#include "lab/os/child_process.h"
#include "lab/os/pidfd.h"
#include "lab/place/advice.h"
#include "lab/place/boot_option.h"
#include "lab/run/kmsg.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

/// A file of the boot loader that is there.
bool has(const char* path) {
  return ::access(path, F_OK) == 0;
}

bool is_on_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string file = fmt::format("{}/{}", rest.substr(0, end), program);
    if (::access(file.c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::string cache_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return cache;
  const char* const home = std::getenv("HOME");
  return std::string(home ? home : "/root") + "/.cache";
}

bool is_debian() {
  return has("/etc/debian_version");
}

/// The package manager's command, or the package's name for other systems.
std::string install_fix(const std::string& package) {
  return is_debian() ? root_command("apt-get install " + package)
                     : "install your system's package of " + package;
}

std::string qemu_program(const Host& host) {
  return "qemu-system-" + host.environment.machine;
}

/// `ok`, or what forbids a run.
Requirement unless(const std::optional<Unavailable>& forbidden,
                   Requirement ok) {
  if (!forbidden) return ok;
  ok.health = Health::missing;
  ok.found = forbidden->what();
  ok.fix = forbidden->fix();
  return ok;
}

/// Why a run would get no pidfd of its child; 0: it would. A child that ends at
/// once is started as a run starts one, and waited for so.
int try_child_pidfd() {
  int number = -1;
  const pid_t pid = fork_with_pidfd(&number);
  if (pid == 0) ::_exit(0);
  if (pid < 0) return errno;
  const cgroupfs::UniqueFd pidfd(number);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return pidfd ? 0 : ENOSYS;
}

}  // namespace

Requirement check_kernel(const Host& host) {
  return {"kernel", "cgroups are the kernel's", Health::ok,
          fmt::format("Linux {} on {}", host.environment.kernel,
                      host.environment.machine),
          std::nullopt};
}

Requirement check_swap(const Host& host) {
  const auto& swap = host.environment.swap_total;
  Requirement result{"swap",
                     "a cgroup that may swap is not killed at its limit",
                     Health::unknown, "unknown", std::nullopt};
  if (!swap) return result;
  const bool any = swap->count > 0;
  result.health = any ? Health::ok : Health::absent;
  result.found =
      any ? exact_size(*swap) + "; runs disable swap for their cgroup"
          : "not needed; experiments on swap need it";
  return result;
}

Requirement check_free_memory(const Host& host) {
  const auto& available = host.environment.memory_available;
  Requirement result{"free_memory",
                     fmt::format("a run takes up to {}, at most {} % of what "
                                 "is free",
                                 exact_size(largest_claim(host.plan).value()),
                                 safe_share_percent),
                     Health::unknown, "unknown", std::nullopt};
  if (!available) return result;
  result.health = Health::ok;
  result.found = exact_size(*available) + " available";
  const auto forbidden = forbidden_by_free_memory(host.plan, host.environment);
  if (forbidden) {
    result.health = Health::missing;
    result.fix = forbidden->fix();
  }
  return result;
}

Requirement check_resource_limits(const Host& host) {
  Requirement result{"resource_limits",
                     "the hog inherits RLIMIT_AS and RLIMIT_DATA, and has to "
                     "allocate",
                     Health::ok, "the hog may allocate what it has to",
                     std::nullopt};
  return unless(forbidden_by_resource_limit(host.plan), std::move(result));
}

Requirement check_open_files(const Host& host) {
  Requirement result{"open_files",
                     "a run opens files of its cgroup, of each above it and of "
                     "each process",
                     Health::ok, "as many files can be opened as a run needs",
                     std::nullopt};
  return unless(host.too_few_files, std::move(result));
}

Requirement check_overcommit(const Host& host) {
  Requirement result{"overcommit",
                     "with 2 the kernel refuses allocations beyond CommitLimit",
                     Health::unknown, "unknown", std::nullopt};
  const auto mode = cgroupfs::try_read_file("/proc/sys/vm/overcommit_memory");
  if (!mode) return result;
  result.health = Health::ok;
  result.found =
      fmt::format("vm.overcommit_memory is {}", cgroupfs::trim(*mode));
  return unless(forbidden_by_overcommit(
                    host.plan, *mode,
                    cgroupfs::try_read_file("/proc/meminfo").value_or("")),
                std::move(result));
}

Requirement check_panic_on_oom(const Host&) {
  Requirement result{"panic_on_oom",
                     "with 2 the OOM kill of a cgroup panics the machine",
                     Health::unknown, "unknown", std::nullopt};
  const auto text = cgroupfs::try_read_file("/proc/sys/vm/panic_on_oom");
  if (!text) return result;
  result.health = Health::ok;
  result.found = fmt::format("vm.panic_on_oom is {}", cgroupfs::trim(*text));
  const auto forbidden = forbidden_by_panic_on_oom();
  if (forbidden) {
    result.health = Health::missing;
    result.fix = forbidden->fix();
  }
  return result;
}

Requirement check_thp(const Host& host) {
  const auto& thp = host.environment.thp;
  return {"thp", "with huge pages usage grows in steps of 2 MiB",
          thp ? Health::ok : Health::absent,
          thp ? "transparent huge pages: " + *thp
              : "not needed; this kernel has no transparent huge pages",
          std::nullopt};
}

Requirement check_psi(const Host& host) {
  const bool on = host.environment.psi;
  return {"psi", "pressure tells how long tasks stalled for memory",
          on ? Health::ok : Health::limited,
          on ? "pressure stall information is on"
             : "pressure stall information is off or not built in",
          on ? std::nullopt : std::optional(boot_option_cure("psi=1"))};
}

Requirement check_kmsg(const Host&) {
  const KernelLog log;
  Requirement result{"kmsg",
                     "the kernel's own record of the kill names the "
                     "victim and whose limit it was",
                     Health::ok, "/dev/kmsg can be read", std::nullopt};
  if (log.readable()) return result;
  result.health = Health::limited;
  result.found = log.absent_because();
  const auto restricted =
      cgroupfs::try_read_file("/proc/sys/kernel/dmesg_restrict");
  const bool is_restricted =
      ::geteuid() != 0 && restricted && cgroupfs::trim(*restricted) == "1";
  result.fix = is_restricted
                   ? root_command("sysctl kernel.dmesg_restrict=0")
                   : "run it as root; in a container: give it /dev/kmsg";
  return result;
}

Requirement check_pidfd(const Host&) {
  Requirement result{"pidfd",
                     "a run waits for its child, and learns how others ended",
                     Health::ok, "clone and pidfd_open give one", std::nullopt};
  if (const int error = try_child_pidfd()) {
    result.health = Health::missing;
    result.found = why_refused(clone_pidfd, error);
    set_cure(refusal_cure(clone_pidfd, error), result);
    return result;
  }
  if (open_pidfd(::getpid())) return result;
  const int error = errno;
  result.health = Health::limited;
  result.found =
      why_refused(pidfd_open_call, error) +
      "; a run gets a pidfd of its child by clone, but none of other "
      "processes";
  set_cure(refusal_cure(pidfd_open_call, error), result);
  return result;
}

Requirement check_qemu(const Host& host) {
  const std::string program = qemu_program(host);
  const bool there = is_on_path(program);
  return {"qemu", "scripts/vm runs the lab on a kernel that is thrown away",
          there ? Health::ok : Health::limited,
          program + (there ? " is there" : " is not there"),
          there ? std::nullopt : std::optional(install_fix("qemu-system-x86"))};
}

Requirement check_vm_kernel(const Host&) {
  const std::string folder = cache_folder() + "/cglab/vm/kernels/default";
  const bool there = has(folder.c_str());
  return {
      "vm_kernel", "the kernel that scripts/vm boots",
      there ? Health::ok : Health::limited,
      there ? folder : "not fetched yet; the first start of scripts/vm does",
      there ? std::nullopt
            : std::optional<std::string>("\n  scripts/vm --fetch-kernel")};
}

}  // namespace lab

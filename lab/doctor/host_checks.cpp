// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "cgroupfs/unique_fd.h"
#include "lab/doctor/checks.h"
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
  return is_debian() ? "sudo apt-get install " + package
                     : "install your system's package of " + package;
}

std::string qemu_program(const Host& host) {
  return "qemu-system-" + host.environment.machine;
}

}  // namespace

std::string boot_option_fix(const std::string& option) {
  const std::string version =
      cgroupfs::try_read_file("/proc/version").value_or("");
  if (version.find("icrosoft") != version.npos) {
    return fmt::format(
        "write [wsl2] and kernelCommandLine={} into %UserProfile%\\.wslconfig, "
        "then: wsl.exe --shutdown",
        option);
  }
  for (const char* const file :
       {"/boot/firmware/cmdline.txt", "/boot/cmdline.txt"}) {
    if (!has(file)) continue;
    return fmt::format("sudo sed -i 's/$/ {}/' {} && sudo reboot", option,
                       file);
  }
  if (has("/etc/default/grub")) {
    return fmt::format(
        "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{} /' /etc/default/grub && "
        "sudo update-grub && sudo reboot",
        option);
  }
  return fmt::format("boot the kernel with {} on its command line", option);
}

Requirement check_kernel(const Host& host) {
  return {"kernel", "cgroups are the kernel's", Health::ok,
          fmt::format("Linux {} on {}", host.environment.kernel,
                      host.environment.machine),
          std::nullopt};
}

Requirement check_swap(const Host& host) {
  const auto& swap = host.environment.swap_total;
  std::string found = "no swap";
  if (!swap) found = "unknown";
  if (swap && swap->count > 0) {
    found = exact_size(*swap) + ", which a run gives its cgroup none of";
  }
  return {"swap", "a cgroup that may swap is not killed at its limit",
          swap ? Health::ok : Health::unknown, found, std::nullopt};
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
  return {"thp", "with huge pages usage grows in steps of 2 MiB", Health::ok,
          thp ? "transparent huge pages: " + *thp
              : "this kernel has no transparent huge pages",
          std::nullopt};
}

Requirement check_psi(const Host& host) {
  const bool on = host.environment.psi;
  return {"psi", "pressure tells how long tasks stalled for memory",
          on ? Health::ok : Health::limited,
          on ? "pressure stall information is on"
             : "pressure stall information is off or not built in",
          on ? std::nullopt : std::optional(boot_option_fix("psi=1"))};
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
                   ? "sudo sysctl kernel.dmesg_restrict=0"
                   : "run it as root; in a container: give it /dev/kmsg";
  return result;
}

Requirement check_pidfd(const Host&) {
  const cgroupfs::UniqueFd fd(
      static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  return {
      "pidfd", "a run waits for its child, and kills it, by a pidfd",
      fd ? Health::ok : Health::missing,
      fd ? "pidfd_open works" : "no pidfd_open (it came in Linux 5.3)",
      fd ? std::nullopt : std::optional<std::string>("take a newer kernel")};
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
            : std::optional<std::string>("scripts/vm --fetch-kernel")};
}

}  // namespace lab

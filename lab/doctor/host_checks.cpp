// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "cgroupfs/unique_fd.h"
#include "lab/doctor/checks.h"
#include "lab/os/child_process.h"
#include "lab/os/find_program.h"
#include "lab/os/pidfd.h"
#include "lab/place/advice.h"
#include "lab/place/boot_option.h"
#include "lab/run/kmsg.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

namespace messages = doctor_messages;

bool exists(const char* path) {
  return ::access(path, F_OK) == 0;
}

std::string cache_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return cache;
  const char* const home = std::getenv("HOME");
  return std::string(home ? home : "/root") + "/.cache";
}

bool is_debian() {
  return exists("/etc/debian_version");
}

/// The package manager's command, or the package's name for other systems.
std::string install_fix(const std::string& package, Language language) {
  return is_debian() ? root_command("apt-get install " + package)
                     : say(language, messages::install, package);
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

/// The error with which a run would get no pidfd of its child; 0: it would get
/// one. Starts a child that ends at once, in the way a run does.
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
  Requirement result =
      requirement(host, "kernel", messages::kernel, messages::kernel_use);
  result.health = Health::ok;
  result.found = say(host.language, messages::kernel_found,
                     host.environment.kernel, host.environment.machine);
  return result;
}

Requirement check_swap(const Host& host) {
  const auto& swap = host.environment.swap_total;
  Requirement result =
      requirement(host, "swap", messages::swap, messages::swap_use);
  if (!swap) return result;
  const bool any = swap->count > 0;
  result.health = any ? Health::ok : Health::absent;
  result.found =
      any ? say(host.language, messages::swap_found, exact_size(*swap))
          : say(host.language, messages::no_swap);
  return result;
}

Requirement check_free_memory(const Host& host) {
  const auto& available = host.environment.memory_available;
  Requirement result = requirement(
      host, "free_memory", messages::free_memory,
      say(host.language, messages::free_memory_use,
          exact_size(largest_claim(host.plan).value()), safe_share_percent));
  if (!available) return result;
  result.health = Health::ok;
  result.found =
      say(host.language, messages::memory_found, exact_size(*available));
  const auto forbidden = forbidden_by_free_memory(host.plan, host.environment);
  if (forbidden) {
    result.health = Health::missing;
    result.fix = forbidden->fix();
  }
  return result;
}

Requirement check_resource_limits(const Host& host) {
  Requirement result =
      requirement(host, "resource_limits", messages::resource_limits,
                  messages::resource_limits_use);
  result.health = Health::ok;
  result.found = say(host.language, messages::may_allocate);
  return unless(forbidden_by_resource_limit(host.plan), std::move(result));
}

Requirement check_open_files(const Host& host) {
  Requirement result = requirement(host, "open_files", messages::open_files,
                                   messages::open_files_use);
  result.health = Health::ok;
  result.found = say(host.language, messages::enough_files);
  return unless(host.too_few_files, std::move(result));
}

Requirement check_overcommit(const Host& host) {
  Requirement result = requirement(host, "overcommit", messages::overcommit,
                                   messages::overcommit_use);
  const auto mode = cgroupfs::try_read_file("/proc/sys/vm/overcommit_memory");
  if (!mode) return result;
  result.health = Health::ok;
  result.found = say(host.language, messages::setting_found,
                     "vm.overcommit_memory", cgroupfs::trim(*mode));
  return unless(forbidden_by_overcommit(
                    host.plan, *mode,
                    cgroupfs::try_read_file("/proc/meminfo").value_or("")),
                std::move(result));
}

Requirement check_panic_on_oom(const Host& host) {
  Requirement result = requirement(host, "panic_on_oom", messages::panic_on_oom,
                                   messages::panic_on_oom_use);
  const auto text = cgroupfs::try_read_file("/proc/sys/vm/panic_on_oom");
  if (!text) return result;
  result.health = Health::ok;
  result.found = say(host.language, messages::setting_found, "vm.panic_on_oom",
                     cgroupfs::trim(*text));
  const auto forbidden = forbidden_by_panic_on_oom();
  if (forbidden) {
    result.health = Health::missing;
    result.fix = forbidden->fix();
  }
  return result;
}

Requirement check_thp(const Host& host) {
  const auto& thp = host.environment.thp;
  Requirement result =
      requirement(host, "thp", messages::thp, messages::thp_use);
  result.health = thp ? Health::ok : Health::absent;
  result.found = thp ? say(host.language, messages::thp_found, *thp)
                     : say(host.language, messages::no_thp);
  return result;
}

Requirement check_psi(const Host& host) {
  const bool on = host.environment.psi;
  Requirement result =
      requirement(host, "psi", messages::psi, messages::psi_use);
  result.health = on ? Health::ok : Health::limited;
  result.found =
      say(host.language, on ? messages::psi_found : messages::no_psi);
  if (!on) result.fix = boot_option_cure("psi=1");
  return result;
}

Requirement check_kmsg(const Host& host) {
  const KernelLog log;
  Requirement result =
      requirement(host, "kmsg", messages::kmsg, messages::kmsg_use);
  result.health = Health::ok;
  result.found = say(host.language, messages::kmsg_found);
  if (log.readable()) return result;
  result.health = Health::limited;
  result.found = log.absent_because();
  const auto restricted =
      cgroupfs::try_read_file("/proc/sys/kernel/dmesg_restrict");
  const bool is_restricted =
      ::geteuid() != 0 && restricted && cgroupfs::trim(*restricted) == "1";
  result.fix = is_restricted ? root_command("sysctl kernel.dmesg_restrict=0")
                             : say(host.language, messages::read_log);
  return result;
}

Requirement check_pidfd(const Host& host) {
  Requirement result =
      requirement(host, "pidfd", messages::pidfd, messages::pidfd_use);
  result.health = Health::ok;
  result.found = say(host.language, messages::pidfd_found);
  if (const int error = try_child_pidfd()) {
    result.health = Health::missing;
    result.found = why_refused(clone_pidfd, error);
    set_cure(refusal_cure(clone_pidfd, error), result);
    return result;
  }
  if (open_pidfd(::getpid())) return result;
  const int error = errno;
  result.health = Health::limited;
  result.found = say(host.language, messages::only_child_pidfd,
                     why_refused(pidfd_open_call, error));
  set_cure(refusal_cure(pidfd_open_call, error), result);
  return result;
}

Requirement check_qemu(const Host& host) {
  const std::string program = qemu_program(host);
  const bool there = find_on_path(program).has_value();
  Requirement result =
      requirement(host, "qemu", messages::qemu, messages::qemu_use);
  result.health = there ? Health::ok : Health::limited;
  result.found =
      say(host.language, there ? messages::program_found : messages::no_program,
          program);
  if (!there) result.fix = install_fix("qemu-system-x86", host.language);
  return result;
}

Requirement check_vm_kernel(const Host& host) {
  const std::string folder = cache_folder() + "/cglab/vm/kernels/default";
  const bool there = exists(folder.c_str());
  Requirement result = requirement(host, "vm_kernel", messages::vm_kernel,
                                   messages::vm_kernel_use);
  result.health = there ? Health::ok : Health::limited;
  result.found = there ? folder : say(host.language, messages::no_vm_kernel);
  if (!there) result.fix = "\n  scripts/vm --fetch-kernel";
  return result;
}

}  // namespace lab

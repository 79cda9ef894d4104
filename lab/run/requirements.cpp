// SPDX-License-Identifier: MIT
#include "lab/run/requirements.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/os/descriptors.h"
#include "lab/os/namespaces.h"
#include "lab/place/advice.h"
#include "lab/place/boot_option.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/environment.h"
#include "lab/place/swap.h"
#include "lab/run/pids_limit.h"
#include "lab/run/scratch.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

/// Room for the memory that processes need in addition to what they allocate on
/// purpose.
constexpr Bytes own_needs{32 * mebi};

/// Descriptors of a run for each further process, and for each ancestor whose
/// events it follows.
constexpr std::size_t files_of_process = 4;
constexpr std::size_t files_of_ancestor = 3;

constexpr char huge_pages_file[] =
    "/sys/kernel/mm/transparent_hugepage/enabled";

std::string vm_options(const Placement& placement, const char* more = "") {
  return fmt::format(
      "{}{}", placement.version == Version::v1 ? " --cgroup v1" : "", more);
}

/// The amount that exceeds the limit: a half of it and, before, a quarter.
constexpr Part swapped{3, 4};

void need_free_swap(const Plan& plan, const Placement& placement) {
  const auto text = cgroupfs::try_read_file("/proc/meminfo");
  const auto free = text ? meminfo_value(*text, "SwapFree") : std::nullopt;
  const Bytes needed = swapped.of(plan.size());
  if (!free || *free >= needed) return;
  throw Unavailable(fmt::format("only {} of this host's swap is free, less "
                                "than the {} to be swapped out",
                                exact_size(*free), exact_size(needed)),
                    "use a smaller --limit or add swap (swapon)",
                    /*vm_helps=*/true, vm_options(placement, " --swap 256M"));
}

void need_swap(const Plan& plan, const Placement& placement,
               const Environment& environment) {
  if (!host_swaps(environment).value_or(false)) {
    throw Unavailable("this host has no swap", "add swap (swapon)",
                      /*vm_helps=*/true, vm_options(placement, " --swap 256M"));
  }
  need_free_swap(plan, placement);
  if (!accounts_swap(placement)) {
    throw Unavailable("this kernel does not account swap to cgroups",
                      boot_option_cure("swapaccount=1"), /*vm_helps=*/true,
                      vm_options(placement, " --swap 256M"));
  }
}

void need_huge_pages(const Placement& placement) {
  const auto text = cgroupfs::try_read_file(huge_pages_file);
  if (!text) {
    throw Unavailable(fmt::format("this kernel has no {}", huge_pages_file), "",
                      /*vm_helps=*/true, vm_options(placement));
  }
  if (chosen_word(*text) == "never") {
    throw Unavailable(
        "transparent huge pages are disabled",
        "enable them for programs that request them:" +
            root_command(fmt::format("echo madvise > {}", huge_pages_file)),
        /*vm_helps=*/true, vm_options(placement));
  }
}

void need_pressure() {
  if (cgroupfs::try_read_file("/proc/pressure/memory")) return;
  throw Unavailable("PSI is missing or disabled in this kernel",
                    boot_option_cure("psi=1"));
}

/// A resource limit of this process, which its children inherit.
struct ResourceLimit {
  decltype(RLIMIT_AS) resource;
  const char* name;
};

/// The approximate size that a hog maps before it allocates.
constexpr std::uint64_t program_size = 4 * mebi;

/// Limits on the allocations of a process.
constexpr ResourceLimit allocation_limits[] = {{RLIMIT_AS, "RLIMIT_AS"},
                                               {RLIMIT_DATA, "RLIMIT_DATA"}};

/// The hogs lock twice the limit.
void need_locked_memory(const Plan& plan, const Placement& placement) {
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  const std::uint64_t locked = 2 * plan.size().count;
  if (::geteuid() == 0 || limit.rlim_cur >= locked) return;
  throw Unavailable(
      fmt::format("RLIMIT_MEMLOCK is {}, less than the {} to be locked",
                  exact_size(Bytes{limit.rlim_cur}), exact_size(Bytes{locked})),
      "run as root, or raise the limit for this shell:" +
          raise_limit_command(RLIMIT_MEMLOCK, RLIM_INFINITY),
      /*vm_helps=*/true, vm_options(placement));
}

/// SIGXFSZ ends a hog whose memory is a file at the limit on file size.
void need_file_size(const Plan& plan) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0) return;
  for (const ProcessSpec& process : plan.procedure.processes) {
    const bool is_file =
        process.command.empty() && process.backing != Backing::memory;
    const Bytes size =
        is_file ? resolve(process.total, plan.limit).bytes() : Bytes{0};
    if (limit.rlim_cur >= size.count) continue;
    throw Unavailable(
        fmt::format("RLIMIT_FSIZE is {}, less than the file of {} that the hog "
                    "writes",
                    exact_size(Bytes{limit.rlim_cur}), exact_size(size)),
        "raise the limit for this shell:" +
            raise_limit_command(RLIMIT_FSIZE, RLIM_INFINITY),
        /*vm_helps=*/false);
  }
}

/// Only the root of a hierarchy has no cgroup.events; what its children have is
/// found out when the run makes one.
void need_cgroup_kill(const Placement& placement) {
  const auto parent = cgroupfs::Directory::open(placement.parent);
  const auto has = [&](File file) { return parent.exists(name_of(file)); };
  if (!has(File::cgroup_events) || has(File::cgroup_kill)) return;
  throw Unavailable(why_absent(File::cgroup_kill, placement.version), "",
                    /*vm_helps=*/true);
}

void need(HostFeature feature, const Plan& plan, const Placement& placement,
          const Environment& environment) {
  switch (feature) {
    case HostFeature::swap:
      return need_swap(plan, placement, environment);
    case HostFeature::disk:
      ScratchFile::create(Backing::disk);
      return;
    case HostFeature::huge_pages:
      return need_huge_pages(placement);
    case HostFeature::pressure:
      return need_pressure();
    case HostFeature::locked_memory:
      return need_locked_memory(plan, placement);
    case HostFeature::pids:
      PidsLimit::parent_beside(placement);
      return;
    case HostFeature::cgroup_kill:
      return need_cgroup_kill(placement);
  }
}

/// Whether the size of the run depends on --total and not on --limit.
bool is_guarded_by_total(const Plan& plan) {
  return plan.total && !plan.total_by_limit && plan.procedure.guard;
}

/// The largest value, in MiB, of the option that sizes the run with which it
/// uses no more than `safe`.
std::uint64_t largest_mebibytes(const Plan& plan, Bytes claim, Bytes safe) {
  const bool guarded = plan.procedure.guard.has_value();
  const std::uint64_t room =
      safe.count - (guarded ? std::min(own_needs, safe).count : 0);
  if (is_guarded_by_total(plan) || !guarded) return room / mebi * 9 / 10;
  const std::uint64_t shares =
      (claim.count - own_needs.count) / plan.size().count + 1;
  return room / shares / mebi;
}

std::string read_or_empty(const char* path) {
  return cgroupfs::try_read_file(path).value_or("");
}

/// Otherwise /proc/PID describes another process.
void require_own_proc() {
  if (proc_has_own_pids()) return;
  throw Unavailable(
      "/proc shows another PID namespace than this process is in",
      "mount a /proc for this namespace (unshare --pid --fork --mount-proc)",
      /*vm_helps=*/false);
}

/// The least that a hog must map to touch `reach` of its `total`.
Bytes whole_blocks(Bytes reach, Bytes block, Bytes total) {
  if (block.count == 0 || reach >= total) return total;
  const std::uint64_t blocks = (reach.count - 1) / block.count + 1;
  return blocks > total.count / block.count ? total
                                            : Bytes{blocks * block.count};
}

/// The least that one hog of `plan` must allocate; 0 without one. A hog whose
/// size the user chooses is killed beyond the limit.
Bytes needed_allocation(const Plan& plan) {
  if (plan.total) {
    return whole_blocks(std::min(plan.size(), *plan.total), *plan.block,
                        *plan.total);
  }
  Bytes most{0};
  for (const ProcessSpec& each : plan.procedure.processes) {
    if (!each.command.empty() || each.memory == "file") continue;
    most = std::max(most, resolve(each.total, plan.limit).bytes());
  }
  return most;
}

bool limits_memory(const Plan& plan) {
  return !is_command(plan) || !plan.limit.is_max();
}

/// The requirements of options of `cglab run`; the settings of an experiment
/// fit the version on which it exists.
void check_options(const Plan& plan, Version version) {
  if (!is_command(plan) || version == Version::v2) return;
  for (const Setting& setting : plan.procedure.cgroups.front().settings) {
    if (is_on(setting.file, version)) continue;
    const bool high = setting.file == File::memory_high;
    throw Unavailable(
        fmt::format("--{} needs {} of cgroup v2, and the memory controller of "
                    "this host is on v1, which has no equivalent{}",
                    high ? "high" : "oom-group", name_of(setting.file),
                    high ? " (its soft limit does not throttle)" : ""),
        boot_option_cure(
            "systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=memory"));
  }
  if (!plan.limit.is_max() || plan.swap.is_max()) return;
  throw Unavailable(
      "cgroup v1 limits memory and swap together, so --swap needs a --limit",
      "add --limit SIZE", /*vm_helps=*/false);
}

}  // namespace

Bytes guard_of(const Plan& plan) {
  return cgroupfs::round_down_to_page(add_saturated(
      resolve(*plan.procedure.guard, plan.limit).bytes(), own_needs));
}

std::optional<Bytes> largest_claim(const Plan& plan) {
  if (is_command(plan)) return std::nullopt;
  if (plan.procedure.guard) return guard_of(plan);
  return std::min(plan.size(), *plan.total);
}

/// vm.panic_on_oom=2 panics the machine even when only a cgroup runs out
/// (Documentation/admin-guide/sysctl/vm.rst).
std::optional<Unavailable> forbidden_by_panic_on_oom() {
  const auto text = cgroupfs::try_read_file("/proc/sys/vm/panic_on_oom");
  if (!text || cgroupfs::parse_u64(*text) != 2) return std::nullopt;
  return Unavailable(
      "vm.panic_on_oom is 2: the OOM kill of a cgroup would panic this machine",
      root_command("sysctl vm.panic_on_oom=0"));
}

std::optional<Unavailable> forbidden_by_free_memory(
    const Plan& plan, const Environment& environment) {
  const auto claim = largest_claim(plan);
  if (!claim || !environment.memory_available) return std::nullopt;
  const Bytes safe{environment.memory_available->count / 100 *
                   safe_share_percent};
  if (*claim <= safe) return std::nullopt;
  return Unavailable(fmt::format("the run may use {}, more than a safe share "
                                 "({} %) of the {} available on this host",
                                 exact_size(*claim), safe_share_percent,
                                 exact_size(*environment.memory_available)),
                     fmt::format("use less, for example --{} {}M",
                                 is_guarded_by_total(plan) ? "total" : "limit",
                                 std::max<std::uint64_t>(
                                     largest_mebibytes(plan, *claim, safe),
                                     makes_claims(plan.procedure) ? 16 : 1)),
                     /*vm_helps=*/false);
}

std::optional<Unavailable> forbidden_by_resource_limit(const Plan& plan) {
  const Bytes needed = needed_allocation(plan);
  for (const ResourceLimit& kind : allocation_limits) {
    rlimit limit{};
    if (::getrlimit(kind.resource, &limit) != 0) continue;
    // The program itself counts, too.
    if (limit.rlim_cur >= needed.count + program_size) continue;
    return Unavailable(
        fmt::format("{} is {}, less than the {} that the hog allocates plus {} "
                    "for its program",
                    kind.name, exact_size(Bytes{limit.rlim_cur}),
                    exact_size(needed), exact_size(Bytes{program_size})),
        "raise the limit for this shell:" +
            raise_limit_command(kind.resource, RLIM_INFINITY),
        /*vm_helps=*/false);
  }
  return std::nullopt;
}

std::optional<Unavailable> forbidden_by_overcommit(const Plan& plan,
                                                   std::string_view mode,
                                                   std::string_view meminfo) {
  if (cgroupfs::trim(mode) != "2") return std::nullopt;
  const auto most = meminfo_value(meminfo, "CommitLimit");
  const auto committed = meminfo_value(meminfo, "Committed_AS");
  if (!most || !committed) return std::nullopt;
  const Bytes left{*most > *committed ? most->count - committed->count : 0};
  const Bytes needed = needed_allocation(plan);
  if (left >= needed) return std::nullopt;
  return Unavailable(
      fmt::format("vm.overcommit_memory is 2, and only {1} of the CommitLimit "
                  "of {0} is free, less than the {2} that the hog allocates",
                  exact_size(*most), exact_size(left), exact_size(needed)),
      root_command("sysctl vm.overcommit_memory=0"));
}

std::optional<Unavailable> forbidden_by_swap_accounting(
    const Plan& plan, const Placement& placement,
    const Environment& environment) {
  const bool swaps = host_swaps(environment).value_or(false);
  if (!swaps || plan.swap.is_max() || accounts_swap(placement)) {
    return std::nullopt;
  }
  // v1 without accounting keeps runs with claims out of swap through
  // swappiness.
  const bool by_swappiness = makes_claims(plan.procedure) &&
                             placement.version == Version::v1 &&
                             plan.swap == Limit::of(Bytes{0});
  if (by_swappiness) return std::nullopt;
  return Unavailable(
      fmt::format("this host has swap and its kernel does not account it to "
                  "cgroups, so the {} would be swapped out instead of killed",
                  is_command(plan) ? "command" : "hog"),
      "accept it with --swap max, or disable swap:" +
          root_command("swapoff -a") + "\nor, " +
          boot_option_cure("swapaccount=1"));
}

std::optional<Unavailable> forbidden_by_open_files(std::size_t needed) {
  const std::size_t free = free_descriptors(needed);
  if (free >= needed) return std::nullopt;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t ample = 1024;
  return Unavailable(
      fmt::format("only {} more files can be opened and up to {} are needed: "
                  "RLIMIT_NOFILE is {}",
                  free, needed, limit.rlim_cur),
      raise_limit_command(RLIMIT_NOFILE,
                          std::max(ample, limit.rlim_cur + needed)),
      /*vm_helps=*/false);
}

std::optional<Unavailable> forbidden_by_open_files(const Plan& plan,
                                                   const Placement& placement) {
  const std::size_t others = plan.procedure.processes.size() - 1;
  const std::size_t ancestors =
      upwards(placement.parent, placement.hierarchy.mount_point).size();
  return forbidden_by_open_files(least_files_of_run +
                                 others * files_of_process +
                                 ancestors * files_of_ancestor);
}

void check_requirements(const Plan& plan,
                        const std::vector<HostFeature>& requirements,
                        const Placement& placement,
                        const Environment& environment) {
  require_own_proc();
  const auto too_few = forbidden_by_open_files(plan, placement);
  if (too_few) throw *too_few;
  check_options(plan, placement.version);
  if (limits_memory(plan)) {
    for (const auto& forbidden :
         {forbidden_by_panic_on_oom(), forbidden_by_resource_limit(plan),
          forbidden_by_overcommit(
              plan, read_or_empty("/proc/sys/vm/overcommit_memory"),
              read_or_empty("/proc/meminfo")),
          forbidden_by_free_memory(plan, environment),
          forbidden_by_swap_accounting(plan, placement, environment)}) {
      if (forbidden) throw *forbidden;
    }
  }
  need_file_size(plan);
  for (const HostFeature feature : requirements) {
    need(feature, plan, placement, environment);
  }
}

}  // namespace lab

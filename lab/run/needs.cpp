// SPDX-License-Identifier: MIT
#include "lab/run/needs.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "cgroupfs/directory.h"
#include "lab/base/errors.h"
#include "lab/place/environment.h"
#include "lab/place/swap.h"
#include "lab/run/requirements.h"
#include "lab/run/scratch.h"

namespace lab {
namespace {

constexpr char huge_pages_file[] =
    "/sys/kernel/mm/transparent_hugepage/enabled";

std::string vm_options(const Placement& placement, const char* more = "") {
  return fmt::format(
      "{}{}", placement.version == cgroupfs::Version::v1 ? " --cgroup v1" : "",
      more);
}

/// What does not fit below the limit: a half of it and, before, a quarter.
constexpr Part swapped{3, 4};

void need_free_swap(const Plan& plan, const Placement& placement) {
  const auto text = cgroupfs::try_read_file("/proc/meminfo");
  const auto free = text ? meminfo_value(*text, "SwapFree") : std::nullopt;
  const Bytes needed = swapped.of(plan.size());
  if (!free || *free >= needed) return;
  throw Unavailable(
      fmt::format("of this host's swap {} is free, less than the {} that go "
                  "there",
                  exact_size(*free), exact_size(needed)),
      "take less by --limit or add swap (swapon)", /*vm_helps=*/true,
      vm_options(placement, " --swap 256M"));
}

void need_swap(const Plan& plan, const Placement& placement,
               const Environment& environment) {
  if (!host_swaps(environment).value_or(false)) {
    throw Unavailable("this host has no swap", "switch one on (swapon)",
                      /*vm_helps=*/true, vm_options(placement, " --swap 256M"));
  }
  need_free_swap(plan, placement);
  if (!accounts_swap(placement)) {
    throw Unavailable("this kernel does not account swap to cgroups",
                      "boot with swapaccount=1", /*vm_helps=*/true,
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
        "transparent huge pages are switched off",
        fmt::format("as root: echo madvise > {}", huge_pages_file),
        /*vm_helps=*/true, vm_options(placement));
  }
}

void need_pressure() {
  if (cgroupfs::try_read_file("/proc/pressure/memory")) return;
  throw Unavailable("PSI is missing or switched off in this kernel",
                    "boot with psi=1");
}

/// The hogs lock twice the limit.
void need_locked_memory(const Plan& plan, const Placement& placement) {
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (::geteuid() == 0 || limit.rlim_cur >= 2 * plan.size().count) return;
  throw Unavailable(
      fmt::format("RLIMIT_MEMLOCK is {}, less than the {} that are locked",
                  exact_size(Bytes{limit.rlim_cur}),
                  exact_size(Bytes{2 * plan.size().count})),
      "raise it (ulimit -l unlimited) or run as root", /*vm_helps=*/true,
      vm_options(placement));
}

void check_guard(const Plan& plan, Bytes guard,
                 const Environment& environment) {
  if (!environment.memory_available) return;
  const Bytes safe{environment.memory_available->count / 100 *
                   safe_share_percent};
  if (guard <= safe) return;
  const std::uint64_t fits =
      plan.size().count / guard.count
          ? plan.size().count
          : safe.count / (guard.count / plan.size().count + 1);
  throw Unavailable(
      fmt::format("the run may claim {}, more than a safe share ({} %) of the "
                  "{} that this host has free",
                  exact_size(guard), safe_share_percent,
                  exact_size(*environment.memory_available)),
      fmt::format("take less, such as --limit {}M",
                  std::max<std::uint64_t>(fits / mebi, 16)),
      /*vm_helps=*/false);
}

}  // namespace

void check_needs(const std::vector<Need>& needs, const Plan& plan, Bytes guard,
                 const Placement& placement, const Environment& environment) {
  if (const auto forbidden = forbidden_by_panic_on_oom()) throw *forbidden;
  check_guard(plan, guard, environment);
  for (const Need need : needs) {
    switch (need) {
      case Need::swap:
        need_swap(plan, placement, environment);
        break;
      case Need::disk:
        ScratchFile::create(Backing::disk);
        break;
      case Need::huge_pages:
        need_huge_pages(placement);
        break;
      case Need::pressure:
        need_pressure();
        break;
      case Need::locked_memory:
        need_locked_memory(plan, placement);
        break;
      case Need::pids:
      case Need::cgroup_kill:
        // Found out by making the cgroup that has it: the root has neither.
        break;
    }
  }
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/run/requirements.h"

#include <fmt/format.h>

#include <algorithm>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/place/swap.h"

namespace lab {

Bytes largest_claim(const Plan& plan) noexcept {
  // In the course's order the hog runs before its limit is written.
  if (is_course(plan)) return *plan.total;
  return std::min(plan.size(), *plan.total);
}

/// vm.panic_on_oom=2 panics the machine even when only a cgroup runs out
/// (Documentation/admin-guide/sysctl/vm.rst).
std::optional<Unavailable> forbidden_by_panic_on_oom() {
  const auto text = cgroupfs::try_read_file("/proc/sys/vm/panic_on_oom");
  if (!text || cgroupfs::parse_u64(*text) != 2) return std::nullopt;
  return Unavailable(
      "vm.panic_on_oom is 2: the OOM kill of a cgroup would panic this machine",
      "sudo sysctl vm.panic_on_oom=0");
}

std::optional<Unavailable> forbidden_by_free_memory(
    const Plan& plan, const Environment& environment) {
  if (!environment.memory_available) return std::nullopt;
  const Bytes claim = largest_claim(plan);
  const Bytes safe{environment.memory_available->count / 100 *
                   safe_share_percent};
  if (claim <= safe) return std::nullopt;
  return Unavailable(
      fmt::format("the run may claim {}, more than a safe share ({} %) of the "
                  "{} that this host has free",
                  exact_size(claim), safe_share_percent,
                  exact_size(*environment.memory_available)),
      fmt::format("take less, such as --{} {}M",
                  is_course(plan) ? "total" : "limit",
                  std::max<std::uint64_t>(safe.count / mebi * 9 / 10, 1)),
      /*vm_helps=*/false);
}

std::optional<Unavailable> forbidden_by_swap_accounting(
    const Plan& plan, const Placement& placement,
    const Environment& environment) {
  if (!host_swaps(environment).value_or(false) || plan.swap.is_max())
    return std::nullopt;
  if (accounts_swap(placement)) {
    return std::nullopt;
  }
  return Unavailable(
      "this host swaps and its kernel does not account swap to cgroups, so the "
      "hog would be swapped out instead of killed",
      "boot with swapaccount=1, switch swap off (swapoff -a), or accept it "
      "with --swap max");
}

void check_requirements(const Plan& plan, const Placement& placement,
                        const Environment& environment) {
  for (const auto& forbidden :
       {forbidden_by_panic_on_oom(),
        forbidden_by_free_memory(plan, environment),
        forbidden_by_swap_accounting(plan, placement, environment)}) {
    if (forbidden) throw *forbidden;
  }
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/run/run_requirements.h"

#include <fmt/format.h>

#include "lab/base/errors.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

using cgroupfs::Version;

[[noreturn]] void only_on_v2(std::string_view option, cgroupfs::File file,
                             std::string_view instead) {
  throw Unavailable(
      fmt::format("--{} is {} of cgroup v2, and the memory controller of this "
                  "host is on v1, which has nothing like it{}",
                  option, name_of(file), instead),
      "boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=memory");
}

void check_version(const CommandPlan& command, Version version) {
  if (version == Version::v2) return;
  if (!command.high.is_max()) {
    only_on_v2("high", cgroupfs::File::memory_high,
               " (its soft limit is another thing: it throttles nobody)");
  }
  if (command.oom_group) {
    only_on_v2("oom-group", cgroupfs::File::memory_oom_group, "");
  }
}

void check_swap(const Plan& plan, Version version) {
  const bool alone = plan.run->limit.is_max() && !plan.swap.is_max();
  if (version == Version::v2 || !alone) return;
  throw Unavailable(
      "cgroup v1 limits memory and swap together, so --swap needs a --limit",
      "add --limit SIZE", /*vm_helps=*/false);
}

}  // namespace

void check_command_requirements(const Plan& plan, const Placement& placement,
                                const Environment& environment) {
  check_version(*plan.run, placement.version);
  check_swap(plan, placement.version);
  if (plan.run->limit.is_max()) return;
  for (const auto& forbidden :
       {forbidden_by_panic_on_oom(),
        forbidden_by_swap_accounting(plan, placement, environment)}) {
    if (forbidden) throw *forbidden;
  }
}

}  // namespace lab

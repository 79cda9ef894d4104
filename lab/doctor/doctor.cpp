// SPDX-License-Identifier: MIT
#include "lab/doctor/doctor.h"

#include <algorithm>
#include <exception>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/doctor/checks.h"
#include "lab/experiments/experiment.h"
#include "lab/place/advice.h"
#include "lab/place/environment.h"
#include "lab/place/occupancy.h"
#include "lab/place/owner.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;

/// In the order in which one needs the other.
constexpr Requirement (*checks[])(const Host&) = {
    check_kernel,
    check_hierarchies,
    check_memory_controller,
    check_place,
    check_delegation,
    check_free_memory,
    check_resource_limits,
    check_open_files,
    check_overcommit,
    check_panic_on_oom,
    check_swap,
    check_swap_accounting,
    check_kill_count,
    check_notification,
    check_peak,
    check_cgroup_kill,
    check_clone_into_cgroup,
    check_pidfd,
    check_kmsg,
    check_psi,
    check_thp,
    check_qemu,
    check_vm_kernel,
};

Diagnosis examine(const Host& host) {
  Diagnosis diagnosis;
  diagnosis.language = host.language;
  for (const auto check : checks) {
    diagnosis.requirements.push_back(check(host));
  }
  diagnosis.placement = host.placement;
  diagnosis.oom_runs =
      host.group &&
      std::none_of(diagnosis.requirements.begin(), diagnosis.requirements.end(),
                   [](const Requirement& each) {
                     return each.health == Health::missing;
                   });
  return diagnosis;
}

Environment environment_at(const Placement& placement) {
  Environment environment = read_environment(placement);
  read_host_details(environment);
  return environment;
}

/// Makes a cgroup as a run would, and examines the host with it.
Diagnosis examine_in(const Placement& placement, Host& host) {
  host.too_few_files = forbidden_by_open_files(host.plan, placement);
  Occupancy occupancy = Occupancy::take(placement, Parameters());
  const auto parent = cgroupfs::Directory::open(occupancy.placement().parent);
  Cgroup group = Cgroup::create(parent, group_name("doctor", this_process()),
                                placement.version);
  host.placement = occupancy.placement();
  host.group = &group;
  host.environment = environment_at(*host.placement);
  Diagnosis diagnosis = examine(host);
  group.remove();
  occupancy.leave();
  return diagnosis;
}

Diagnosis examine_without_place(Host& host) {
  host.too_few_files = forbidden_by_open_files(least_files_of_run);
  host.placement = std::nullopt;
  host.group = nullptr;
  host.environment = environment_at(Placement());
  return examine(host);
}

}  // namespace

std::string_view to_string(Health health) noexcept {
  switch (health) {
    case Health::ok:
      return "ok";
    case Health::limited:
      return "limited";
    case Health::missing:
      return "missing";
    case Health::absent:
      return "absent";
    case Health::unknown:
      return "unknown";
  }
  return "unknown";
}

Diagnosis diagnose(Language language) {
  Host host;
  host.language = language;
  host.search = cgroupfs::find_controller("memory");
  host.plan = make_plan(experiment_named("oom"), Parameters());
  try {
    return examine_in(choose_placement(Parameters()), host);
  } catch (const Unavailable& error) {
    host.no_place_because = error.what();
    host.place_fix = error.fix();
  } catch (const cgroupfs::FileError& error) {
    host.no_place_because = error.what();
    host.place_fix = advice_for(error);
  } catch (const std::exception& error) {
    host.no_place_because = error.what();
  }
  return examine_without_place(host);
}

}  // namespace lab

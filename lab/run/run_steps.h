// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <functional>
#include <string>

#include "lab/os/child.h"
#include "lab/place/occupancy.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"
#include "lab/run/counters.h"
#include "lab/run/follower.h"
#include "lab/run/kmsg.h"
#include "lab/run/run_groups.h"

/// The steps that a run of the hog and one of a command have in common.
namespace lab {

/// Begins `record`, removes the orphans beside and makes the groups. Throws
/// what RunGroups::create() throws.
RunGroups begin_run(RunRecord& record, const Plan& plan,
                    const Placement& placement, const Environment& environment);

/// Reaps a child that has ended or was killed. Throws RunError when it does not
/// end.
void reap_child(Child& child, Follower& follower, RunRecord& record);

/// After the reap: counters, ancestors, peak, limits and victims.
void read_final_state(RunRecord& record, Follower& follower,
                      Ancestors& ancestors, const RunGroups& groups);

/// Takes from `log` what it has of kills in the cgroup at `top` and its
/// descendants: the child's record, else the first, and the others. Waits a
/// moment for as many as were counted.
void read_victims(RunRecord& record, KernelLog& log, const std::string& top);

/// Removes or keeps the groups; what is left behind is in `record`.
void end_groups(RunGroups& groups, RunRecord& record);

/// Undoes what was done to the place; what is left behind is in `record`.
void leave_place(Occupancy& occupancy, RunRecord& record);

/// Has `remove` remove what was made at `path`, after `error`. Throws
/// LeftBehind when that fails too.
void remove_after(const std::exception& error, const std::string& path,
                  const std::function<void()>& remove);

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/run/stage.h"
#include "lab/base/units.h"
#include "lab/base/version.h"

#include <fmt/format.h>

#include <exception>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/orphans.h"
#include "lab/run/run_steps.h"
#include "lab/run/stage_play.h"

namespace lab {
namespace {

void clean_orphans(const Placement& placement, RunRecord& record) {
  const auto parent = cgroupfs::Directory::open(placement.parent);
  for (const Orphan& orphan :
       handle_orphans_in(parent, placement.version, OrphanAction::remove)) {
    if (orphan.error.empty()) {
      record.cleanup.orphans_removed.push_back(orphan.path);
    }
  }
}

void remove_stage(Stage& stage, RunRecord& record) {
  try {
    stage.remove();
    record.cleanup.removed = true;
  } catch (const std::exception& error) {
    record.cleanup.error = error.what();
    record.cleanup.left.push_back(stage.top_path());
  }
}

[[noreturn]] void refuse(const cgroupfs::NotSupported& lack,
                         const Placement& placement) {
  throw Unavailable(
      fmt::format("{}: {}", lack.feature(), lack.reason()), "",
      /*vm_helps=*/true,
      placement.version == cgroupfs::Version::v1 ? " --cgroup v1" : "");
}

}  // namespace

RunRecord run_scenario(const Scenario& scenario, const Plan& plan,
                       const Placement& placement,
                       const Environment& environment, const SignalFd& signals,
                       Observer& observer) {
  RunRecord record;
  record.tool.version = version;
  record.date = utc_time(std::chrono::system_clock::now());
  record.environment = environment;
  record.plan = plan;
  record.environment.strategy = placement.strategy;
  record.environment.rejected = placement.rejected;
  record.plan.control = scenario.control;
  clean_orphans(placement, record);
  Stage stage(scenario, record, placement, signals, observer);
  const auto clean_up = [&](const std::exception& error) {
    observer.on_end();
    remove_after(error, stage.top_path(), [&] { stage.remove(); });
  };
  try {
    stage.perform();
    stage.finish();
  } catch (const cgroupfs::NotSupported& lack) {
    clean_up(lack);
    refuse(lack, placement);
  } catch (const std::exception& error) {
    clean_up(error);
    throw;
  }
  remove_stage(stage, record);
  return record;
}

}  // namespace lab

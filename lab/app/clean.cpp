// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/base/visible.h"
#include "lab/classroom/find_group.h"
#include "lab/command/command.h"
#include "lab/place/memory_access.h"
#include "lab/place/missing_controller.h"
#include "lab/place/orphans.h"
#include "lab/place/placement.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

Description describe_clean(const Command&) {
  return {
      .about = {"Removes cgroups left behind by killed runs, and nothing else: "
                "the name of each contains the process that owned it."},
      .options =
          {{"group", "NAME|PATH",
            "also remove this cgroup of the exercise if it has no process",
            directories()},
           {"kept", "", "also remove cgroups kept by --keep"},
           {"dry-run", "", "list the cgroups, remove nothing"}},
      .exit_statuses = {{"0", "nothing is left"},
                        {"2", "usage error"},
                        {"3", "failure"},
                        {"4", "something is left behind"},
                        {"77", "no memory controller"}},
  };
}

using cgroupfs::ControllerSearch;
using cgroupfs::Directory;
using cgroupfs::Hierarchy;

/// What is to be done with which cgroups.
struct Task {
  OrphanAction action = OrphanAction::remove;
  bool kept_too = false;
};

struct Found {
  std::vector<Orphan> orphans;
  std::vector<Orphan> kept;  ///< and to be kept
};

void append(std::vector<Orphan> more, std::vector<Orphan>& orphans) {
  std::move(more.begin(), more.end(), std::back_inserter(orphans));
}

void collect(const std::optional<Hierarchy>& hierarchy, const Task& task,
             Found& found) {
  if (!hierarchy) return;
  const auto top = Directory::try_open(hierarchy->mount_point);
  if (!top) return;
  append(handle_orphans_below(*top, hierarchy->version, task.action),
         found.orphans);
  append(handle_kept_below(*top, hierarchy->version,
                           task.kept_too ? task.action : OrphanAction::list),
         task.kept_too ? found.orphans : found.kept);
}

/// On no hierarchy that has the memory controller.
bool is_elsewhere(const std::optional<Hierarchy>& hierarchy,
                  const ControllerSearch& memory) {
  if (!hierarchy) return false;
  return (!memory.v1 || memory.v1->mount_point != hierarchy->mount_point) &&
         (!memory.v2 || memory.v2->mount_point != hierarchy->mount_point);
}

void print_orphan(const Orphan& orphan, OrphanAction action) {
  const std::string path = visible_line(orphan.path);
  if (!orphan.error.empty()) {
    write_stderr(fmt::format("cglab: clean: {} is left: {}\n", path,
                             visible_line(orphan.error)));
  } else if (!orphan.undecided.empty()) {
    write_stdout(fmt::format(
        "undecided {} ({}, perhaps a run of another PID namespace: nothing was "
        "done)\n",
        path, orphan.undecided));
  } else {
    write_stdout(fmt::format(
        "{} {}\n", action == OrphanAction::list ? "would remove" : "removed",
        path));
  }
}

/// The processes in it and, v2 and v1 alike, the reason why it stays.
std::string described(const std::vector<pid_t>& pids) {
  return fmt::format("processes run in it (pid {}); end them first",
                     fmt::join(pids, ", "));
}

/// What the student made, when nothing runs in it any more: nobody is killed
/// and nothing else is touched. Whether it is gone.
bool remove_exercise(const std::string& name, OrphanAction action) {
  const Hierarchy hierarchy = memory_hierarchy();
  const auto path = find_group(name, hierarchy);
  if (!path) return true;
  const auto pids =
      cgroupfs::Cgroup::open(*path, hierarchy.version).processes();
  if (!pids.empty()) {
    print_orphan({*path, described(pids), ""}, action);
    return false;
  }
  if (action == OrphanAction::remove) {
    const std::size_t slash = path->find_last_of('/');
    Directory::open(path->substr(0, slash))
        .remove_directory(path->substr(slash + 1));
  }
  print_orphan({*path, "", ""}, action);
  return true;
}

int clean(const Command&, const CommandLine& line) {
  const auto group = value_of(line, "group", parse_text);
  const Task task{
      line.has("dry-run") ? OrphanAction::list : OrphanAction::remove,
      line.has("kept")};
  const ControllerSearch search = cgroupfs::find_controller("memory");
  if (!search.v1 && !search.v2) {
    throw Unavailable(no_memory_controller(search),
                      missing_controller_cure("memory"), /*vm_helps=*/false);
  }
  Found found;
  // `cglab run --pids` has a cgroup there too, which first lets nothing fork.
  const ControllerSearch pids = cgroupfs::find_controller("pids");
  if (is_elsewhere(pids.v1, search)) collect(pids.v1, task, found);
  if (is_elsewhere(pids.v2, search)) collect(pids.v2, task, found);
  collect(search.v1, task, found);
  collect(search.v2, task, found);
  for (const Orphan& orphan : found.orphans) print_orphan(orphan, task.action);
  const bool exercise_gone = !group || remove_exercise(*group, task.action);
  for (const Orphan& kept : found.kept) {
    if (!kept.is_gone()) {
      print_orphan(kept, task.action);
      continue;
    }
    write_stdout(
        fmt::format("kept {} (by --keep; to remove it: cglab clean "
                    "--kept)\n",
                    visible_line(kept.path)));
  }
  if (found.orphans.empty() && found.kept.empty() && !group) {
    write_stdout("nothing to clean\n");
  }
  const bool left =
      std::any_of(found.orphans.begin(), found.orphans.end(),
                  [](const Orphan& orphan) { return !orphan.error.empty(); });
  return left || !exercise_gone ? exit_left_behind : exit_expected;
}

const CommandRegistration clean_registration(
    {"clean", "remove cgroups left behind by killed runs", describe_clean,
     clean});

}  // namespace
}  // namespace lab

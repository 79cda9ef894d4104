// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "lab/command.h"
#include "lab/errors.h"
#include "lab/exit_code.h"
#include "lab/options.h"
#include "lab/orphans.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

using cgroupfs::ControllerSearch;
using cgroupfs::Directory;
using cgroupfs::Hierarchy;

void collect(const std::optional<Hierarchy>& hierarchy, OrphanAction action,
             std::vector<Orphan>& orphans) {
  if (!hierarchy) return;
  const auto top = Directory::try_open(hierarchy->mount_point);
  if (!top) return;
  std::vector<Orphan> found =
      handle_orphans_below(*top, hierarchy->version, action);
  std::move(found.begin(), found.end(), std::back_inserter(orphans));
}

void print_orphan(const Orphan& orphan, OrphanAction action) {
  if (!orphan.error.empty()) {
    write_stderr(fmt::format("cglab: clean: {} is left: {}\n", orphan.path,
                             orphan.error));
    return;
  }
  write_stdout(fmt::format(
      "{} {}\n", action == OrphanAction::list ? "would remove" : "removed",
      orphan.path));
}

int clean(const Command&, const std::vector<std::string>& arguments) {
  const CleanOptions options = parse_clean_options(arguments);
  if (options.help) {
    write_stdout(fmt::format(
        "Usage: cglab clean [OPTION]...\nRemoves the cgroups that runs "
        "which were killed have left behind,\nand nothing else: the "
        "name of each says which process owned it.\n\n{}",
        clean_options_help()));
    return exit_expected;
  }
  const OrphanAction action =
      options.dry_run ? OrphanAction::list : OrphanAction::remove;
  const ControllerSearch search = cgroupfs::find_controller("memory");
  if (!search.v1 && !search.v2) {
    throw Unavailable(
        fmt::format("no memory controller: {}; {}", search.v2_absent_because,
                    search.v1_absent_because),
        "", /*vm_helps=*/false);
  }
  std::vector<Orphan> orphans;
  collect(search.v1, action, orphans);
  collect(search.v2, action, orphans);
  for (const Orphan& orphan : orphans) print_orphan(orphan, action);
  if (orphans.empty()) write_stdout("nothing to clean\n");
  const bool left =
      std::any_of(orphans.begin(), orphans.end(),
                  [](const Orphan& orphan) { return !orphan.error.empty(); });
  return left ? exit_left_behind : exit_expected;
}

const CommandRegistration registration(
    {"clean", "remove the cgroups of runs that were killed", clean});

}  // namespace
}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/place/orphans.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/leaf.h"
#include "lab/place/owner.h"
#include "lab/place/teardown.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::Directory;
using cgroupfs::Version;

/// Any process that may create a cgroup may lock it: cleaning up does not wait
/// for locks.
constexpr std::chrono::milliseconds no_wait(0);

bool owner_is_gone(const std::string& name) {
  const std::optional<Owner> owner = owner_of(name);
  return owner && !is_alive(*owner);
}

Orphan remove_orphan(Cgroup group) {
  Orphan orphan{group.path(), "", ""};
  try {
    tear_down(group);
  } catch (const std::exception& error) {
    group.disown();
    orphan.error = error.what();
  }
  return orphan;
}

/// nullopt when `name` turns out to be in use or gone.
std::optional<Orphan> handle(const Directory& parent, const std::string& name,
                             Version version, OrphanAction action) {
  try {
    Cgroup group = Cgroup::adopt(parent, name, version);
    const bool unused = lock_group(group);
    if (unused && action == OrphanAction::remove) {
      return remove_orphan(std::move(group));
    }
    group.disown();
    return Orphan{group.path(), "", unused ? "" : locked_by(group.directory())};
  } catch (const cgroupfs::FileError& error) {
    if (cgroupfs::is_absent(error.code().value())) return std::nullopt;
    return Orphan{parent.path_of(name), error.what(), ""};
  }
}

/// Nothing is killed: its processes were moved in after the run.
void remove_kept(Cgroup& group) {
  const std::vector<pid_t> pids = group.subtree_processes();
  if (!pids.empty()) {
    throw RunError(fmt::format("processes run in it (pid {}); end them first",
                               fmt::join(pids, ", ")));
  }
  group.remove();
}

/// nullopt when it is gone.
std::optional<Orphan> handle_kept(const Directory& parent,
                                  const std::string& name, Version version,
                                  OrphanAction action) {
  Orphan kept{parent.path_of(name), "", ""};
  try {
    Cgroup group = Cgroup::adopt(parent, name, version);
    const bool unused = lock_group(group);
    try {
      if (unused && action == OrphanAction::remove) remove_kept(group);
    } catch (const std::exception& error) {
      kept.error = error.what();
    }
    group.disown();
    if (!unused) kept.undecided = locked_by(group.directory());
  } catch (const cgroupfs::FileError& error) {
    if (cgroupfs::is_absent(error.code().value())) return std::nullopt;
    kept.error = error.what();
  }
  return kept;
}

/// Whether a run next to the leaf may use it.
bool has_live_group(const Directory& parent) {
  const auto names = parent.subdirectories();
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return owner_of(name) && !owner_is_gone(name);
  });
}

/// The leaf to which runs that have all been killed moved the processes of
/// `parent`; nullopt when there is none. Its processes are not orphans: they
/// are moved back.
std::optional<Orphan> handle_leaf(const Directory& parent,
                                  OrphanAction action) {
  const std::string path = parent.path_of(leaf_name);
  try {
    std::optional<Leaf> leaf = Leaf::join(parent, no_wait);
    if (!leaf) return std::nullopt;
    const bool unused = leaf->is_unused();
    if (action == OrphanAction::list || !unused) leaf->disown();
    if (!unused && has_live_group(parent)) return std::nullopt;
    if (!unused) return Orphan{path, "", leaf->locked_by()};
    if (action == OrphanAction::remove && !leaf->leave()) return std::nullopt;
  } catch (const Leaf::Locked&) {
    return Orphan{path, "", locked_by(Directory::open(path))};
  } catch (const std::exception& error) {
    return Orphan{path, error.what(), ""};
  }
  return Orphan{path, "", ""};
}

/// The lab's cgroups are neither in unreadable directories nor in removed ones.
bool is_passed_over(const cgroupfs::FileError& error) {
  const int code = error.code().value();
  return cgroupfs::is_absent(code) || code == EACCES || code == EPERM ||
         code == ENAMETOOLONG;
}

/// Whether runs created it and its descendants.
bool is_of_runs(const std::string& name) {
  return owner_of(name) || is_kept(name) || name == leaf_name;
}

/// Calls `action` with `top` and every directory below it that does not belong
/// to a run; only one is open at a time, at any depth.
template <typename Action>
void for_each_place(const Directory& top, const Action& action) {
  std::vector<std::string> paths{top.path()};
  while (!paths.empty()) {
    const std::string path = std::move(paths.back());
    paths.pop_back();
    try {
      const Directory directory = Directory::open(path);
      action(directory);
      for (const std::string& name : directory.subdirectories()) {
        if (!is_of_runs(name)) paths.push_back(directory.path_of(name));
      }
    } catch (const cgroupfs::FileError& error) {
      if (!is_passed_over(error)) throw;
    }
  }
}

template <typename Item>
void append(std::vector<Item> more, std::vector<Item>& items) {
  std::move(more.begin(), more.end(), std::back_inserter(items));
}

}  // namespace

std::vector<Orphan> handle_orphans_in(const Directory& parent, Version version,
                                      OrphanAction action) {
  std::vector<Orphan> orphans;
  for (const std::string& name : parent.subdirectories()) {
    if (!owner_is_gone(name)) continue;
    std::optional<Orphan> orphan = handle(parent, name, version, action);
    if (orphan) orphans.push_back(*std::move(orphan));
  }
  return orphans;
}

std::vector<Orphan> handle_orphans_below(const Directory& top, Version version,
                                         OrphanAction action) {
  std::vector<Orphan> orphans;
  for_each_place(top, [&](const Directory& directory) {
    append(handle_orphans_in(directory, version, action), orphans);
    if (version == Version::v1) return;
    // After the groups next to it, which depend on it.
    auto leaf = handle_leaf(directory, action);
    if (leaf) orphans.push_back(*std::move(leaf));
  });
  return orphans;
}

std::vector<Orphan> handle_kept_below(const Directory& top, Version version,
                                      OrphanAction action) {
  std::vector<Orphan> found;
  for_each_place(top, [&](const Directory& directory) {
    for (const std::string& name : directory.subdirectories()) {
      const std::optional<Owner> owner = kept_by(name);
      if (!owner || is_alive(*owner)) continue;
      auto kept = handle_kept(directory, name, version, action);
      if (kept) found.push_back(*std::move(kept));
    }
  });
  return found;
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/place/orphans.h"

#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/error.h"
#include "lab/place/leaf.h"
#include "lab/place/owner.h"
#include "lab/place/teardown.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::Directory;
using cgroupfs::Version;

bool owner_is_gone(const std::string& name) {
  const std::optional<Owner> owner = owner_of(name);
  return owner && !is_alive(*owner);
}

Orphan remove_orphan(Cgroup group) {
  Orphan orphan{group.path(), ""};
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
    if (!unused) return std::nullopt;
    return Orphan{group.path(), ""};
  } catch (const cgroupfs::FileError& error) {
    if (cgroupfs::is_absent(error.code().value())) return std::nullopt;
    return Orphan{parent.path_of(name), error.what()};
  }
}

/// The leaf that the processes of `parent` were moved to by runs that all have
/// died; nullopt when there is none. Its processes are nobody's orphans: they
/// are moved back.
std::optional<Orphan> handle_leaf(const Directory& parent,
                                  OrphanAction action) {
  const std::string path = parent.path_of(leaf_name);
  try {
    std::optional<Leaf> leaf = Leaf::join(parent);
    if (!leaf) return std::nullopt;
    if (action == OrphanAction::list) {
      const bool unused = leaf->is_unused();
      leaf->disown();
      if (!unused) return std::nullopt;
    } else if (!leaf->leave()) {
      return std::nullopt;
    }
  } catch (const std::exception& error) {
    return Orphan{path, error.what()};
  }
  return Orphan{path, ""};
}

/// Calls `action` with every subdirectory of `top` that is no run's group.
template <typename Action>
void for_each_foreign(const Directory& top, const Action& action) {
  for (const std::string& name : top.subdirectories()) {
    if (owner_of(name) || is_kept(name) || name == leaf_name) continue;
    try {
      action(top.open_directory(name));
    } catch (const cgroupfs::FileError&) {
      // Gone meanwhile, or not ours to read: nothing of ours can be there.
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
  std::vector<Orphan> orphans = handle_orphans_in(top, version, action);
  for_each_foreign(top, [&](const Directory& directory) {
    append(handle_orphans_below(directory, version, action), orphans);
  });
  // After the groups beside it, which depend on what it was made for.
  if (auto leaf = handle_leaf(top, action)) orphans.push_back(*std::move(leaf));
  return orphans;
}

std::vector<std::string> kept_groups_below(const Directory& top) {
  std::vector<std::string> paths;
  for (const std::string& name : top.subdirectories()) {
    if (is_kept(name)) paths.push_back(top.path_of(name));
  }
  for_each_foreign(top, [&](const Directory& directory) {
    append(kept_groups_below(directory), paths);
  });
  return paths;
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/orphans.h"

#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/error.h"
#include "lab/owner.h"
#include "lab/teardown.h"

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
  for (const std::string& name : top.subdirectories()) {
    if (owner_of(name)) continue;
    try {
      std::vector<Orphan> more =
          handle_orphans_below(top.open_directory(name), version, action);
      std::move(more.begin(), more.end(), std::back_inserter(orphans));
    } catch (const cgroupfs::FileError&) {
      // Gone meanwhile, or not ours to read: nothing of ours can be there.
    }
  }
  return orphans;
}

}  // namespace lab

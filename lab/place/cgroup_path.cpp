// SPDX-License-Identifier: MIT
#include "lab/place/cgroup_path.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "cgroupfs/error.h"
#include "cgroupfs/interface_files.h"

namespace lab {
namespace {

namespace fs = std::filesystem;

bool has_prefix(const fs::path& path, const fs::path& top) {
  return std::mismatch(top.begin(), top.end(), path.begin(), path.end())
             .first == top.end();
}

}  // namespace

std::optional<std::string> find_cgroup_directory(
    const std::string& asked, const cgroupfs::Hierarchy& hierarchy) {
  const fs::path mount = fs::canonical(hierarchy.mount_point);
  const fs::path below = mount / fs::path(asked).relative_path();
  std::optional<fs::path> forbidden;
  for (const fs::path& candidate : {fs::path(asked), below}) {
    std::error_code error;
    const fs::path path = fs::canonical(candidate, error);
    if (!error && has_prefix(path, mount) && fs::is_directory(path, error)) {
      return path;
    }
    if (error == std::errc::permission_denied) forbidden = candidate;
  }
  if (!forbidden) return std::nullopt;
  throw cgroupfs::FileError(EACCES, "look up", forbidden->string());
}

bool is_cgroup_file_system(const std::string& path,
                           cgroupfs::Version version) noexcept {
  struct statfs status {};
  const auto expected = version == cgroupfs::Version::v2 ? CGROUP2_SUPER_MAGIC
                                                         : CGROUP_SUPER_MAGIC;
  return ::statfs(path.c_str(), &status) == 0 && status.f_type == expected;
}

bool is_root(const cgroupfs::Directory& directory, cgroupfs::Version version) {
  using cgroupfs::File;
  return version == cgroupfs::Version::v1
             ? directory.exists(name_of(File::release_agent))
             : !directory.exists(name_of(File::cgroup_type));
}

bool is_within(const std::string& path, const std::string& top) {
  return has_prefix(path, top);
}

std::vector<std::string> upwards(std::string path, const std::string& top) {
  std::vector<std::string> paths{path};
  while (path.size() > top.size()) {
    path.resize(std::max(path.find_last_of('/'), top.size()));
    paths.push_back(path);
  }
  return paths;
}

}  // namespace lab

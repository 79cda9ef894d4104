// SPDX-License-Identifier: MIT
#include "cgroupfs/interface_files.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace cgroupfs {
namespace {

using enum File;
using enum Content;

constexpr char not_built[] = "this kernel lacks it";
constexpr char no_swap_accounting[] =
    "swap accounting is off (a kernel without CONFIG_SWAP, or booted with "
    "swapaccount=0)";
constexpr char no_pressure[] =
    "pressure stall information (PSI) is off: it needs a kernel with "
    "CONFIG_PSI, booted with psi=1, and cgroup.pressure at 1";
constexpr char not_protected[] = "cgroup v1 protects no memory from reclaim";
constexpr char v1_counts[] =
    "cgroup v1 counts in memory.failcnt and memory.oom_control";
constexpr char one_hierarchy[] =
    "a cgroup of v1 has the controllers of its hierarchy";
constexpr char no_pids[] = "the cgroup has no pids controller";
constexpr char not_in_root[] = "the root cgroup has none";

constexpr InterfaceFile table[] = {
#define ROW(...) {__VA_ARGS__},
#include "cgroupfs/interface_files.def"
#undef ROW
};

constexpr char since_4_13[] = "appeared in Linux 4.13; this kernel lacks it";

struct KeyRow {
  Key key;
  KeyPlace v2;
  KeyPlace v1;
  const char* lacking;
};

constexpr KeyRow make_key(Key key, File v2, const char* v2_key, File v1,
                          const char* v1_key, const char* lacking = not_built) {
  return {key, {v2, v2_key}, {v1, v1_key}, lacking};
}

constexpr KeyRow keys[] = {
    make_key(Key::oom_kill, memory_events, "oom_kill", memory_oom_control,
             "oom_kill", since_4_13),
    make_key(Key::oom_kill_local, memory_events_local, "oom_kill",
             memory_oom_control, "oom_kill", since_4_13),
    make_key(Key::swap, memory_stat, "", memory_stat, "total_swap",
             no_swap_accounting),
    make_key(Key::anon, memory_stat, "anon", memory_stat, "total_rss"),
    make_key(Key::file, memory_stat, "file", memory_stat, "total_cache"),
    make_key(Key::shmem, memory_stat, "shmem", memory_stat, "total_shmem"),
    make_key(Key::anon_thp, memory_stat, "anon_thp", memory_stat,
             "total_rss_huge"),
    make_key(Key::kernel, memory_stat, "kernel", memory_stat, ""),
};

const InterfaceFile& row_of(File file) noexcept {
  return table[static_cast<std::size_t>(file)];
}

const KeyRow& row_of(Key key) noexcept {
  return keys[static_cast<std::size_t>(key)];
}

constexpr bool keys_are_in_order() {
  for (std::size_t i = 0; i < std::size(keys); ++i) {
    if (static_cast<std::size_t>(keys[i].key) != i) return false;
  }
  return true;
}
static_assert(keys_are_in_order());

}  // namespace

std::span<const InterfaceFile> interface_files() noexcept {
  return table;
}

const char* to_string(File file) noexcept {
  switch (file) {
#define ROW(file, ...) \
  case File::file:     \
    return #file;
#include "cgroupfs/interface_files.def"
#undef ROW
  }
  return "";
}

const char* name_of(File file, Version version) noexcept {
  const InterfaceFile& row = row_of(file);
  return version == Version::v1 ? row.v1 : row.v2;
}

const char* name_of(File file) noexcept {
  const InterfaceFile& row = row_of(file);
  return *row.v2 != '\0' ? row.v2 : row.v1;
}

bool is_on(Version version, File file) noexcept {
  return *name_of(file, version) != '\0';
}

std::optional<File> file_named(std::string_view name) noexcept {
  const auto* row = std::find_if(std::begin(table), std::end(table),
                                 [&](const InterfaceFile& each) {
                                   return name == each.v2 || name == each.v1;
                                 });
  if (row == std::end(table) || name.empty()) return std::nullopt;
  return row->file;
}

bool holds_size(std::string_view name) noexcept {
  const auto file = file_named(name);
  return file && row_of(*file).content == size;
}

std::string why_absent(File file, Version version) {
  const InterfaceFile& row = row_of(file);
  if (!is_on(version, file)) return row.one_only;
  if (*row.lacking != '\0') return row.lacking;
  if (version == Version::v1 || *row.since == '\0') return not_built;
  return fmt::format("appeared in Linux {}; this kernel lacks it", row.since);
}

std::optional<KeyPlace> place_of(Key key, Version version) noexcept {
  const KeyRow& row = row_of(key);
  const KeyPlace& place = version == Version::v1 ? row.v1 : row.v2;
  return *place.key == '\0' ? std::nullopt : std::optional(place);
}

std::string why_absent(Key key, Version version) {
  const auto place = place_of(key, version);
  if (!place) {
    return fmt::format("cgroup {} has no such count", to_string(version));
  }
  return fmt::format("{} of {}: {}", place->key, name_of(place->file, version),
                     row_of(key).lacking);
}

}  // namespace cgroupfs

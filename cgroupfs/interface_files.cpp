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
    "swap accounting is disabled (a kernel without CONFIG_SWAP, or booted with "
    "swapaccount=0)";
constexpr char no_pressure[] =
    "pressure stall information (PSI) is disabled: it needs a kernel with "
    "CONFIG_PSI, booted with psi=1, and cgroup.pressure set to 1";
constexpr char not_protected[] = "cgroup v1 cannot protect memory from reclaim";
constexpr char v1_counts[] =
    "cgroup v1 counts in memory.failcnt and memory.oom_control";
constexpr char one_hierarchy[] =
    "a v1 cgroup has the controllers of its hierarchy";
constexpr char no_pids[] = "the cgroup has no pids controller";
constexpr char not_in_root[] = "the root cgroup does not have it";
constexpr char no_such_controller[] = "the cgroup does not have its controller";
constexpr char no_cpu_limit[] =
    "the cgroup has no cpu controller, or this kernel lacks "
    "CONFIG_CFS_BANDWIDTH";
constexpr char freezer_on_v2[] = "cgroup v2 has cgroup.freeze";

constexpr InterfaceFile table[] = {
#define CGROUPFS_ROW(file, v2, v1, content, ...) \
  {file, content, #file, v2, v1, __VA_ARGS__},
#include "cgroupfs/interface_files.def"
#undef CGROUPFS_ROW
};

struct KeyRow {
  Key key;
  std::optional<KeyPlace> v2;
  std::optional<KeyPlace> v1;
  const char* lacking = not_built;
};

constexpr KeyPlace in_stat(const char* key) {
  return {memory_stat, key};
}

constexpr KeyPlace v1_kills{memory_oom_control, "oom_kill"};
constexpr char no_kills[] =
    "the counter oom_kill appeared in Linux 4.13; this kernel lacks it";

constexpr KeyRow keys[] = {
    {Key::oom_kill, KeyPlace{memory_events, "oom_kill"}, v1_kills, no_kills},
    {Key::oom_kill_local, KeyPlace{memory_events_local, "oom_kill"}, v1_kills,
     no_kills},
    {Key::swap, KeyPlace{memory_swap_current, ""}, in_stat("total_swap"),
     no_swap_accounting},
    {Key::anon, in_stat("anon"), in_stat("total_rss")},
    {Key::file, in_stat("file"), in_stat("total_cache")},
    {Key::shmem, in_stat("shmem"), in_stat("total_shmem")},
    {Key::anon_thp, in_stat("anon_thp"), in_stat("total_rss_huge")},
    {Key::kernel, in_stat("kernel"), std::nullopt},
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

const char* name_of(File file, Version version) noexcept {
  const InterfaceFile& row = row_of(file);
  return version == Version::v1 ? row.v1 : row.v2;
}

const char* name_of(File file) noexcept {
  const InterfaceFile& row = row_of(file);
  return *row.v2 != '\0' ? row.v2 : row.v1;
}

bool is_on(File file, Version version) noexcept {
  return *name_of(file, version) != '\0';
}

bool is_mandatory(File file, Version version) noexcept {
  const InterfaceFile& row = row_of(file);
  const bool is_old = version == Version::v1 || *row.since == '\0';
  return is_on(file, version) && is_old && *row.lacking == '\0';
}

const char* since(File file) noexcept {
  return row_of(file).since;
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
  if (!is_on(file, version)) return row.one_only;
  if (*row.lacking != '\0') return row.lacking;
  if (version == Version::v1 || *row.since == '\0') return not_built;
  return fmt::format("appeared in Linux {}; this kernel lacks it", row.since);
}

std::optional<KeyPlace> place_of(Key key, Version version) noexcept {
  const KeyRow& row = row_of(key);
  return version == Version::v1 ? row.v1 : row.v2;
}

const char* name_of(Key key, Version version) noexcept {
  const auto place = place_of(key, version);
  return place ? name_of(place->file, version) : "";
}

std::string why_absent(Key key, Version version) {
  if (place_of(key, version)) return row_of(key).lacking;
  return fmt::format("memory.stat of cgroup {} has no such counter",
                     to_string(version));
}

}  // namespace cgroupfs

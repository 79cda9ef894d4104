// SPDX-License-Identifier: MIT
#include "lab/inspect/proc_text.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "cgroupfs/error.h"
#include "cgroupfs/mountinfo.h"
#include "cgroupfs/text.h"

namespace lab {
namespace {

using cgroupfs::ParseError;
using cgroupfs::split_words;
using Number = std::optional<std::uint64_t>;

/// In the order of linux/capability.h.
constexpr std::string_view known_capabilities[] = {
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
};
static_assert(known_capabilities[CAP_SYS_ADMIN] == "cap_sys_admin");
static_assert(known_capabilities[CAP_AUDIT_READ] == "cap_audit_read");

std::uint64_t parse_hex(std::string_view text) {
  text = cgroupfs::trim(text);
  std::uint64_t number = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    throw ParseError("a hexadecimal number", text);
  }
  return number;
}

pid_t parse_id(std::string_view text) {
  const std::uint64_t number = cgroupfs::parse_u64(text);
  if (number > INT32_MAX) throw ParseError("a process id", text);
  return static_cast<pid_t>(number);
}

/// "  123 kB".
Bytes parse_kb(std::string_view text) {
  const auto words = split_words(text);
  if (words.size() != 2 || words[1] != "kB") throw ParseError("a size", text);
  const std::uint64_t number = cgroupfs::parse_u64(words[0]);
  if (number > UINT64_MAX / kibi) throw ParseError("a size", text);
  return {number * kibi};
}

/// Real, effective, saved, of the file system.
std::uint64_t effective_of(std::string_view text) {
  const auto words = split_words(text);
  if (words.size() < 2) throw ParseError("four ids", text);
  return cgroupfs::parse_u64(words[1]);
}

std::vector<pid_t> parse_ids(std::string_view text) {
  std::vector<pid_t> ids;
  for (const std::string_view word : split_words(text)) {
    ids.push_back(parse_id(word));
  }
  return ids;
}

Number parse_number_text(std::string_view text) {
  return cgroupfs::parse_u64(cgroupfs::trim(text));
}

struct StatusKey {
  std::string_view name;
  void (*set)(ProcStatusText& status, std::string_view value);
};

using Status = ProcStatusText;
using Value = std::string_view;

constexpr StatusKey status_keys[] = {
    {"Name", [](Status& to, Value text) { to.name = text; }},
    {"State", [](Status& to, Value text) { to.state = text; }},
    {"Tgid", [](Status& to, Value text) { to.process = parse_id(text); }},
    {"Pid", [](Status& to, Value text) { to.pid = parse_id(text); }},
    {"PPid", [](Status& to, Value text) { to.parent = parse_id(text); }},
    {"Threads",
     [](Status& to, Value text) { to.threads = parse_number_text(text); }},
    {"Uid", [](Status& to, Value text) { to.uid = effective_of(text); }},
    {"Gid", [](Status& to, Value text) { to.gid = effective_of(text); }},
    {"VmRSS", [](Status& to, Value text) { to.rss = parse_kb(text); }},
    {"RssAnon", [](Status& to, Value text) { to.anon = parse_kb(text); }},
    {"RssFile", [](Status& to, Value text) { to.file = parse_kb(text); }},
    {"RssShmem", [](Status& to, Value text) { to.shmem = parse_kb(text); }},
    {"VmSwap", [](Status& to, Value text) { to.swap = parse_kb(text); }},
    {"NSpid", [](Status& to, Value text) { to.pids = parse_ids(text); }},
    {"CapEff",
     [](Status& to, Value text) { to.capabilities = parse_hex(text); }},
    {"NoNewPrivs",
     [](Status& to, Value text) {
       to.no_new_privs = cgroupfs::parse_flag(text);
     }},
    {"Seccomp",
     [](Status& to, Value text) { to.seccomp = parse_number_text(text); }},
    {"Seccomp_filters",
     [](Status& to, Value text) {
       to.seccomp_filters = parse_number_text(text);
     }},
};

bool is_root_mount(const cgroupfs::Mount& mount) {
  return mount.mount_point == "/";
}

/// Of the options of overlay: "lowerdir=A:B", or "lowerdir+=A" for each one
/// (since ~6.8). A colon of a name is escaped.
std::uint64_t lower_directories_in(const std::vector<std::string>& options) {
  constexpr std::string_view all = "lowerdir=";
  constexpr std::string_view one = "lowerdir+=";
  std::uint64_t count = 0;
  for (const std::string_view option : options) {
    if (option.starts_with(one)) ++count;
    if (!option.starts_with(all)) continue;
    ++count;
    for (std::size_t i = all.size(); i < option.size(); ++i) {
      if (option[i] == '\\') {
        ++i;
      } else if (option[i] == ':') {
        ++count;
      }
    }
  }
  return count;
}

}  // namespace

ProcStatusText parse_status_text(std::string_view text) {
  ProcStatusText status;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const auto* const key =
        std::find_if(std::begin(status_keys), std::end(status_keys),
                     [&](const StatusKey& each) {
                       return each.name == line.substr(0, colon);
                     });
    if (key == std::end(status_keys)) continue;
    key->set(status, cgroupfs::trim(line.substr(colon + 1)));
  }
  return status;
}

std::vector<IdRange> parse_id_map(std::string_view text) {
  std::vector<IdRange> map;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    const auto words = split_words(line);
    if (words.size() != 3) throw ParseError("a line of an id map", line);
    map.push_back({cgroupfs::parse_u64(words[0]), cgroupfs::parse_u64(words[1]),
                   cgroupfs::parse_u64(words[2])});
  }
  return map;
}

std::optional<std::uint64_t> mapped_id(const std::vector<IdRange>& map,
                                       std::uint64_t inside) {
  for (const IdRange& range : map) {
    if (inside >= range.inside && inside - range.inside < range.count) {
      return range.outside + (inside - range.inside);
    }
  }
  return std::nullopt;
}

std::vector<std::string> capability_names(std::uint64_t set) {
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if ((set >> bit & 1) == 0) continue;
    names.push_back(bit < std::size(known_capabilities)
                        ? std::string(known_capabilities[bit])
                        : fmt::format("cap_{}", bit));
  }
  return names;
}

std::uint64_t all_capabilities(std::uint64_t last) noexcept {
  return last >= 63 ? UINT64_MAX : (std::uint64_t{1} << (last + 1)) - 1;
}

std::optional<RootFileSystem> root_file_system(std::string_view mountinfo) {
  const auto mounts = cgroupfs::parse_mountinfo(mountinfo);
  const auto found =
      std::find_if(mounts.rbegin(), mounts.rend(), is_root_mount);
  if (found == mounts.rend()) return std::nullopt;
  const auto& options = found->options;
  RootFileSystem root{found->type, found->source, false, 0};
  root.read_only =
      std::find(options.begin(), options.end(), "ro") != options.end();
  if (root.type == "overlay") {
    root.lower_directories = lower_directories_in(found->super_options);
  }
  return root;
}

std::uint64_t parse_boot_time(std::string_view text) {
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    const auto words = split_words(line);
    if (words.size() == 2 && words[0] == "btime") {
      return cgroupfs::parse_u64(words[1]);
    }
  }
  throw ParseError("/proc/stat with btime", text);
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/inspect/process_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/inspect/gaps.h"
#include "lab/inspect/inspect_messages.h"
#include "lab/os/proc_stat.h"

namespace lab {
namespace {

namespace messages = inspect_messages;

using cgroupfs::Directory;
using cgroupfs::read_file;
using std::chrono::system_clock;

std::string file_of(pid_t pid, std::string_view name) {
  return fmt::format("/proc/{}/{}", pid, name);
}

std::string read_link(const std::string& path) {
  std::error_code error;
  const auto target = std::filesystem::read_symlink(path, error);
  if (error) throw cgroupfs::FileError(error.value(), "read link", path);
  return target;
}

std::int64_t parse_signed(std::string_view text) {
  text = cgroupfs::trim(text);
  std::int64_t number = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || text.empty()) {
    throw cgroupfs::ParseError("a number", text);
  }
  return number;
}

/// A small file of /proc/PID, parsed.
template <typename Parse>
auto parse_file(pid_t pid, const char* name, const Message& what,
                const Parse& parse, Gaps& gaps) {
  const std::string path = file_of(pid, name);
  return try_to(gaps, what, path, [&] { return parse(read_file(path)); });
}

std::optional<system_clock::time_point> read_start(pid_t pid, Gaps& gaps) {
  const auto start =
      try_to(gaps, messages::start_time, file_of(pid, "stat"), [&] {
        const auto stat = proc_stat(pid);
        if (!stat)
          throw cgroupfs::FileError(ESRCH, "read", file_of(pid, "stat"));
        const auto boot = parse_boot_time(read_file("/proc/stat"));
        const auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
        return system_clock::time_point(
            std::chrono::seconds(boot + stat->start_time / ticks));
      });
  return start;
}

constexpr char no_memory[] =
    "it has no memory of its own (a kernel thread, or exiting)";

void read_program(pid_t pid, ProcessState& state, Gaps& gaps) {
  const std::string file = file_of(pid, "exe");
  if (state.status.rss) {
    state.program =
        try_to(gaps, messages::program, file, [&] { return read_link(file); });
    return;
  }
  add_absence(gaps, messages::program, file, no_memory);
  add_absence(gaps, messages::resident, file_of(pid, "status"), no_memory);
}

std::optional<RootFileSystem> read_root(pid_t pid, Gaps& gaps) {
  return parse_file(pid, "mountinfo", messages::root_file_system,
                    root_file_system, gaps)
      .value_or(std::nullopt);
}

constexpr const char* namespace_kinds[] = {"cgroup", "ipc",  "mnt",  "net",
                                           "pid",    "time", "user", "uts"};

/// Its inode; nullopt where this kernel does not have that kind.
std::optional<std::uint64_t> namespace_inode(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status.st_ino;
  if (errno == ENOENT) return std::nullopt;
  cgroupfs::throw_errno("read", path);
}

std::optional<NamespaceState> read_namespace(pid_t pid,
                                             const std::string& kind) {
  const auto inode = namespace_inode(file_of(pid, "ns/" + kind));
  const auto own = namespace_inode("/proc/self/ns/" + kind);
  if (!inode || !own) return std::nullopt;
  return NamespaceState{kind, *inode, *own};
}

cgroupfs::UniqueFd open_namespace(const std::string& path) {
  cgroupfs::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) cgroupfs::throw_errno("open", path);
  return fd;
}

}  // namespace

pid_t living_thread(pid_t pid) try {
  const auto stat = proc_stat(pid);
  if (!stat || !stat->exiting) return pid;
  const auto tasks = Directory::open(file_of(pid, "task"));
  for (const std::string& task : tasks.subdirectories()) {
    const auto thread = static_cast<pid_t>(cgroupfs::parse_u64(task));
    const auto each = proc_stat(thread);
    if (each && !each->exiting) return thread;
  }
  return pid;
} catch (const std::exception&) {
  return pid;
}

std::optional<ProcessState> read_process_state(pid_t pid, Gaps& gaps) {
  auto status =
      parse_file(pid, "status", messages::process, parse_status_text, gaps);
  if (!status) return std::nullopt;
  ProcessState state;
  state.status = *std::move(status);
  const std::string last = "/proc/sys/kernel/cap_last_cap";
  state.last_capability = try_to(gaps, messages::capabilities, last, [&] {
    return cgroupfs::parse_u64(read_file(last));
  });
  state.started = read_start(pid, gaps);
  read_program(pid, state, gaps);
  state.oom_score =
      parse_file(pid, "oom_score", messages::oom_score, parse_signed, gaps);
  state.oom_score_adj = parse_file(pid, "oom_score_adj",
                                   messages::oom_score_adj, parse_signed, gaps);
  state.uid_map =
      parse_file(pid, "uid_map", messages::uid_map, parse_id_map, gaps);
  state.gid_map =
      parse_file(pid, "gid_map", messages::gid_map, parse_id_map, gaps);
  state.root = read_root(pid, gaps);
  return state;
}

std::vector<NamespaceState> read_namespaces(pid_t pid, Gaps& gaps) {
  std::vector<NamespaceState> namespaces;
  for (const char* const kind : namespace_kinds) {
    const auto read = try_to(gaps, messages::namespaces, file_of(pid, "ns"),
                             [&] { return read_namespace(pid, kind); });
    // The others are refused likewise.
    if (!read) break;
    if (*read) namespaces.push_back(**read);
  }
  return namespaces;
}

std::optional<NetworkState> read_network_of(pid_t pid, Gaps& gaps) {
  return try_to(gaps, messages::network, file_of(pid, "ns/net"), [&] {
    const auto net = read_namespace(pid, "net");
    if (!net) {
      throw cgroupfs::FileError(ENOENT, "open", file_of(pid, "ns/net"));
    }
    if (!net->differs()) return read_network(-1, -1);
    const auto fd = open_namespace(file_of(pid, "ns/net"));
    const auto user = open_namespace(file_of(pid, "ns/user"));
    return read_network(fd.get(), user.get());
  });
}

}  // namespace lab

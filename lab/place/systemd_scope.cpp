// SPDX-License-Identifier: MIT
#include "lab/place/systemd_scope.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/os/find_program.h"
#include "lab/os/signal_fd.h"
#include "lab/place/owner.h"
#include "lab/place/strategy.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

constexpr const char* helper_name = "cglab_scope";

bool is_root() {
  return ::geteuid() == 0;
}

std::string manager_directory(const Hierarchy& hierarchy) {
  const auto uid = ::geteuid();
  return fmt::format("{0}/user.slice/user-{1}.slice/user@{1}.service",
                     hierarchy.mount_point, uid);
}

bool user_manager_runs() {
  const std::string folder = fmt::format("/run/user/{}", ::geteuid());
  return ::access((folder + "/bus").c_str(), F_OK) == 0 ||
         ::access((folder + "/systemd/private").c_str(), F_OK) == 0;
}

/// Why this user's systemd instance cannot delegate memory; nullopt: it can.
std::optional<No> missing_for_user(const Hierarchy& hierarchy) {
  const auto uid = ::geteuid();
  if (!user_manager_runs()) {
    return No{fmt::format("this user's systemd instance is not running (there "
                          "is no /run/user/{}/bus)",
                          uid),
              fmt::format("start it:\n  sudo loginctl enable-linger {0}\n"
                          "  sudo systemctl start user@{0}",
                          uid)};
  }
  const auto directory = Directory::try_open(manager_directory(hierarchy));
  if (directory && !has_memory(*directory)) {
    return No{
        fmt::format("{} has no memory controller", directory->path()),
        fmt::format(
            "delegate it (the restart ends the sessions of this user):\n"
            "  sudo mkdir -p {0}\n"
            "  printf '[Service]\\nDelegate=cpu memory pids\\n' | sudo tee "
            "{0}/cglab.conf\n"
            "  sudo systemctl daemon-reload\n"
            "  sudo systemctl restart user@{1}",
            "/etc/systemd/system/user@.service.d", uid)};
  }
  return std::nullopt;
}

/// Whether `path` is `top` or a slice below it, managed by the same systemd
/// instance.
bool is_slice_of(const std::string& path, const std::string& top) {
  if (!is_within(path, top)) return false;
  for (const std::string& each : upwards(path, top)) {
    if (each != top && !each.ends_with(".slice")) return false;
  }
  return true;
}

/// The location of the scope: systemd's default, or the slice that limits this
/// process.
std::string scope_parent(const Situation& situation) {
  const Hierarchy& hierarchy = situation.hierarchy;
  const std::string managed =
      situation.root ? hierarchy.mount_point : manager_directory(hierarchy);
  const auto& limiting = situation.limiting;
  if (limiting && is_slice_of(limiting->path, managed)) return limiting->path;
  return situation.root ? managed + "/system.slice" : managed;
}

std::string helper_path() {
  try {
    return find_program(helper_name);
  } catch (const RunError&) {
    return "";
  }
}

/// Everything that can be read from `fd`.
std::string read_to_end(const cgroupfs::UniqueFd& fd) {
  std::string text;
  std::array<char, 512> buffer;
  for (;;) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

[[noreturn]] void become(const std::string& program,
                         std::vector<std::string>& words, int output) {
  restore_default_signals();
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  ::_exit(127);
}

/// Runs the helper program until it ends. Returns its output. Throws RunError
/// with its error message when it failed.
std::string ask_systemd(std::vector<std::string> arguments) {
  const std::string program = helper_path();
  if (program.empty()) throw RunError(no_helper());
  arguments.insert(arguments.begin(),
                   {helper_name, is_root() ? "system" : "user"});
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    cgroupfs::throw_errno("create", "a pipe to cglab_scope");
  }
  const cgroupfs::UniqueFd read_end(ends[0]);
  cgroupfs::UniqueFd write_end(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) cgroupfs::throw_errno("start", program);
  if (pid == 0) become(program, arguments, write_end.get());
  write_end.reset();
  std::string said(cgroupfs::trim(read_to_end(read_end)));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return said;
  throw RunError(
      said.empty() ? fmt::format("{} failed without an error message", program)
                   : said);
}

std::string scope_name() {
  return group_name("lab", this_process()) + ".scope";
}

}  // namespace

std::string no_helper() {
  return "this cglab was built without libsystemd (there is no cglab_scope)";
}

std::string systemd_version() {
  return ask_systemd({"probe"});
}

std::string slice_to_ask_for(const std::string& parent) {
  const std::string name = parent.substr(parent.rfind('/') + 1);
  return name.ends_with(".slice") && name != "system.slice" ? name : "";
}

std::string enter_scope(const std::string& parent) {
  const std::string name = scope_name();
  const std::string slice = slice_to_ask_for(parent);
  std::vector<std::string> request{"start", name, std::to_string(::getpid())};
  if (!slice.empty()) request.push_back(slice);
  ask_systemd(std::move(request));
  const auto found = cgroupfs::find_controller("memory");
  const auto own =
      found.v2 ? found.v2->own_directory() : std::optional<std::string>();
  const std::string end = "/" + name;
  if (own && (slice.empty() ? own->ends_with(end) : *own == parent + end)) {
    return *own;
  }
  throw RunError(
      fmt::format("systemd started {}, but this process is in {} afterwards",
                  name, own.value_or("an unknown cgroup")));
}

Answer consider_systemd_scope(const Situation& situation) {
  const Hierarchy& hierarchy = situation.hierarchy;
  if (::access(situation.host.systemd.c_str(), F_OK) != 0) {
    return No{fmt::format("systemd is not running here (there is no {})",
                          situation.host.systemd),
              ""};
  }
  if (hierarchy.version == Version::v1) {
    return No{"on cgroup v1 systemd does not delegate controllers", ""};
  }
  if (situation.asked.keep) {
    return No{
        "systemd removes a scope, and a kept cgroup in it, when its last "
        "process has ended",
        "omit --keep, or use --parent with a cgroup that you own"};
  }
  if (helper_path().empty()) {
    return No{
        no_helper(),
        "use a Debian package of cglab, or rebuild it with libsystemd-dev"};
  }
  if (!situation.root) {
    auto missing = missing_for_user(hierarchy);
    if (missing) return *std::move(missing);
  }
  return Place{scope_parent(situation),
               situation.root ? StrategyCode::systemd_scope
                              : StrategyCode::user_systemd_scope,
               Preparation::systemd_scope};
}

}  // namespace lab

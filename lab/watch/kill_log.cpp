// SPDX-License-Identifier: MIT
#include "lab/watch/kill_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/visible.h"
#include "lab/os/find_program.h"
#include "lab/os/output.h"
#include "lab/os/pidfd.h"
#include "lab/report/terminal.h"
#include "lab/watch/tree_json.h"
#include "lab/watch/tree_table.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

constexpr char append_operation[] = "append to the log";
constexpr char journal_helper[] = "cglab_journal";
constexpr char journal_socket[] = "/run/systemd/journal/socket";
/// Of these entries, for journalctl MESSAGE_ID=.
constexpr char message_id[] = "7b2d6b1c6d0c4e0f9d3a5f4f0f6c1a58";
constexpr std::chrono::milliseconds longest_write(100);
constexpr int longest_end_ms = 2000;

class FileLog : public KillLog {
 public:
  explicit FileLog(const std::string& path) : KillLog(path) {
    if (path != "-") open();
  }

 private:
  UniqueFd open() const {
    UniqueFd fd(::open(name().c_str(),
                       O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
                       0644));
    if (!fd) cgroupfs::throw_errno(append_operation, name());
    return fd;
  }

  std::string entry(const Moment& moment, const TreeKill& kill) override {
    return tree_line(moment, kill);
  }

  void write(std::string& text) override {
    if (name() == "-") {
      write_stdout(text);
      text.clear();
      return;
    }
    const UniqueFd fd = open();
    while (!text.empty()) {
      const ssize_t count = ::write(fd.get(), text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) cgroupfs::throw_errno(append_operation, name());
      text.erase(0, static_cast<std::size_t>(count));
    }
  }
};

/// An entry as cglab_journal reads it: a field per line, then an empty line.
std::string journal_entry(const TreeKill& kill) {
  std::string text = fmt::format(
      "MESSAGE={}\nMESSAGE_ID={}\nPRIORITY=3\nSYSLOG_IDENTIFIER=cglab\n"
      "CGLAB_CGROUP={}\nCGLAB_EXACT={}\nCGLAB_SOURCE={}\nCGLAB_COUNT={}\n",
      describe_tree_kill(kill, {Language::en, 4096}), message_id,
      visible_line(kill.place.path), kill.place.exact ? 1 : 0,
      to_string(kill.place.source), kill.count);
  if (kill.victim) {
    text += fmt::format("CGLAB_VICTIM_PID={}\nCGLAB_VICTIM_NAME={}\n",
                        kill.victim->pid, visible_line(kill.victim->name));
    if (kill.victim->oom_memcg) {
      text += fmt::format("CGLAB_OOM_MEMCG={}\n",
                          visible_line(*kill.victim->oom_memcg));
    }
  }
  return text + "\n";
}

/// Through a program that is linked with libsystemd, which exists only as a
/// shared library.
class JournalLog : public KillLog {
 public:
  JournalLog() : KillLog("the journal (cglab_journal)") {
    const std::string program = find_helper();
    // libsystemd ignores that there is no journal.
    if (::access(journal_socket, W_OK) != 0) {
      throw Unavailable(
          fmt::format("systemd's journal cannot be written ({}: "
                      "{})",
                      journal_socket, std::generic_category().message(errno)),
          "use --log", /*vm_helps=*/false);
    }
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      cgroupfs::throw_errno("create", "a pipe to cglab_journal");
    }
    const UniqueFd read_end(ends[0]);
    pipe_ = UniqueFd(ends[1]);
    pid_ = ::fork();
    if (pid_ < 0) cgroupfs::throw_errno("start", program);
    if (pid_ == 0) {
      // Signals stay blocked: it ends when this pipe does.
      ::dup2(read_end.get(), STDIN_FILENO);
      ::execl(program.c_str(), journal_helper, nullptr);
      ::_exit(127);
    }
  }

  ~JournalLog() override {
    pipe_.reset();
    const UniqueFd ended = open_pidfd(pid_);
    pollfd ready{ended.get(), POLLIN, 0};
    if (ended && ::poll(&ready, 1, longest_end_ms) == 0) {
      ::kill(pid_, SIGKILL);
    }
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

 private:
  static std::string find_helper() {
    try {
      const std::string program = find_program(journal_helper);
      if (::access(program.c_str(), X_OK) == 0) return program;
    } catch (const RunError&) {
    }
    throw Unavailable(
        "this cglab was built without libsystemd (there is no cglab_journal)",
        "build it where libsystemd-dev is installed, or use --log",
        /*vm_helps=*/false);
  }

  std::string entry(const Moment&, const TreeKill& kill) override {
    return journal_entry(kill);
  }

  void write(std::string& text) override {
    while (!text.empty()) {
      const std::size_t size = text.find("\n\n") + 2;
      // An entry is smaller than a pipe's PIPE_BUF in all but odd cases.
      const int error = try_write_output(
          pipe_.get(), std::string_view(text).substr(0, size), longest_write);
      if (error != 0) {
        throw cgroupfs::FileError(error, "write to", name());
      }
      text.erase(0, size);
    }
  }

  UniqueFd pipe_;
  pid_t pid_ = -1;
};

}  // namespace

KillLog::KillLog(std::string name) : name_(std::move(name)) {}

void KillLog::on_kill(const Moment& moment, const TreeKill& kill) {
  kept_ += entry(moment, kill);
  if (!has_failed_) flush();
}

bool KillLog::on_input(CgroupTree&) {
  timer_.drain();
  flush();
  return true;
}

void KillLog::flush() try {
  if (!kept_.empty()) write(kept_);
  has_failed_ = false;
} catch (const cgroupfs::FileError& error) {
  timer_.once(std::chrono::seconds(1));
  if (std::exchange(has_failed_, true)) return;
  write_stderr(fmt::format("cglab: {}; trying again\n", error.what()));
}

void KillLog::on_end(const TreeEnd&, CgroupTree&) {
  if (!kept_.empty()) write(kept_);
}

std::unique_ptr<KillLog> open_kill_log(const std::string& path) {
  return std::make_unique<FileLog>(path);
}

std::unique_ptr<KillLog> open_journal() {
  return std::make_unique<JournalLog>();
}

}  // namespace lab

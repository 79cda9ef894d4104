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
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/base/errors.h"
#include "lab/base/units.h"
#include "lab/base/visible.h"
#include "lab/os/find_program.h"
#include "lab/os/output.h"
#include "lab/report/terminal.h"
#include "lab/watch/tree_json.h"
#include "lab/watch/tree_table.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;
using std::chrono::milliseconds;

constexpr char append_operation[] = "append to the log";
constexpr char journal_helper[] = "cglab_journal";
constexpr char journal_socket[] = "/run/systemd/journal/socket";
/// Of these entries, for journalctl MESSAGE_ID=.
constexpr char message_id[] = "7b2d6b1c6d0c4e0f9d3a5f4f0f6c1a58";
constexpr milliseconds longest_write(100);
constexpr milliseconds longest_last_write(1000);
/// For cglab_journal, between two looks at it.
constexpr milliseconds longest_end(2000);
constexpr milliseconds end_interval(10);
constexpr std::size_t most_entries = 100000;
constexpr std::size_t most_bytes = 64 * mebi;

/// Not those to which a line cannot be appended, such as sockets.
bool can_be_log(const struct stat& status) noexcept {
  return S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode) ||
         S_ISCHR(status.st_mode);
}

bool is_pipe(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

class FileLog : public KillLog {
 public:
  explicit FileLog(const std::string& path)
      : KillLog(path == "-" ? "standard output" : path),
        is_stdout_(path == "-") {
    open();
    if (!fd_ && !(errno == ENXIO && is_pipe(name()))) {
      cgroupfs::throw_errno(operation(), name());
    }
    if (is_regular_) fd_.reset();
  }

 private:
  const char* operation() const noexcept {
    return is_stdout_ ? "write to" : append_operation;
  }

  /// Leaves `fd_` empty, with errno, where that fails.
  void open() {
    fd_ = UniqueFd(is_stdout_ ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                              : ::open(name().c_str(),
                                       O_WRONLY | O_APPEND | O_CREAT |
                                           O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                                       0644));
    struct stat status {};
    if (!fd_ || is_stdout_ || ::fstat(fd_.get(), &status) != 0) return;
    is_regular_ = S_ISREG(status.st_mode);
    if (can_be_log(status)) return;
    fd_.reset();
    errno = EINVAL;
  }

  std::string entry(const Moment& moment, const TreeKill& kill) override {
    return tree_line(moment, kill);
  }

  void write(std::string_view entry, std::size_t& written,
             bool is_last) override {
    if (!fd_) open();
    if (!fd_) cgroupfs::throw_errno(operation(), name());
    std::string_view rest = entry.substr(written);
    const int error =
        is_stdout_ && is_last
            ? write_rest(fd_.get(), rest)
            : try_write_rest(fd_.get(), rest,
                             is_last ? longest_last_write : longest_write);
    written = entry.size() - rest.size();
    if (is_stdout_ && (error == EPIPE || error == EIO || error == EINTR)) {
      return write_stdout(rest);
    }
    if (error == EPIPE) {
      // The next reader gets a whole line.
      written = 0;
      fd_.reset();
    }
    // The rest of a line belongs to the file that has its beginning.
    if (is_regular_ && (error == 0 || written == 0)) fd_.reset();
    if (error != 0) throw cgroupfs::FileError(error, operation(), name());
  }

  bool is_stdout_;
  bool is_regular_ = false;  ///< one that may be rotated
  UniqueFd fd_;
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

/// "exit status 127" or "signal 9", of wait(2).
std::string status_text(int status) {
  return WIFSIGNALED(status)
             ? fmt::format("signal {}", WTERMSIG(status))
             : fmt::format("exit status {}", WEXITSTATUS(status));
}

/// Through a program that is linked with libsystemd, which exists only as a
/// shared library. It confirms each entry by an errno, or 0.
class JournalLog : public KillLog {
 public:
  JournalLog() : KillLog("the journal (cglab_journal)"), program_(find()) {
    // libsystemd ignores that there is no journal.
    if (::access(journal_socket, W_OK) != 0) {
      throw Unavailable(
          fmt::format("systemd's journal cannot be written ({}: "
                      "{})",
                      journal_socket, std::generic_category().message(errno)),
          "use --log", /*vm_helps=*/false);
    }
    start();
  }
  ~JournalLog() override { stop(); }

 private:
  static std::string find() {
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

  void start() {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0) {
      cgroupfs::throw_errno("create", "a pipe to cglab_journal");
    }
    const UniqueFd its_input(to[0]);
    entries_ = UniqueFd(to[1]);
    if (::pipe2(from.data(), O_CLOEXEC) != 0) {
      cgroupfs::throw_errno("create", "a pipe from cglab_journal");
    }
    results_ = UniqueFd(from[0]);
    const UniqueFd its_output(from[1]);
    pid_ = ::fork();
    if (pid_ < 0) cgroupfs::throw_errno("start", program_);
    if (pid_ == 0) {
      // Signals stay blocked: it ends when its input does.
      ::dup2(its_input.get(), STDIN_FILENO);
      ::dup2(its_output.get(), STDOUT_FILENO);
      ::execl(program_.c_str(), journal_helper, nullptr);
      ::_exit(127);
    }
  }

  /// Its status, of wait(2); it has the time to write what it has read.
  int stop() {
    entries_.reset();
    results_.reset();
    int status = 0;
    for (auto left = longest_end; pid_ > 0; left -= end_interval) {
      const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
      if (ended == pid_ || (ended < 0 && errno != EINTR)) break;
      if (left <= end_interval) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, &status, 0);
        break;
      }
      ::poll(nullptr, 0, static_cast<int>(end_interval.count()));
    }
    pid_ = -1;
    return status;
  }

  std::string entry(const Moment&, const TreeKill& kill) override {
    return journal_entry(kill);
  }

  void write(std::string_view entry, std::size_t& written,
             bool is_last) override {
    if (pid_ < 0) start();
    const auto longest = is_last ? longest_last_write : longest_write;
    std::string_view rest = entry.substr(written);
    const int error = try_write_rest(entries_.get(), rest, longest);
    written = entry.size() - rest.size();
    if (error == EPIPE) give_up(written);
    if (error != 0) throw cgroupfs::FileError(error, "write to", name());
    const int result = take_result(longest, written);
    if (result == 0) return;
    written = 0;
    throw cgroupfs::FileError(result, "write to", name());
  }

  /// Of the entry that was written.
  int take_result(std::chrono::milliseconds longest, std::size_t& written) {
    pollfd ready{results_.get(), POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(longest.count())) <= 0) {
      throw cgroupfs::FileError(EAGAIN, "write to", name());
    }
    int result = 0;
    if (::read(results_.get(), &result, sizeof(result)) != sizeof(result)) {
      give_up(written);
    }
    return result;
  }

  /// The helper has ended: the next attempt starts another.
  [[noreturn]] void give_up(std::size_t& written) {
    written = 0;
    throw cgroupfs::FileError(
        EPIPE, "write to",
        fmt::format("{}, which ended with {}", name(), status_text(stop())));
  }

  std::string program_;
  UniqueFd entries_;
  UniqueFd results_;
  pid_t pid_ = -1;
};

}  // namespace

KillLog::KillLog(std::string name) : name_(std::move(name)) {}

void KillLog::on_kill(const Moment& moment, const TreeKill& kill) {
  keep(entry(moment, kill));
  if (!has_failed_) flush();
}

void KillLog::keep(std::string text) {
  if (kept_.size() >= most_entries || kept_bytes_ + text.size() > most_bytes) {
    ++dropped_;
    return;
  }
  kept_bytes_ += text.size();
  kept_.push_back(std::move(text));
}

bool KillLog::on_input(CgroupTree&) {
  timer_.drain();
  flush();
  return true;
}

void KillLog::flush() try {
  write_kept(/*is_last=*/false);
  has_failed_ = false;
} catch (const cgroupfs::FileError& error) {
  timer_.once(std::chrono::seconds(1));
  if (std::exchange(has_failed_, true)) return;
  write_stderr(fmt::format("cglab: {}; trying again\n", error.what()));
}

void KillLog::write_kept(bool is_last) {
  while (!kept_.empty()) {
    write(kept_.front(), written_, is_last);
    written_ = 0;
    kept_bytes_ -= kept_.front().size();
    kept_.pop_front();
  }
  report_dropped();
}

void KillLog::report_dropped() {
  if (dropped_ == 0) return;
  write_stderr(
      fmt::format("cglab: {}: {} entries were dropped, too many were waiting\n",
                  name_, std::exchange(dropped_, 0)));
}

void KillLog::on_end(const TreeEnd&, CgroupTree&) try {
  write_kept(/*is_last=*/true);
} catch (const cgroupfs::FileError&) {
  report_dropped();
  throw;
}

std::unique_ptr<KillLog> open_kill_log(const std::string& path) {
  return std::make_unique<FileLog>(path);
}

std::unique_ptr<KillLog> open_journal() {
  return std::make_unique<JournalLog>();
}

}  // namespace lab

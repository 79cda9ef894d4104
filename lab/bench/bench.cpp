// SPDX-License-Identifier: MIT
#include "lab/bench/bench.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <list>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/errors.h"
#include "lab/exit_code.h"
#include "lab/record_reader.h"
#include "lab/timer_fd.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    cgroupfs::throw_errno("create", "a pipe to a run");
  }
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// One run under way.
struct Job {
  std::size_t of = 0;  ///< index of its case
  bool counts = false;
  pid_t pid = -1;
  std::int64_t start_ns = 0;
  UniqueFd output;
  UniqueFd errors;
  std::string record;
  std::string complaint;
};

void take(UniqueFd& fd, std::string& text) {
  std::array<char, 16384> buffer;
  const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) {
    fd.reset();
  }
}

double milliseconds_of(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

class Bench {
 public:
  Bench(const BenchPlan& plan, const SignalFd& signals,
        const BenchProgress& progress)
      : plan_(plan), signals_(signals), progress_(progress) {
    for (const BenchCase& each : plan.cases) {
      outcome_.results.push_back({each, {}, {}, {}, {}});
    }
  }

  BenchOutcome run() {
    const std::size_t all = (plan_.warmup + plan_.runs) * plan_.cases.size();
    std::size_t started = 0;
    while (!jobs_.empty() || (started < all && goes_on())) {
      while (goes_on() && started < all && jobs_.size() < plan_.jobs) {
        start(started++);
      }
      wait();
      collect(all);
    }
    if (failure_) std::rethrow_exception(failure_);
    return std::move(outcome_);
  }

 private:
  bool goes_on() const { return !outcome_.interrupted_by && !failure_; }

  /// Cases take turns.
  void start(std::size_t number) {
    Job job;
    job.of = number % plan_.cases.size();
    job.counts = number / plan_.cases.size() >= plan_.warmup;
    const BenchCase& each = plan_.cases[job.of];
    std::vector<std::string> words{"cglab", each.experiment};
    words.insert(words.end(), each.arguments.begin(), each.arguments.end());
    words.insert(words.end(), {"--quiet", "--json", "-"});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    job.start_ns = monotonic_ns();
    spawn(job, argv.data(), output.write.get(), errors.write.get());
    job.output = std::move(output.read);
    job.errors = std::move(errors.read);
    jobs_.push_back(std::move(job));
  }

  void spawn(Job& job, char** argv, int output, int errors) const {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes, &signals_.before().mask);
    ::posix_spawnattr_setsigdefault(&attributes, &pipe);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int error = ::posix_spawn(&job.pid, "/proc/self/exe", &actions,
                                    &attributes, argv, ::environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      throw RunError(fmt::format("start a run: {}", std::strerror(error)));
    }
  }

  void wait() {
    std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}};
    for (const Job& job : jobs_) {
      fds.push_back({job.output.get(), POLLIN, 0});
      fds.push_back({job.errors.get(), POLLIN, 0});
    }
    if (::poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) return;
      cgroupfs::throw_errno("poll", "the runs");
    }
    if (fds[0].revents) interrupt();
    std::size_t next = 1;
    for (Job& job : jobs_) {
      if (fds[next++].revents) take(job.output, job.record);
      if (fds[next++].revents) take(job.errors, job.complaint);
    }
  }

  /// A terminal has told the runs itself; each cleans up.
  void interrupt() {
    const auto signal = signals_.take_signal();
    if (!signal) return;
    outcome_.interrupted_by = signal->number;
    if (signal->from_kernel) return;
    for (const Job& job : jobs_) ::kill(job.pid, signal->number);
  }

  void collect(std::size_t all) {
    for (auto job = jobs_.begin(); job != jobs_.end();) {
      if (job->output || job->errors) {
        ++job;
        continue;
      }
      finish(*job);
      job = jobs_.erase(job);
      if (goes_on()) progress_(++done_, all);
    }
  }

  void finish(Job& job) {
    int status = 0;
    while (::waitpid(job.pid, &status, 0) < 0 && errno == EINTR) {
    }
    const std::int64_t end_ns = monotonic_ns();
    if (!goes_on()) return;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status)
                                       : exit_signal_base + WTERMSIG(status);
    try {
      if (code > exit_other) refuse(job, code);
      if (job.counts) count(job, end_ns);
    } catch (const std::exception&) {
      failure_ = std::current_exception();
    }
  }

  [[noreturn]] void refuse(const Job& job, int code) const {
    const std::string text =
        fmt::format("a run of {} ended with exit status {}: {}",
                    plan_.cases[job.of].label, code, job.complaint);
    if (code == exit_unavailable) throw Unavailable(text, "", false);
    if (code == exit_usage) throw UsageError(text);
    if (code == exit_left_behind) throw LeftBehind(text);
    throw RunError(text);
  }

  void count(const Job& job, std::int64_t end_ns) {
    const RunRecord record = parse_record(job.record, "the record of a run");
    BenchResult& result = outcome_.results[job.of];
    result.wall.push_back(milliseconds_of(end_ns - job.start_ns));
    auto end = time_of(record, EventKind::reaped);
    if (!end) end = time_of(record, EventKind::actor_ended);
    if (end) result.run.push_back(milliseconds_of(*end));
    const auto noticed = time_of(record, EventKind::notification);
    if (noticed && record.child.last_touch_ns) {
      result.detection.push_back(
          milliseconds_of(*noticed - *record.child.last_touch_ns));
    }
    ++result.verdicts[std::string(to_string(record.verdict.status))];
  }

  const BenchPlan& plan_;
  const SignalFd& signals_;
  const BenchProgress& progress_;
  BenchOutcome outcome_;
  std::list<Job> jobs_;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

BenchOutcome run_bench(const BenchPlan& plan, const SignalFd& signals,
                       const BenchProgress& progress) {
  return Bench(plan, signals, progress).run();
}

}  // namespace lab

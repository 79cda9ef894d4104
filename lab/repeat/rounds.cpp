// SPDX-License-Identifier: MIT
#include "lab/repeat/rounds.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <list>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/os/captured_process.h"
#include "lab/os/find_program.h"
#include "lab/os/timer_fd.h"
#include "lab/record/record_reader.h"
#include "lab/repeat/vm_command.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

/// A run in progress.
struct Job {
  std::size_t number = 0;
  std::int64_t start_ns = 0;
  CapturedProcess process;
  /// For the record of a command, whose standard output is its own.
  cgroupfs::UniqueFd record;
};

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

cgroupfs::UniqueFd make_record_file() {
  cgroupfs::UniqueFd fd(::memfd_create("record", MFD_CLOEXEC));
  if (!fd) cgroupfs::throw_errno("memfd_create", "the record of a run");
  return fd;
}

/// The file as another process can open it.
std::string path_of(const cgroupfs::UniqueFd& fd) {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), fd.get());
}

/// The end of a text that may grow without bounds.
void keep_end(std::string& text) {
  if (text.size() > 2 * longest_output) {
    text.erase(0, text.size() - longest_output);
  }
}

/// That asks a process to end. Others are a fault in it, or take its end away.
bool is_end_signal(int signal) {
  return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT ||
         signal == SIGTERM;
}

std::string end_of(std::string text) {
  if (text.size() > longest_output) {
    text.erase(0, text.size() - longest_output);
  }
  return text;
}

class RoundsRun {
 public:
  RoundsRun(const Rounds& plan, const SignalFd& signals,
            const std::function<void(EndedRun&)>& on_end)
      : plan_(plan), signals_(signals), on_end_(on_end) {}

  std::optional<int> run() {
    while (!jobs_.empty() || may_start()) {
      try {
        step();
      } catch (...) {
        fail(std::current_exception());
      }
    }
    if (!left_behind_.empty()) throw LeftBehind(left_behind_);
    if (failure_) std::rethrow_exception(failure_);
    return interrupted_by_;
  }

 private:
  bool continues() const {
    return !interrupted_by_ && !failure_ && left_behind_.empty();
  }
  bool may_start() const {
    return continues() && started_ < plan_.cases.size() * plan_.rounds;
  }
  /// The cases are interleaved.
  std::size_t case_number(const Job& job) const {
    return job.number % plan_.cases.size();
  }
  const BenchCase& case_of(const Job& job) const {
    return plan_.cases[case_number(job)];
  }

  void step() {
    while (may_start() && jobs_.size() < plan_.jobs) start(started_++);
    wait();
    collect();
  }

  void start(std::size_t number) {
    std::list<Job> next(1);
    Job& job = next.front();
    job.number = number;
    if (is_command(case_of(job))) job.record = make_record_file();
    job.start_ns = monotonic_ns();
    job.process =
        start_captured(plan_.in_vm ? find_vm() : plan_.program, words_of(job));
    jobs_.splice(jobs_.end(), next);
    take_signal_around_start();
  }

  Words words_of(const Job& job) const {
    const BenchCase& each = case_of(job);
    Words run{each.experiment};
    if (plan_.in_vm) {
      append(run, each.arguments);
      run.push_back("--quiet");
      return recording_vm_words(run, vm_options_of(each));
    }
    append(run, recorded(each, job.record ? path_of(job.record) : "-"));
    run.insert(run.begin(), "cglab");
    return run;
  }

  void wait() {
    if (std::any_of(jobs_.begin(), jobs_.end(), has_ended)) return;
    std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}};
    for (const Job& job : jobs_) {
      fds.push_back({job.process.output.get(), POLLIN, 0});
      fds.push_back({job.process.errors.get(), POLLIN, 0});
    }
    if (::poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) return;
      cgroupfs::throw_errno("poll", "the runs");
    }
    if (fds[0].revents) take_signal();
    std::size_t next = 1;
    for (Job& job : jobs_) {
      take_output(job.process, fds[next].revents, fds[next + 1].revents);
      next += 2;
      if (job.record) keep_end(job.process.said);
      keep_end(job.process.complaint);
    }
  }

  static bool has_ended(const Job& job) { return job.process.has_said_all(); }

  /// A signal from the terminal has reached the runs, too. Each cleans up.
  void take_signal() {
    const auto signal = signals_.take_signal();
    if (!signal) return;
    interrupted_by_ = signal->number;
    if (!signal->from_terminal) signal_jobs(signal->number);
  }

  /// A signal from the terminal reaches only the runs that exist: the newest
  /// one may have been started after it.
  void take_signal_around_start() {
    const auto signal = signals_.take_signal();
    if (!signal) return;
    interrupted_by_ = signal->number;
    if (signal->from_terminal) {
      ::kill(jobs_.back().process.pid, signal->number);
    } else {
      signal_jobs(signal->number);
    }
  }

  void signal_jobs(int signal) const noexcept {
    for (const Job& job : jobs_) ::kill(job.process.pid, signal);
  }

  /// The first failure is reported. After a second one the output of the runs
  /// is no longer read; they are only waited for.
  void fail(const std::exception_ptr& failure) noexcept {
    if (failure_) {
      for (Job& job : jobs_) {
        job.process.output.reset();
        job.process.errors.reset();
      }
      return;
    }
    failure_ = failure;
    signal_jobs(SIGTERM);
  }

  void collect() {
    for (auto job = jobs_.begin(); job != jobs_.end();) {
      const auto next = std::next(job);
      if (has_ended(*job)) {
        std::list<Job> ended;
        ended.splice(ended.end(), jobs_, job);
        finish(ended.front());
      }
      job = next;
    }
  }

  /// A signal to all may have ended the run before it was taken here.
  void finish(Job& job) {
    EndedRun run = end(job);
    take_signal();
    const bool counts = continues();
    if (conclude(job, run)) note_leftovers(job, run);
    if (counts) on_end_(run);
  }

  EndedRun end(Job& job) const {
    EndedRun run{case_number(job), job.number / plan_.cases.size()};
    run.status = reap(job.process);
    run.wall_ns = monotonic_ns() - job.start_ns;
    run.complaint = end_of(std::move(job.process.complaint));
    if (job.record) {
      run.record = cgroupfs::read_file(path_of(job.record));
      run.output = end_of(std::move(job.process.said));
    } else {
      run.record = std::move(job.process.said);
    }
    return run;
  }

  /// Checks the record, and sets the signal that has interrupted the run.
  /// Returns whether it left something behind.
  static bool conclude(const Job& job, EndedRun& run) {
    const bool has_record = job.record || run.status <= exit_other;
    if (has_record && !run.record.empty()) {
      try {
        return conclude(run, parse_record(run.record, "the record of a run"));
      } catch (const RecordError& error) {
        run.record.clear();
        run.complaint += error.what();
      }
    }
    const int signal = run.status - exit_signal_base;
    if (is_end_signal(signal)) run.interrupted_by = signal;
    return run.status == exit_left_behind;
  }

  /// Whoever ends all processes of a job may reach the hog first, which no
  /// experiment ends like this. A command may end itself.
  static bool conclude(EndedRun& run, const RunRecord& record) {
    run.interrupted_by = record.evidence.interrupted_by;
    for (const ProcessRecord& process : record.processes) {
      const bool is_ended = process.signal && !process.ended_by_cglab &&
                            is_end_signal(*process.signal);
      if (is_ended && !is_command(record.plan)) {
        run.interrupted_by = process.signal;
      }
    }
    return left_something(record);
  }

  void note_leftovers(const Job& job, const EndedRun& run) {
    if (continues()) signal_jobs(SIGTERM);
    left_behind_ += failure_text(case_of(job), run);
  }

  const Rounds& plan_;
  const SignalFd& signals_;
  const std::function<void(EndedRun&)>& on_end_;
  std::optional<int> interrupted_by_;
  std::list<Job> jobs_;
  std::size_t started_ = 0;
  std::exception_ptr failure_;
  std::string left_behind_;  ///< messages of runs that left something behind
};

}  // namespace

bool is_failure(const BenchCase& of, const EndedRun& run) {
  return run.record.empty() || (!is_command(of) && run.status > exit_other);
}

std::string failure_text(const BenchCase& of, const EndedRun& run) {
  return fmt::format(
      "a run of {} ended with exit status {}: {}", of.label, run.status,
      run.complaint.empty() ? "no error message" : run.complaint);
}

std::optional<int> run_rounds(const Rounds& plan, const SignalFd& signals,
                              const std::function<void(EndedRun&)>& on_end) {
  return RoundsRun(plan, signals, on_end).run();
}

}  // namespace lab

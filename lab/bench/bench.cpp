// SPDX-License-Identifier: MIT
#include "lab/bench/bench.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <list>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/os/captured_process.h"
#include "lab/os/timer_fd.h"
#include "lab/record/record_reader.h"

namespace lab {
namespace {

/// A run in progress.
struct Job {
  std::size_t of = 0;   ///< index of the case
  bool counts = false;  ///< false: warm-up
  std::int64_t start_ns = 0;
  CapturedProcess process;
};

double milliseconds_of(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

std::optional<double> run_time(const RunRecord& record) {
  const auto end = time_of(record, EventKind::reaped);
  if (makes_claims(record) || !end) return std::nullopt;
  return milliseconds_of(*end);
}

std::optional<double> detection_time(const RunRecord& record) {
  const auto noticed = time_of(record, EventKind::notification);
  const auto touched = main_process(record).last_touch_ns;
  if (makes_claims(record) || !noticed || !touched) return std::nullopt;
  return milliseconds_of(*noticed - *touched);
}

class Bench {
 public:
  Bench(const BenchPlan& plan, const SignalFd& signals,
        const BenchProgress& progress)
      : plan_(plan), signals_(signals), progress_(progress) {
    for (const BenchCase& each : plan.cases) {
      outcome_.results.push_back({each, {}, {}, {}, {}});
    }
    outcome_.planned = (plan.warmup + plan.runs) * plan.cases.size();
  }

  BenchOutcome run() {
    while (!jobs_.empty() || may_start()) {
      try {
        step();
      } catch (...) {
        fail(std::current_exception());
      }
    }
    if (!left_behind_.empty()) throw LeftBehind(left_behind_);
    if (failure_) std::rethrow_exception(failure_);
    return std::move(outcome_);
  }

 private:
  bool continues() const {
    return !outcome_.interrupted_by && !failure_ && left_behind_.empty();
  }
  bool may_start() const { return continues() && started_ < outcome_.planned; }

  void step() {
    while (may_start() && jobs_.size() < plan_.jobs) start(started_++);
    wait();
    collect();
  }

  /// The cases are interleaved.
  void start(std::size_t number) {
    std::list<Job> next(1);
    Job& job = next.front();
    job.of = number % plan_.cases.size();
    job.counts = number / plan_.cases.size() >= plan_.warmup;
    const BenchCase& each = plan_.cases[job.of];
    std::vector<std::string> words{"cglab", each.experiment};
    words.insert(words.end(), each.arguments.begin(), each.arguments.end());
    words.insert(words.end(), output_of_runs.begin(), output_of_runs.end());
    job.start_ns = monotonic_ns();
    job.process = start_captured(plan_.program, std::move(words));
    jobs_.splice(jobs_.end(), next);
    take_signal_around_start();
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
    }
  }

  static bool has_ended(const Job& job) { return job.process.has_said_all(); }

  /// A signal from the terminal has reached the runs, too. Each cleans up.
  void take_signal() {
    const auto signal = signals_.take_signal();
    if (!signal) return;
    outcome_.interrupted_by = signal->number;
    if (!signal->from_terminal) signal_jobs(signal->number);
  }

  /// A signal from the terminal reaches only the runs that exist: the newest
  /// one may have been started after it.
  void take_signal_around_start() {
    const auto signal = signals_.take_signal();
    if (!signal) return;
    outcome_.interrupted_by = signal->number;
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

  void finish(Job& job) {
    const int code = reap(job.process);
    const std::int64_t end_ns = monotonic_ns();
    if (code == exit_left_behind) note_leftovers(job);
    if (!continues()) return;
    if (code > exit_other) throw_failure(job, code);
    if (job.counts) count(job, end_ns);
    progress_(++outcome_.done, outcome_.planned);
  }

  void note_leftovers(const Job& job) {
    if (continues()) signal_jobs(SIGTERM);
    left_behind_ += failure_text(job, exit_left_behind);
  }

  std::string failure_text(const Job& job, int code) const {
    return fmt::format("a run of {} ended with exit status {}: {}",
                       plan_.cases[job.of].label, code,
                       job.process.complaint.empty() ? "no error message"
                                                     : job.process.complaint);
  }

  [[noreturn]] void throw_failure(const Job& job, int code) const {
    const std::string text = failure_text(job, code);
    if (code == exit_unavailable) throw Unavailable(text, "", false);
    if (code == exit_usage) throw UsageError(text);
    throw RunError(text);
  }

  void count(const Job& job, std::int64_t end_ns) {
    const RunRecord record =
        parse_record(job.process.said, "the record of a run");
    BenchResult& result = outcome_.results[job.of];
    result.wall.push_back(milliseconds_of(end_ns - job.start_ns));
    result.run.push_back(run_time(record));
    result.detection.push_back(detection_time(record));
    result.verdicts.push_back(outcome_of(record));
  }

  const BenchPlan& plan_;
  const SignalFd& signals_;
  const BenchProgress& progress_;
  BenchOutcome outcome_;
  std::list<Job> jobs_;
  std::size_t started_ = 0;
  std::exception_ptr failure_;
  std::string left_behind_;  ///< messages of runs that left something behind
};

}  // namespace

BenchOutcome run_bench(const BenchPlan& plan, const SignalFd& signals,
                       const BenchProgress& progress) {
  return Bench(plan, signals, progress).run();
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/bench/bench.h"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <csignal>
#include <list>

#include "cgroupfs/error.h"
#include "lab/captured_process.h"
#include "lab/errors.h"
#include "lab/exit_code.h"
#include "lab/record_reader.h"
#include "lab/timer_fd.h"

namespace lab {
namespace {

/// One run under way.
struct Job {
  std::size_t of = 0;  ///< index of its case
  bool counts = false;
  std::int64_t start_ns = 0;
  CapturedProcess process;
};

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
    job.start_ns = monotonic_ns();
    job.process = start_captured("/proc/self/exe", std::move(words), signals_);
    jobs_.push_back(std::move(job));
  }

  void wait() {
    std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}};
    for (const Job& job : jobs_) {
      fds.push_back({job.process.output.get(), POLLIN, 0});
      fds.push_back({job.process.errors.get(), POLLIN, 0});
    }
    if (::poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) return;
      cgroupfs::throw_errno("poll", "the runs");
    }
    if (fds[0].revents) interrupt();
    std::size_t next = 1;
    for (Job& job : jobs_) {
      take_output(job.process, fds[next].revents, fds[next + 1].revents);
      next += 2;
    }
  }

  /// A terminal has told the runs itself; each cleans up.
  void interrupt() {
    const auto signal = signals_.take_signal();
    if (!signal) return;
    outcome_.interrupted_by = signal->number;
    if (signal->from_kernel) return;
    for (const Job& job : jobs_) ::kill(job.process.pid, signal->number);
  }

  void collect(std::size_t all) {
    for (auto job = jobs_.begin(); job != jobs_.end();) {
      if (!job->process.has_said_all()) {
        ++job;
        continue;
      }
      finish(*job);
      job = jobs_.erase(job);
      if (goes_on()) progress_(++done_, all);
    }
  }

  void finish(Job& job) {
    const int code = reap(job.process);
    const std::int64_t end_ns = monotonic_ns();
    if (!goes_on()) return;
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
                    plan_.cases[job.of].label, code, job.process.complaint);
    if (code == exit_unavailable) throw Unavailable(text, "", false);
    if (code == exit_usage) throw UsageError(text);
    if (code == exit_left_behind) throw LeftBehind(text);
    throw RunError(text);
  }

  void count(const Job& job, std::int64_t end_ns) {
    const RunRecord record =
        parse_record(job.process.said, "the record of a run");
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

// SPDX-License-Identifier: MIT
#include "lab/os/poll_loop.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "cgroupfs/unique_fd.h"
#include "lab/os/signal_fd.h"
#include "lab/os/timer_fd.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0)
      throw std::runtime_error("cannot make a pipe");
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  void put() const { EXPECT_EQ(::write(write.get(), "x", 1), 1); }
  void take() const {
    char byte = 0;
    EXPECT_EQ(::read(read.get(), &byte, 1), 1);
  }

  UniqueFd read;
  UniqueFd write;
};

TEST(PollLoop, does_not_wait_when_it_is_done) {
  PollLoop loop;
  loop.run_until([] { return true; });
}

TEST(PollLoop, calls_only_for_ready_descriptors) {
  const Pipe first;
  const Pipe second;
  PollLoop loop;
  std::vector<int> calls;
  loop.watch(first.read.get(), POLLIN, [&] {
    first.take();
    calls.push_back(1);
  });
  loop.watch(second.read.get(), POLLIN, [&] {
    second.take();
    calls.push_back(2);
    first.put();
  });
  second.put();
  loop.run_until([&] { return calls.size() == 2; });
  EXPECT_EQ(calls, (std::vector<int>{2, 1}));
}

TEST(PollLoop, calls_for_a_hang_up) {
  Pipe pipe;
  PollLoop loop;
  bool called = false;
  loop.watch(pipe.read.get(), 0, [&] { called = true; });
  pipe.write = UniqueFd();
  loop.run_until([&] { return called; });
}

TEST(PollLoop, forgets_from_within_a_callback) {
  const Pipe first;
  const Pipe second;
  PollLoop loop;
  int first_calls = 0;
  int second_calls = 0;
  // Both stay readable; the first forgets itself and the second.
  loop.watch(first.read.get(), POLLIN, [&] {
    ++first_calls;
    loop.unwatch(first.read.get());
    loop.unwatch(second.read.get());
  });
  loop.watch(second.read.get(), POLLIN, [&] { ++second_calls; });
  const Pipe end;
  bool ended = false;
  loop.watch(end.read.get(), POLLIN, [&] { ended = true; });
  first.put();
  second.put();
  end.put();
  loop.run_until([&] { return ended; });
  EXPECT_EQ(first_calls, 1);
  EXPECT_EQ(second_calls, 0);
}

TEST(PollLoop, lets_a_callbacks_exception_through_and_continues_afterwards) {
  const Pipe pipe;
  PollLoop loop;
  int calls = 0;
  loop.watch(pipe.read.get(), POLLIN, [&] {
    if (++calls == 1) throw std::runtime_error("first");
  });
  pipe.put();
  EXPECT_THROW(loop.run_until([] { return false; }), std::runtime_error);
  loop.run_until([&] { return calls == 2; });
}

TEST(TimerFd, fires_once_and_not_before_its_time) {
  TimerFd timer;
  PollLoop loop;
  bool fired = false;
  loop.watch(timer.fd(), POLLIN, [&] { fired = true; });
  const std::int64_t start = monotonic_ns();
  timer.once(std::chrono::milliseconds(5));
  loop.run_until([&] { return fired; });
  EXPECT_GE(monotonic_ns() - start, 5000000);
}

TEST(TimerFd, fires_repeatedly) {
  TimerFd timer;
  PollLoop loop;
  int fired = 0;
  loop.watch(timer.fd(), POLLIN, [&] {
    timer.drain();
    ++fired;
  });
  const std::int64_t start = monotonic_ns();
  timer.every(std::chrono::microseconds(200));
  loop.run_until([&] { return fired == 5; });
  EXPECT_GE(monotonic_ns() - start, 1000000);
}

TEST(TimerFd, drains_without_blocking) {
  const TimerFd timer;
  timer.drain();
  pollfd entry{timer.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 0);
}

TEST(TimerFd, accepts_the_longest_time_of_options) {
  TimerFd timer;
  EXPECT_NO_THROW(timer.once(std::chrono::nanoseconds(1000000000000000000)));
  pollfd entry{timer.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 0);
}

/// Ignores none of the signals that the tests were started to ignore (nohup,
/// the background of a script), and restores the mask and SIGPIPE at the end.
constexpr int asking_for_an_end[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
                                     SIGALRM, SIGXCPU, SIGPROF,  SIGVTALRM,
                                     SIGIO,   SIGPWR,  SIGSTKFLT};

class SignalState {
 public:
  SignalState() {
    ::sigprocmask(SIG_SETMASK, nullptr, &mask_);
    for (const int number : asking_for_an_end) ::signal(number, SIG_DFL);
  }
  ~SignalState() {
    ::signal(SIGPIPE, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }
  SignalState(const SignalState&) = delete;
  SignalState& operator=(const SignalState&) = delete;

 private:
  sigset_t mask_{};
};

TEST(SignalFd, takes_each_signal_that_requests_termination) {
  const SignalState state;
  const SignalFd signals;
  EXPECT_EQ(signals.take(), std::nullopt);
  for (const int number : asking_for_an_end) {
    ASSERT_EQ(::raise(number), 0);
    EXPECT_EQ(signals.take(), number);
    EXPECT_EQ(signals.take(), std::nullopt);
    EXPECT_EQ(end_signal_taken(), number);
  }
}

TEST(SignalFd, takes_user_signals_without_ending) {
  const SignalState state;
  const SignalFd signals;
  ::raise(SIGTERM);
  ASSERT_EQ(signals.take(), SIGTERM);
  for (const int number : {SIGUSR1, SIGUSR2, SIGRTMIN, SIGRTMAX}) {
    ASSERT_EQ(::raise(number), 0);
    EXPECT_EQ(signals.take(), number);
    EXPECT_TRUE(is_user_defined(number));
    EXPECT_EQ(end_signal_taken(), SIGTERM);
  }
}

TEST(SignalFd, distinguishes_a_terminal_from_a_timer_of_the_kernel) {
  const SignalState state;
  const SignalFd signals;
  const itimerval soon{{0, 0}, {0, 1000}};
  ASSERT_EQ(::setitimer(ITIMER_REAL, &soon, nullptr), 0);
  pollfd entry{signals.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&entry, 1, 10000), 1);
  const auto signal = signals.take_signal();
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->number, SIGALRM);
  EXPECT_FALSE(signal->from_terminal);
}

TEST(SignalFd, lets_no_limit_of_file_size_kill) {
  const SignalState state;
  const SignalFd signals;
  EXPECT_EQ(::raise(SIGXFSZ), 0);
  EXPECT_EQ(signals.take(), std::nullopt);
}

TEST(SignalFd, is_a_descriptor_for_the_poll_loop) {
  const SignalState state;
  const SignalFd signals;
  PollLoop loop;
  std::optional<int> taken;
  loop.watch(signals.fd(), POLLIN, [&] { taken = signals.take(); });
  ::raise(SIGTERM);
  loop.run_until([&] { return taken.has_value(); });
  EXPECT_EQ(taken, SIGTERM);
}

TEST(SignalFd, lets_no_closed_pipe_kill) {
  const SignalState state;
  const SignalFd signals;
  Pipe pipe;
  pipe.read = UniqueFd();
  EXPECT_EQ(::write(pipe.write.get(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
}

TEST(SignalFd, is_undone_for_a_child) {
  const SignalState state;
  const SignalFd signals;
  restore_default_signals();
  sigset_t mask{};
  ::sigprocmask(SIG_SETMASK, nullptr, &mask);
  for (const int number : asking_for_an_end) {
    EXPECT_EQ(sigismember(&mask, number), 0);
  }
  for (const int number : {SIGPIPE, SIGXFSZ}) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_DFL);
  }
}

}  // namespace
}  // namespace lab

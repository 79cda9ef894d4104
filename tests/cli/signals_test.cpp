// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

struct Interruption {
  int number;
  const char* name;
};

void PrintTo(const Interruption& interruption, std::ostream* stream) {
  *stream << interruption.name;
}

class Signals : public CliTest,
                public testing::WithParamInterface<Interruption> {
 protected:
  static int number() { return GetParam().number; }
};

class SignalsOfOthers : public CliTest {
 protected:
  [[noreturn]] static void become(const ProcessSpec& spec) {
    std::vector<char*> argv{const_cast<char*>(spec.program.c_str())};
    for (const std::string& word : spec.arguments) {
      argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    ::execv(argv.front(), argv.data());
    ::_exit(127);
  }
};

const Words slow{"--limit", "64M", "--ramp", "1m"};

TEST_P(Signals, DuringTheClimbCleanUp) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  run.signal(number());
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + number());
  EXPECT_FALSE(ending.signalled) << "it reports, and then exits by itself";
  EXPECT_TRUE(has(ending.out, "INTERRUPTED"));
  EXPECT_TRUE(has(ending.out, GetParam().name));
  EXPECT_FALSE(is_running(hog));
  EXPECT_EQ(in_nest(), Words());
}

TEST_P(Signals, ManyTimesOverCleanUpOnce) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  for (int i = 0; i < 100; ++i) run.signal(number());
  EXPECT_EQ(run.wait().status, 128 + number());
  EXPECT_FALSE(is_running(hog));
  EXPECT_EQ(in_nest(), Words());
}

/// From before its first instruction on. A signal that comes before there is
/// anything to clean up may end it at once.
TEST_P(Signals, AtAnyMomentLeaveNothing) {
  std::minstd_rand random(static_cast<unsigned>(number()));
  std::uniform_int_distribution<unsigned> delay_us(0, 20000);
  for (int i = 0; i < 60; ++i) {
    Subprocess run = start_oom(slow);
    ::usleep(delay_us(random));
    run.signal(number());
    const Ending ending = run.wait();
    ASSERT_EQ(ending.status, 128 + number()) << ending.err;
    ASSERT_EQ(in_nest(), Words());
    ASSERT_FALSE(nest().populated());
  }
}

TEST_P(Signals, InTheCoursesOrderCleanUp) {
  Subprocess run = start_oom(
      {"--limit", "64M", "--ramp", "1m", "--order", "course", "--verbose"});
  ASSERT_TRUE(run.says("gate opened"));
  run.signal(number());
  EXPECT_EQ(run.wait().status, 128 + number());
  EXPECT_EQ(in_nest(), Words());
  EXPECT_FALSE(nest().populated());
}

INSTANTIATE_TEST_SUITE_P(Of, Signals,
                         testing::Values(Interruption{SIGINT, "SIGINT"},
                                         Interruption{SIGTERM, "SIGTERM"},
                                         Interruption{SIGHUP, "SIGHUP"},
                                         Interruption{SIGQUIT, "SIGQUIT"},
                                         Interruption{SIGALRM, "SIGALRM"},
                                         Interruption{SIGXCPU, "SIGXCPU"},
                                         Interruption{SIGUSR1, "SIGUSR1"},
                                         Interruption{SIGUSR2, "SIGUSR2"}),
                         testing::PrintToStringParamName());

/// A program's clock that was set before exec, as `perl -e 'alarm ...; exec'`
/// does.
TEST_F(SignalsOfOthers, AnAlarmEndsTheRun) {
  ProcessSpec spec = oom_spec(slow);
  spec.prepare = [] { ::alarm(1); };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 128 + SIGALRM) << ending.err;
  EXPECT_TRUE(has(ending.out, "INTERRUPTED"));
  EXPECT_EQ(in_nest(), Words());
}

/// SIGXFSZ.
TEST_F(SignalsOfOthers, ALimitOfFileSizeIsAnError) {
  ProcessSpec spec = oom_spec({"--limit", "8M", "--ramp", "0"});
  spec.prepare = [] {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &none);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_FALSE(ending.signalled);
  EXPECT_TRUE(has(ending.err, "File too large")) << ending.err;
  EXPECT_TRUE(has(ending.err, "\n  ulimit -f unlimited\n")) << ending.err;
  EXPECT_EQ(in_nest(), Words());
}

/// What leads a session on a terminal, and prints to it.
TEST_F(SignalsOfOthers, AHangUpIsNotAFailure) {
  for (const Words& words :
       {Words{"oom", "--parent", nest().path(), "--limit", "64M", "--ramp",
              "1m"},
        Words{"run", "--parent", nest().path(), "--", "sleep", "100"},
        Words{"watch", nest().path()},
        Words{"bench", "--runs", "1000", "--", "--parent", nest().path(),
              "--limit", "8M", "--ramp", "0"}}) {
    int master = -1;
    const pid_t pid = ::forkpty(&master, nullptr, nullptr, nullptr);
    ASSERT_GE(pid, 0);
    if (pid == 0) become(cglab_spec(words));
    cgroupfs::UniqueFd terminal(master);
    // It catches signals before it makes or prints anything.
    pollfd output{master, POLLIN, 0};
    EXPECT_TRUE(test_support::wait_until([&] {
      return !in_nest().empty() || ::poll(&output, 1, 0) == 1;
    })) << words.front();
    terminal.reset();
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status)) << words.front();
    EXPECT_EQ(WEXITSTATUS(status), 128 + SIGHUP) << words.front();
    EXPECT_EQ(in_nest(), Words()) << words.front();
  }
}

/// A full fifo without a reader.
class FullFifo {
 public:
  FullFifo() : path_(folder_.path_of("fifo")) {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    fd_ = cgroupfs::UniqueFd(
        ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    while (::write(fd_.get(), "x", 1) == 1) {
    }
    EXPECT_EQ(errno, EAGAIN);
  }

  /// For a child before exec.
  void become(int number) const {
    ::dup2(::open(path_.c_str(), O_WRONLY), number);
  }

 private:
  TempFolder folder_;
  std::string path_;
  cgroupfs::UniqueFd fd_;
};

TEST_F(SignalsOfOthers, EndARunWithABlockedOutput) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    for (const Words& words :
         {Words{"oom", "--parent", nest().path(), "--limit", "64M", "--ramp",
                "1m", "--verbose"},
          Words{"run", "--parent", nest().path(), "--verbose", "--", "sleep",
                "100"},
          Words{"oom", "--parent", nest().path(), "--limit", "64M", "--ramp",
                "1m", "--json", "-"}}) {
      const FullFifo fifo;
      ProcessSpec spec = cglab_spec(words);
      spec.prepare = [&] { fifo.become(stream); };
      Subprocess run = Subprocess::start(spec);
      const cgroupfs::Cgroup group = running_group();
      ASSERT_TRUE(test_support::wait_until([&] { return group.populated(); }));
      run.signal(SIGTERM);
      EXPECT_EQ(run.wait().status, 128 + SIGTERM) << words.front() << stream;
      EXPECT_EQ(in_nest(), Words());
    }
  }
}

TEST_F(SignalsOfOthers, AndADeadlineEndARunWithABlockedOutput) {
  const FullFifo fifo;
  ProcessSpec spec = oom_spec(
      {"--limit", "64M", "--ramp", "1m", "--verbose", "--timeout", "1s"});
  spec.prepare = [&] { fifo.become(STDERR_FILENO); };
  EXPECT_EQ(test_support::run_process(spec).status, 124);
}

class Killed : public CliTest {};

TEST_F(Killed, RunTakesItsChildWithIt) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  run.signal(SIGKILL);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 137);
  EXPECT_TRUE(ends(hog));
  ASSERT_EQ(in_nest().size(), 1u);
  const std::string left = in_nest().front();
  EXPECT_TRUE(has(cglab({"clean"}).out, left));
}

TEST_F(Killed, RunAtAnyMomentIsCleanedUpByTheNext) {
  std::minstd_rand random(9);
  std::uniform_int_distribution<unsigned> delay_us(0, 20000);
  for (int i = 0; i < 30; ++i) {
    Subprocess run = start_oom(slow);
    ::usleep(delay_us(random));
    run.signal(SIGKILL);
    run.wait();
  }
  const Ending next = oom({"--limit", "8M", "--ramp", "0"});
  EXPECT_EQ(next.status, 0) << next.err;
  EXPECT_EQ(in_nest(), Words());
  EXPECT_FALSE(nest().populated());
}

}  // namespace
}  // namespace cli_test

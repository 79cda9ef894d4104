// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <string>

#include "cgroupfs/directory.h"
#include "cgroupfs/unique_fd.h"
#include "tests/cli/watch_run.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using cgroupfs::File;
using cgroupfs::Limit;
using cgroupfs::UniqueFd;
using test_support::MemoryGroup;
using test_support::mib;
using test_support::Worker;

UniqueFd datagram_socket() {
  const timeval timeout{60, 0};
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  return fd;
}

bool bind_to(const UniqueFd& fd, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) == 0;
}

/// In the child: a folder of its own for the journal's socket.
bool have_own_run_folder() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", "/run", "tmpfs", 0, nullptr) == 0 &&
         ::mkdir("/run/systemd", 0755) == 0 &&
         ::mkdir("/run/systemd/journal", 0755) == 0;
}

/// `cglab watch --all --journal` with a socket of this test as the journal's.
class WatchJournal : public WatchTest {
 protected:
  void SetUp() override {
    WatchTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (!succeeds_in_child(have_own_run_folder)) {
      GTEST_SKIP() << "a mount namespace";
    }
    ProcessSpec spec = this->spec();
    spec.arguments.insert(spec.arguments.end(), {"--count", "1"});
    journal_ = datagram_socket();
    const Ending ending = test_support::run_process(spec);
    if (ending.status == 77) GTEST_SKIP() << ending.err;
    journal_ = datagram_socket();
    child_.emplace(make_below(watched().group));
    child_->memory.set(File::memory_max, Limit::of(mib(4)));
    test_support::forbid_swap(child_->memory);
  }

  ProcessSpec spec() const {
    ProcessSpec spec = cglab_spec(
        {"watch", "--all", path(), "--journal", "--json", "--interval", "1s"});
    spec.prepare = [this] {
      if (!have_own_run_folder() || !bind_to(journal_, socket_path)) _exit(99);
    };
    return spec;
  }

  /// Has begun when it returns.
  Subprocess start() const {
    Subprocess run = Subprocess::start(spec());
    EXPECT_TRUE(run.prints("\"kind\":\"sample\""));
    return run;
  }

  void TearDown() override {
    child_.reset();
    WatchTest::TearDown();
  }

  void kill_in_the_child() {
    Worker worker = Worker::start_in(child_->group);
    EXPECT_EQ(worker.touch(mib(16)), Worker::Answer::died);
    worker.reap();
  }

  /// The next entry in the journal.
  std::string entry() const {
    std::array<char, 65536> buffer;
    const ssize_t count =
        ::recv(journal_.get(), buffer.data(), buffer.size(), 0);
    return count < 0 ? "" : std::string(buffer.data(), count);
  }

  /// Binds a new socket, as a journal that was started again.
  void restart_journal(pid_t watching) {
    const std::string path =
        "/proc/" + std::to_string(watching) + "/root" + socket_path;
    ASSERT_EQ(::unlink(path.c_str()), 0);
    journal_ = datagram_socket();
    ASSERT_TRUE(bind_to(journal_, path));
  }

  static constexpr char socket_path[] = "/run/systemd/journal/socket";
  UniqueFd journal_;

 private:
  std::optional<MemoryGroup> child_;
};

TEST_F(WatchJournal, StartsItsHelperAgain) {
  Subprocess run = start();
  kill_in_the_child();
  EXPECT_NE(entry().find("MESSAGE=OOM kill"), std::string::npos);
  const std::string pid = std::to_string(run.pid());
  const std::string children =
      cgroupfs::read_file("/proc/" + pid + "/task/" + pid + "/children");
  const pid_t helper = std::stoi(children);
  ASSERT_EQ(::kill(helper, SIGKILL), 0);
  kill_in_the_child();
  EXPECT_TRUE(run.says("cglab_journal), which ended with signal 9"));
  EXPECT_NE(entry().find("MESSAGE=OOM kill"), std::string::npos);
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().status, 130);
}

TEST_F(WatchJournal, KeepsKillsUntilTheJournalHasThem) {
  Subprocess run = start();
  journal_.reset();
  kill_in_the_child();
  EXPECT_TRUE(run.says("Connection refused; trying again"));
  restart_journal(run.pid());
  EXPECT_NE(entry().find("MESSAGE=OOM kill"), std::string::npos);
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().status, 130);
}

}  // namespace
}  // namespace cli_test

// SPDX-License-Identifier: MIT
// `cglab inspect` of processes: their namespaces, their end, and that it
// changes nothing.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <future>
#include <set>
#include <thread>

#include "cgroupfs/directory.h"
#include "lab/os/proc_stat.h"
#include "tests/cli/inspect_run.h"
#include "tests/cli/own_world.h"
#include "tests/cli/record_schema.h"
#include "tests/support/tracer.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using test_support::Worker;

class InspectProcess : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    group_.emplace(make_below(nest()));
  }

  void TearDown() override {
    group_.reset();
    CliTest::TearDown();
  }

  Worker start() const { return Worker::start_in(group_->group); }
  const std::string& path() const { return group_->group.path(); }

 private:
  std::optional<test_support::MemoryGroup> group_;
};

TEST_F(InspectProcess, OfTheCallersNamespaces) {
  auto worker = start();
  const Json document = inspect(std::to_string(worker.pid()));
  const Json& process = document["process"];
  EXPECT_EQ(document["subject"]["kind"], "process");
  EXPECT_EQ(document["ended"], false);
  EXPECT_EQ(process["pid"], worker.pid());
  EXPECT_EQ(process["parent"], ::getpid());
  EXPECT_EQ(process["threads"], 1);
  EXPECT_EQ(process["oom_score_adj"], 1000);
  EXPECT_EQ(process["uid"], ::geteuid());
  EXPECT_GT(process["rss"], 0);
  EXPECT_FALSE(process["root"].is_null());
  EXPECT_EQ(document["memory"]["path"], path());
  EXPECT_GE(document["namespaces"].size(), 6u);
  for (const Json& each : document["namespaces"]) {
    EXPECT_EQ(each["differs"], false) << each;
  }
  const Json& links = document["network"]["interfaces"];
  EXPECT_TRUE(std::any_of(links.begin(), links.end(), [](const Json& each) {
    return each["name"] == "lo";
  }));
}

/// The only child of process `pid`, once there is one.
pid_t child_of(pid_t pid) {
  pid_t child = 0;
  EXPECT_TRUE(test_support::wait_until([&] {
    for (const std::string& name :
         cgroupfs::Directory::open("/proc").subdirectories()) {
      if (name.find_first_not_of("0123456789") != name.npos) continue;
      const pid_t each = std::stoi(name);
      const auto stat = lab::proc_stat(each);
      if (stat && stat->parent == pid) child = each;
    }
    return child != 0;
  }));
  return child;
}

bool set_address(const char* interface, const char* text) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  auto* const address = reinterpret_cast<sockaddr_in*>(&request.ifr_addr);
  address->sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address->sin_addr);
  bool done = ::ioctl(fd, SIOCSIFADDR, &request) == 0;
  request.ifr_flags = IFF_UP;
  done = done && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return done;
}

ProcessSpec sleep_spec(const std::function<void()>& prepare) {
  ProcessSpec spec;
  spec.program = "sleep";
  spec.arguments = {"600"};
  spec.prepare = prepare;
  return spec;
}

TEST_F(InspectProcess, OfItsOwnNamespaces) {
  const std::string missing = missing_for_container();
  if (!missing.empty()) GTEST_SKIP() << missing;
  if (!succeeds_in_child([] { return ::unshare(CLONE_NEWNET) == 0; })) {
    GTEST_SKIP() << "network namespaces: this process may not create one";
  }
  Subprocess outer = Subprocess::start(sleep_spec([] {
    const bool ready =
        ::unshare(CLONE_NEWNET) == 0 && set_address("lo", "127.1.2.3");
    if (!ready) ::_exit(unprepared_status);
    enter_pid_namespace();
  }));
  const pid_t pid = child_of(outer.pid());
  ASSERT_TRUE(test_support::wait_until(
      [&] { return lab::proc_stat(pid)->name == "sleep"; }));
  const Json document = inspect(std::to_string(pid));
  for (const char* const kind : {"mnt", "net", "pid"}) {
    EXPECT_EQ(namespace_of(document, kind)["differs"], true) << kind;
  }
  EXPECT_EQ(namespace_of(document, "uts")["differs"], false);
  EXPECT_EQ(document["process"]["pids"], Json({pid, 1}));
  EXPECT_EQ(document["container"]["isolated"], true);
  const Json& link = document["network"]["interfaces"][0];
  EXPECT_EQ(link["name"], "lo");
  EXPECT_EQ(link["up"], true);
  EXPECT_EQ(link["addresses"][0]["address"], "127.1.2.3");
  EXPECT_EQ(document["network"]["default_routes"], Json::array());
  EXPECT_TRUE(has(cglab({"inspect", std::to_string(pid)}).out,
                  "1 in its own PID namespace"));
  outer.signal(SIGKILL);
  ::kill(pid, SIGKILL);
}

/// As in a rootless container.
TEST_F(InspectProcess, OfItsOwnUserNamespace) {
  const auto unshare = [] {
    return ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
  };
  if (!succeeds_in_child(unshare)) {
    GTEST_SKIP() << "user namespaces: this process may not create one";
  }
  Subprocess process = Subprocess::start(
      sleep_spec([&] { unshare() ? void() : ::_exit(unprepared_status); }));
  const std::string folder = "/proc/" + std::to_string(process.pid());
  ASSERT_TRUE(test_support::wait_until(
      [&] { return cgroupfs::read_file(folder + "/comm") == "sleep\n"; }));
  const std::string map = folder + "/uid_map";
  const int fd = ::open(map.c_str(), O_WRONLY | O_CLOEXEC);
  const std::string line = "0 " + std::to_string(::geteuid()) + " 1";
  ASSERT_EQ(::write(fd, line.data(), line.size()),
            static_cast<ssize_t>(line.size()));
  ::close(fd);
  const Json document = inspect(std::to_string(process.pid()));
  EXPECT_EQ(namespace_of(document, "user")["differs"], true);
  EXPECT_EQ(document["process"]["uid_map"],
            Json({{{"inside", 0}, {"outside", ::geteuid()}, {"count", 1}}}));
  EXPECT_EQ(document["network"]["interfaces"][0]["up"], false);
  EXPECT_TRUE(has(cglab({"inspect", std::to_string(process.pid())}).out,
                  "uid 0 inside is uid " + std::to_string(::geteuid())));
  process.signal(SIGKILL);
}

TEST_F(InspectProcess, OfAThreadNamesItsProcess) {
  std::promise<pid_t> tid;
  std::promise<void> end;
  std::thread thread([&] {
    tid.set_value(static_cast<pid_t>(::syscall(SYS_gettid)));
    end.get_future().wait();
  });
  const pid_t pid = tid.get_future().get();
  const Json document = inspect(std::to_string(pid));
  EXPECT_EQ(document["subject"]["kind"], "thread");
  EXPECT_EQ(document["process"]["thread"], pid);
  EXPECT_EQ(document["process"]["pid"], ::getpid());
  EXPECT_TRUE(has(cglab({"inspect", std::to_string(pid)}).out,
                  "a thread of process " + std::to_string(::getpid())));
  end.set_value();
  thread.join();
}

TEST_F(InspectProcess, ThatIsAZombieOrGoneIsRefused) {
  auto worker = start();
  const std::string pid = std::to_string(worker.pid());
  worker.kill();
  ASSERT_TRUE(test_support::wait_until([&] { return worker.state() == 'Z'; }));
  expect_refused(pid, "process " + pid + " has ended (zombie)");
  worker.reap();
  expect_refused(pid, "there is no process " + pid);
  expect_refused("99999999999", "99999999999 is not a process id");
  expect_refused("0", "0 is not a process id");
}

/// kthreadd, which is not visible in a container.
TEST_F(InspectProcess, OfTheKernelHasNoMemory) {
  const auto stat = lab::proc_stat(2);
  if (!stat || stat->name != "kthreadd") {
    GTEST_SKIP() << "kernel threads: not in this PID namespace";
  }
  const Json document = inspect("2");
  EXPECT_EQ(document["process"]["rss"], nullptr);
  EXPECT_EQ(document["process"]["program"], nullptr);
  EXPECT_EQ(gap_of(document, "program")["kind"], "absent");
  EXPECT_EQ(gap_of(document, "resident")["kind"], "absent");
}

TEST_F(InspectProcess, IsShownWithoutPidfds) {
  auto worker = start();
  const std::string pid = std::to_string(worker.pid());
  EXPECT_EQ(inspect(pid, [] { forbid_process_calls(); })["process"]["pid"],
            worker.pid());
}

/// What a user may not see has a reason, and the rest is shown.
TEST_F(InspectProcess, OfAnotherUserIsShownInPart) {
  const std::string missing = missing_for_user(65534);
  if (!missing.empty()) GTEST_SKIP() << missing;
  auto worker = start();
  const Json document =
      inspect(std::to_string(worker.pid()), [] { become_user(65534); });
  EXPECT_EQ(document["memory"]["path"], path());
  EXPECT_EQ(document["process"]["pid"], worker.pid());
  EXPECT_EQ(document["namespaces"], Json::array());
  EXPECT_EQ(document["network"], nullptr);
  for (const char* const what : {"namespaces", "network", "program"}) {
    const Json gap = gap_of(document, what);
    ASSERT_FALSE(gap.is_null()) << what;
    EXPECT_EQ(gap["kind"], "refused");
    EXPECT_EQ(gap["reason"], "Permission denied");
    EXPECT_EQ(gap["fix"], "run as root");
    EXPECT_TRUE(has(gap["file"].get<std::string>(), "/proc/"));
  }
}

TEST_F(InspectProcess, MayBeHidden) {
  std::string missing = missing_for_user(65534);
  if (missing.empty()) missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  auto worker = start();
  const std::string pid = std::to_string(worker.pid());
  const Ending ending = test_support::run_process(inspect_spec(pid, [] {
    hide_processes_of_others();
    become_user(65534);
  }));
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(ending.out, "");
  EXPECT_TRUE(has(ending.err, "process " + pid + " exists, but /proc/" + pid));
}

/// Inspections that are stepped from call to call.
class InspectTraced : public InspectProcess {
 protected:
  void SetUp() override {
    if (!test_support::may_trace()) {
      GTEST_SKIP() << "ptrace: this process may not trace its children";
    }
    InspectProcess::SetUp();
  }

  static ProcessSpec traced_spec(pid_t pid) {
    return inspect_spec(std::to_string(pid),
                        [] { test_support::ask_to_be_traced(); });
  }

  static int count_calls(pid_t pid) {
    Subprocess run = Subprocess::start(traced_spec(pid));
    test_support::Tracer tracer(run.pid());
    int count = 0;
    while (tracer.go_on()) ++count;
    EXPECT_EQ(run.wait().status, 0);
    return count;
  }
};

/// Calls that change a file, a process or a namespace, whatever they are called
/// with.
const std::set<long> changing_calls{
    SYS_mkdirat,     SYS_unlinkat,    SYS_renameat2,
    SYS_linkat,      SYS_symlinkat,   SYS_fchmodat,
    SYS_fchownat,    SYS_truncate,    SYS_ftruncate,
    SYS_kill,        SYS_tgkill,      SYS_tkill,
    SYS_setns,       SYS_unshare,     SYS_mount,
    SYS_ptrace,      SYS_pwrite64,    SYS_umount2,
    SYS_setpriority, SYS_sethostname, SYS_pidfd_send_signal,
#ifdef __x86_64__
    SYS_mkdir,       SYS_rmdir,       SYS_unlink,
    SYS_rename,      SYS_creat,       SYS_open,
#endif
};

/// The signal 0 asks whether a process exists.
bool is_change(const test_support::Tracer& tracer) {
  const long number = tracer.number();
  if (number == SYS_kill) return tracer.argument(1) != 0;
  return changing_calls.count(number) > 0;
}

TEST_F(InspectTraced, ChangesNothing) {
  auto worker = start();
  Subprocess run = Subprocess::start(traced_spec(worker.pid()));
  test_support::Tracer tracer(run.pid());
  int reads = 0;
  while (tracer.go_on()) {
    EXPECT_FALSE(is_change(tracer)) << "call " << tracer.number();
    if (tracer.number() != SYS_openat) continue;
    const auto flags = tracer.argument(2);
    EXPECT_EQ(flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC), 0u)
        << tracer.text_at(tracer.argument(1));
    ++reads;
  }
  EXPECT_EQ(run.wait().status, 0);
  EXPECT_GT(reads, 20);
}

/// Whenever it ends, nothing of another process is shown in its place.
TEST_F(InspectTraced, EndAtAnyMomentIsReported) {
  constexpr int moments = 12;
  int calls = 0;
  {
    auto worker = start();
    calls = count_calls(worker.pid());
  }
  int ended = 0;
  for (int i = 1; i < moments; ++i) {
    auto worker = start();
    Subprocess run = Subprocess::start(traced_spec(worker.pid()));
    test_support::Tracer tracer(run.pid());
    for (int call = 0; call < calls * i / moments; ++call) tracer.go_on();
    worker.kill();
    worker.reap();
    while (tracer.go_on()) {
    }
    const Ending ending = run.wait();
    if (ending.status != 0) {
      EXPECT_TRUE(ending.status == 2 || ending.status == 3) << ending.err;
      EXPECT_EQ(ending.out, "");
      continue;
    }
    const Json document = parse_record(ending.out);
    EXPECT_EQ(inspect_schema_errors(document), "") << ending.out;
    if (document["process"].is_null()) {
      EXPECT_EQ(document["ended"], true);
    }
    if (document["ended"] == true) ++ended;
  }
  EXPECT_GT(ended, 0);
}

}  // namespace
}  // namespace cli_test

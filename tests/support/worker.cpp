// SPDX-License-Identifier: MIT
#include "tests/support/worker.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "tests/support/system_failure.h"
#include "tests/support/wait.h"

namespace test_support {
namespace {

using cgroupfs::UniqueFd;

struct Order {
  char kind;
  std::uint64_t amount;
};

constexpr char order_to_touch = 't';
constexpr char order_to_cache = 'c';
constexpr char order_to_chain = 'f';
constexpr char order_to_exit = 'x';

constexpr std::size_t touch_step = 4096;

// The functions up to start() run in the child: no exceptions, no allocation.

void touch_pages(std::size_t amount) {
  void* memory = ::mmap(nullptr, amount, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) ::_exit(EXIT_FAILURE);
  ::madvise(memory, amount, MADV_NOHUGEPAGE);
  auto* bytes = static_cast<volatile char*>(memory);
  for (std::size_t at = 0; at < amount; at += touch_step) bytes[at] = 1;
}

void write_nameless_file(std::size_t amount) {
  static const std::array<char, 65536> block{};
  const int fd = ::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) ::_exit(EXIT_FAILURE);
  for (std::size_t done = 0; done < amount; done += block.size()) {
    if (::write(fd, block.data(), block.size()) < 0) ::_exit(EXIT_FAILURE);
  }
  if (::fsync(fd) != 0) ::_exit(EXIT_FAILURE);
}

[[noreturn]] void run_chain() {
  constexpr std::chrono::seconds longest(20);
  const auto end = std::chrono::steady_clock::now() + longest;
  while (std::chrono::steady_clock::now() < end) {
    ::usleep(1000);
    if (::fork() != 0) break;
  }
  ::_exit(EXIT_SUCCESS);
}

void start_chain_processes(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (::fork() == 0) run_chain();
  }
}

void carry_out(const Order& order) {
  switch (order.kind) {
    case order_to_touch:
      return touch_pages(order.amount);
    case order_to_cache:
      return write_nameless_file(order.amount);
    case order_to_chain:
      return start_chain_processes(order.amount);
    default:
      ::_exit(static_cast<int>(order.amount));
  }
}

void prefer_as_oom_victim() {
  const UniqueFd fd(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (::write(fd.get(), "1000", 4) != 4) ::_exit(EXIT_FAILURE);
}

[[noreturn]] void serve(int channel, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) {
    ::_exit(EXIT_FAILURE);
  }
  prefer_as_oom_victim();
  Order order;
  while (::recv(channel, &order, sizeof order, 0) == sizeof order) {
    carry_out(order);
    if (::send(channel, "", 1, MSG_NOSIGNAL) != 1) break;
  }
  ::_exit(EXIT_SUCCESS);
}

constexpr int timeout_ms = static_cast<int>(
    std::chrono::duration_cast<std::chrono::milliseconds>(wait_timeout)
        .count());

}  // namespace

Worker::Worker(pid_t pid, UniqueFd pidfd, UniqueFd channel) noexcept
    : pid_(pid), pidfd_(std::move(pidfd)), channel_(std::move(channel)) {}

Worker::Worker(Worker&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      pidfd_(std::move(other.pidfd_)),
      channel_(std::move(other.channel_)) {}

Worker::~Worker() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Worker Worker::start() {
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data())) {
    fail("socketpair");
  }
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    ours.reset();
    serve(theirs.get(), parent);
  }
  Worker worker(pid, UniqueFd(), std::move(ours));
  worker.pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!worker.pidfd_) fail("pidfd_open");
  return worker;
}

Worker Worker::start_in(const cgroupfs::Cgroup& group) {
  Worker worker = start();
  group.add(worker.pid());
  return worker;
}

Worker::Answer Worker::touch(cgroupfs::Bytes amount) {
  order_touch(amount);
  return answer();
}

void Worker::order_touch(cgroupfs::Bytes amount) {
  send(order_to_touch, amount.count);
}

Worker::Answer Worker::fill_cache(cgroupfs::Bytes amount) {
  send(order_to_cache, amount.count);
  return answer();
}

Worker::Answer Worker::start_chains(unsigned count) {
  send(order_to_chain, count);
  return answer();
}

void Worker::order_exit(int status) {
  send(order_to_exit, static_cast<std::uint64_t>(status));
}

Worker::Answer Worker::answer() {
  std::array<pollfd, 2> waits{pollfd{channel_.get(), POLLIN, 0},
                              pollfd{pidfd_.get(), POLLIN, 0}};
  if (::poll(waits.data(), waits.size(), timeout_ms) <= 0) return Answer::late;
  char byte = 0;
  const auto length = ::recv(channel_.get(), &byte, 1, MSG_DONTWAIT);
  return length == 1 ? Answer::done : Answer::died;
}

bool Worker::has_answered() const {
  pollfd wait{channel_.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

void Worker::kill() const {
  if (::kill(pid_, SIGKILL) != 0) fail("kill");
}

char Worker::state() const {
  const auto stat =
      cgroupfs::read_file("/proc/" + std::to_string(pid_) + "/stat");
  // The name before the state is in parentheses and may itself contain some.
  return stat.at(stat.rfind(')') + 2);
}

int Worker::reap() {
  pollfd wait{pidfd_.get(), POLLIN, 0};
  if (::poll(&wait, 1, timeout_ms) <= 0) {
    errno = ETIMEDOUT;
    fail("wait for the end of a worker");
  }
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) fail("waitpid");
  pid_ = 0;
  return status;
}

void Worker::send(char kind, std::uint64_t amount) const {
  const Order order{kind, amount};
  if (::send(channel_.get(), &order, sizeof order, MSG_NOSIGNAL) < 0) {
    fail("send an order to a worker");
  }
}

bool killed_by_sigkill(int status) noexcept {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace test_support

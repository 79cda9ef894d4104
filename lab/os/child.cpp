// SPDX-License-Identifier: MIT
#include "lab/os/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/os/child_process.h"
#include "lab/os/pipe.h"
#include "lab/os/signal_fd.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::UniqueFd;
using cgroupfs::Version;

/// Above every number that the child uses, so that its dup2 overwrites no
/// source.
constexpr int first_free_number = 10;

/// How long a child may take from clone to exec.
constexpr std::chrono::seconds start_timeout(20);

/// The interval between attempts to reap a child that has ended.
constexpr std::chrono::milliseconds reap_interval(5);

UniqueFd duplicate_above(int fd) {
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, first_free_number));
  if (!copy) cgroupfs::throw_errno("duplicate", "a descriptor for the child");
  return copy;
}

UniqueFd move_up(UniqueFd fd) {
  if (fd.get() >= first_free_number) return fd;
  return duplicate_above(fd.get());
}

Pipe make_child_pipe() {
  Pipe pipe = make_pipe("a pipe to the child");
  return {move_up(std::move(pipe.read)), move_up(std::move(pipe.write))};
}

UniqueFd make_eventfd() {
  UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) cgroupfs::throw_errno("create", "an eventfd for the child");
  return move_up(std::move(fd));
}

UniqueFd open_null() {
  UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!fd) cgroupfs::throw_errno("open", "/dev/null");
  return move_up(std::move(fd));
}

/// Page cache is charged to the cgroup whose process reads it first. Read here,
/// the pages of the program are not charged to the hog, and the reclaim before
/// its OOM kill does not drop them, so that the next run need not read them
/// from the disk again. A failure has no other effect.
void read_ahead(const std::string& program) noexcept {
  const UniqueFd fd(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_WILLNEED);
}

/// v1: `tasks` moves one thread and is a hundred times faster than
/// cgroup.procs; the child has only one.
const char* join_file(Version version) {
  return name_of(cgroupfs::is_on(File::tasks, version) ? File::tasks
                                                       : File::cgroup_procs);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> words_of(const ChildSpec& spec) {
  std::vector<std::string> words{spec.program};
  words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
  return words;
}

/// Whether one of `settings` ("NAME=VALUE") sets the same variable as
/// `inherited`.
bool is_replaced(std::string_view inherited,
                 const std::vector<std::string>& settings) {
  const std::string_view name = inherited.substr(0, inherited.find('=') + 1);
  return std::any_of(
      settings.begin(), settings.end(),
      [name](const std::string& text) { return text.starts_with(name); });
}

/// The inherited environment with `settings` applied.
std::vector<std::string> environment_with(
    const std::vector<std::string>& settings) {
  std::vector<std::string> result = settings;
  for (char** entry = ::environ; *entry; ++entry) {
    if (!is_replaced(*entry, settings)) result.emplace_back(*entry);
  }
  return result;
}

[[noreturn]] void explain_failure(const ChildFailure& failure,
                                  const std::string& program,
                                  const std::string& group) {
  const std::string text =
      fmt::format("the child could not {} ({}): {}", to_string(failure.step),
                  failure.step == ChildStep::exec ? program : group,
                  std::strerror(failure.error));
  if (failure.step == ChildStep::join &&
      (failure.error == EACCES || failure.error == EPERM)) {
    throw Unavailable(
        text,
        "run as root, or use --parent with a cgroup that was delegated to you");
  }
  // The kernel returns E2BIG when it cannot allocate a page for the arguments.
  const bool lacks_memory = failure.error == ENOMEM || failure.error == E2BIG;
  throw RunError(lacks_memory ? text + "; the memory limit of an ancestor of " +
                                    group + " leaves no room to start it"
                              : text);
}

/// The failure that the child has reported; nullopt: it was exec'ed, or died
/// before that, which its exit status will show.
std::optional<ChildFailure> read_failure(const UniqueFd& eventfd) {
  ChildFailure failure{};
  const ssize_t count = ::read(eventfd.get(), &failure, sizeof(failure));
  if (count != sizeof(failure)) return std::nullopt;
  return failure;
}

bool wait_readable(const UniqueFd& fd, std::chrono::milliseconds timeout) {
  pollfd entry{fd.get(), POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(timeout.count())) > 0;
}

ExitStatus decode(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {info.si_status, std::nullopt};
  return {std::nullopt, info.si_status};
}

}  // namespace

Child Child::spawn(const ChildSpec& spec, const cgroupfs::Cgroup& group) {
  return spec.command ? spawn_command(spec, group) : spawn_hog(spec, group);
}

Child Child::spawn_hog(const ChildSpec& spec, const cgroupfs::Cgroup& group) {
  read_ahead(spec.program);
  Pipe output = make_child_pipe();
  const UniqueFd null = open_null();
  const UniqueFd progress = duplicate_above(spec.progress_fd);
  ChildPlan plan;
  plan.stdin_fd = null.get();
  plan.output_fd = output.write.get();
  plan.progress_fd = progress.get();
  Child child = start(spec, plan, group);
  child.output_ = std::move(output.read);
  ::fcntl(child.output_.get(), F_SETFL, O_NONBLOCK);
  return child;
}

Child Child::spawn_command(const ChildSpec& spec,
                           const cgroupfs::Cgroup& group) {
  const std::vector<std::string> environment =
      environment_with(spec.command->environment);
  // The child reads it between clone and exec.
  inherited_signals();
  std::vector<char*> envp = pointers_to(environment);
  ChildPlan plan;
  plan.is_command = true;
  plan.envp = envp.data();
  return start(spec, plan, group);
}

Child Child::start(const ChildSpec& spec, ChildPlan plan,
                   const cgroupfs::Cgroup& group) {
  Pipe gate = make_child_pipe();
  Pipe started = make_child_pipe();
  UniqueFd failure = make_eventfd();
  const UniqueFd join = move_up(
      group.directory().open_file(join_file(group.version()), O_WRONLY));
  const std::vector<std::string> words = words_of(spec);
  std::vector<char*> argv = pointers_to(words);
  plan.argv = argv.data();
  plan.gate_fd = gate.read.get();
  plan.ready_fd = started.write.get();
  plan.join_fd = join.get();
  plan.failure_fd = failure.get();
  plan.cgroup_fd = group.version() == Version::v2 ? group.directory().fd() : -1;
  const StartedChild process = start_child(plan);

  Child child;
  child.pid_ = process.pid;
  child.pidfd_ = UniqueFd(process.pidfd);
  child.joined_by_ =
      process.created_inside ? "clone3" : join_file(group.version());
  child.gate_ = std::move(gate.write);
  child.started_ = std::move(started.read);
  child.failure_ = std::move(failure);
  child.program_ = spec.program;
  child.group_ = group.path();
  return child;
}

void Child::await_start() {
  if (!wait_readable(started_, start_timeout)) {
    throw RunError(
        fmt::format("the child (pid {}) did not start within {} s; is {} or an "
                    "ancestor frozen?",
                    pid_, start_timeout.count(), group_));
  }
  const auto failure = read_failure(failure_);
  started_.reset();
  if (failure) explain_failure(*failure, program_, group_);
}

Child::~Child() {
  if (pid_ < 0 || !pidfd_ || exit_status_) return;
  kill();
  if (given_up_) return;
  try {
    reap(std::chrono::seconds(10));
  } catch (const cgroupfs::FileError&) {
    // Nothing to reap: it is gone, which is all that a destructor needs.
  }
}

void Child::open_gate() const noexcept {
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = ::write(gate_.get(), &byte, 1);
}

std::optional<int> Child::exec_failure() const noexcept {
  const auto failure = read_failure(failure_);
  if (!failure || failure->step != ChildStep::exec) return std::nullopt;
  return failure->error;
}

bool Child::send(int number) const noexcept {
  // Through the pidfd: never to another process with the same pid.
  if (exit_status_) return false;
  const long result =
      ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
  // Where a filter forbids that: its pid is not reused until it is reaped.
  return result == 0 || (errno != ESRCH && ::kill(pid_, number) == 0);
}

bool Child::has_ended(std::chrono::milliseconds timeout) const noexcept {
  return exit_status_ || wait_readable(pidfd_, timeout);
}

std::optional<ExitStatus> Child::reap(std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  if (!wait_readable(pidfd_, timeout)) return std::nullopt;
  const auto id = static_cast<id_t>(pidfd_.get());
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) != 0) {
      cgroupfs::throw_errno("reap", fmt::format("the child (pid {})", pid_));
    }
    if (info.si_pid == pid_) exit_status_ = decode(info);
    if (exit_status_ || std::chrono::steady_clock::now() >= end) {
      return exit_status_;
    }
    // A tracer has not read the status yet: until then the pidfd is readable
    // without meaning anything.
    std::this_thread::sleep_for(reap_interval);
  }
}

}  // namespace lab

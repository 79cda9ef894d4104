// SPDX-License-Identifier: MIT
#include "lab/run/run_process.h"

#include <errno.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/os/find_program.h"
#include "lab/os/proc_stat.h"

namespace lab {
namespace {

/// The amount of output that is kept.
constexpr std::size_t most_output = 16 * kibi;

void write_score(pid_t pid, int score) {
  const auto directory =
      cgroupfs::Directory::open(fmt::format("/proc/{}", pid));
  directory.write("oom_score_adj", std::to_string(score));
}

/// Whether its wait status is readable, tested with a file that has the same
/// condition (ptrace_may_access()).
bool may_be_asked(pid_t pid) try {
  return cgroupfs::try_read_file(fmt::format("/proc/{}/io", pid)).has_value();
} catch (const cgroupfs::FileError&) {
  return false;
}

std::optional<std::uint64_t> state_of(pid_t pid) {
  const auto stat = proc_stat(pid);
  if (!stat) return std::nullopt;
  return static_cast<unsigned char>(stat->state);
}

/// Bytes in transparent huge pages. Kernels before 5.11 do not show them in
/// memory.stat before 33 of them have accumulated on a CPU.
std::optional<std::uint64_t> huge_pages_of(pid_t pid) {
  constexpr std::string_view key = "AnonHugePages:";
  const auto text = cgroupfs::try_read_file(fmt::format("/proc/{}/smaps", pid));
  if (!text) return std::nullopt;
  std::uint64_t kibibytes = 0;
  for (std::size_t at = text->find(key); at != text->npos;
       at = text->find(key, at)) {
    at += key.size();
    kibibytes += std::strtoull(text->c_str() + at, nullptr, 10);
  }
  return kibibytes * 1024;
}

}  // namespace

NotExecuted::NotExecuted(const std::string& command, int error)
    : RunError(error == ENOENT ? fmt::format("{}: command not found: {}",
                                             command, ::strerror(error))
                               : fmt::format("{}: cannot be executed: {}",
                                             command, ::strerror(error))),
      exit_code_(error == ENOENT ? exit_not_found : exit_not_executable) {}

RunProcess::RunProcess(const ProcessSpec& spec, const Plan& plan,
                       std::uint64_t& device_offset)
    : spec_(spec) {
  record_.name = spec.name;
  record_.cgroup = spec.cgroup;
  if (is_command()) {
    record_.command = spec.command;
    return;
  }
  total_ = resolve(spec.total, plan.limit).bytes();
  for (const Value& pause : spec.pauses) {
    pauses_.push_back(resolve(pause, plan.limit).bytes());
  }
  progress_.emplace();
  record_.output.emplace();
  record_.command = hog_command(plan, device_offset);
}

std::vector<std::string> RunProcess::hog_command(const Plan& plan,
                                                 std::uint64_t& device_offset) {
  const Bytes block =
      spec_.block ? resolve(*spec_.block, plan.limit).bytes() : total_;
  std::vector<std::string> words{find_program("malloc_demo"),
                                 "--quiet",
                                 "--total",
                                 std::to_string(total_.count),
                                 "--block",
                                 std::to_string(block.count),
                                 "--ramp",
                                 time_argument(spec_.ramp),
                                 "--touch",
                                 spec_.touch,
                                 "--memory",
                                 spec_.memory,
                                 "--gate-fd",
                                 std::to_string(gate_number),
                                 "--progress-fd",
                                 std::to_string(progress_number)};
  const auto add = [&](const char* option, const std::string& value) {
    words.emplace_back(option);
    words.push_back(value);
  };
  if (spec_.hold) words.emplace_back("--hold");
  if (spec_.children > 0) add("--children", std::to_string(spec_.children));
  for (const Bytes pause : pauses_) {
    add("--gate-at", std::to_string(pause.count));
  }
  if (spec_.backing == Backing::memory) return words;
  scratch_ = ScratchFile::create(spec_.backing);
  add("--file", scratch_->path());
  if (!scratch_->shared()) return words;
  add("--file-offset", std::to_string(device_offset));
  device_offset += total_.count;
  return words;
}

void RunProcess::start(const cgroupfs::Cgroup& cgroup,
                       std::vector<std::string> environment) {
  ChildSpec spec;
  spec.program = record_.command.front();
  spec.arguments.assign(record_.command.begin() + 1, record_.command.end());
  if (is_command()) {
    spec.command = CommandSpec{std::move(environment)};
  } else {
    spec.progress_fd = progress_->fd();
  }
  child_.emplace(Child::spawn(spec, cgroup));
  record_.pid = child_->pid();
  record_.joined_by = child_->joined_by();
}

void RunProcess::await_start() {
  child_->await_start();
  if (spec_.oom_score_adj) write_score(record_.pid, *spec_.oom_score_adj);
}

void RunProcess::go_on() noexcept {
  ++passed_;
  open_gate();
}

bool RunProcess::settled() const noexcept {
  if (!started()) return false;
  if (ended()) return true;
  const bool pauses = passed_ < pauses_.size();
  const Bytes goal = pauses ? pauses_[passed_] : total_;
  return spec_.touch != "none" && progress_ && progress_->touched() >= goal &&
         (spec_.hold || pauses);
}

void RunProcess::take_status(const ExitStatus& status) {
  record_.exit_code = status.exit_code;
  record_.signal = status.signal;
}

bool RunProcess::try_reap() {
  if (!started() || ended() || !child_->has_ended()) return false;
  const auto status = child_->reap(std::chrono::milliseconds(0));
  if (!status) return false;
  take_status(*status);
  return true;
}

void RunProcess::kill() {
  // A process that its tracer has not reaped has ended by itself.
  if (!started() || ended() || child_->has_ended()) return;
  record_.ended_by_cglab = true;
  child_->kill();
}

void RunProcess::give_up() {
  child_->give_up();
  const auto stat = proc_stat(record_.pid);
  if (!stat || stat->state != 'Z') return;
  // The kernel shows 0 without permission.
  if (WIFSIGNALED(stat->wait_status)) {
    take_status({std::nullopt, WTERMSIG(stat->wait_status)});
  } else if (may_be_asked(record_.pid) || stat->wait_status != 0) {
    take_status({WEXITSTATUS(stat->wait_status), std::nullopt});
  }
}

void RunProcess::require_execution() const {
  if (!is_command() || !ended()) return;
  if (const auto error = child_->exec_failure()) {
    throw NotExecuted(record_.command.front(), *error);
  }
}

std::optional<std::string> RunProcess::read_output() {
  if (!started() || child_->output_fd() < 0) return std::nullopt;
  std::array<char, 4096> buffer;
  const ssize_t count =
      ::read(child_->output_fd(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return "";
  if (count <= 0) return std::nullopt;
  std::string text(buffer.data(), static_cast<std::size_t>(count));
  std::string& kept = record_.output->append(text);
  if (kept.size() > most_output) kept.erase(0, kept.size() - most_output);
  return text;
}

Numbers RunProcess::numbers() const {
  Numbers numbers;
  const bool alive = started() && !ended();
  numbers["alive"] = alive ? 1 : 0;
  if (progress_) numbers["touched"] = progress_->touched().count;
  // A live process has no signal: 0, as in kill(2).
  if (started()) {
    numbers["signal"] =
        record_.signal ? static_cast<std::uint64_t>(*record_.signal) : 0;
    numbers["exit_code"] =
        record_.exit_code
            ? std::optional(static_cast<std::uint64_t>(*record_.exit_code))
            : std::nullopt;
  }
  if (alive) numbers["state"] = state_of(record_.pid);
  // Only where it is needed, because the kernel walks all page tables for it.
  if (alive && (spec_.memory == "thp" || spec_.memory == "small")) {
    numbers["huge_pages"] = huge_pages_of(record_.pid);
  }
  return numbers;
}

ProcessRecord RunProcess::record() const {
  ProcessRecord record = record_;
  record.touched = touched();
  if (progress_) record.last_touch_ns = progress_->last_touch();
  return record;
}

std::optional<Bytes> RunProcess::touched() const noexcept {
  return progress_ ? std::optional(progress_->touched()) : std::nullopt;
}

}  // namespace lab

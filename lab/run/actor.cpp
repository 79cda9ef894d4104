// SPDX-License-Identifier: MIT
#include "lab/run/actor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "cgroupfs/directory.h"
#include "lab/base/errors.h"
#include "lab/os/find_program.h"
#include "lab/os/proc_stat.h"
#include "lab/run/membership.h"

namespace lab {
namespace {

constexpr std::chrono::seconds reap_patience(30);
constexpr std::size_t most_output = 4 * kibi;

void write_score(pid_t pid, int score) {
  const auto directory =
      cgroupfs::Directory::open(fmt::format("/proc/{}", pid));
  directory.write("oom_score_adj", std::to_string(score));
}

std::optional<std::uint64_t> state_of(pid_t pid) {
  const auto stat = proc_stat(pid);
  if (!stat) return std::nullopt;
  return static_cast<unsigned char>(stat->state);
}

/// Bytes in transparent huge pages. Kernels before 5.11 do not show them in
/// memory.stat until 33 of them have gathered on a CPU.
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

Actor::Actor(const ActorSpec& spec, Bytes limit, std::uint64_t& device_offset)
    : spec_(spec), total_(spec.total.of(limit)) {
  if (spec.pause_at) pause_ = spec.pause_at->of(limit);
  record_.name = spec.name;
  record_.cgroup = spec.group;
  record_.output.emplace();
  auto& words = record_.command;
  words = {find_program("malloc_demo"),
           "--quiet",
           "--total",
           std::to_string(total_.count),
           "--block",
           std::to_string(total_.count),
           "--ramp",
           fmt::format("{}ms", spec.ramp.count()),
           "--touch",
           spec.touch,
           "--memory",
           spec.memory,
           "--gate-fd",
           std::to_string(gate_number),
           "--progress-fd",
           std::to_string(progress_number)};
  if (spec.hold) words.emplace_back("--hold");
  if (spec.children > 0) {
    words.insert(words.end(), {"--children", std::to_string(spec.children)});
  }
  if (pause_)
    words.insert(words.end(), {"--gate-at", std::to_string(pause_->count)});
  if (spec.backing == Backing::memory) return;
  scratch_ = ScratchFile::create(spec.backing);
  words.insert(words.end(), {"--file", scratch_->path()});
  if (!scratch_->shared()) return;
  words.insert(words.end(), {"--file-offset", std::to_string(device_offset)});
  device_offset += total_.count;
}

void Actor::start(const StageGroup& group, const StageGroups& groups,
                  const Placement& placement) {
  const ChildSpec spec{record_.command.front(),
                       {record_.command.begin() + 1, record_.command.end()},
                       progress_.fd()};
  child_.emplace(Child::spawn(spec, group.cgroup));
  record_.pid = child_->pid();
  record_.joined_by = child_->joined_by();
  child_->await_start();
  verify_membership(*child_, group.cgroup, placement);
  if (groups.pids()) groups.pids()->join(record_.pid);
  if (spec_.oom_score_adj) write_score(record_.pid, *spec_.oom_score_adj);
}

bool Actor::settled() const noexcept {
  if (!started()) return false;
  if (ended()) return true;
  const Bytes goal = pause_ && paused_ ? *pause_ : total_;
  return spec_.touch != "none" && progress_.touched() >= goal &&
         (spec_.hold || (pause_ && paused_));
}

bool Actor::try_reap() {
  if (!started() || ended() || !child_->has_ended()) return false;
  const auto status = child_->reap(reap_patience);
  if (!status) return false;
  record_.exit_code = status->exit_code;
  record_.signal = status->signal;
  while (read_output()) {
  }
  return true;
}

void Actor::end() {
  if (!started() || ended() || try_reap()) return;
  record_.ended_by_cglab = true;
  child_->kill();
  const auto status = child_->reap(reap_patience);
  if (!status) {
    throw RunError(
        fmt::format("{} (pid {}) did not end within {} s after "
                    "SIGKILL",
                    record_.name, record_.pid, reap_patience.count()));
  }
  record_.exit_code = status->exit_code;
  record_.signal = status->signal;
}

bool Actor::read_output() {
  std::array<char, 1024> buffer;
  const ssize_t count =
      ::read(child_->output_fd(), buffer.data(), buffer.size());
  if (count <= 0) return count < 0 && errno == EINTR;
  if (record_.output->size() < most_output) {
    record_.output->append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

std::map<std::string, std::optional<std::uint64_t>> Actor::numbers() const {
  std::map<std::string, std::optional<std::uint64_t>> numbers;
  const bool alive = started() && !ended();
  numbers["alive"] = alive ? 1 : 0;
  numbers["touched"] = progress_.touched().count;
  // Of one that lives there is no signal: 0, as kill(2) has it.
  if (started()) {
    numbers["signal"] =
        record_.signal ? static_cast<std::uint64_t>(*record_.signal) : 0;
    numbers["exit_code"] =
        record_.exit_code
            ? std::optional(static_cast<std::uint64_t>(*record_.exit_code))
            : std::nullopt;
  }
  if (alive) numbers["state"] = state_of(record_.pid);
  // Only where it is asked for, as the kernel walks all page tables for it.
  if (alive && (spec_.memory == "thp" || spec_.memory == "small")) {
    numbers["huge_pages"] = huge_pages_of(record_.pid);
  }
  return numbers;
}

ProcessRecord Actor::record() const {
  ProcessRecord record = record_;
  record.touched = progress_.touched();
  record.last_touch_ns = progress_.last_touch();
  return record;
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <csignal>

#include "cgroupfs/text.h"
#include "lab/base/visible.h"
#include "lab/inspect/subject.h"
#include "lab/os/captured_process.h"
#include "lab/os/deadline.h"
#include "lab/os/find_program.h"

namespace lab {
namespace {

/// A daemon that does not answer must not hold up the rest.
constexpr std::chrono::seconds longest_answer(5);

struct Answer {
  int status = 0;
  std::string said;
  std::string complaint;
};

/// False once the deadline has passed.
bool take_more(CapturedProcess& process, Deadline deadline) {
  std::array<pollfd, 2> fds{
      {{process.output.get(), POLLIN, 0}, {process.errors.get(), POLLIN, 0}}};
  const int ready =
      ::poll(fds.data(), fds.size(), milliseconds_until(deadline));
  if (ready < 0) return errno == EINTR;
  take_output(process, fds[0].revents, fds[1].revents);
  return ready > 0;
}

Answer ask(const std::string& file, std::vector<std::string> words) {
  CapturedProcess process = start_captured(file, std::move(words));
  const Deadline deadline = std::chrono::steady_clock::now() + longest_answer;
  bool in_time = true;
  while (in_time && !process.has_said_all()) {
    in_time = take_more(process, deadline);
  }
  if (!in_time) ::kill(process.pid, SIGKILL);
  const int status = reap(process);
  if (!in_time) return {status, "", "it did not answer within 5 s"};
  return {status, std::move(process.said), std::move(process.complaint)};
}

/// The last line says what is wrong; those before it are hints.
std::string refusal_of(const std::string& program, const Answer& answer) {
  std::string why = fmt::format("exit status {}", answer.status);
  for (const std::string_view line : cgroupfs::split_lines(answer.complaint)) {
    if (!cgroupfs::trim(line).empty()) why = visible_line(cgroupfs::trim(line));
  }
  return fmt::format("{}: {}", program, why);
}

}  // namespace

RuntimeAnswer parse_runtime_answer(const std::string& text) {
  const auto words = cgroupfs::split_words(cgroupfs::trim(text));
  if (words.size() != 2) {
    throw cgroupfs::ParseError("a container's pid and id", text);
  }
  RuntimeAnswer answer;
  const std::uint64_t pid = cgroupfs::parse_u64(words[0]);
  if (pid > INT32_MAX) throw cgroupfs::ParseError("a process id", text);
  answer.pid = static_cast<pid_t>(pid);
  answer.id = words[1];
  return answer;
}

std::optional<RuntimeAnswer> ask_runtimes(const std::string& name,
                                          std::vector<std::string>& refusals) {
  for (const char* const program : {"podman", "docker"}) {
    const auto file = find_on_path(program);
    if (!file) continue;
    const Answer answer =
        ask(*file, {program, "inspect", "--type", "container", "--format",
                    "{{.State.Pid}} {{.Id}}", name});
    if (answer.status != 0) {
      refusals.push_back(refusal_of(program, answer));
      continue;
    }
    RuntimeAnswer container = parse_runtime_answer(answer.said);
    container.program = program;
    return container;
  }
  return std::nullopt;
}

}  // namespace lab

// SPDX-License-Identifier: MIT
#include "lab/os/captured_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/os/child_process.h"
#include "lab/os/pipe.h"
#include "lab/os/seccomp.h"
#include "lab/os/signal_fd.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

/// The two objects of posix_spawn, which need to be destroyed.
struct SpawnSettings {
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

void redirect(SpawnSettings& settings, int output, int errors) {
  ::posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO,
                                     "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&settings.actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&settings.actions, errors, STDERR_FILENO);
}

/// The program is part of the lab, and ignores by itself the signals that it
/// has to.
void give_back_signals(SpawnSettings& settings) {
  sigset_t ignored;
  sigemptyset(&ignored);
  sigaddset(&ignored, SIGPIPE);
  sigaddset(&ignored, SIGXFSZ);
  ::posix_spawnattr_setsigmask(&settings.attributes, &inherited_signals().mask);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &ignored);
  ::posix_spawnattr_setflags(&settings.attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

void take(UniqueFd& fd, std::string& text) {
  std::array<char, 16384> buffer;
  const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) {
    fd.reset();
  }
}

}  // namespace

CapturedProcess start_captured(const std::string& file,
                               std::vector<std::string> words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  Pipe output = make_pipe("a pipe to a program");
  Pipe errors = make_pipe("a pipe to a program");
  SpawnSettings settings;
  redirect(settings, output.write.get(), errors.write.get());
  give_back_signals(settings);
  CapturedProcess process;
  const int error = ::posix_spawn(&process.pid, file.c_str(), &settings.actions,
                                  &settings.attributes, argv.data(), ::environ);
  // glibc falls back from clone3 only after ENOSYS.
  if (error == EPERM && is_filtered(plain_clone3, error)) {
    throw Unavailable(fmt::format("cannot start {}: {}", file,
                                  why_refused(plain_clone3, error)),
                      refusal_cure(plain_clone3, error), /*vm_helps=*/false);
  }
  if (error != 0) {
    throw cgroupfs::FileError(error, "start", file);
  }
  process.output = std::move(output.read);
  process.errors = std::move(errors.read);
  return process;
}

void take_output(CapturedProcess& process, short output_events,
                 short error_events) {
  if (output_events) take(process.output, process.said);
  if (error_events) take(process.errors, process.complaint);
}

int reap(CapturedProcess& process) noexcept {
  int status = 0;
  while (::waitpid(process.pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status)
                           : exit_signal_base + WTERMSIG(status);
}

}  // namespace lab

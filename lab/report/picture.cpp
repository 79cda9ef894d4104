// SPDX-License-Identifier: MIT
#include "lab/report/picture.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/base/errors.h"
#include "lab/report/picture_script.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    cgroupfs::throw_errno("create", "a pipe to gnuplot");
  }
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

pid_t start_gnuplot(const Pipe& input, const Pipe& output, const Pipe& errors) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.read.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, output.write.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, errors.write.get(), 2);
  std::array<char, 8> name{"gnuplot"};
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, "gnuplot", &actions, nullptr,
                                   arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return pid;
  if (error == ENOENT) {
    throw Unavailable("pictures are drawn by gnuplot, which is not installed",
                      "install it, on Debian and Ubuntu:\n"
                      "  sudo apt-get install gnuplot-nox",
                      /*vm_helps=*/false);
  }
  throw RunError(fmt::format("start gnuplot: {}", std::strerror(error)));
}

/// Writes `script` while it reads both outputs to their ends, so that none of
/// the three pipes stops the other two.
void talk(const std::string& script, Pipe& input, Pipe& output, Pipe& errors,
          std::string& picture, std::string& complaint) {
  input.read.reset();
  output.write.reset();
  errors.write.reset();
  ::fcntl(input.write.get(), F_SETFL, O_NONBLOCK);
  std::size_t sent = 0;
  std::array<char, 65536> buffer;
  const auto take = [&](UniqueFd& fd, std::string& text) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    if (count == 0) fd.reset();
  };
  while (output.read || errors.read) {
    std::array<pollfd, 3> fds{{{output.read.get(), POLLIN, 0},
                               {errors.read.get(), POLLIN, 0},
                               {input.write.get(), POLLOUT, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) break;
    if (fds[0].revents) take(output.read, picture);
    if (fds[1].revents) take(errors.read, complaint);
    if (!fds[2].revents) continue;
    const ssize_t count =
        ::write(input.write.get(), script.data() + sent, script.size() - sent);
    if (count > 0) sent += static_cast<std::size_t>(count);
    const bool over = sent == script.size() || (count < 0 && errno != EAGAIN);
    if (over) input.write.reset();
  }
}

}  // namespace

std::string draw_picture(const std::vector<NamedRecord>& runs,
                         PictureFormat format) {
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
  const pid_t pid = start_gnuplot(input, output, errors);
  std::string picture;
  std::string complaint;
  talk(picture_script(runs, format), input, output, errors, picture, complaint);
  int status = 0;
  ::waitpid(pid, &status, 0);
  std::signal(SIGPIPE, old_handler);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || picture.empty()) {
    throw RunError(fmt::format("gnuplot failed: {}", complaint));
  }
  return picture;
}

}  // namespace lab

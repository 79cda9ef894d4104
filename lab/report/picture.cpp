// SPDX-License-Identifier: MIT
#include "lab/report/picture.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "cgroupfs/unique_fd.h"
#include "lab/base/errors.h"
#include "lab/os/pipe.h"
#include "lab/report/picture_script.h"

namespace lab {
namespace {

/// nullopt: it is not installed.
std::optional<pid_t> start(std::vector<std::string> words, const Pipe& input,
                           const Pipe& output, const Pipe& errors) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.read.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, output.write.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, errors.write.get(), 2);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr,
                                   arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return pid;
  if (error == ENOENT) return std::nullopt;
  throw RunError(
      fmt::format("start {}: {}", words.front(), std::strerror(error)));
}

/// Writes `text` while it reads both outputs to their ends, so that none of the
/// three pipes stops the other two.
void talk(const std::string& text, Pipe& input, Pipe& output, Pipe& errors,
          std::string& said, std::string& complaint) {
  input.read.reset();
  output.write.reset();
  errors.write.reset();
  ::fcntl(input.write.get(), F_SETFL, O_NONBLOCK);
  std::size_t sent = 0;
  std::array<char, 65536> buffer;
  const auto take = [&](cgroupfs::UniqueFd& fd, std::string& to) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count > 0) to.append(buffer.data(), static_cast<std::size_t>(count));
    if (count == 0) fd.reset();
  };
  while (output.read || errors.read) {
    std::array<pollfd, 3> fds{{{output.read.get(), POLLIN, 0},
                               {errors.read.get(), POLLIN, 0},
                               {input.write.get(), POLLOUT, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) break;
    if (fds[0].revents) take(output.read, said);
    if (fds[1].revents) take(errors.read, complaint);
    if (!fds[2].revents) continue;
    const ssize_t count =
        ::write(input.write.get(), text.data() + sent, text.size() - sent);
    if (count > 0) sent += static_cast<std::size_t>(count);
    const bool over = sent == text.size() || (count < 0 && errno != EAGAIN);
    if (over) input.write.reset();
  }
}

struct ToolOutcome {
  int status = 0;  ///< of waitpid(2)
  std::string said;
  std::string complaint;

  bool succeeded() const { return WIFEXITED(status) && !WEXITSTATUS(status); }
};

/// Runs a program with `text` as its standard input; nullopt: it is not
/// installed.
std::optional<ToolOutcome> run_tool(const std::vector<std::string>& words,
                                    const std::string& text) {
  Pipe input = make_pipe("a pipe to a program");
  Pipe output = make_pipe("a pipe to a program");
  Pipe errors = make_pipe("a pipe to a program");
  const auto pid = start(words, input, output, errors);
  if (!pid) return std::nullopt;
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
  ToolOutcome outcome;
  talk(text, input, output, errors, outcome.said, outcome.complaint);
  ::waitpid(*pid, &outcome.status, 0);
  std::signal(SIGPIPE, old_handler);
  return outcome;
}

/// U+3000 to U+9FFF, by the first byte in UTF-8.
bool has_chinese(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xe3 && byte <= 0xe9;
  });
}

/// Without a font each character would be an empty box. Where fontconfig's
/// program is missing this is unknown.
void require_chinese_font() {
  const auto fonts = run_tool({"fc-list", ":lang=zh", "family"}, "");
  if (!fonts || !fonts->succeeded() || !fonts->said.empty()) return;
  throw Unavailable(
      "the picture has Chinese text, and no font for it is installed",
      "install one, on Debian and Ubuntu:\n"
      "  sudo apt-get install fonts-wqy-microhei\n"
      "or use --lang en or --format svg",
      /*vm_helps=*/false);
}

}  // namespace

std::string draw_picture(const std::vector<NamedRecord>& runs,
                         PictureFormat format, Language language) {
  const std::string script = picture_script(runs, format, language);
  if (format == PictureFormat::png && has_chinese(script)) {
    require_chinese_font();
  }
  const auto drawn = run_tool({"gnuplot"}, script);
  if (!drawn) {
    throw Unavailable("pictures are drawn by gnuplot, which is not installed",
                      "install it, on Debian and Ubuntu:\n"
                      "  sudo apt-get install gnuplot-nox",
                      /*vm_helps=*/false);
  }
  if (!drawn->succeeded() || drawn->said.empty()) {
    throw RunError(fmt::format("gnuplot failed: {}", drawn->complaint));
  }
  return drawn->said;
}

}  // namespace lab

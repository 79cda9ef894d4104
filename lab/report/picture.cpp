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
#include <iterator>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/errors.h"
#include "lab/report/thin.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

constexpr std::size_t most_samples = 4000;

/// A gnuplot string: between single quotes a quote is written twice.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\n') continue;
    result += c;
    if (c == '\'') result += c;
  }
  return result + "'";
}

void add_block(std::string& script, const std::string& name,
               const std::vector<std::int64_t>& times,
               const std::vector<std::uint64_t>& values) {
  script += fmt::format("${} << END\n", name);
  for (const std::size_t i : thin(values, most_samples)) {
    fmt::format_to(std::back_inserter(script), "{:.6f} {:.4f}\n",
                   static_cast<double>(times[i]) / 1e9,
                   static_cast<double>(values[i]) / mebi);
  }
  script += "END\n";
}

std::string title_of(const std::vector<NamedRecord>& runs) {
  if (runs.size() > 1) return "memory usage";
  const RunRecord& record = runs.front().record;
  return fmt::format("{}: {}", record.plan.experiment,
                     to_string(record.verdict.status));
}

std::string script_of(const std::vector<NamedRecord>& runs,
                      PictureFormat format) {
  std::string script = fmt::format(
      "set terminal {}\nset title {} noenhanced\n"
      "set xlabel 's since the gate opened'\nset ylabel 'MiB'\n"
      "set grid\nset key outside below noenhanced\nset yrange [0:*]\n",
      format == PictureFormat::svg ? "svg size 1000,560 dynamic background "
                                     "rgb 'white'"
                                   : "pngcairo size 1000,560",
      quoted(title_of(runs)));
  std::string plots;
  const auto plot = [&](const std::string& block, const std::string& title) {
    plots += fmt::format("{}${} with lines linewidth 2 title {}",
                         plots.empty() ? "plot " : ", ", block, quoted(title));
  };
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Samples& samples = runs[i].record.samples;
    const std::string block = fmt::format("usage{}", i);
    add_block(script, block, samples.time_ns, samples.usage);
    plot(block, runs.size() > 1 ? runs[i].name : "usage");
  }
  const RunRecord& first = runs.front().record;
  if (runs.size() == 1) {
    if (!first.samples.touched.empty()) {
      add_block(script, "touched", first.samples.time_ns,
                first.samples.touched);
      plot("touched", "touched by the program");
    }
    const LimitRecord* limit = hard_limit(first);
    if (limit && limit->actual && !limit->actual->is_max()) {
      plots +=
          fmt::format(", {} with lines dashtype 2 title 'limit'",
                      static_cast<double>(limit->actual->bytes().count) / mebi);
    }
  }
  return script + plots + "\n";
}

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
                      "install it (Debian and Ubuntu: apt install gnuplot-nox)",
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
  talk(script_of(runs, format), input, output, errors, picture, complaint);
  int status = 0;
  ::waitpid(pid, &status, 0);
  std::signal(SIGPIPE, old_handler);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || picture.empty()) {
    throw RunError(fmt::format("gnuplot failed: {}", complaint));
  }
  return picture;
}

}  // namespace lab
